import type { Instant } from "../model.ts";
import type { Entry } from "../record/entry.ts";
import type { Edge } from "./edge.ts";

/** What one judgement adds to the record, and what is done because of it. */
export interface Judged {
  readonly entries: readonly Entry[];
  readonly edges: readonly Edge[];
  /** When to look again without any hint; left out: not for this reason. */
  readonly lookAgainAt?: Instant;
  /** The oldest comment with a command that is waiting although younger ones were judged; left out: none is. */
  readonly waitsFrom?: number;
  /**
   * A command names something GitHub may not show yet: a close is judged together with it, seconds later; left out:
   * none does.
   */
  readonly holdsClosing?: true;
}

export const NOTHING: Judged = { entries: [], edges: [] };
