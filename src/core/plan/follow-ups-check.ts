import { judgedOf } from "../merge/judge-merge.ts";
import { judgeTouched } from "../merge/judge-touched.ts";
import { judgedId } from "../merge/judged.ts";
import type { MergeObservation } from "../merge/merge-observation.ts";
import type { CheckRunContent } from "../model.ts";
import { followUpsSummary, followUpsTitle, GROUP_SUMMARY, GROUP_TITLE } from "../render/follow-ups-check.ts";

const NAME = "sevgate/follow-ups";

/**
 * The check `sevgate/follow-ups` as it should be on this commit; `null`: there is nothing to say, or nobody wants it.
 *
 * `neutral` holds nothing, and is only posted where there is something to say; when that is over, it becomes a success.
 * `required` is posted on everything, fails for late items that the pull request touches and does not close, and stays in
 * progress while not everything could be read: `neutral` would satisfy a required check.
 */
export function followUpsCheck(seen: MergeObservation): CheckRunContent | null {
  const { check } = seen.policy.policy["follow-ups"];
  if (check === "off" || !seen.isOpen) return null;
  const isRequired = check === "required";
  const base = {
    name: NAME,
    headSha: seen.headSha,
    annotations: [],
    actions: [],
    externalId: judgedId(judgedOf(seen)),
  } as const;
  if (seen.group !== null) {
    // Each of its pull requests was judged before it could enter the queue.
    if (!isRequired) return null;
    return { ...base, status: "completed", conclusion: "success", title: GROUP_TITLE, summary: GROUP_SUMMARY };
  }
  const finding = judgeTouched(seen);
  const { touched, late, isUnsure } = finding;
  const isPosted = seen.checks.some(({ name, headSha }) => name === NAME && headSha === seen.headSha);
  // What was said stays until it is known to be over.
  if (!isRequired && touched.length === 0 && (isUnsure || !isPosted)) return null;
  const fails = isRequired && late.length > 0;
  const waits = isRequired && isUnsure && !fails;
  const calm = !isRequired && touched.length > 0 ? "neutral" : "success";
  return {
    ...base,
    status: waits ? "in_progress" : "completed",
    conclusion: waits ? null : fails ? "failure" : calm,
    title: followUpsTitle(finding, isRequired),
    summary: followUpsSummary(finding, isRequired),
    actions: waits
      ? []
      : [{ label: "Re-check", description: "Look again at the open action items", identifier: "recheck" }],
  };
}
