import type { Instant, PullRequestFacts } from "../model.ts";
import type { EvidenceFacts, FixFacts, IncidentObservation } from "../observation.ts";
import type { History } from "../record/history.ts";

/**
 * What was there of an incident's evidence at an earlier moment, as far as what is there now tells.
 *
 * What is merged says since when. The text of an issue that was changed since is not known: it is then `cannot-read`,
 * so that the verdict is `unknown` where it depends on it. So is one in a private repository: when it was written there is
 * not told.
 *
 * @param history what the record knew at that moment
 */
export function evidenceAt(seen: IncidentObservation, history: History, at: Instant): IncidentObservation {
  return {
    ...seen,
    evidence: seen.evidence.flatMap((one) => factsAt(one, history, at)),
    fixes: seen.fixes.map((one) => fixAt(one, at)),
  };
}

function factsAt(one: EvidenceFacts, { proven }: History, at: Instant): readonly EvidenceFacts[] {
  if (typeof one.answer === "string") return [one];
  if (one.kind === "issue") {
    if (one.sealedBy !== null) return [unreadable(one)];
    const { createdAt, updatedAt } = one.answer;
    if (createdAt > at) return [];
    return updatedAt <= at ? [one] : [unreadable(one)];
  }
  const { pullRequest, files } = one.answer;
  const revertedBy = isMergedBy(one.revertedBy, at) ? one.revertedBy : null;
  // A pass notes that it is merged within seconds; before, nobody knew of it.
  if (files === "known-merged") return proven.has(one.target.number) ? [{ ...one, revertedBy }] : [];
  if (isMergedBy(pullRequest, at)) return [{ ...one, revertedBy }];
  // When it was opened is not known: where an open one counts, it may have counted.
  return [{ ...one, answer: { pullRequest: asOpen(pullRequest), files }, revertedBy, revertsRead: false }];
}

/** As one that may not be looked at: `unknown`, and nothing else. */
export function unreadable(one: Extract<EvidenceFacts, { kind: "issue" }>): EvidenceFacts {
  return { ...one, answer: "cannot-read", sealedBy: null };
}

function fixAt(one: FixFacts, at: Instant): FixFacts {
  const revertedBy = isMergedBy(one.revertedBy, at) ? one.revertedBy : null;
  return isMergedBy(one.pullRequest, at)
    ? { ...one, revertedBy }
    : { ...one, pullRequest: asOpen(one.pullRequest), revertedBy };
}

function isMergedBy(pullRequest: PullRequestFacts | null, at: Instant): boolean {
  return pullRequest?.merged === true && (pullRequest.mergedAt ?? 0) <= at;
}

function asOpen(pullRequest: PullRequestFacts): PullRequestFacts {
  return { ...pullRequest, merged: false, mergedAt: null, state: "open" };
}

/** Moments at which something that may be evidence came or changed. */
export function evidenceMoments({ evidence, fixes }: IncidentObservation): readonly Instant[] {
  const ofEvidence = evidence.flatMap((one): readonly (Instant | null)[] => {
    if (typeof one.answer === "string") return [];
    if (one.kind === "issue" && one.sealedBy !== null) return [];
    if (one.kind === "issue") return [one.answer.createdAt, one.answer.updatedAt];
    return [one.answer.pullRequest.mergedAt, one.revertedBy?.mergedAt ?? null];
  });
  const ofFixes = fixes.flatMap((one) => [one.pullRequest.mergedAt, one.revertedBy?.mergedAt ?? null]);
  return [...ofEvidence, ...ofFixes].filter((at) => at !== null);
}
