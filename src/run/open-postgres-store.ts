import { PgBoss } from "pg-boss";
import { backoff } from "../base/backoff.ts";
import { BossQueue, QUEUE_SCHEMA } from "../queue/boss-queue.ts";
import { checkRights } from "../store/check-rights.ts";
import { openPostgres, type Postgres } from "../store/open-postgres.ts";
import { postgresRefusal } from "../store/postgres-refusal.ts";
import { migrateSchema, NEWEST_VERSION } from "../store/schema.ts";
import { createSqlIndexStore } from "../store/sql-index-store.ts";
import { createSqlThreadStore } from "../store/sql-thread-store.ts";
import type { Store, StoreOptions } from "./store.ts";

/**
 * Opens the store on a PostgreSQL server: for several processes.
 *
 * @throws TerminalError with a sentence for people: access was refused, a newer Sevgate wrote the database
 * @throws TransientError if the server does not answer
 */
export async function openPostgresStore(options: StoreOptions, databaseUrl: string): Promise<Store> {
  const { log } = options;
  try {
    const postgres = await openPostgres(databaseUrl, {
      onBroken: (error) => log.warn({ err: error }, "a database connection broke"),
      onDeaf: (error) =>
        log.info(
          { reason: error instanceof Error ? error.message : "" },
          "PostgreSQL's notifications do not arrive, as behind a pooler that shares connections; the queue is asked instead",
        ),
    });
    try {
      return await assemble(options, postgres);
    } catch (error) {
      await postgres.sql.close();
      throw error;
    }
  } catch (error) {
    throw postgresRefusal(error);
  }
}

async function assemble(options: StoreOptions, { sql, boss: db }: Postgres): Promise<Store> {
  const { log, clock } = options;
  const hasQueueSchema = await checkRights(sql.query, QUEUE_SCHEMA, NEWEST_VERSION);
  await migrateSchema(sql);
  const boss = new PgBoss({
    db,
    createSchema: !hasQueueSchema,
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
    retryDelay: options.retryDelay ?? ((failures) => backoff(failures, Math.random())),
  });
  try {
    await queue.prepare();
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await boss.stop({ graceful: false });
    await sql.close();
  }
  return {
    queue,
    index: createSqlIndexStore(sql),
    sql,
    threads: createSqlThreadStore(sql),
    engine: "postgresql",
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
