import pg from "pg";
import { PgBoss, TestClock } from "pg-boss";
import { pino } from "pino";
import { backoff } from "../../../src/base/backoff.ts";
import type { Clock } from "../../../src/base/clock.ts";
import type { Millis } from "../../../src/core/model.ts";
import { BossQueue, QUEUE_SCHEMA } from "../../../src/queue/boss-queue.ts";
import type { Inbox } from "../../../src/queue/inbox.ts";
import { openPostgres } from "../../../src/store/open-postgres.ts";
import { migrateSchema } from "../../../src/store/schema.ts";
import type { Sql } from "../../../src/store/sql.ts";
import { createSqlIndexStore } from "../../../src/store/sql-index-store.ts";
import { createTestDatabase } from "../../../testkit/postgres.ts";
import { VIRTUAL_START, type VirtualClock } from "../../../testkit/virtual-clock.ts";
import type { Engine, OpenedStore, Pass } from "./engine.ts";
import { MUTATES, type Wire } from "./wire.ts";

/** What pg-boss needs from a database. */
interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  setSessionStatements(statements: string[]): Promise<void>;
}

interface BackendParts {
  readonly sql: Sql;
  readonly database: BossDatabase;
  readonly close: () => Promise<void>;
}

type Handler = (jobs: readonly { readonly id: string; signal?: AbortSignal }[]) => Promise<unknown>;

const silent = pino({ level: "silent" });
const TIMER = "timer";
const WORK = "work";
const NO_LUCK = 0.5;

/**
 * PostgreSQL with Sevgate's real queue and index on it, for one world after another.
 *
 * Every statement that changes something is a commit of its own, at which a process may die. pg-boss's own test clock
 * makes the database live in virtual time; its workers are stepped by hand, doing to a job what they would do and no
 * more.
 */
export class SqlBackend {
  readonly #boss: PgBoss;
  readonly #sql: Sql;
  readonly #testClock: TestClock;
  readonly #handlers = new Map<string, Handler>();
  readonly #closeAll: () => Promise<void>;
  /** The process that is speaking now; `null`: the test itself. */
  #inbox: Inbox | null = null;
  #wire: Wire | null = null;

