import { TransientError } from "../base/errors.ts";
import type { Millis } from "../core/model.ts";

/**
 * The right of a pass to work on its key. It can be lost while the pass runs: a process that stalls is taken for dead, and
 * another one takes over the key (docs/decisions/0011-fencing.md).
 */
export interface Lease {
  /**
   * Resolves once it is certain that the key is still ours. Asks the store if it has not said so for 2 s.
   *
   * @throws TransientError if the key is lost, or the store does not answer in time
   */
  assertHeld(): Promise<void>;
}

/** For callers to whom every key belongs alone. */
export const ALWAYS_HELD: Lease = { assertHeld: async () => {} };

/** A lease and what became of it. */
export interface OwnLease extends Lease {
  /** Another process has the key, or may take it: nothing that this pass found out counts any more. */
  readonly isLost: boolean;
}

/** Times in milliseconds, of which only differences matter. */
export interface LeaseClocks {
  /** Nobody can set it, but it may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** It goes on while the machine sleeps, but may be set back. */
  wallMs(): number;
}

/**
 * How long an answer from the store counts. A key stays ours for the heartbeat (10 s) after the store last said so; what is
 * left of that is for the write to arrive.
 */
const PROOF_COUNTS_MS = 2_000;
/** A request takes at most 10 s (src/systems/github/); by then, what was sent has arrived or never will. */
export const LAST_WRITE_ARRIVES_MS = 15_000 as Millis;

const machineClocks: LeaseClocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/**
 * @param prove  asks the store whether the key is still ours, and renews it
 * @param signal aborted if the queue itself notices the loss
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
      // The moment of asking counts: the answer may have been waiting while this process stood still.
      const asked = read();
      if (!(await prove()) || signal.aborted) refuse();
      proven = asked;
      if (!isProven()) throw new TransientError("the store took too long to say whose the key is");
    },
  };
}
