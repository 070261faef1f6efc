import { type Answer, isDone, numberAt, saidBy } from "../answer.ts";
import { type Finding, fails, holds, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** @param second another comment on the same issue is pinned, too; `null`: the first was not pinned */
export function judgePins(first: Answer, second: Answer | null): readonly Finding[] {
  if (isDone(first) && numberAt(first.data, "id") === null) {
    return [untold("A-072", `${saidBy(first)}, without the comment that was pinned`)];
  }
  if (isDone(first)) {
    const then =
      second === null ? "" : isDone(second) ? "; a second one is pinned, too" : `; a second one: ${saidBy(second)}`;
    return [holds("A-072", `${saidBy(first)}${then}`)];
  }
  // 404 is what servers say that have no pins: Sevgate goes on without them.
  if (first.status === 404) return [untold("A-072", "404: this server has no pins, or does not let the app pin")];
  return [first.status >= 500 ? untold("A-072", saidBy(first)) : fails("A-072", saidBy(first))];
}

export const pinnedCommentsProbe: AppProbe = {
  id: "T-7",
  title: "the app pins two comments of one issue",
  assumptions: ["A-072"],
  needs: "app",
  async run({ trialIssue }, app) {
    const issue_number = await trialIssue();
    const pin = async () => {
      const body = "A comment to pin.";
      const place = { issue_number, body };
      const made = await app.installation.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", place);
      const comment_id = numberAt(made.data, "id") ?? 0;
      return await app.installation.ask("PUT /repos/{owner}/{repo}/issues/comments/{comment_id}/pin", { comment_id });
    };
    const first = await pin();
    return judgePins(first, isDone(first) ? await pin() : null);
  },
};
