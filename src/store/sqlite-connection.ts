import { TransientError } from "../base/errors.ts";
import { rowSum } from "./row-sum.ts";
import type { Query, Sql } from "./sql.ts";
import { DamagedStoreError, isDamage, sqliteError } from "./sqlite-error.ts";

/** What is used of a database of `node:sqlite` (open-sqlite.ts). */
export interface SqliteHandle {
  readonly isTransaction: boolean;
  prepare(text: string): SqliteStatement;
  close(): void;
}

export interface SqliteStatement {
  all(...values: (string | bigint | number | null)[]): unknown[];
  columns(): readonly { readonly name: string; readonly type: string | null }[];
}

/** Runs one statement at once and returns its rows. `$1` placeholders, as in `Query`. */
export type RunNow = <Row extends object>(text: string, values?: readonly unknown[]) => readonly Row[];

export interface ConnectionWatcher {
  /** The file turned out to be damaged: nothing more is asked of it. Called once. */
  onDamage(error: unknown): void;
  /** A row that was read is not as it was written. */
  onDamagedRow(): void;
}

interface Prepared {
  readonly statement: SqliteStatement;
  /** Those of its columns that SQLite returns as 0 and 1. */
  readonly booleans: readonly string[];
  /** Its rows are whole rows of a table, and end with their checksum (row-sum.ts). */
  readonly isSummed: boolean;
}

class DamagedRowError extends TransientError {}

/** What is committed together: everything that is asked for in one turn of the event loop. */
interface Turn {
  readonly ended: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  hasBegun: boolean;
  /** Its time is up; it ends with the transaction that is under way. */
  isDue: boolean;
  /** Why none of it can be kept; `null`: it can. */
  failure: unknown;
}

/**
 * The one connection to the file of the embedded database.
 *
 * Everything that is asked for in one turn of the event loop is one commit, and so one wait for the disk; every promise resolves
 * after it, even a reader's: nobody acts on what may still be undone. So nothing here resolves in the turn in which it was asked
 * for, and a loop over many statements lets others in between.
 */
export class SqliteConnection {
  /** The port of the stores. */
  readonly sql: Sql = {
    query: (text, values) => this.#query(text, values),
    transaction: (work) => this.#transaction(work),
    close: () => this.close(),
  };
  readonly #db: SqliteHandle;
  readonly #watcher: ConnectionWatcher;
  readonly #prepared = new Map<string, Prepared>();
  #turn: Turn | null = null;
  /** A transaction whose callback may wait: everybody else waits until it ends. */
  #alone: Promise<void> | null = null;
  #isClosed = false;
  #isDamaged = false;

  constructor(db: SqliteHandle, watcher: ConnectionWatcher) {
    this.#db = db;
    this.#watcher = watcher;
  }

  /**
   * Does `work` at once, unless a transaction is under way: all of it or nothing. Durable when the promise resolves.
   *
   * @throws TransientError if it could not be kept
   */
  async commit<T>(work: (run: RunNow) => T): Promise<T> {
    // No `await` without need: unless a transaction is under way, the work is done before this function returns.
    while (this.#alone !== null) await this.#alone;
    const turn = this.#open({ toWrite: true });
    const result = this.#carryOut(turn, () => {
      this.#run("savepoint part");
      try {
        const kept = work((text, values) => this.#run(text, values));
        this.#run("release part");
        return kept;
      } catch (error) {
        this.#undoPart();
        throw error;
      }
    });
    await turn.ended;
    return result;
  }

