import { MAX_CANDIDATES } from "../core/gate/candidates.ts";
import { hostOf } from "../core/gate/names-incident.ts";
import type { PullRequestFacts, Reference, Standing } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { revertedNumbers } from "../core/regressions/reverts.ts";
import { mayBeMerged, rankByTrust } from "../core/trust/rank-by-trust.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/** A pull request that may revert another one, and how far that can be trusted. */
export type RevertCandidate = Pick<Reference, "number"> & { readonly standing: Standing };

/** A pull request that the record knows to be a merged revert. */
export function knownRevert(number: number): RevertCandidate {
  return { number, standing: "merged" };
}

/** The merged pull request that reverts `target`. `isSure`: all that may do so were looked at. */
export async function findRevert(
  read: GitHubReader,
  seen: IncidentObservation,
  target: Reference,
  reverts: readonly RevertCandidate[],
): Promise<{ readonly revert: PullRequestFacts | null; readonly isSure: boolean }> {
  const candidates = reverts.map(({ number, standing }) => ({ number, trust: standing }));
  const { kept, cut } = rankByTrust(candidates, MAX_CANDIDATES);
  for (const { number } of kept) {
    const pullRequest = await read.pullRequest(seen.repository, number);
    if (pullRequest === "missing" || !pullRequest.merged) continue;
    const reverted = revertedNumbers(pullRequest, fullName(seen.repository), hostOf(seen));
    if (reverted.includes(target.number)) return { revert: pullRequest, isSure: true };
  }
  return { revert: null, isSure: !cut.some(({ trust }) => mayBeMerged(trust)) };
}
