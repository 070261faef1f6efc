import type { Instant, Key, Millis } from "../core/model.ts";
import type { Cause, PassName } from "./cause.ts";
import type { Lease } from "./lease.ts";

/**
 * How soon a key is taken if several are waiting: P0 before P2, incidents before sweeps. Higher first.
 *
 * 0: sweeps. 10: what a pass made worth a look. 20: timers, and incidents of unknown severity. 21 to 30: incidents by
 * severity, 30 being the most severe.
 */
export type Priority = 0 | 10 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27 | 28 | 29 | 30;

/** The priority of what a pass made worth a look, and of a timer that is due. */
export const FOLLOW_UP: Priority = 10;
export const DUE_TIMER: Priority = 20;

/** What a pass tells the queue. If it throws, this does not count. */
export interface PassResult {
  /** When to look again, even without a hint; `null`: only after a hint. */
  readonly checkAgainIn: Millis | null;
  /** Keys that this pass made worth a look, e.g. the pull requests that would close the incident. */
  readonly alsoLookAt: readonly Key[];
  /** What was asked for waits for an answer of GitHub's: the pass comes back for it. Left out: nothing does. */
  readonly isUnanswered?: true;
}

/**
 * One pass over one key.
 *
 * @param signal aborted once what the pass does no longer counts
 * @param lease  whether the key is still its own
 * @param name   for the log
 */
export type Pass = (key: Key, signal: AbortSignal, lease: Lease, name: PassName) => Promise<PassResult>;

/** A pass that found nothing to come back for. */
export const NOTHING_MORE: PassResult = { checkAgainIn: null, alsoLookAt: [] };

/** A finished pass, for metrics. */
export interface FinishedPass {
  readonly key: Key;
  /** `lost`: another process took over the key, the pass took too long, or this process is stopping; the outcome was void. */
  readonly result: "done" | "again-later" | "dropped" | "crashed" | "set-aside" | "lost";
  readonly tookMs: number;
}

/**
 * Slots besides the `concurrency` that anybody's key may take: for installations with nothing running, however slow the
 * passes of others are. Several, as GitHub may answer several installations slowly at the same time.
 */
export function slotsForOthers(concurrency: number): number {
  return concurrency > 1 ? Math.ceil(concurrency / 2) : 0;
}

/**
 * A queue of keys, not of events.
 *
 * - A key waits at most once, however many hints arrive.
 * - A key is never worked on twice at the same time, across all processes of one database.
 * - A key that is added while it is being worked on is worked on once more afterwards: the running pass may have read
 *   GitHub before the change that caused the hint.
 * - A key that was added is worked on, even after a crash of the process.
 * - Whoever asks for more than a share waits behind the others, by repository and by installation (fair-share.ts).
 * - A waiting key keeps its first cause, even while its pass is tried again. What follows from a pass, and a timer it sets, has
 *   a cause that says so (cause.ts).
 */
export interface Queue {
  /** Durable when the promise resolves. Throws `TransientError` if the store does not answer within 5 s. */
  add(keys: readonly Key[], priority?: Priority, cause?: Cause): Promise<void>;
  /** Like `add`, at the lowest cost: for deliveries, whose sender waits. The key gets its place in the queue soon after. */
  accept(keys: readonly Key[], priority?: Priority, cause?: Cause): Promise<void>;
  /** Sets or moves a key's only timer; `null` removes it. */
  lookAgainAt(key: Key, at: Instant | null): Promise<void>;
  /**
   * Starts the workers: `concurrency` slots for whoever is next and, if that is more than one, half as many again that take only
   * keys of installations with nothing running. A `TransientError` brings the key back after `retryAfterMs`, or after growing
   * delays; a `TerminalError` drops it until the next hint. After anything else it is tried again a few times, then set aside. A pass that
   * has lost its lease is void, however it ends.
   */
  work(concurrency: number, pass: Pass): Promise<void>;
  /** Stops taking keys, and waits for the running passes for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** For metrics: how many keys are waiting, running, and set aside. Counts over 10,000 may be a few seconds old. */
  depth(): Promise<{ readonly waiting: number; readonly running: number; readonly setAside: number }>;
}