  private constructor(parts: BackendParts) {
    this.#testClock = new TestClock(VIRTUAL_START);
    this.#closeAll = parts.close;
    this.#sql = {
      query: (text, values) => this.#counted(text, () => parts.sql.query(text, values)),
      transaction: (work, alone) => this.#counted("insert into", () => parts.sql.transaction(work, alone)),
      close: () => parts.sql.close(),
    };
    const { database } = parts;
    this.#boss = new PgBoss({
      db: {
        executeSql: (text: string, values?: unknown[]) => this.#counted(text, () => database.executeSql(text, values)),
        setSessionStatements: (statements: string[]) => database.setSessionStatements(statements),
      },
      schema: QUEUE_SCHEMA,
      clock: this.#testClock,
      supervise: false,
      schedule: false,
      registerInstance: false,
      useListenNotify: false,
    });
    this.#boss.on("error", () => {});
  }

  static async postgres(): Promise<SqlBackend> {
    const { url, drop } = await createTestDatabase();
    const { sql } = await openPostgres(url, { onBroken: () => {} });
    // One session, so that the test clock is set in all of them.
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    pool.on("error", () => {});
    const database: BossDatabase = {
      executeSql: (text, values) => pool.query(text, values),
      async setSessionStatements(statements) {
        for (const statement of statements) await pool.query(statement);
      },
    };
    return await SqlBackend.#prepared({
      sql,
      database,
      async close() {
        await pool.end();
        await sql.close();
        await drop();
      },
    });
  }

  static async #prepared(parts: BackendParts): Promise<SqlBackend> {
    const backend = new SqlBackend(parts);
    await migrateSchema(backend.#sql);
    await backend.#boss.start();
    await backend.#queue({ now: () => VIRTUAL_START }).prepare();
    return backend;
  }

  /** The database for a new world: empty, at the beginning of virtual time. */
  async forWorld(clock: VirtualClock): Promise<Engine> {
    await this.#wipe();
    await this.#testClock.setTime(clock.now());
    return {
      open: (wire) => this.#open(wire, clock),
      elapse: () => this.#asTest(() => this.#testClock.setTime(clock.now())),
      nextTimerInMs: () => this.#asTest(() => this.#nextTimerInMs()),
      wipe: () => this.#asTest(() => this.#wipe()),
      close: () => this.#asTest(async () => {}),
    };
  }

  async close(): Promise<void> {
    this.#wire = null;
    await this.#boss.stop({ graceful: false });
    await this.#closeAll();
  }

  async #open(wire: Wire, clock: VirtualClock): Promise<OpenedStore> {
    this.#wire = null;
    await this.#missHeartbeats();
    const queue = this.#queue(clock);
    let pass: Pass = async () => ({ checkAgainIn: null, alsoLookAt: [] });
    await queue.work(1, (key, signal) => pass(key, signal));
    const as = <T>(work: () => Promise<T>): Promise<T> => {
      this.#wire = wire;
      return work();
    };
    return {
      index: createSqlIndexStore(this.#sql),
      add: (keys, priority) => as(() => queue.accept(keys, priority)),
      step: (now) =>
        as(async () => {
          pass = now;
          await this.#moveArrivals();
          await this.#work(TIMER, 100);
          return await this.#work(WORK, 1);
        }),
    };
  }

  /** What a worker of pg-boss does: fetch, handle, complete or fail. */
  async #work(name: string, batchSize: number): Promise<boolean> {
    // A fetch that finds nothing changes nothing, so no process dies at it.
    if (!(await this.#asTest(() => this.#hasDue(name)))) return false;
    const jobs = await this.#boss.fetch(name, { batchSize });
    if (jobs.length === 0) return false;
    for (const job of jobs) Object.assign(job, { signal: new AbortController().signal });
    const ids = jobs.map((job) => job.id);
    try {
      await this.#handlers.get(name)?.(jobs);
    } catch (error) {
      await this.#boss.fail(name, ids, { message: String(error) });
      throw error;
    }
    await this.#boss.complete(name, ids);
    return true;
  }

  #queue(clock: Clock): BossQueue {
    const handlers = this.#handlers;
    const boss = new Proxy(this.#boss, {
      get(target, property) {
        if (property === "work") {
          return async (name: string, _options: object, handler: Handler) => {
            handlers.set(name, handler);
            return name;
          };
        }
        if (property === "notifyWorker") return () => {};
        const value: unknown = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    return new BossQueue({
      boss,
      sql: this.#sql,
      clock,
      log: silent,
      startMover: (inbox) => {
        this.#inbox = inbox;
        return { wake: () => {}, stop: async () => {} };
      },
      retryDelay: (failures) => backoff(failures, NO_LUCK) as Millis,
    });
  }

  async #counted<T>(text: string, run: () => Promise<T>): Promise<T> {
    const wire = this.#wire;
    if (wire === null) return await run();
    const kind = MUTATES.test(text) ? "commit" : "query";
    const method = text.trim().replace(/\s+/g, " ").slice(0, 60);
    return await wire.call({ kind, method, args: [] }, run);
  }

  /** The dead process is missed: its jobs go to others. */
  async #missHeartbeats(): Promise<void> {
    await this.#sql.query(
      `update ${QUEUE_SCHEMA}.job set heartbeat_on = heartbeat_on - interval '1 hour' where state = 'active'`,
    );
    // pg-boss would object that this is too soon after the last time: in real life seconds have passed.
    await this.#sql.query(`update ${QUEUE_SCHEMA}.queue set monitor_on = null, monitor_claim_on = null`);
    await this.#boss.supervise(WORK);
    await this.#boss.supervise(TIMER);
  }

  /** What the mover does; a look that finds nothing changes nothing. */
  async #moveArrivals(): Promise<void> {
    // What a dead process has left there would be moved after 10 s.
    await this.#asTest(() => this.#sql.query("update sevgate_inbox set at = at - interval '1 minute'"));
    const rows = await this.#asTest(() => this.#sql.query("select 1 from sevgate_inbox limit 1"));
    if (rows.length > 0) await this.#inbox?.moveSome();
  }

  async #hasDue(name: string): Promise<boolean> {
    const rows = await this.#sql.query(
      `select 1 from ${QUEUE_SCHEMA}.job where name = $1 and state < 'active' and start_after <= $2 limit 1`,
      [name, new Date(this.#testClock.now())],
    );
    return rows.length > 0;
  }

  async #nextTimerInMs(): Promise<number | null> {
    const rows = await this.#sql.query<{ at: number | null }>(
      `select (extract(epoch from min(start_after)) * 1000)::float8 as at from ${QUEUE_SCHEMA}.job
       where name = $1 and state < 'active'`,
      [TIMER],
    );
    const at = rows[0]?.at ?? null;
    return at === null ? null : Math.ceil(at) - this.#testClock.now();
  }

  async #wipe(): Promise<void> {
    this.#wire = null;
    await this.#sql.query(
      `truncate ${QUEUE_SCHEMA}.job, sevgate_inbox, sevgate_repository, sevgate_incident, sevgate_link, sevgate_progress`,
    );
  }

  /** The test itself looks into the database; no process may die because of that. */
  async #asTest<T>(work: () => Promise<T>): Promise<T> {
    const wire = this.#wire;
    this.#wire = null;
    try {
      return await work();
    } finally {
      this.#wire = wire;
    }
  }
}
