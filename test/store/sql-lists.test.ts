import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { listsOf, rowListsOf } from "../../src/store/sql-lists.ts";

describe("a list for SQL", () => {
  it("holds every text, and none that was not given, in statements of few lengths", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 2_500 }), (texts) => {
        const lists = listsOf(texts, 3);
        expect(new Set(lists.flatMap(({ values }) => values))).toEqual(new Set(texts));
        for (const { text, values } of lists) {
          expect([1, 10, 100, 1_000]).toContain(values.length);
          expect(text).toBe(values.map((_, at) => `$${at + 3}`).join(", "));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("of rows repeats what they share", () => {
    expect(rowListsOf([], 3)).toEqual([]);
    expect(rowListsOf(["a"], 3)).toEqual([{ text: "($1, $2, $3)", values: ["a"] }]);
    const [list] = rowListsOf(["a", "b"], 3);
    expect(list?.text.startsWith("($1, $2, $3), ($1, $2, $4), ")).toBe(true);
    expect(list?.values).toEqual(["a", ...Array.from({ length: 9 }, () => "b")]);
  });
});
