import pg from "pg";
import type { ConstructorOptions } from "pg-boss";
import { inTurn } from "./in-turn.ts";
import { listenOnPostgres } from "./listen-on-postgres.ts";
import { isUnsupportedParameter } from "./postgres-refusal.ts";
import { databaseError, type Query, type Sql } from "./sql.ts";

/** What pg-boss takes in place of a pool of its own. */
export type BossDatabase = NonNullable<ConstructorOptions["db"]>;

/** A PostgreSQL server as the store and pg-boss use it: each has a pool of its own, so that neither waits for the other. */
export interface Postgres {
  readonly sql: Sql;
  /** For pg-boss, which would otherwise make a pool whose clients nobody listens to. It lives as long as `sql`. */
  readonly boss: BossDatabase;
}

export interface PostgresWatcher {
  /** A connection that was idle, or that was listening, has broken; another one takes its place. */
  onBroken(error: unknown): void;
  /** Notifications do not arrive, for the given reason: whoever waits for them has to ask instead. */
  onDeaf?(error: unknown): void;
}

/** Type number of `int8` in PostgreSQL's catalog. */
const INT8 = 20;
const MAX_CONNECTIONS = 8;
const MAX_BOSS_CONNECTIONS = 4;
/** Alerts come in transactions that run alone, in a storm hundreds a second: the other connections are for everything else. */
const MAX_CONNECTIONS_ALONE = 3;
const CONNECT_LIMIT_MS = 5_000;
const STATEMENT_LIMIT_MS = 30_000;
/** For connections to which the server's own limit does not apply, or that have gone silent. */
const ANSWER_LIMIT_MS = STATEMENT_LIMIT_MS + 5_000;

/**
 * Opens pools on a PostgreSQL server, directly or through a pooler such as PgBouncer, in session or transaction mode: no
 * statement relies on what an earlier one left behind in its session.
 *
 * @throws what `pg` throws if the server cannot be reached (postgres-refusal.ts turns it into words for people)
 */
export async function openPostgres(databaseUrl: string, { onBroken, onDeaf }: PostgresWatcher): Promise<Postgres> {
  const common: pg.PoolConfig = {
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    application_name: "sevgate",
  };
  const pool = openPool(
    {
      ...common,
      ...((await takesStatementLimit(common)) ? { statement_timeout: STATEMENT_LIMIT_MS } : {}),
      max: MAX_CONNECTIONS,
      query_timeout: ANSWER_LIMIT_MS,
      types: { getTypeParser: parserFor as typeof pg.types.getTypeParser },
    },
    onBroken,
  );
  const aloneInTurn = inTurn(MAX_CONNECTIONS_ALONE, CONNECT_LIMIT_MS);
  const bossPool = openPool({ ...common, max: MAX_BOSS_CONNECTIONS }, onBroken);

  return {
    sql: {
      query: on(pool),
      transaction: (work, alone) =>
        alone === undefined ? transaction(pool, work) : aloneInTurn(() => transaction(pool, work, alone)),
      async close() {
        await Promise.all([pool.end(), bossPool.end()]);
      },
    },
    boss: {
      // Without values, a text may hold several statements, and pg-boss wants the rows of all of them.
      executeSql: (text, values) => bossPool.query(text, values),
      async listen(channel, onNotification, onReconnect) {
        try {
          return await listenOnPostgres({
            connect: () => new pg.Client({ ...common, keepAlive: true }),
            notify: (payload) => bossPool.query("select pg_notify($1, $2)", [channel, payload]),
            channel,
            onNotification,
            onReconnect,
            onLost: onBroken,
          });
        } catch (error) {
          onDeaf?.(error);
          throw error;
        }
      },
    },
  };
}

/**
 * The only place where pools are made.
 *
 * A client whose connection breaks emits an `error` event, which ends the process if nobody listens, and the pool listens
 * only to idle clients: one between two statements of a transaction has no listener
 * (https://github.com/brianc/node-postgres/issues/2762). So each gets one as soon as it is created. It has nothing to do:
 * the next statement of whoever holds the client fails.
 */
function openPool(config: pg.PoolConfig, onBroken: (error: unknown) => void): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("error", onBroken);
  return pool;
}

/** PgBouncer refuses connections with unknown parameters (`ignore_startup_parameters`); there, only our own limit applies. */
async function takesStatementLimit(common: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client({ ...common, statement_timeout: STATEMENT_LIMIT_MS });
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (isUnsupportedParameter(error)) return false;
    throw databaseError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function transaction<T>(pool: pg.Pool, work: (query: Query) => Promise<T>, alone?: string): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw databaseError(error);
  });
  const query = on(client);
  let broken = false;
  try {
    await query("begin");
    if (alone !== undefined) {
      await query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`sevgate ${alone}`]);
    }
    const result = await work(query);
    await query("commit");
    return result;
  } catch (error) {
    await query("rollback").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

function on(client: { query(text: string, values: unknown[]): Promise<{ rows: unknown[] }> }): Query {
  return async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    try {
      const { rows } = await client.query(text, [...values]);
      return rows as Row[];
    } catch (error) {
      throw databaseError(error);
    }
  };
}

/** `pg` returns `int8` as text, but GitHub's ids fit into a number. */
function parserFor(type: number, format?: "text" | "binary"): unknown {
  return type === INT8 ? Number : pg.types.getTypeParser(type, format ?? "text");
}
