import { TransientError } from "../base/errors.ts";
import type { Millis } from "../core/model.ts";

/**
 * The right of a pass to work on its key. It can be lost while the pass runs: a process that stands still is taken for
 * dead, and another one takes the key over (docs/decisions/0011-fencing.md).
 */
export interface Lease {
  /**
   * Resolves when the key is surely still ours. Asks the store when it has not said so for 2 s.
   *
   * @throws TransientError when the key is lost, or the store does not say in time
   */
  assertHeld(): Promise<void>;
}

/** For callers that have every key to themselves. */
export const ALWAYS_HELD: Lease = { assertHeld: async () => {} };

/** A lease and what became of it. */
export interface OwnLease extends Lease {
  /** Somebody else has the key, or may take it: nothing this pass found out counts any more. */
  readonly isLost: boolean;
}

/** Times in milliseconds whose differences count. */
export interface LeaseClocks {
  /** Never set by anybody, but may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** Goes on while the machine sleeps, but may be set back. */
  wallMs(): number;
}

/**
 * How long an answer of the store counts. A key stays ours for the heartbeat (10 s) after the store last said so; what
 * is left of it is for the write to arrive.
 */
const PROOF_COUNTS_MS = 2_000;
/** A request takes at most 10 s (src/systems/github/); what was sent has arrived by then, or never does. */
export const LAST_WRITE_ARRIVES_MS = 15_000 as Millis;

const machineClocks: LeaseClocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/**
 * @param prove  asks the store whether the key is still ours, and renews it
 * @param signal aborted when the queue itself notices the loss
 */
export function createLease(
  prove: () => Promise<boolean>,
  signal: AbortSignal,
  clocks: LeaseClocks = machineClocks,
): OwnLease {
  let proven: { readonly monotonicMs: number; readonly wallMs: number } | null = null;
  let lost = false;

  function read() {
    return { monotonicMs: clocks.monotonicMs(), wallMs: clocks.wallMs() };
  }
  function isProven(): boolean {
    if (proven === null) return false;
    const now = read();
    const ageMs = Math.max(now.monotonicMs - proven.monotonicMs, now.wallMs - proven.wallMs);
    return ageMs < PROOF_COUNTS_MS;
  }
  function refuse(): never {
    lost = true;
    throw new TransientError("the key went to another pass; this one changes nothing more");
  }

  return {
    get isLost() {
      return lost || signal.aborted;
    },
    async assertHeld() {
      if (lost || signal.aborted) refuse();
      if (isProven()) return;
      // The moment of asking counts: the answer may have lain around while this process stood still.
      const asked = read();
      if (!(await prove()) || signal.aborted) refuse();
      proven = asked;
      if (!isProven()) throw new TransientError("the store took too long to say whose the key is");
    },
  };
}
