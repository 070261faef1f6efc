import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { TerminalError } from "../base/errors.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import { DATABASE_FILE } from "./database-file.ts";
import { openPostgres } from "./open-postgres.ts";
import { openSqliteToRead } from "./open-sqlite.ts";
import { postgresRefusal } from "./postgres-refusal.ts";
import type { Sql } from "./sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { sqliteError } from "./sqlite-error.ts";

/**
 * Opens the store from outside, for as long as `look` takes. Nothing is created or migrated, and a statement that would
 * change something is not carried out: it returns no rows.
 *
 * @returns what `look` returns; `in-use` if a running server holds the data folder, `none` if there is no store yet
 * @throws TransientError, TerminalError if the database does not answer; and as `look` does
 */
export async function lookIntoStore<Found>(
  store: {
    /** `postgres://…`; `null`: embedded in `dataDir`. */
    readonly databaseUrl: string | null;
    readonly dataDir: string;
  },
  look: (sql: Sql, engine: "embedded" | "postgresql") => Promise<Found>,
): Promise<Found | "in-use" | "none"> {
  if (store.databaseUrl !== null) {
    try {
      const { sql } = await openPostgres(store.databaseUrl, { onBroken: () => {} });
      try {
        return await look(readingOnly(sql), "postgresql");
      } finally {
        await sql.close();
      }
    } catch (error) {
      throw postgresRefusal(error);
    }
  }
  const file = join(resolve(store.dataDir), DATABASE_FILE);
  if (!existsSync(file)) return "none";
  const lock = await lockDataFolder(store.dataDir).catch((error: unknown) => {
    if (error instanceof TerminalError && error.message.includes("in use by")) return null;
    throw error;
  });
  if (lock === null) return "in-use";
  try {
    const connection = openToRead(file);
    try {
      return await look(readingOnly(connection.sql), "embedded");
    } finally {
      await connection.close();
    }
  } finally {
    await lock.release();
  }
}

function openToRead(file: string): SqliteConnection {
  try {
    return openSqliteToRead(file);
  } catch (error) {
    throw sqliteError(error);
  }
}

function readingOnly({ query }: Sql): Sql {
  return {
    query: async (text, values) => (/^\s*select\b/i.test(text) ? await query(text, values) : []),
    transaction: async () => {
      throw new Error("whoever only looks begins no transaction");
    },
    close: async () => {},
  };
}
