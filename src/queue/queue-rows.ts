import type { Instant, Key } from "../core/model.ts";
import type { Cause } from "./cause.ts";
import type { Tries } from "./judge-failure.ts";

/** Where to look, why, and how the tries before this one went. */
export interface Entry extends Tries {
  readonly key: Key;
  readonly cause: Cause;
}

/** A key that waits or is worked on. One row a key *is* the queue. */
export interface WorkRow extends Entry {
  /** The key's identity. */
  readonly id: string;
  /** Whose turn it is: higher first (fair-share.ts). */
  readonly rank: number;
  /** Among those of one rank: lower first. The moment it was added, in µs, and never the same one twice. */
  readonly place: number;
  /** Passes that have begun and not ended: each time the process ended first. */
  readonly starts: number;
  /** It was hinted at since the pass over it began: one more follows. */
  readonly again: boolean;
}

/** When a key is to be looked at again although nobody hinted at it. */
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

/** What is asked for of those that wait. */
export interface Choice {
  /** Only keys of at least this rank; `null`: of any. */
  readonly leastRank: number | null;
  /** Installations that are left out. */
  readonly notOf: readonly number[];
  readonly most: number;
}

/** What a queue keeps when one process has it to itself. All calls are carried out at once. */
export interface QueueRows {
  work(id: string): WorkRow | null;
  /** Inserts, or replaces the row of this key. */
  putWork(row: WorkRow): void;
  removeWork(id: string): void;
  /** The highest rank first, and among those of one rank the lowest place. */
  next(choice: Choice): readonly WorkRow[];
  /** Inserts, or moves the timer of this key. */
  putTimer(row: TimerRow): void;
  removeTimer(id: string): void;
  /** Those due by this moment, the earliest first, `most` at most. */
  dueTimers(by: Instant, most: number): readonly TimerRow[];
  /** When the next one is due; `null`: none is set. */
  nextTimerAt(): Instant | null;
  putAside(row: AsideRow): void;
  takeBack(id: string): void;
  count(): { readonly work: number; readonly setAside: number };
}

/** The rows and the one way to them. */
export interface KeptQueue {
  /**
   * All that `change` does to the rows, or nothing. Durable when the promise resolves, which is a turn of the event loop later at
   * the earliest.
   *
   * @throws TransientError when it could not be kept
   */
  commit<T>(change: (rows: QueueRows) => T): Promise<T>;
  /** As `commit`, for what changes nothing. */
  look<T>(read: (rows: QueueRows) => T): Promise<T>;
}
