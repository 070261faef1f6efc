import { describe, expect, it } from "@jest/globals";
import { remembered } from "../../src/core/remembered.ts";

function counted() {
  const read: string[] = [];
  const lengthOf = remembered((text) => {
    read.push(text);
    return text.length;
  });
  return { read, lengthOf };
}

describe("A function that remembers", () => {
  it("reads a text once, however often a pass asks for it", () => {
    const { read, lengthOf } = counted();
    expect(["a", "bb", "a", "bb", "a"].map(lengthOf)).toEqual([1, 2, 1, 2, 1]);
    expect(read).toEqual(["a", "bb"]);
  });

  it("forgets the text that was asked for longest ago, so that it holds few", () => {
    const { read, lengthOf } = counted();
    for (let text = 0; text < 32; text += 1) lengthOf(`text ${text}`);
    lengthOf("text 0");
    lengthOf("one more");
    lengthOf("text 0");
    expect(read).toHaveLength(33);
    lengthOf("text 1");
    expect(read.at(-1)).toBe("text 1");
  });

  it("keeps nothing of a long text, and nothing of one that cannot be read", () => {
    const { read, lengthOf } = counted();
    const long = "a".repeat(16_001);
    expect([lengthOf(long), lengthOf(long)]).toEqual([16_001, 16_001]);
    expect(read).toHaveLength(2);
    let tries = 0;
    const fails = remembered(() => {
      tries += 1;
      throw new Error("unreadable");
    });
    expect(() => fails("x")).toThrow("unreadable");
    expect(() => fails("x")).toThrow("unreadable");
    expect(tries).toBe(2);
  });
});
