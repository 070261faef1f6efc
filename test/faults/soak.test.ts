import { describe, expect, it, jest } from "@jest/globals";
import { outcome } from "./harness/ending.ts";
import { expectInvariants } from "./harness/oracle.ts";
import { faultSeeds } from "./harness/seeds.ts";
import { playTheWeek } from "./harness/week.ts";

jest.setTimeout(1_200_000);

const SEEDS = 20;

describe("a week in which 5 % each of deliveries are lost, doubled, shuffled and late, and of calls fail and time out", () => {
  it.each(faultSeeds(SEEDS).map((seed) => ({ seed })))(
    "leaves every incident as an undisturbed week does (FAULT_SEED=$seed)",
    async ({ seed }) => {
      const undisturbed = await playTheWeek(seed, { faults: false });
      const world = await playTheWeek(seed, { faults: true });
      const struck = [...world.injector.struck.values()].reduce((sum, count) => sum + count, 0);
      expect(struck).toBeGreaterThan(20);
      expect(outcome(world)).toEqual(outcome(undisturbed));
      await expectInvariants(world);
    },
  );
});
