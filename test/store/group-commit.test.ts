import { describe, expect, it } from "@jest/globals";
import { GroupCommit } from "../../src/store/group-commit.ts";

/** Writes that end when the test says so. */
function heldWrites() {
  const batches: { readonly ids: readonly string[]; commit(): void; fail(error: Error): void }[] = [];
  const write = (items: ReadonlyMap<string, number>) =>
    new Promise<void>((resolve, reject) => {
      batches.push({ ids: [...items].map(([id, item]) => `${id}=${item}`), commit: resolve, fail: reject });
    });
  return { batches, write };
}

const turn = () => new Promise((done) => setImmediate(done));
const most = (known: number, added: number) => Math.max(known, added);

describe("a group commit", () => {
  it("writes together what is added while a write is under way, and tells each caller when its own is written", async () => {
    const { batches, write } = heldWrites();
    const group = new GroupCommit<number>(write, most);
    const told: string[] = [];

    void group.add(new Map([["a", 1]])).then(() => told.push("a"));
    await turn();
    await turn();
    void group.add(new Map([["b", 1]])).then(() => told.push("b"));
    void group
      .add(
        new Map([
          ["c", 1],
          ["b", 3],
        ]),
      )
      .then(() => told.push("c"));
    await turn();
    expect(batches.map((batch) => batch.ids)).toEqual([["a=1"]]);

    batches[0]!.commit();
    await turn();
    expect(told).toEqual(["a"]);
    expect(batches[1]?.ids).toEqual(["b=3", "c=1"]);

    batches[1]!.commit();
    await turn();
    expect(told).toEqual(["a", "b", "c"]);
  });

  it("fails just those whose write failed", async () => {
    const { batches, write } = heldWrites();
    const group = new GroupCommit<number>(write, most);
    const first = group.add(new Map([["a", 1]]));
    await turn();
    await turn();
    const second = group.add(new Map([["b", 1]]));

    batches[0]!.fail(new Error("disk full"));
    await expect(first).rejects.toThrow("disk full");
    await turn();
    batches[1]!.commit();
    await expect(second).resolves.toBeUndefined();
  });
});
