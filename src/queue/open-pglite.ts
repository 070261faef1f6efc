import { PGlite } from "@electric-sql/pglite";
import { compileWasmOnce } from "./compile-wasm-once.ts";
import { databaseError, type Query, type Sql } from "./sql.ts";

/** Keeps an idle process about 100 MB smaller than PGlite's own setting does; Sevgate's tables are small. */
const SMALL_BUFFERS = ["-c", "shared_buffers=16MB"];

/** PostgreSQL inside this process, in `folder`. PGlite does not lock the folder: hold its lock first. */
export async function openPglite(folder: string): Promise<{ readonly sql: Sql; readonly engine: PGlite }> {
  compileWasmOnce();
  const engine = await PGlite.create({
    dataDir: folder,
    startParams: [...PGlite.defaultStartParams, ...SMALL_BUFFERS],
  });

  function on(client: Pick<PGlite, "query">): Query {
    return async <Row extends object>(text: string, values: readonly unknown[] = []) => {
      try {
        const { rows } = await client.query<Row>(text, [...values]);
        return rows;
      } catch (error) {
        throw databaseError(error);
      }
    };
  }

  return {
    engine,
    sql: {
      query: on(engine),
      transaction: (work) => engine.transaction((inside) => work(on(inside as unknown as Pick<PGlite, "query">))),
      close: () => engine.close(),
    },
  };
}
