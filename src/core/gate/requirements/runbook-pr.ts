import { MOST_FILES_LISTED, type PullRequestFacts, type Reference } from "../../model.ts";
import { sameTarget } from "../../names.ts";
import type { EvidenceFacts, IncidentObservation } from "../../observation.ts";
import { matchesAny } from "../../policy/glob.ts";
import type { History } from "../../record/history.ts";
import { leastLacking, linkedEvidence, together } from "../linked-evidence.ts";
import { isMergedBefore } from "../merged-before.ts";
import { namesIncident } from "../names-incident.ts";
import type { VerdictStatus } from "../verdict-status.ts";
import type { RequirementRule } from "./requirement-rule.ts";

/** The candidates, best first. `isCut`: there were more than are looked at. */
export interface RunbooksFinding {
  readonly requirement: "runbook-pr";
  readonly found: readonly RunbookFinding[];
  readonly isCut: boolean;
}

/** A pull request is linked that adds or updates a runbook. */
export const RUNBOOK_PR: RequirementRule<RunbooksFinding> = {
  reads: [],
  judge(seen, history) {
    const found = judgeRunbooks(seen, history);
    const { status, isCut } = together(found, seen.unread["runbook-pr"]);
    const satisfiedBy = found.filter((one) => one.status === "met").map(({ target }) => target);
    return { status, finding: { requirement: "runbook-pr", found, isCut }, satisfiedBy };
  },
};

/** One thing a runbook pull request lacks, with what to do about it said in `core/render/verdict.ts`. */
export type RunbookLack =
  | { readonly kind: "gone" }
  | { readonly kind: "not-named" }
  | { readonly kind: "no-runbook-file"; readonly paths: readonly string[] }
  /** None among the files that GitHub lists, and it lists no more than `listed`. */
  | { readonly kind: "files-cut"; readonly listed: number }
  | { readonly kind: "not-merged" }
  /** Merged before the incident was opened, and not linked with a reason by anybody on the team. */
  | { readonly kind: "merged-before" }
  | { readonly kind: "closed-unmerged" }
  | { readonly kind: "wrong-base"; readonly base: string; readonly defaultBranch: string }
  | { readonly kind: "reverted"; readonly by: number }
  /** Some pull requests that may revert it were not looked at. */
  | { readonly kind: "reverts-unread" };

/** A candidate runbook pull request and what it lacks. */
export interface RunbookFinding {
  readonly target: Reference;
  readonly url: string | null;
  readonly status: VerdictStatus;
  readonly lacks: readonly RunbookLack[];
}

type Candidate = Extract<EvidenceFacts, { kind: "pull-request" }>;

/** Judges every pull request that may have updated a runbook, best first. */
export function judgeRunbooks(seen: IncidentObservation, history: History): readonly RunbookFinding[] {
  const linked = linkedEvidence(seen, history, "pull-request");
  return leastLacking(linked.map((candidate) => judgeRunbook(seen, history, candidate)));
}

function judgeRunbook(seen: IncidentObservation, history: History, candidate: Candidate): RunbookFinding {
  const { answer, target, revertsRead } = candidate;
  if (answer === "missing") return { target, url: null, status: "unmet", lacks: [{ kind: "gone" }] };
  const lacks: RunbookLack[] = [];
  const { pullRequest, files } = answer;
  const policy = seen.policy.policy.runbooks;
  const links = history.links.filter((link) => link.evidence === "runbook-pr" && sameTarget(link.target, target));
  const byCommand = links.some((link) => link.byCommand);
  const revertedBy = candidate.revertedBy?.number ?? history.disproven.get(target.number);
  if (revertedBy !== undefined) lacks.push({ kind: "reverted", by: revertedBy });
  if (files !== "known-merged") {
    if (!byCommand && !namesIncident(pullRequest, seen)) lacks.push({ kind: "not-named" });
    const touches = files.some((file) => file.status !== "removed" && matchesAny(policy.paths, file.path));
    const isCut = files.length >= MOST_FILES_LISTED;
    if (!touches && isCut) lacks.push({ kind: "files-cut", listed: MOST_FILES_LISTED });
    else if (!touches) lacks.push({ kind: "no-runbook-file", paths: policy.paths });
    lacks.push(...mergeLacks(pullRequest, policy["pull-request"]));
    if (isMergedBefore(pullRequest, seen.issue) && !links.some((link) => link.withReason)) {
      lacks.push({ kind: "merged-before" });
    }
  }
  // What would count may have been reverted by one that was not looked at.
  if (lacks.length === 0 && !revertsRead) lacks.push({ kind: "reverts-unread" });
  // If it also fails for another reason, nobody needs to know the files.
  const [only] = lacks;
  const isUnknown = lacks.length === 1 && (only?.kind === "files-cut" || only?.kind === "reverts-unread");
  const status = lacks.length === 0 ? "met" : isUnknown ? "unknown" : "unmet";
  return { target, url: pullRequest.url, status, lacks };
}

function mergeLacks(pullRequest: PullRequestFacts, wanted: "merged" | "open"): readonly RunbookLack[] {
  if (pullRequest.baseRef !== pullRequest.defaultBranch) {
    return [{ kind: "wrong-base", base: pullRequest.baseRef, defaultBranch: pullRequest.defaultBranch }];
  }
  if (pullRequest.merged) return [];
  if (pullRequest.state === "closed") return [{ kind: "closed-unmerged" }];
  return wanted === "open" ? [] : [{ kind: "not-merged" }];
}
