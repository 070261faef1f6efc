import { type Answer, isDone, numberAt, saidBy } from "../answer.ts";
import { type Finding, told, untold, untoldEach } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** @param gone a reaction to a comment that was deleted; `null`: it was not */
export function judgeReactions(first: Answer, again: Answer, gone: Answer | null): readonly Finding[] {
  if (first.status === 404) {
    const why = "404: this server has no reactions, or does not let the app react";
    return untoldEach(["A-073", "A-074"], why);
  }
  if (!isDone(first)) return untoldEach(["A-073", "A-074"], saidBy(first));
  const isOne =
    isDone(again) && numberAt(first.data, "id") !== null && numberAt(again.data, "id") === numberAt(first.data, "id");
  return [
    gone === null
      ? untold("A-073", "the comment was not deleted")
      : told("A-073", gone.status === 404 || gone.status === 410, `to a comment that is gone: ${saidBy(gone)}`),
    told("A-074", isOne, `${first.status}, and the same once more: ${saidBy(again)}`),
  ];
}

export const reactionsProbe: AppProbe = {
  id: "reactions",
  title: "the app reacts: twice, and to a comment that is gone",
  assumptions: ["A-073", "A-074"],
  needs: "app",
  async run({ trialIssue }, app) {
    const { ask } = app.installation;
    const place = { issue_number: await trialIssue(), body: "A comment to react to." };
    const made = await ask("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", place);
    const comment_id = numberAt(made.data, "id") ?? 0;
    const react = () =>
      ask("POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", { comment_id, content: "+1" });
    const first = await react();
    const again = await react();
    const deleted = await ask("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", { comment_id });
    return judgeReactions(first, again, isDone(deleted) ? await react() : null);
  },
};
