import type { Reference } from "../core/model.ts";
import { sameTarget } from "../core/names.ts";
import type { UnreadCandidates } from "../core/observation.ts";
import { moreTrusted, rankByTrust, type Trust } from "../core/trust/rank-by-trust.ts";

/** Candidates for evidence that are looked at; people link one or two. */
export const MAX_CANDIDATES = 10;

/** A candidate for evidence: how it came to be looked at, and how far that is to be believed. */
export interface Candidate {
  readonly via: "command" | "own-text" | "incident-text" | "sub-issue";
  readonly target: Reference;
  readonly trust: Trust;
}

/** Each target once: the most trusted of `known`, and all that commands ask for now. */
export function rankCandidates<One extends Candidate>(
  known: readonly One[],
  asked: readonly One[],
): { readonly kept: readonly One[]; readonly cut: readonly One[] } {
  const once: One[] = [];
  for (const one of known) {
    const at = once.findIndex(({ target }) => sameTarget(target, one.target));
    const same = once[at];
    if (same === undefined) once.push(one);
    else once[at] = { ...same, trust: moreTrusted(same.trust, one.trust) };
  }
  const { kept, cut } = rankByTrust(once, MAX_CANDIDATES);
  const isIn = (list: readonly One[], { target }: One) => list.some((one) => sameTarget(one.target, target));
  return { kept: [...kept, ...asked.filter((one) => !isIn(kept, one))], cut: cut.filter((one) => !isIn(asked, one)) };
}

/** @param mayCount whether one could satisfy the gate, for all that is known of it */
export function unreadOf<Candidate>(
  cut: readonly Candidate[],
  mayCount: (one: Candidate) => boolean,
): UnreadCandidates {
  return { count: cut.length, mayCount: cut.some(mayCount) };
}
