import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { inTurn } from "../../src/store/in-turn.ts";

describe("what waits for its turn", () => {
  it("is run in the order it came, so many at the same time", async () => {
    const run = inTurn(2, 60_000);
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const all = ["a", "b", "c", "d"].map((name) =>
      run(async () => {
        log.push(name);
        await new Promise<void>((end) => ends.push(end));
      }),
    );
    expect(log).toEqual(["a", "b"]);
    ends[1]!();
    await all[1];
    expect(log).toEqual(["a", "b", "c"]);
    ends[0]!();
    await all[0];
    expect(log).toEqual(["a", "b", "c", "d"]);
    for (const end of ends) end();
    await Promise.all(all);
  });

  it("is not run for somebody who has given up long ago, and takes no turn from the others", async () => {
    const run = inTurn(1, 1);
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const first = run(() => over);
    let ran = false;
    const late = run(async () => {
      ran = true;
    });
    await expect(late).rejects.toBeInstanceOf(TransientError);
    end();
    await first;
    expect(await run(async () => "next")).toBe("next");
    expect(ran).toBe(false);
  });

  it("comes also after work that fails", async () => {
    const run = inTurn(1, 60_000);
    const failed = run(() => Promise.reject(new Error("no")));
    const next = run(async () => "next");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("next");
  });
});
