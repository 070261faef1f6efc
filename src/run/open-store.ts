import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ConstructorOptions, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import { backoff } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { errorCode } from "../base/error-code.ts";
import { TerminalError } from "../base/errors.ts";
import type { Millis } from "../core/model.ts";
import { BossQueue, QUEUE_SCHEMA } from "../queue/boss-queue.ts";
import type { FinishedPass, Queue } from "../queue/queue.ts";
import { checkRights } from "../store/check-rights.ts";
import { type DataFolderLock, lockDataFolder } from "../store/data-folder-lock.ts";
import type { IndexStore } from "../store/index-store.ts";
import { openPglite } from "../store/open-pglite.ts";
import { openPostgres } from "../store/open-postgres.ts";
import { postgresRefusal } from "../store/postgres-refusal.ts";
import { migrateSchema, NEWEST_VERSION } from "../store/schema.ts";
import type { Sql, Write } from "../store/sql.ts";
import { createSqlIndexStore } from "../store/sql-index-store.ts";
import { createSqlThreadStore } from "../store/sql-thread-store.ts";
import { startVacuuming } from "../store/start-vacuuming.ts";
import type { ThreadStore } from "../store/thread-store.ts";

export interface StoreOptions {
  /** `postgres://…`; `null`: embedded in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** How long a key waits after so many failures in a row; growing and spread (backoff.ts) when left out. */
  readonly retryDelay?: (failures: number) => Millis;
}

export interface Store {
  readonly queue: Queue;
  readonly index: IndexStore;
  /** The database itself, for stores of other folders: their tables are in schema.ts as well. */
  readonly sql: Sql;
  /** What is remembered for a chat. */
  readonly threads: ThreadStore;
  readonly engine: "embedded" | "postgresql";
  /** Tells of every finished pass, for metrics. */
  onPass(listener: (pass: FinishedPass) => void): void;
  /** Throws `TransientError` when the database does not answer. */
  ping(): Promise<void>;
  /** Stops the queue at once, closes the database and gives the data folder free. */
  close(): Promise<void>;
}

/**
 * Opens the queue, the timers and the index: in the data folder, or on a PostgreSQL server.
 *
 * The embedded folder is held by one process at a time (data-folder-lock.ts). A folder that does not open is moved
 * aside and a new one begun: all that was in it can be rebuilt from GitHub.
 *
 * @throws TerminalError with a sentence for people: folder in use, database of a newer Sevgate, access refused
 * @throws TransientError when the PostgreSQL server does not answer
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  return options.databaseUrl === null
    ? await openEmbeddedStore(options)
    : await openPostgresStore(options, options.databaseUrl);
}

async function openPostgresStore(options: StoreOptions, databaseUrl: string): Promise<Store> {
  const { log } = options;
  try {
    const { sql, boss } = await openPostgres(databaseUrl, {
      onBroken: (error) => log.warn({ err: error }, "a database connection broke"),
      onDeaf: (error) =>
        log.info(
          { reason: error instanceof Error ? error.message : "" },
          "PostgreSQL's notifications do not arrive, as behind a pooler that shares connections; the queue is asked instead",
        ),
    });
    try {
      const hasQueueSchema = await checkRights(sql.query, QUEUE_SCHEMA, NEWEST_VERSION);
      return await assemble(options, "postgresql", sql, { db: boss, createSchema: !hasQueueSchema }, async () => {});
    } catch (error) {
      await sql.close();
      throw error;
    }
  } catch (error) {
    throw postgresRefusal(error);
  }
}

async function openEmbeddedStore(options: StoreOptions): Promise<Store> {
  const dataDir = resolve(options.dataDir);
  const lock = await lockDataFolder(dataDir).catch((error: unknown) => {
    throw folderError(dataDir, error);
  });
  try {
    return await openFolder(options, dataDir, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openFolder(options: StoreOptions, dataDir: string, lock: DataFolderLock): Promise<Store> {
  const folder = join(dataDir, "pg");
  const existed = await exists(folder);
  try {
    return await openEngine(options, folder, lock);
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    if (!existed) throw cannotCreate(dataDir, error);
    return await startAfresh(options, dataDir, folder, lock, error);
  }
}

async function startAfresh(
  options: StoreOptions,
  dataDir: string,
  folder: string,
  lock: DataFolderLock,
  because: unknown,
): Promise<Store> {
  const aside = join(dataDir, `pg-broken-${new Date(options.clock.now()).toISOString().replaceAll(/[:.]/g, "-")}`);
  await rename(folder, aside);
  let store: Store;
  try {
    store = await openEngine(options, folder, lock);
  } catch (error) {
    // A new folder does not open either, so the old one was not the trouble: a full disk, most often.
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
    throw cannotCreate(dataDir, error);
  }
  options.log.warn(
    { movedTo: aside, err: because },
    "the embedded database did not open and was moved aside; everything is rebuilt from GitHub",
  );
  return store;
}

async function openEngine(options: StoreOptions, folder: string, lock: DataFolderLock): Promise<Store> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { sql, urgentWrite, boss } = await openPglite(folder);
  const stopVacuuming = startVacuuming(sql, options.log);
  try {
    return await assemble(
      options,
      "embedded",
      sql,
      // REINDEX CONCURRENTLY and vacuum watching are for servers that many share.
      { backend: "pglite", db: boss, reindex: false, monitorVacuum: false },
      async () => {
        stopVacuuming();
        await lock.release();
      },
      urgentWrite,
    );
  } catch (error) {
    stopVacuuming();
    await sql.close().catch(() => {});
    throw error;
  }
}

async function assemble(
  options: StoreOptions,
  engine: Store["engine"],
  sql: Sql,
  bossOptions: ConstructorOptions,
  afterClose: () => Promise<void>,
  urgentWrite: Write = sql.query,
): Promise<Store> {
  const { log, clock } = options;
  await migrateSchema(sql);
  const boss = new PgBoss({
    ...bossOptions,
    schema: QUEUE_SCHEMA,
    useListenNotify: true,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    maintenanceIntervalSeconds: 300,
  });
  boss.on("error", (error) => log.warn({ err: error }, "the queue met an error and goes on"));
  boss.on("warning", (warning) => log.debug({ warning: warning.message }, "the queue warns"));
  await boss.start();
  const queue = new BossQueue({
    boss,
    sql,
    clock,
    log,
    isAlone: engine === "embedded",
    urgentWrite,
    retryDelay: options.retryDelay ?? ((failures) => backoff(failures, Math.random())),
  });
  try {
    await queue.prepare();
    if (engine === "embedded") {
      const released = await queue.releaseAbandoned();
      if (released > 0) log.info({ released }, "work that the last process left unfinished waits again");
    }
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await boss.stop({ graceful: false });
    await sql.close();
    await afterClose();
  }
  return {
    queue,
    index: createSqlIndexStore(sql),
    sql,
    threads: createSqlThreadStore(sql),
    engine,
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

function cannotCreate(dataDir: string, cause: unknown): TerminalError {
  return new TerminalError(
    `The embedded database in ${dataDir} cannot be opened or created. Check that the disk is not full and that this ` +
      "user may write there, or set DATABASE_URL to use PostgreSQL.",
    { cause },
  );
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
