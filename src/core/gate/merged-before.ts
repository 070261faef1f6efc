import type { IssueFacts, PullRequestFacts } from "../model.ts";

/** Whether a pull request was merged before the incident was opened: then it cannot be what was learned from it. */
export function isMergedBefore({ mergedAt }: Pick<PullRequestFacts, "mergedAt">, incident: IssueFacts): boolean {
  return mergedAt !== null && mergedAt < incident.createdAt;
}
