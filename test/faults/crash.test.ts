import { afterAll, describe, expect, it, jest } from "@jest/globals";
import { doubleDeath, everyDeath, expectSameEnding, type Played, playToTheEnd } from "./harness/crash-runs.ts";
import { SCENARIOS } from "./harness/scenarios.ts";
import { faultSeeds } from "./harness/seeds.ts";

jest.setTimeout(1_200_000);

const golden = new Map<string, Played>();
const DOUBLE_DEATHS = 200;
let runs = 0;

afterAll(() => {
  process.stdout.write(`in memory: ${runs} runs with deaths converged\n`);
});

describe("a process that dies at any mutating call, before it, unanswered or unrecorded", () => {
  it.each(SCENARIOS)("changes nothing about how $name ends", async (scenario) => {
    golden.set(scenario.name, await playToTheEnd(scenario, {}));
    const undisturbed = golden.get(scenario.name)!;
    const deaths = everyDeath(undisturbed.mutations);
    expect(deaths.length).toBeGreaterThanOrEqual(30);
    for (const database of ["kept", "lost"] as const) {
      for (const death of deaths) {
        await expectSameEnding(scenario, undisturbed, { deaths: [death], database });
        runs += 1;
      }
    }
  });
});

describe("a process that dies again", () => {
  it(`at another moment changes nothing either: ${DOUBLE_DEATHS} pairs at random`, async () => {
    for (const seed of faultSeeds(DOUBLE_DEATHS)) {
      const scenario = SCENARIOS[seed % SCENARIOS.length]!;
      const undisturbed = golden.get(scenario.name) ?? (await playToTheEnd(scenario, {}));
      golden.set(scenario.name, undisturbed);
      await expectSameEnding(scenario, undisturbed, { deaths: doubleDeath(undisturbed.mutations, seed), seed });
      runs += 1;
    }
  });
});
