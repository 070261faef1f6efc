import { type Answer, isDone, saidBy, textAt } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/** @param reopened only `state: open` was sent */
export function judgeCloseReasons(notPlanned: Answer, reopened: Answer, completed: Answer): readonly Finding[] {
  const refused = [notPlanned, reopened, completed].find((answer) => !isDone(answer));
  if (refused !== undefined) return [untold("A-058", saidBy(refused))];
  const reasons = [notPlanned, reopened, completed].map(({ data }) => textAt(data, "state_reason"));
  const isSo =
    reasons[0] === "not_planned" &&
    (reasons[1] === "reopened" || reasons[1] === null) &&
    textAt(reopened.data, "state") === "open" &&
    reasons[2] === "completed";
  return [told("A-058", isSo, `the reasons are ${reasons.map((reason) => reason ?? "null").join(", ")}`)];
}

export const closeReasonsProbe: PersonProbe = {
  id: "close-reasons",
  title: "an issue is closed, reopened and closed",
  assumptions: ["A-058"],
  needs: "person",
  async run({ person, trialIssue }) {
    const issue_number = await trialIssue();
    const change = (to: Readonly<Record<string, string>>) =>
      person.ask("PATCH /repos/{owner}/{repo}/issues/{issue_number}", { issue_number, ...to });
    const notPlanned = await change({ state: "closed", state_reason: "not_planned" });
    const reopened = await change({ state: "open" });
    const completed = await change({ state: "closed", state_reason: "completed" });
    await change({ state: "open" });
    return judgeCloseReasons(notPlanned, reopened, completed);
  },
};
