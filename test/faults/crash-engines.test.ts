import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { everyDeath, expectSameEnding, playToTheEnd } from "./harness/crash-runs.ts";
import { SqliteBackend } from "./harness/local-engine.ts";
import { SCENARIOS } from "./harness/scenarios.ts";
import { SqlBackend } from "./harness/sql-engine.ts";
import { POSITIONS } from "./harness/wire.ts";

jest.setTimeout(3_600_000);

/** Each statement in one position, in turn; with FAULT_ALL=1 in all three, which takes three times as long. */
const ALL = process.env["FAULT_ALL"] === "1";
/** A short story takes all three. */
const FEW = 10;

const BACKENDS = {
  embedded: async () => new SqliteBackend(),
  postgres: () => SqlBackend.postgres(),
};

describe.each(["embedded", "postgres"] as const)(
  "on a real database, %s: a process that dies at any statement or request",
  (engine) => {
    let backend: SqlBackend | SqliteBackend;
    let runs = 0;
    beforeAll(async () => {
      backend = await BACKENDS[engine]();
    });
    afterAll(async () => {
      await backend?.close();
      process.stdout.write(`${engine}: ${runs} deaths survived\n`);
    });

    it.each(SCENARIOS)("changes nothing about how $name ends", async (scenario) => {
      const onEngine = { engine: backend.forWorld.bind(backend) };
      const undisturbed = await playToTheEnd(scenario, onEngine);
      const every = everyDeath(undisturbed.mutations);
      const some = every.filter(({ at, position }) => POSITIONS[at % POSITIONS.length] === position);
      const deaths = ALL || some.length < FEW ? every : some;
      expect(deaths.length).toBeGreaterThanOrEqual(FEW);
      for (const death of deaths) {
        await expectSameEnding(scenario, undisturbed, { ...onEngine, deaths: [death] });
        runs += 1;
      }
    });
  },
);
