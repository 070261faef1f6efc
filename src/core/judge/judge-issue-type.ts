import { sameName } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { HOUR_MS } from "../time-units.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** For how long after the declaration a type is set: one that GitHub does not take is not tried for ever. */
const WORTH_SETTING_MS = HOUR_MS;

/** Gives a new incident the issue type of the policy, once. The type it has already stays. */
export function judgeIssueType(seen: IncidentObservation, { history }: Known): Judged {
  if (!isTypeDue(seen, history)) return NOTHING;
  if (seen.issue.type !== null) return { ...NOTHING, entries: [{ kind: "typed", at: seen.at, by: null }] };
  const wanted = seen.policy.policy["issue-type"];
  const type = seen.issueTypes?.find((one) => wanted !== null && sameName(one, wanted));
  return type === undefined ? NOTHING : { ...NOTHING, edges: [{ kind: "set-type", type }] };
}

/** Whether the types of the repository have to be known: of an incident that people know of already. */
export function wantsIssueTypes(seen: IncidentObservation, history: History): boolean {
  return (
    isTypeDue(seen, history) && seen.issue.type === null && seen.issueTypes === null && seen.record.kind === "found"
  );
}

function isTypeDue(seen: IncidentObservation, history: History): boolean {
  if (seen.policy.policy["issue-type"] === null || history.isTyped || seen.issue.state === "closed") return false;
  return seen.at - history.declared.at < WORTH_SETTING_MS;
}
