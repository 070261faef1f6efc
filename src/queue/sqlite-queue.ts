import type { Instant, Key } from "../core/model.ts";
import type { RunNow, SqliteConnection } from "../store/sqlite-connection.ts";
import type { Cause } from "./cause.ts";
import { LocalQueue, type LocalQueueParts } from "./local-queue.ts";
import type { AsideRow, Choice, KeptQueue, QueueRows, TimerRow, WorkRow } from "./queue-rows.ts";

/** The queue of one process, in the embedded database. */
export function createSqliteQueue({
  connection,
  ...parts
}: Omit<LocalQueueParts, "kept"> & { readonly connection: Pick<SqliteConnection, "commit" | "look"> }): LocalQueue {
  return new LocalQueue({ ...parts, kept: keptIn(connection) });
}

/** The rows of a queue in the embedded database. */
export function keptIn(connection: Pick<SqliteConnection, "commit" | "look">): KeptQueue {
  return {
    commit: (change) => connection.commit((run) => change(rowsOf(run))),
    look: (read) => connection.look((run) => read(rowsOf(run))),
  };
}

/** An entry as it is kept in a row. */
interface Kept {
  readonly id: string;
  /** JSON, like the next field. */
  readonly key: string;
  readonly cause: string;
  readonly failures: number;
  readonly crashes: number;
}

type KeptWork = Kept & Pick<WorkRow, "rank" | "place" | "starts" | "again">;
type KeptTimer = Kept & { readonly at: number };

const PUT_WORK = `
  insert into sevgate_work (id, key, cause, failures, crashes, installation_id, rank, place, starts, again)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  on conflict (id) do update set key = excluded.key, cause = excluded.cause, failures = excluded.failures,
    crashes = excluded.crashes, installation_id = excluded.installation_id, rank = excluded.rank,
    place = excluded.place, starts = excluded.starts, again = excluded.again`;
const PUT_TIMER = `
  insert into sevgate_timer (id, key, cause, failures, crashes, at) values ($1, $2, $3, $4, $5, $6)
  on conflict (id) do update set key = excluded.key, cause = excluded.cause, failures = excluded.failures,
    crashes = excluded.crashes, at = excluded.at`;
const PUT_ASIDE = `
  insert into sevgate_aside (id, key, since) values ($1, $2, $3)
  on conflict (id) do update set key = excluded.key, since = excluded.since`;

const LEAST_RANK = -(2 ** 31);

function rowsOf(run: RunNow): QueueRows {
  return {
    work(id) {
      const [row] = run<KeptWork>("select * from sevgate_work where id = $1", [id]);
      return row === undefined ? null : workOf(row);
    },
    putWork({ id, key, cause, failures, crashes, rank, place, starts, again }: WorkRow) {
      const { installationId } = key.repository;
      const texts = [id, JSON.stringify(key), JSON.stringify(cause)];
      run(PUT_WORK, [...texts, failures, crashes, installationId, rank, place, starts, again]);
    },
    removeWork(id) {
      run("delete from sevgate_work where id = $1", [id]);
    },
    next({ leastRank, notOf, most }: Choice) {
      const order = "order by rank desc, place limit $2";
      const least = leastRank ?? LEAST_RANK;
      const rows =
        notOf.length === 0
          ? run<KeptWork>(`select * from sevgate_work where rank >= $1 ${order}`, [least, most])
          : run<KeptWork>(
              `select * from sevgate_work
               where rank >= $1 and installation_id not in (select value from json_each($3)) ${order}`,
              [least, most, JSON.stringify(notOf)],
            );
      return rows.map(workOf);
    },
    putTimer({ id, key, cause, failures, crashes, at }: TimerRow) {
      run(PUT_TIMER, [id, JSON.stringify(key), JSON.stringify(cause), failures, crashes, at]);
    },
    removeTimer(id) {
      run("delete from sevgate_timer where id = $1", [id]);
    },
    dueTimers(by, most) {
      const rows = run<KeptTimer>("select * from sevgate_timer where at <= $1 order by at limit $2", [by, most]);
      return rows.map((row) => ({ ...entryOf(row), id: row.id, at: row.at as Instant }));
    },
    nextTimerAt() {
      const [row] = run<{ at: number | null }>("select min(at) as at from sevgate_timer");
      return (row?.at ?? null) as Instant | null;
    },
    putAside({ id, key, since }: AsideRow) {
      run(PUT_ASIDE, [id, JSON.stringify(key), since]);
    },
    takeBack(id) {
      run("delete from sevgate_aside where id = $1", [id]);
    },
    count() {
      const [row] = run<{ work: number; aside: number }>(
        "select (select count(*) from sevgate_work) as work, (select count(*) from sevgate_aside) as aside",
      );
      return { work: row?.work ?? 0, setAside: row?.aside ?? 0 };
    },
  };
}

function entryOf({ key, cause, failures, crashes }: Kept) {
  return { key: JSON.parse(key) as Key, cause: JSON.parse(cause) as Cause, failures, crashes };
}

function workOf(row: KeptWork): WorkRow {
  const { id, rank, place, starts, again } = row;
  return { ...entryOf(row), id, rank, place, starts, again };
}
