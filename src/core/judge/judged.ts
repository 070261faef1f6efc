import type { Instant } from "../model.ts";
import type { Entry } from "../record/entry.ts";
import type { Edge } from "./edge.ts";

/** What one judgement adds to the record, and what is done because of it. */
export interface Judged {
  readonly entries: readonly Entry[];
  readonly edges: readonly Edge[];
  /** When to look again without any hint; `null`: not for this reason. */
  readonly lookAgainAt: Instant | null;
}

export const NOTHING: Judged = { entries: [], edges: [], lookAgainAt: null };
