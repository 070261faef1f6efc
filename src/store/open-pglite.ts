import { fromPglite } from "pg-boss";
import { compileWasmOnce } from "./compile-wasm-once.ts";
import { PgliteConnection } from "./pglite-connection.ts";
import type { PgliteRequest } from "./pglite-request.ts";
import { databaseError, type Query, type Sql, type Write } from "./sql.ts";

/** The embedded database, as its users need it. */
export interface Embedded {
  readonly sql: Sql;
  /** Runs before everything that waits. */
  readonly urgentWrite: Write;
  /** The way of pg-boss to it. */
  readonly boss: ReturnType<typeof fromPglite>;
}

/**
 * Opens PostgreSQL inside this process, in `folder` and in a thread of its own. PGlite does not lock the folder: hold its
 * lock first.
 */
export async function openPglite(folder: string): Promise<Embedded> {
  compileWasmOnce();
  const connection = await PgliteConnection.open(folder);
  return {
    sql: {
      query: queryBy((request) => connection.run(request)),
      transaction: (work) =>
        connection.alone(async (send) => {
          const query = queryBy(send);
          await query("begin");
          try {
            const result = await work(query);
            await query("commit");
            return result;
          } catch (error) {
            await query("rollback").catch(() => {});
            throw error;
          }
        }),
      close: () => connection.close(),
    },
    urgentWrite: async (text, values) => {
      await connection.run({ kind: "write", text, values }, "urgent").catch((error: unknown) => {
        throw databaseError(error);
      });
    },
    boss: fromPglite(likePglite(connection)),
  };
}

function queryBy(send: (request: PgliteRequest) => Promise<readonly (readonly unknown[])[]>): Query {
  return async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    try {
      const [rows = []] = await send({ kind: "query", text, values });
      return rows as readonly Row[];
    } catch (error) {
      throw databaseError(error);
    }
  };
}

/** What pg-boss's adapter takes for a PGlite. */
function likePglite(connection: PgliteConnection): Parameters<typeof fromPglite>[0] {
  return {
    async query(text: string, values: unknown[] = []) {
      const [rows = []] = await connection.run({ kind: "query", text, values });
      return { rows: [...rows] as never[] };
    },
    exec: (text: string) =>
      connection.alone(async (send) => {
        try {
          const results = await send({ kind: "exec", text });
          return results.map((rows) => ({ rows: [...rows] }));
        } catch (error) {
          // A transaction that it began and did not end would be everybody's.
          await send({ kind: "exec", text: "rollback" }).catch(() => {});
          throw error;
        }
      }),
    listen: (channel, onNotified) => connection.listen(channel, onNotified),
  };
}
