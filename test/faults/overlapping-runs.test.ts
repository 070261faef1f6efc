import { afterAll, describe, expect, it, jest } from "@jest/globals";
import { MAY_BE_MADE_TWICE, playOverlapping, SCENES, type SceneName } from "../support/overlapping-scenes.ts";
import { faultSeeds } from "./harness/seeds.ts";

jest.setTimeout(600_000);

const SEEDS = faultSeeds(150);

//
describe("Runs of the action that overlap, many times over,", () => {
  const seen = new Set<string>();
  afterAll(() => {
    // What the list says is really what happens, all of it.
    if (SEEDS.length > 1) expect([...seen].toSorted()).toEqual(MAY_BE_MADE_TWICE);
  });

  describe.each(Object.keys(SCENES) as SceneName[])("with %s", (name) => {
    it.each(SEEDS)("lose no receipt, obey no command twice, and come to rest (seed %i)", async (seed) => {
      for (const what of await playOverlapping(name, seed)) seen.add(what);
    });
  });
});
