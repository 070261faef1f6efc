import type { Millis } from "../core/model.ts";
import { QUEUE_SCHEMA } from "../queue/boss-queue.ts";
import { lookIntoStore } from "../store/look-into-store.ts";
import type { Query } from "../store/sql.ts";

/** The state of the queue. */
export interface QueueState {
  readonly waiting: number;
  readonly running: number;
  readonly setAside: number;
  /** For how long the key that has waited longest could have been worked on; `null`: none is waiting. */
  readonly oldestWaitsFor: Millis | null;
}

/**
 * Looks at the queue from outside, and changes nothing of it.
 *
 * @returns `in-use` when a running server holds the data folder; `none` when there is no store yet
 * @throws TransientError, TerminalError when the database does not answer
 */
export async function inspectStore(store: {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}): Promise<QueueState | "in-use" | "none"> {
  return await lookIntoStore(store, ({ query }, engine) =>
    engine === "embedded" ? embeddedState(query) : postgresState(query),
  );
}

async function embeddedState(query: Query): Promise<QueueState | "none"> {
  const tables = await query("select 1 from sqlite_schema where name = 'sevgate_work'");
  if (tables.length === 0) return "none";
  const [row] = await query<{ waiting: number; aside: number; first: number | null }>(
    `select (select count(*) from sevgate_work) as waiting, (select count(*) from sevgate_aside) as aside,
       (select min(place) from sevgate_work) as first`,
  );
  const { waiting = 0, aside = 0, first = null } = row ?? {};
  // What was running when the last process ended is waiting. Places are moments, in µs.
  const oldestWaitsFor = first === null ? null : (Math.max(0, Date.now() - Math.floor(first / 1_000)) as Millis);
  return { waiting, running: 0, setAside: aside, oldestWaitsFor };
}

async function postgresState(query: Query): Promise<QueueState | "none"> {
  const [found] = await query<{ present: boolean }>("select to_regclass($1) is not null as present", [
    `${QUEUE_SCHEMA}.job`,
  ]);
  if (found?.present !== true) return "none";
  const [row] = await query<{ waiting: number; running: number; aside: number; oldest: number | null }>(
    `select count(*) filter (where name = 'work' and state < 'active')::int as waiting,
       count(*) filter (where name = 'work' and state = 'active')::int as running,
       count(*) filter (where name = 'set-aside' and state < 'active')::int as aside,
       (extract(epoch from now() - min(greatest(created_on, start_after))
         filter (where name = 'work' and state < 'active')) * 1000)::float8 as oldest
     from ${QUEUE_SCHEMA}.job`,
  );
  return {
    waiting: row?.waiting ?? 0,
    running: row?.running ?? 0,
    setAside: row?.aside ?? 0,
    oldestWaitsFor: row?.oldest == null ? null : (Math.max(0, Math.round(row.oldest)) as Millis),
  };
}
