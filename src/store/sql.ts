import { errorCode } from "../base/error-code.ts";
import { TransientError } from "../base/errors.ts";

/** Runs one statement with `$1` placeholders and returns its rows. `bigint` columns come back as numbers. */
export type Query = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/**
 * What the stores need from a database. They use SQL that both PostgreSQL and SQLite accept: `cast(… as …)` for `::`, lists from
 * sql-lists.ts, moments in milliseconds from the clock, whole rows by `select *`.
 */
export interface Sql {
  readonly query: Query;
  /**
   * All of `work` or nothing. Use only the query that is passed in: where there is only one connection, any other statement would
   * wait for the very transaction it is part of.
   *
   * @param alone transactions with this name run one after the other, across all processes; left out: none has to wait
   */
  transaction<T>(work: (query: Query) => Promise<T>, alone?: string): Promise<T>;
  close(): Promise<void>;
}

/** Connection trouble, resources, operator intervention, rollback by the server (PostgreSQL docs, appendix A). */
const TRANSIENT_CLASSES = new Set(["08", "40", "53", "55", "57", "58"]);

/** Turns what a database driver throws into `TransientError` if another try may help; anything else is a bug. */
export function databaseError(error: unknown): unknown {
  if (error instanceof TransientError) return error;
  const code = errorCode(error);
  const isSqlState = /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E");
  const transient = isSqlState ? TRANSIENT_CLASSES.has(code.slice(0, 2)) : true;
  return transient ? new TransientError("the database did not answer", { cause: error }) : error;
}
