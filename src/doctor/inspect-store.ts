import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TerminalError } from "../base/errors.ts";
import type { Millis } from "../core/model.ts";
import { QUEUE_SCHEMA } from "../queue/boss-queue.ts";
import { lockDataFolder } from "../store/data-folder-lock.ts";
import { openPglite } from "../store/open-pglite.ts";
import { openPostgres } from "../store/open-postgres.ts";
import { postgresRefusal } from "../store/postgres-refusal.ts";
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
 * Looks at the queue from outside, and changes nothing.
 *
 * @returns `in-use` when a running server holds the data folder; `none` when there is no store yet
 * @throws TransientError, TerminalError when the database does not answer
 */
export async function inspectStore(store: {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}): Promise<QueueState | "in-use" | "none"> {
  if (store.databaseUrl !== null) {
    try {
      const { sql } = await openPostgres(store.databaseUrl, { onBroken: () => {} });
      try {
        return await queueState(sql.query);
      } finally {
        await sql.close();
      }
    } catch (error) {
      throw postgresRefusal(error);
    }
  }
  const folder = join(resolve(store.dataDir), "pg");
  if (!(await isFolder(folder))) return "none";
  const lock = await lockDataFolder(store.dataDir).catch((error: unknown) => {
    if (error instanceof TerminalError && error.message.includes("in use by")) return null;
    throw error;
  });
  if (lock === null) return "in-use";
  try {
    const { sql } = await openPglite(folder);
    try {
      return await queueState(sql.query);
    } finally {
      await sql.close();
    }
  } finally {
    await lock.release();
  }
}

async function queueState(query: Query): Promise<QueueState | "none"> {
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

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
