import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Instant } from "../core/model.ts";
import { lostCommits } from "./lost-commits.ts";
import { rowSum } from "./row-sum.ts";
import { type RunNow, SqliteConnection } from "./sqlite-connection.ts";
import { isNotWhole, migrateSqlite, SUMMED, schemaState } from "./sqlite-schema.ts";

/** Whatever the file holds, it is not an intact database of ours. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

/** How many rows were not as they had been written, by table. They are gone. */
export type DroppedRows = ReadonlyMap<string, number>;

export interface SqliteWatcher {
  /** The file turned out to be damaged while it was in use: nothing more is asked of it. */
  onDamage(error: unknown): void;
  /** Rows turned out not to be as they had been written. */
  onDropped(dropped: DroppedRows): void;
  /** This many commits of the last process are lost, because of a flipped bit in the log. */
  onLost(commits: number): void;
}

/**
 * Exclusive before WAL: then there is no second connection, no shared memory, and nothing for a network disk to get wrong. With
 * `synchronous = full` a commit waits for the disk: what was acknowledged survives a power cut. What was committed is moved
 * into the file every 250 pages (1 MB), so that no commit has to wait long for that.
 */
const SETTINGS = [
  "locking_mode = exclusive",
  "synchronous = full",
  "wal_autocheckpoint = 250",
  "journal_size_limit = 16777216",
  "temp_store = memory",
  "cache_size = -8000",
];

const ROW_SUM = { deterministic: true, varargs: true, useBigIntArguments: true };

/**
 * Opens the embedded database in this file, or creates it. The whole file is read once: rows that are not as they were written
 * are dropped, and `watcher` is told.
 *
 * @throws DamagedFileError if it is not an intact database of ours, or what SQLite throws (sqlite-error.ts)
 * @throws TerminalError if a newer Sevgate has written it
 */
export function openSqlite(file: string, now: Instant, watcher: SqliteWatcher): SqliteConnection {
  const log = `${file}-wal`;
  // Before SQLite opens it: its locks are gone as soon as anything else in this process closes the file.
  const lost = existsSync(log) ? lostCommits(readFileSync(log)) : 0;
  const db = new DatabaseSync(file);
  const run = runOn(db);
  try {
    db.function("row_sum", ROW_SUM, rowSum);
    for (const setting of SETTINGS) db.exec(`pragma ${setting}`);
    const [journal] = run<{ journal_mode: string }>("pragma journal_mode = wal");
    if (journal?.journal_mode !== "wal") throw new DamagedFileError(`its journal is in mode ${journal?.journal_mode}`);
    if (schemaState(run) === "damaged") throw new DamagedFileError("its tables are not ours");
    const [check] = run<{ integrity_check: string }>("pragma integrity_check(1)");
    if (check?.integrity_check !== "ok") throw new DamagedFileError(check?.integrity_check);
    db.exec("begin immediate");
    migrateSqlite(run, now);
    const dropped = dropDamagedRows(run);
    if (lost > 0) lookAtEverything(run);
    db.exec("commit");
    if (dropped.size > 0) watcher.onDropped(dropped);
    if (lost > 0) watcher.onLost(lost);
  } catch (error) {
    db.close();
    throw error;
  }
  const connection: SqliteConnection = new SqliteConnection(db, {
    onDamage: watcher.onDamage,
    onDamagedRow() {
      // If this fails, it fails for everybody else, too.
      connection.commit(dropDamagedRows).then(watcher.onDropped, () => {});
    },
  });
  return connection;
}

/**
 * Opens an existing file only to look into it: whatever would change something fails.
 *
 * @throws what SQLite throws (sqlite-error.ts)
 */
export function openSqliteToRead(file: string): SqliteConnection {
  const db = new DatabaseSync(file);
  try {
    db.function("row_sum", ROW_SUM, rowSum);
    db.exec("pragma locking_mode = exclusive");
    db.exec("pragma query_only = on");
    return new SqliteConnection(db, { onDamage() {}, onDamagedRow() {} });
  } catch (error) {
    db.close();
    throw error;
  }
}

/** For only a few statements: each is prepared anew. */
function runOn(db: DatabaseSync): RunNow {
  return <Row extends object>(text: string, values: readonly unknown[] = []) =>
    db.prepare(text).all(...(values as (string | bigint)[])) as Row[];
}

function dropDamagedRows(run: RunNow): DroppedRows {
  const dropped = new Map<string, number>();
  for (const table of SUMMED.keys()) {
    const gone = run(`delete from ${table} where ${isNotWhole(table)} returning 1`);
    if (gone.length > 0) dropped.set(table, gone.length);
  }
  if (dropped.size > 0) lookAtEverything(run);
  return dropped;
}

/** What is no longer known is looked for on GitHub, by the next sweep. */
function lookAtEverything(run: RunNow): void {
  run("update sevgate_repository set swept_at = null, policy_read_at = null");
  run("delete from sevgate_progress");
}
