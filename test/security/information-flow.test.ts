import { describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { anyStories, comparable, playTwo } from "../support/two-repositories.ts";

/** A few stories here; many in test/faults/security-information-flow.test.ts. */
const RUNS = 6;
jest.setTimeout(120_000);

describe("Whatever happens in a private repository,", () => {
  it("none of its words is shown in a public one, on its pull requests, in its channel or its calendars", async () => {
    await fc.assert(
      fc.asyncProperty(anyStories({ isolated: false }), async (stories) => {
        expect((await playTwo(stories)).leaks).toEqual([]);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  it("what a public one shows, and when, is the same as if nothing happened there", async () => {
    await fc.assert(
      fc.asyncProperty(anyStories({ isolated: true }), async (stories) => {
        const [busy, quiet] = [await playTwo(stories), await playTwo(stories, { skips: "private" })];
        expect(comparable(busy.shown)).toEqual(comparable(quiet.shown));
      }),
      { numRuns: RUNS / 3, endOnFailure: true },
    );
  });
});
