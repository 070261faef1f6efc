import { STANDINGS, type Standing } from "../model.ts";

/** `command`: somebody with the right to do so linked it. */
export type Trust = "command" | Standing;

const TRUST: readonly Trust[] = ["command", ...STANDINGS];

/** The more trusted of two. */
export function moreTrusted(a: Trust, b: Trust): Trust {
  return TRUST.indexOf(a) <= TRUST.indexOf(b) ? a : b;
}

/**
 * The `most` candidates that are trusted most, and the others. Equals keep their order. People outside the team can
 * never crowd out a candidate of the team's.
 */
export function rankByTrust<Candidate extends { readonly trust: Trust }>(
  candidates: readonly Candidate[],
  most: number,
): { readonly kept: readonly Candidate[]; readonly cut: readonly Candidate[] } {
  const ranked = candidates.toSorted((a, b) => TRUST.indexOf(a.trust) - TRUST.indexOf(b.trust));
  return { kept: ranked.slice(0, most), cut: ranked.slice(most) };
}

/** Whether something could be merged by now, as far as the last look tells. */
export function mayBeMerged(trust: Trust): boolean {
  return trust !== "team" && trust !== "outsider";
}
