import { constants, existsSync } from "node:fs";
import { access, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "pino";
import { backoff } from "../base/backoff.ts";
import { errorCode } from "../base/error-code.ts";
import { TerminalError } from "../base/errors.ts";
import { createSqliteQueue } from "../queue/sqlite-queue.ts";
import { type DataFolderLock, lockDataFolder } from "../store/data-folder-lock.ts";
import { DATABASE_FILE } from "../store/database-file.ts";
import { DamagedFileError, openSqlite, type SqliteWatcher } from "../store/open-sqlite.ts";
import { createSqlIndexStore } from "../store/sql-index-store.ts";
import { createSqlThreadStore } from "../store/sql-thread-store.ts";
import type { SqliteConnection } from "../store/sqlite-connection.ts";
import { isDamage, resultCode } from "../store/sqlite-error.ts";
import type { Store, StoreOptions } from "./store.ts";

/** Where versions before 0.2 kept it, in a form this one cannot read. */
const EARLIER_FOLDER = "pg";

/** SQLITE_BUSY and SQLITE_READONLY (sqlite.org/rescode.html). */
const BUSY = 5;
const READ_ONLY = 8;

const NOT_ON_GITHUB =
  "Not on GitHub, and so gone: alerts that their source does not repeat, pages of the last hour (sent again under the same key), " +
  "and what was pressed in Slack and not answered yet.";

/**
 * Opens the store in the data folder, which one process holds at a time (data-folder-lock.ts). A damaged database is moved aside
 * and a new one begun: what was in it is read again from GitHub.
 *
 * @throws TerminalError with a sentence for people: the folder is in use or cannot be written, a newer Sevgate wrote the database
 */
export async function openEmbeddedStore(options: StoreOptions): Promise<Store> {
  const dataDir = resolve(options.dataDir);
  const lock = await lockDataFolder(dataDir).catch((error: unknown) => {
    throw folderError(dataDir, error);
  });
  try {
    return assemble(options, await openFolder(options, dataDir), lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function assemble(options: StoreOptions, connection: SqliteConnection, lock: DataFolderLock): Store {
  const { log, clock } = options;
  const { sql } = connection;
  const queue = createSqliteQueue({
    connection,
    clock,
    log,
    retryDelay: options.retryDelay ?? ((failures) => backoff(failures, Math.random())),
  });
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await queue.stop(0);
    await connection.close();
    await lock.release();
  }
  return {
    queue,
    index: createSqlIndexStore(sql),
    sql,
    threads: createSqlThreadStore(sql),
    engine: "embedded",
    onPass: (listener) => queue.onPass(listener),
    async ping() {
      await sql.query("select 1");
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function openFolder({ log, clock }: StoreOptions, dataDir: string): Promise<SqliteConnection> {
  const file = join(dataDir, DATABASE_FILE);
  const existed = existsSync(file);
  const open = () => openSqlite(file, clock.now(), watcherOf(log));
  try {
    const connection = open();
    if (!existed && existsSync(join(dataDir, EARLIER_FOLDER))) sayWhatIsLeft(log, dataDir);
    return connection;
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    if (resultCode(error) === BUSY) throw inUse(file, error);
    if (!existed || !(await isDamaged(error, dataDir, file))) throw cannotOpen(dataDir, error);
    const aside = join(dataDir, `sevgate-broken-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-")}.db`);
    await move(file, aside);
    try {
      const connection = open();
      log.warn(
        { movedTo: aside, err: error },
        `the embedded database was damaged and has been moved aside; everything is read again from GitHub. ${NOT_ON_GITHUB}`,
      );
      return connection;
    } catch (again) {
      // A new one does not open either, so the old one was not the problem: most often it is a full disk.
      await move(aside, file);
      throw cannotOpen(dataDir, again);
    }
  }
}

function watcherOf(log: Logger): SqliteWatcher {
  return {
    onDamage: (error) =>
      log.error(
        { err: error },
        "the embedded database is damaged, and nothing is taken any more. Restart Sevgate: it begins a new one, and reads " +
          "everything again from GitHub",
      ),
    onLost: (commits) =>
      log.warn(
        { commits },
        "the log of the embedded database was damaged, and what was kept last is lost; everything is looked at again on GitHub. " +
          NOT_ON_GITHUB,
      ),
    onDropped: (dropped) =>
      log.warn(
        { rows: Object.fromEntries(dropped) },
        `rows of the embedded database were damaged and are dropped; everything is looked at again on GitHub. ${NOT_ON_GITHUB}`,
      ),
  };
}

function sayWhatIsLeft(log: Logger, dataDir: string): void {
  log.warn(
    { folder: join(dataDir, EARLIER_FOLDER) },
    "the data folder holds the database of an earlier version, which this one does not read and leaves where it is; everything " +
      `is read again from GitHub. ${NOT_ON_GITHUB}`,
  );
}

/** A file whose own header makes SQLite think it is read-only counts as well: bits flip there, too. */
async function isDamaged(error: unknown, dataDir: string, file: string): Promise<boolean> {
  if (error instanceof DamagedFileError || isDamage(error)) return true;
  if (resultCode(error) !== READ_ONLY) return false;
  const writable = [dataDir, file].map((path) => access(path, constants.W_OK));
  return await Promise.all(writable).then(
    () => true,
    () => false,
  );
}

/** Moves a database and what belongs to it. Whatever has the new name already is removed. */
async function move(from: string, to: string): Promise<void> {
  for (const part of ["", "-wal", "-journal", "-shm"]) {
    await rm(`${to}${part}`, { force: true });
    if (existsSync(`${from}${part}`)) await rename(`${from}${part}`, `${to}${part}`);
  }
}

function folderError(dataDir: string, error: unknown): unknown {
  const code = errorCode(error);
  if (["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].includes(code)) {
    return new TerminalError(
      `The data folder ${dataDir} cannot be written (${code}). Set DATA_DIR to a folder this user may write to.`,
      { cause: error },
    );
  }
  return error;
}

function inUse(file: string, cause: unknown): TerminalError {
  return new TerminalError(
    `The database ${file} is in use by another program, perhaps somebody who looks into it. Close that program first.`,
    { cause },
  );
}

function cannotOpen(dataDir: string, cause: unknown): TerminalError {
  return new TerminalError(
    `The embedded database in ${dataDir} cannot be opened or created. Check that the disk is not full and that this ` +
      "user may write there, or set DATABASE_URL to use PostgreSQL.",
    { cause },
  );
}
