import type { PullRequestFacts } from "../../model.ts";
import type { FixFacts, IncidentObservation } from "../../observation.ts";
import { isMergedBefore } from "../merged-before.ts";
import type { RequirementRule } from "./requirement-rule.ts";

/** Numbers of pull requests. `early`: merged before the incident was opened. `isCut`: there were more than are looked at. */
export interface FixFinding {
  readonly requirement: "fix-merged";
  readonly merged: readonly number[];
  readonly early: readonly number[];
  readonly isCut: boolean;
}

/** A pull request that names the incident is merged into the default branch, and not reverted. */
export const FIX_MERGED: RequirementRule<FixFinding> = {
  reads: ["fixes"],
  judge(seen) {
    const standing = standingFixes(seen);
    const early = standing.filter((fix) => isMergedBefore(fix, seen.issue)).map(({ number }) => number);
    const merged = standing.map(({ number }) => number).filter((number) => !early.includes(number));
    const unread = seen.unread["fix-merged"];
    const isUnsure = unread.mayCount || seen.fixes.some(isUnsureFix);
    const isCut = unread.count > 0 && merged.length === 0;
    return {
      status: merged.length > 0 ? "met" : isUnsure ? "unknown" : "unmet",
      finding: { requirement: "fix-merged", merged, early, isCut },
      satisfiedBy: merged.map((number) => ({ repository: null, number })),
    };
  },
};

/**
 * The merged fixes that have not been reverted. A pull request that reverts one of them names the incident, too, but is
 * not a fix; one that reverts the cause is.
 */
function standingFixes({ fixes }: IncidentObservation): readonly PullRequestFacts[] {
  const takesBack = new Set(fixes.flatMap(({ revertedBy }) => (revertedBy === null ? [] : [revertedBy.number])));
  return fixes
    .filter((one) => isMerged(one) && one.revertedBy === null && !takesBack.has(one.pullRequest.number))
    .filter((one) => !isUnsureFix(one))
    .map(({ pullRequest }) => pullRequest);
}

/** One that would count, if it were not for what was not looked at. */
function isUnsureFix(one: FixFacts): boolean {
  return !one.revertsRead && one.revertedBy === null && isMerged(one);
}

function isMerged({ pullRequest: { merged, baseRef, defaultBranch } }: FixFacts): boolean {
  return merged && baseRef === defaultBranch;
}
