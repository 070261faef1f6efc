import { type Answer, isDone, saidBy } from "../answer.ts";
import { type Finding, holds, told, untold, untoldEach } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/**
 * @param again   the label is created a second time, in another case
 * @param removed it is taken off an issue by a name in another case
 */
export function judgeLabelCase(created: Answer, again: Answer, removed: Answer): readonly Finding[] {
  if (!isDone(created)) return untoldEach(["A-053", "A-054"], saidBy(created));
  const isTaken = again.status === 422;
  const names =
    isTaken || isDone(again)
      ? told("A-053", isTaken, `a second one in capitals: ${saidBy(again)}`)
      : untold("A-053", saidBy(again));
  // Right either way: Sevgate removes by the spelling that the issue shows.
  return [
    names,
    isDone(removed) || removed.status === 404
      ? holds("A-054", `taken off by its name in capitals: ${saidBy(removed)}. Sevgate uses the issue's own spelling`)
      : untold("A-054", saidBy(removed)),
  ];
}

export const labelCaseProbe: PersonProbe = {
  id: "T-8",
  title: "a label by its name in another case",
  assumptions: ["A-053", "A-054"],
  needs: "person",
  async run({ person, trialIssue, mark }) {
    const issue_number = await trialIssue();
    const name = `${mark}-case`;
    const created = await person.ask("POST /repos/{owner}/{repo}/labels", { name, color: "ededed" });
    const again = await person.ask("POST /repos/{owner}/{repo}/labels", { name: name.toUpperCase(), color: "ededed" });
    await person.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/labels", { issue_number, labels: [name] });
    const place = { issue_number, name: name.toUpperCase() };
    const removed = await person.ask("DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", place);
    return judgeLabelCase(created, again, removed);
  },
};
