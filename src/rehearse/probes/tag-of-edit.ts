import { type Answer, isDone, numberAt, saidBy } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** @param read a read of the comment, with the tag of the answer to its edit */
export function judgeTagOfEdit(edited: Answer, read: Answer | null): readonly Finding[] {
  if (!isDone(edited)) return [untold("A-124", saidBy(edited))];
  if (edited.headers["etag"] === undefined || read === null)
    return [untold("A-124", "the answer to the edit has no tag")];
  const isSame = read.status === 304;
  if (!isSame && !isDone(read)) return [untold("A-124", saidBy(read))];
  return [
    told(
      "A-124",
      isSame,
      isSame ? "304: the tag is the same" : "200: it is another tag, and each such read costs one request",
    ),
  ];
}

export const tagOfEditProbe: AppProbe = {
  id: "T-19",
  title: "the tag of an edited comment",
  assumptions: ["A-124"],
  needs: "app",
  async run({ trialIssue }, app) {
    const { ask } = app.installation;
    const place = { issue_number: await trialIssue(), body: "A comment to edit." };
    const made = await ask("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", place);
    const comment_id = numberAt(made.data, "id") ?? 0;
    const change = { comment_id, body: "A comment that was edited." };
    const edited = await ask("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", change);
    const ifNoneMatch = edited.headers["etag"];
    if (!isDone(edited) || ifNoneMatch === undefined) return judgeTagOfEdit(edited, null);
    const read = await ask("GET /repos/{owner}/{repo}/issues/comments/{comment_id}", { comment_id }, { ifNoneMatch });
    return judgeTagOfEdit(edited, read);
  },
};
