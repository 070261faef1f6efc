/**
 * A process of its own that holds a store and never finishes a pass: `node store-process.ts <folder>`.
 * Prints one line per pass that began, and `idle` when the store is open.
 */
import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import { openStore } from "../../src/run/open-store.ts";

const [folder = ""] = process.argv.slice(2);
const store = await openStore({
  databaseUrl: null,
  dataDir: folder,
  log: pino({ level: "silent" }),
  clock: systemClock,
});
const repository = { installationId: 1, id: 7, owner: "acme", name: "shop" };
await store.queue.add([1, 2, 3].map((number) => ({ kind: "incident", repository, number })));
process.stdout.write("open\n");
await store.queue.work(2, (key) => {
  process.stdout.write(`began ${key.kind === "incident" ? key.number : ""}\n`);
  return new Promise(() => {});
});
