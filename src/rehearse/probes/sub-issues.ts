import { type Answer, isDone, listAt, numberAt, saidBy } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

interface SubIssueAnswers {
  readonly child: number;
  readonly added: Answer;
  /** A second parent wants it, too. */
  readonly taken: Answer;
  /** The sub-issues of the first parent afterwards. */
  readonly listed: Answer;
}

export function judgeSubIssues({ child, added, taken, listed }: SubIssueAnswers): readonly Finding[] {
  if (added.status === 404) return [untold("A-128", "404: this server has no sub-issues")];
  if (!isDone(added) || !isDone(listed)) return [untold("A-128", saidBy(isDone(added) ? listed : added))];
  const stays = listAt(listed.data).some((one) => numberAt(one, "number") === child);
  return [
    told(
      "A-128",
      taken.status === 422 && stays,
      `a second parent: ${saidBy(taken)}; it ${stays ? "stays with" : "has left"} the first`,
    ),
  ];
}

export const subIssuesProbe: PersonProbe = {
  id: "sub-issues",
  title: "a sub-issue that a second parent wants",
  assumptions: ["A-128"],
  needs: "person",
  async run({ person, trialIssue, mark }) {
    const open = async (title: string) =>
      (await person.ask("POST /repos/{owner}/{repo}/issues", { title: `${title} (${mark})`, body: "A trial." })).data;
    const parent = await trialIssue();
    const child = await open("A sub-issue");
    const add = (issue_number: number) =>
      person.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/sub_issues", {
        issue_number,
        sub_issue_id: numberAt(child, "id") ?? 0,
      });
    const added = await add(parent);
    if (!isDone(added)) return judgeSubIssues({ child: 0, added, taken: added, listed: added });
    const other = numberAt(await open("A second parent"), "number") ?? 0;
    if (other === 0) return [untold("A-128", "no second parent was opened")];
    const taken = await add(other);
    const place = { issue_number: parent };
    const listed = await person.ask("GET /repos/{owner}/{repo}/issues/{issue_number}/sub_issues", place);
    return judgeSubIssues({ child: numberAt(child, "number") ?? 0, added, taken, listed });
  },
};
