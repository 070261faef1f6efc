import { type Answer, at, isDone, listAt, numberAt, saidBy, textAt } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/**
 * @param assigned somebody without rights is assigned
 * @param reviewed the author is asked for a review
 */
export function judgeRefusedPeople(assigned: Answer, reviewed: Answer, stranger: string): readonly Finding[] {
  const isThere = listAt(assigned.data, "assignees").some((one) => textAt(one, "login")?.toLowerCase() === stranger);
  const isShown = Array.isArray(at(assigned.data, "assignees"));
  return [
    (isDone(assigned) && isShown) || assigned.status === 422
      ? told(
          "A-041",
          isDone(assigned) && !isThere,
          `a stranger: ${saidBy(assigned)}, ${isThere ? "assigned" : "left out"}`,
        )
      : untold("A-041", saidBy(assigned)),
    isDone(reviewed) || reviewed.status === 422
      ? told("A-042", reviewed.status === 422, `the author: ${saidBy(reviewed)}`)
      : untold("A-042", saidBy(reviewed)),
  ];
}

/** GitHub's own mascot: where it may not be assigned, nobody is notified. */
const STRANGER = "octocat";

export const refusedPeopleProbe: PersonProbe = {
  id: "refused-people",
  title: "a stranger is assigned, an author is asked for a review",
  assumptions: ["A-041", "A-042"],
  needs: "person",
  async run({ person, trialIssue, branch, defaultBranch, me, mark }) {
    const place = { issue_number: await trialIssue(), assignees: [STRANGER] };
    const assigned = await person.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/assignees", place);
    const from = await branch("review");
    const content = {
      title: `A review of one's own (${mark})`,
      body: "A trial.",
      head: from.name,
      base: defaultBranch,
    };
    const opened = await person.ask("POST /repos/{owner}/{repo}/pulls", content);
    const pull_number = numberAt(opened.data, "number") ?? 0;
    const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers";
    return judgeRefusedPeople(assigned, await person.ask(route, { pull_number, reviewers: [me] }), STRANGER);
  },
};