  /** Like `commit`, for what changes nothing. */
  async look<T>(work: (run: RunNow) => T): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    const turn = this.#open({ toWrite: false });
    const result = this.#carryOut(turn, () => work((text, values) => this.#run(text, values)));
    await turn.ended;
    return result;
  }

  /** Finishes what was begun, and closes the file. May be called again. */
  async close(): Promise<void> {
    while (this.#alone !== null) await this.#alone;
    if (this.#isClosed) return;
    if (this.#turn !== null) this.#end(this.#turn);
    this.#isClosed = true;
    this.#db.close();
  }

  async #query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    while (this.#alone !== null) await this.#alone;
    const turn = this.#open({ toWrite: !/^\s*select\b/i.test(text) });
    const rows = this.#carryOut(turn, () => this.#run<Row>(text, values));
    await turn.ended;
    return rows;
  }

  async #transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    const turn = this.#open({ toWrite: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    let result: T;
    try {
      this.#carryOut(turn, () => this.#run("savepoint part"));
      result = await work(async (text, values) => this.#carryOut(turn, () => this.#run(text, values)));
      this.#carryOut(turn, () => this.#run("release part"));
    } catch (error) {
      this.#undoPart();
      throw error;
    } finally {
      this.#alone = null;
      if (turn.isDue) this.#end(turn);
      resolve();
    }
    await turn.ended;
    return result;
  }

  /** The turn under way, or one that begins now. */
  #open({ toWrite }: { readonly toWrite: boolean }): Turn {
    if (this.#isDamaged) throw new DamagedStoreError();
    if (this.#isClosed) throw new TransientError("the database is closed");
    const turn = this.#turn ?? this.#begin();
    if (toWrite && !turn.hasBegun) {
      this.#carryOut(turn, () => this.#run("begin immediate"));
      turn.hasBegun = true;
    }
    return turn;
  }

  #begin(): Turn {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever asked for something waits for it; nobody waits for a turn in which everything was refused.
    promise.catch(() => {});
    const turn: Turn = { ended: promise, resolve, reject, hasBegun: false, isDue: false, failure: null };
    this.#turn = turn;
    setImmediate(() => this.#end(turn));
    return turn;
  }

  #end(turn: Turn): void {
    if (turn !== this.#turn) return;
    if (this.#alone !== null) {
      turn.isDue = true;
      return;
    }
    this.#turn = null;
    if (turn.hasBegun && turn.failure === null) {
      try {
        this.#run("commit");
      } catch (error) {
        turn.failure = this.#judged(error);
      }
    }
    if (turn.failure === null) {
      turn.resolve();
      return;
    }
    try {
      if (this.#db.isTransaction) this.#run("rollback");
    } catch (error) {
      this.#judged(error);
    }
    turn.reject(turn.failure);
  }

  #carryOut<T>(turn: Turn, work: () => T): T {
    if (turn.failure !== null) throw turn.failure;
    try {
      return work();
    } catch (error) {
      if (error instanceof DamagedRowError) this.#watcher.onDamagedRow();
      const judged = this.#judged(error);
      // A full disk, for one, undoes everything that was not committed, and not only the statement.
      if (turn.hasBegun && !this.#db.isTransaction) turn.failure = judged;
      throw judged;
    }
  }

  #undoPart(): void {
    if (!this.#db.isTransaction) return;
    this.#run("rollback to part");
    this.#run("release part");
  }

  #judged(error: unknown): unknown {
    if (isDamage(error) && !this.#isDamaged) {
      this.#isDamaged = true;
      this.#watcher.onDamage(error);
    }
    return sqliteError(error);
  }

  #run<Row extends object>(text: string, values: readonly unknown[] = []): readonly Row[] {
    const { statement, booleans, isSummed } = this.#prepare(text);
    const rows = statement.all(...values.map(bound)) as Record<string, unknown>[];
    if (isSummed && !rows.every(isWhole)) throw new DamagedRowError("a row was damaged, and is dropped");
    for (const row of booleans.length === 0 ? [] : rows) {
      for (const name of booleans) if (row[name] !== null) row[name] = row[name] === 1;
    }
    return rows as Row[];
  }

  /** One statement for each text: a statement's memory is freed only by the garbage collector. */
  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    // `$1` would be the *name* of a placeholder.
    const statement = this.#db.prepare(text.replace(/\$(?=\d)/g, "?"));
    const columns = statement.columns();
    const prepared: Prepared = {
      statement,
      booleans: columns.flatMap(({ name, type }) => (type === "boolean" ? [name] : [])),
      isSummed: columns.at(-1)?.name === "sum",
    };
    this.#prepared.set(text, prepared);
    return prepared;
  }
}

function isWhole(row: Record<string, unknown>): boolean {
  const values = Object.values(row);
  return values.pop() === rowSum(...values);
}

/** Whole numbers as integers: numbers are bound as reals, and 5 becomes `5.0` where a text is expected. */
function bound(value: unknown): string | bigint | number | null {
  switch (typeof value) {
    case "string":
    case "bigint":
      return value;
    case "number":
      return Number.isInteger(value) ? BigInt(value) : value;
    case "boolean":
      return value ? 1n : 0n;
    default:
      if (value === null) return null;
      // An object as the first value would silently be taken for named placeholders.
      throw new TypeError(`a statement cannot take a value of type ${typeof value}`);
  }
}
