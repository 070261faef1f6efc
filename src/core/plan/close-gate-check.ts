import { isUnsure, judgedOf, judgeMerge } from "../merge/judge-merge.ts";
import { judgedId } from "../merge/judged.ts";
import type { MergeObservation } from "../merge/merge-observation.ts";
import type { CheckRunContent } from "../model.ts";
import { closeGateSummary, closeGateTitle } from "../render/close-gate-check.ts";

/**
 * The check `sevgate/close-gate` as it should be on this commit; `null`: the policy does not want one.
 *
 * It only holds a merge that would close an unready incident, and shows the one edit that lets it through. What could
 * not be judged stays in progress: `neutral` would satisfy a required check.
 */
export function closeGateCheck(seen: MergeObservation): CheckRunContent | null {
  const mode = seen.policy.policy["pull-requests"].check;
  if (mode === "off" || !seen.isOpen) return null;
  const finding = judgeMerge(seen);
  const concerns = finding.held.length + finding.ready.length > 0 || isUnsure(finding);
  const posted = seen.checks.some((check) => check.name === "sevgate/close-gate");
  // Once posted on this commit it is kept up to date: an edit must be able to turn it green again.
  if (mode === "referencing" && !concerns && !posted) return null;
  const held = finding.held.length > 0;
  const sure = held || !isUnsure(finding);
  return {
    name: "sevgate/close-gate",
    headSha: seen.headSha,
    status: sure ? "completed" : "in_progress",
    conclusion: sure ? (held ? "failure" : "success") : null,
    title: closeGateTitle(finding),
    summary: closeGateSummary(finding, seen),
    annotations: [],
    // GitHub shows a button only on a completed run (GitHub docs, "Using the REST API to interact with checks").
    actions: sure
      ? [{ label: "Re-check", description: "Look again, e.g. at sidebar links", identifier: "recheck" }]
      : [],
    externalId: judgedId(judgedOf(seen)),
  };
}
