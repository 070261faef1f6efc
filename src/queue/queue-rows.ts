import type { Instant, Key } from "../core/model.ts";
import type { Cause } from "./cause.ts";
import type { Tries } from "./judge-failure.ts";

/** Where to look, why, and how earlier tries went. */
export interface Entry extends Tries {
  readonly key: Key;
  readonly cause: Cause;
}

/** A key that is waiting or being worked on. These rows, one for each key, *are* the queue. */
export interface WorkRow extends Entry {
  /** The key's identity. */
  readonly id: string;
  /** Whose turn it is: higher first (fair-share.ts). */
  readonly rank: number;
  /** Among keys of the same rank: lower first. The moment it was added, in µs, never the same twice. */
  readonly place: number;
  /** How many passes have begun and not ended, because the process ended first. */
  readonly starts: number;
  /** It has been hinted at since the pass over it began: one more follows. */
  readonly again: boolean;
}

/** When a key is to be looked at again, even without a hint. */
export interface TimerRow extends Entry {
  readonly id: string;
  readonly at: Instant;
}

/** A key that failed too often. */
export interface AsideRow {
  readonly id: string;
  readonly key: Key;
  readonly since: Instant;
}

/** Which of the waiting keys are asked for. */
export interface Choice {
  /** Only keys of at least this rank; `null`: of any rank. */
  readonly leastRank: number | null;
  /** Installations that are left out. */
  readonly notOf: readonly number[];
  readonly most: number;
}

/** What is kept of a queue that one process has to itself. All calls take effect at once. */
export interface QueueRows {
  work(id: string): WorkRow | null;
  /** Inserts, or replaces the row of this key. */
  putWork(row: WorkRow): void;
  removeWork(id: string): void;
  /** The highest rank first, and within a rank the lowest place. */
  next(choice: Choice): readonly WorkRow[];
  /** Inserts, or moves the timer of this key. */
  putTimer(row: TimerRow): void;
  removeTimer(id: string): void;
  /** Those due by this moment, the earliest first; at most `most`. */
  dueTimers(by: Instant, most: number): readonly TimerRow[];
  /** When the next one is due; `null`: none is set. */
  nextTimerAt(): Instant | null;
  putAside(row: AsideRow): void;
  takeBack(id: string): void;
  count(): { readonly work: number; readonly setAside: number };
}

/** The rows, and the only way to them. */
export interface KeptQueue {
  /**
   * Does everything that `change` does to the rows, or nothing. Durable when the promise resolves, one turn of the event loop later
   * at the earliest.
   *
   * @throws TransientError if it could not be kept
   */
  commit<T>(change: (rows: QueueRows) => T): Promise<T>;
  /** Like `commit`, for what changes nothing. */
  look<T>(read: (rows: QueueRows) => T): Promise<T>;
}
