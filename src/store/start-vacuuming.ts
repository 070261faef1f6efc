import type { Logger } from "pino";
import type { Sql } from "./sql.ts";

const EVERY_MS = 10 * 60_000;

/**
 * Takes away, every ten minutes, what changed and deleted rows have left behind. A PostgreSQL server does so by itself;
 * the embedded one has no process for it, and its queries would get slower with every key that was ever worked on.
 *
 * @returns the way to end it
 */
export function startVacuuming(sql: Sql, log: Logger): () => void {
  const timer = setInterval(() => {
    sql.query("vacuum").catch((error: unknown) => log.warn({ err: error }, "the embedded database was not tidied up"));
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
