import { describe, expect, it } from "@jest/globals";
import { touchedItems, type WatchedItem } from "../../../src/core/debt/touched-items.ts";
import type { Instant } from "../../../src/core/model.ts";

function watched(paths: readonly string[], fixed: readonly string[] = []): WatchedItem {
  return {
    item: {
      target: { repository: null, number: 41 },
      url: "https://github.com/acme/ops/issues/41",
      title: "Limit the pool",
      state: "open",
      reason: null,
      incident: { repository: null, number: 12 },
      owner: "bob",
      due: null,
      kind: null,
      filedAt: 0 as Instant,
      endedAt: null,
      snoozedUntil: null,
      paths,
    },
    due: null,
    severity: "P0",
    snoozed: 0,
    isAsleep: false,
    fixed,
  };
}

describe("Which open action items changed files belong to", () => {
  it.each([
    ["a file it names", ["src/db/pool.ts"], [], ["src/db/pool.ts"], "src/db/pool.ts named"],
    ["a folder it names", ["src/db/"], [], ["README.md", "src/db/pool.ts"], "src/db/pool.ts named"],
    ["a folder without the slash", ["src/db"], [], ["src/db/pool.ts"], "src/db/pool.ts named"],
    ["as people write it", ["./src/db/"], [], ["src/db/pool.ts"], "src/db/pool.ts named"],
    ["from the root", ["/src"], [], ["src/db/pool.ts"], "src/db/pool.ts named"],
    ["a name that only begins the same", ["src/d"], [], ["src/db/pool.ts"], null],
    ["another case: git tells them apart", ["SRC/db"], [], ["src/db/pool.ts"], null],
    ["no glob", ["src/**"], [], ["src/db/pool.ts"], null],
    ["no path at all", ["./", "/", "."], [], ["src/db/pool.ts"], null],
    ["a file of the fix", [], ["src/db/pool.ts"], ["src/db/pool.ts"], "src/db/pool.ts fixed"],
    ["a neighbour of a file of the fix", [], ["src/db/pool.ts"], ["src/db/other.ts"], null],
    [
      "what it names comes before the fix",
      ["src/web"],
      ["src/db/pool.ts"],
      ["src/db/pool.ts", "src/web/a.ts"],
      "src/web/a.ts named",
    ],
  ])("%s", (_, paths, fixed, files, expected) => {
    const found = touchedItems(
      files.map((path) => ({ path })),
      [watched(paths, fixed)],
    );
    expect(found.map(({ path, because }) => `${path} ${because}`)).toEqual(expected === null ? [] : [expected]);
  });

  it("is worked out once for each path, however many files there are", () => {
    const files = Array.from({ length: 3_000 }, (_, at) => ({ path: `a/b/c/d/e/f/g/h/${at}.ts` }));
    const items = Array.from({ length: 500 }, (_, at) => watched([`a/b/c/d/e/f/g/h/${at}.ts`, "z/z", "y.ts"]));
    expect(touchedItems(files, items)).toHaveLength(500);
  });
});
