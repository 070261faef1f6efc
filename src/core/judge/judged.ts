import type { Instant } from "../model.ts";
import type { Entry } from "../record/entry.ts";
import type { Edge } from "./edge.ts";

/** What one judgement adds to the record, and what is done about it. */
export interface Judged {
  readonly entries: readonly Entry[];
  readonly edges: readonly Edge[];
  /** Look again at this moment although nobody says so; absent: not for this reason. */
  readonly lookAgainAt?: Instant;
  /** The oldest comment with a command that waits, younger ones being judged already; left out: none does. */
  readonly waitsFrom?: number;
  /** A command names what GitHub may not show yet: a close is judged with it, seconds later; left out: none does. */
  readonly holdsClosing?: true;
}

export const NOTHING: Judged = { entries: [], edges: [] };
