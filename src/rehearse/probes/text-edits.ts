import { type Answer, at, isDone, listAt, saidBy, textAt } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** @param me who edited the text of the issue */
export function judgeTextEdits(answer: Answer, me: string): readonly Finding[] {
  const issue = at(answer.data, "data", "repository", "issue");
  if (!isDone(answer) || issue === undefined || issue === null) return [untold("A-126", `GraphQL: ${saidBy(answer)}`)];
  const editors = listAt(issue, "userContentEdits", "nodes").map((edit) => textAt(edit, "editor", "login") ?? "nobody");
  const isSo = textAt(issue, "lastEditedAt") !== null && editors.includes(me);
  return [told("A-126", isSo, `${editors.length} edits by ${[...new Set(editors)].join(", ") || "nobody"}`)];
}

const EDITS = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) { lastEditedAt userContentEdits(first: 20) { nodes { editedAt editor { login } } } }
  }
}`;

export const textEditsProbe: AppProbe = {
  id: "text-edits",
  title: "who edited the text of an issue, told to the app",
  assumptions: ["A-126"],
  needs: "app",
  async run({ person, trialIssue, owner, name, me }, app) {
    const number = await trialIssue();
    const change = { issue_number: number, body: "A plain issue for trials. Its text was edited." };
    const edited = await person.ask("PATCH /repos/{owner}/{repo}/issues/{issue_number}", change);
    if (!isDone(edited)) return [untold("A-126", saidBy(edited))];
    return judgeTextEdits(await app.installation.graphql(EDITS, { owner, name, number }), me);
  },
};
