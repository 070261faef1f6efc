import { describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { anyStories, comparable, playTwo } from "../support/two-repositories.ts";

const SEED = Number(process.env["FAULT_SEED"] ?? Date.now() % 2 ** 31);
jest.setTimeout(900_000);

describe(`Whatever happens in a private repository (FAULT_SEED=${SEED}),`, () => {
  it("none of its words is shown in a public one, in 200 stories", async () => {
    await fc.assert(
      fc.asyncProperty(anyStories({ isolated: false }), async (stories) => {
        expect((await playTwo(stories)).leaks).toEqual([]);
      }),
      { numRuns: 200, seed: SEED },
    );
  });

  it("what a public one shows is the same as if nothing happened there, in 100 stories", async () => {
    await fc.assert(
      fc.asyncProperty(anyStories({ isolated: true }), async (stories) => {
        const busy = await playTwo(stories);
        const quiet = await playTwo(stories, { skips: "private" });
        expect(comparable(busy.shown)).toEqual(comparable(quiet.shown));
      }),
      { numRuns: 100, seed: SEED },
    );
  });
});
