import pg from "pg";
import { databaseError, type Query, type Sql } from "./sql.ts";

/** Type number of `int8` in PostgreSQL's catalogue. */
const INT8 = 20;
const MAX_CONNECTIONS = 8;
const CONNECT_LIMIT_MS = 5_000;
const STATEMENT_LIMIT_MS = 30_000;

/** Opens a pool on a PostgreSQL server. Connects with the first statement. */
export function openPostgres(databaseUrl: string, onError: (error: Error) => void): Sql {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    statement_timeout: STATEMENT_LIMIT_MS,
    application_name: "sevgate",
    types: { getTypeParser: parserFor as typeof pg.types.getTypeParser },
  });
  // An idle connection that breaks is replaced with the next statement.
  pool.on("error", onError);

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

  return {
    query: on(pool),
    async transaction(work) {
      const client = await pool.connect().catch((error: unknown) => {
        throw databaseError(error);
      });
      const query = on(client);
      let broken = false;
      try {
        await query("begin");
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
    },
    close: () => pool.end(),
  };
}

/** `pg` gives `int8` as text, PGlite as a number: GitHub's ids fit into a number. */
function parserFor(type: number, format?: "text" | "binary"): unknown {
  return type === INT8 ? Number : pg.types.getTypeParser(type, format ?? "text");
}
