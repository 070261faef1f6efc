/**
 * One of several processes on one database: `node replica-process.ts <database url> <passes at once> <hang|run>`.
 *
 * Each pass writes when it began and ended, by the database's clock, into the table `runs`. With `hang` a pass never
 * ends. Prints `open` when it is working.
 */
import pg from "pg";
import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import { keyId } from "../../src/core/key.ts";
import { openStore } from "../../src/run/open-store.ts";

const [databaseUrl = "", concurrency = "1", mode = "run"] = process.argv.slice(2);
const diary = new pg.Pool({ connectionString: databaseUrl, max: Number(concurrency) });
const store = await openStore({
  databaseUrl,
  dataDir: "unused",
  log: pino({ level: "warn" }, pino.destination(2)),
  clock: systemClock,
});
await store.queue.work(Number(concurrency), async (key) => {
  const begun = await diary.query<{ id: number }>(
    "insert into runs (key, pid, began) values ($1, $2, clock_timestamp()) returning id",
    [keyId(key), process.pid],
  );
  if (mode === "hang") await new Promise(() => {});
  await diary.query("select pg_sleep(random() * 0.02)");
  await diary.query("update runs set ended = clock_timestamp() where id = $1", [begun.rows[0]?.id]);
  return { checkAgainIn: null, alsoLookAt: [] };
});
process.stdout.write("open\n");
