/**
 * A process of its own that keeps things, and says of each when it is kept: `node power-cut-process.ts <folder> <rounds>`.
 * Prints `kept <round>` for each round.
 */
import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import type { Key, Repository } from "../../src/core/model.ts";
import { openStore } from "../../src/run/open-store.ts";

const [folder = "", rounds = "0"] = process.argv.slice(2);
const repository: Repository = { installationId: 1, id: 7, owner: "acme", name: "shop" };
const incident = (number: number): Key => ({ kind: "incident", repository, number });
const store = await openStore({
  databaseUrl: null,
  dataDir: folder,
  log: pino({ level: "silent" }),
  clock: systemClock,
});

for (let round = 1; round <= Number(rounds); round += 1) {
  await Promise.all([
    store.queue.accept([incident(round)], 20),
    // Two keys that are added together: both are there, or none.
    store.queue.add([incident(10_000 + round), incident(20_000 + round)]),
    store.index.saveIncident(7, round, { record: `record ${round} ${"r".repeat(600)}`, recordRevision: round }),
    store.threads.saveThreadView(7, round, `view ${round}`),
    store.queue.lookAgainAt(incident(30_000 + round), 4_000_000_000_000 as never),
  ]);
  process.stdout.write(`kept ${round}\n`);
}
process.exit(0);
