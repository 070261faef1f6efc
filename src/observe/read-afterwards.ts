import { wantsIssueTypes } from "../core/judge/judge-issue-type.ts";
import type { IncidentObservation } from "../core/observation.ts";
import type { History } from "../core/record/history.ts";
import type { ObserveParts } from "./observe-parts.ts";

/**
 * Reads what is only a help: similar incidents of the past, and the issue types of the repository. A pass asks once everything
 * else is done, so that nobody is paged later because of it. `null`: there is nothing more to see.
 */
export async function readAfterwards(
  parts: ObserveParts,
  seen: IncidentObservation,
  history: History,
): Promise<IncidentObservation | null> {
  const typed = wantsIssueTypes(seen, history) ? { issueTypes: await parts.issueTypes.of(seen.repository) } : null;
  const now = typed === null ? seen : { ...seen, ...typed };
  return (await parts.recall.more(parts, now, history)) ?? (typed === null ? null : now);
}
