/** What a rehearsal found about one thing that Sevgate takes for granted. */
export type Verdict = "holds" | "does not hold" | "unclear" | "not asked";

/** A verdict on one row of docs/assumptions.md, with what was seen. */
export interface Finding {
  /** `A-072`. */
  readonly assumption: string;
  readonly verdict: Verdict;
  /** What GitHub answered, or why it was not asked, in a few words. */
  readonly seen: string;
}

export function holds(assumption: string, seen: string): Finding {
  return { assumption, verdict: "holds", seen };
}

export function fails(assumption: string, seen: string): Finding {
  return { assumption, verdict: "does not hold", seen };
}

export function untold(assumption: string, seen: string): Finding {
  return { assumption, verdict: "unclear", seen };
}

/** The same of several rows. */
export function untoldEach(assumptions: readonly string[], seen: string): readonly Finding[] {
  return assumptions.map((one) => untold(one, seen));
}

export function notAsked(assumption: string, because: string): Finding {
  return { assumption, verdict: "not asked", seen: because };
}

/** `holds` or `fails`, by what was seen. */
export function told(assumption: string, isSo: boolean, seen: string): Finding {
  return isSo ? holds(assumption, seen) : fails(assumption, seen);
}
