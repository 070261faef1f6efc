import { type Answer, isDone, numberAt, saidBy } from "../answer.ts";
import { type Finding, fails, holds, untold, untoldEach } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/**
 * @param locked  the issue is locked
 * @param edited  the app edits its own comment on it
 * @param written the app writes another one
 * @param own     that comment: the app may write where nothing is locked
 */
export function judgeLockedIssue(locked: Answer, edited: Answer, written: Answer, own: Answer): readonly Finding[] {
  if (!isDone(own)) {
    const why = `the app may not comment before it is locked, either: ${saidBy(own)}`;
    return untoldEach(["A-044", "A-045"], why);
  }
  if (!isDone(locked))
    return [untold("A-044", `it was not locked: ${saidBy(locked)}`), untold("A-045", saidBy(locked))];
  const refused = written.status === 403 || written.status === 422;
  return [
    refused
      ? holds("A-044", saidBy(written))
      : isDone(written)
        ? fails("A-044", "the app's comment was taken")
        : untold("A-044", saidBy(written)),
    isDone(edited) || edited.status === 403
      ? holds("A-045", `the edit of its own comment: ${saidBy(edited)}. Sevgate waits either way`)
      : untold("A-045", saidBy(edited)),
  ];
}

export const lockedIssueProbe: AppProbe = {
  id: "T-11",
  title: "the app edits and comments on a locked issue",
  assumptions: ["A-044", "A-045"],
  needs: "app",
  async run({ person, trialIssue }, app) {
    const issue_number = await trialIssue();
    const comment = (body: string) =>
      app.installation.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", { issue_number, body });
    const own = await comment("A comment to edit while it is locked.");
    const lock = { issue_number, lock_reason: "resolved" };
    const locked = await person.ask("PUT /repos/{owner}/{repo}/issues/{issue_number}/lock", lock);
    try {
      const comment_id = numberAt(own.data, "id") ?? 0;
      const change = { comment_id, body: "Edited while it is locked." };
      const edited = await app.installation.ask("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", change);
      return judgeLockedIssue(locked, edited, await comment("Written while it is locked."), own);
    } finally {
      await person.ask("DELETE /repos/{owner}/{repo}/issues/{issue_number}/lock", { issue_number });
    }
  },
};
