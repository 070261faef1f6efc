import { at, textAt } from "../answer.ts";
import { type Finding, holds, told, untold, untoldEach } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";
import type { StorySeen } from "../story-seen.ts";

export function judgeClosedByMerge({ afterMerge }: Pick<StorySeen, "afterMerge">): readonly Finding[] {
  if (afterMerge === null)
    return untoldEach(closedByMergeProbe.assumptions, "the story did not come to the merge of the fix");
  if (textAt(afterMerge, "state") !== "closed") {
    // The repository may have it switched off, and no API shows that.
    return [
      ...untoldEach(["A-059", "A-060"], "the merge closed nothing"),
      untold("A-084", "the merge closed nothing: is “Auto-close issues” off in the repository's settings?"),
    ];
  }
  const closedBy = textAt(afterMerge, "closed_by", "login");
  if (textAt(afterMerge, "closed_by", "type") === "Bot") {
    const why = `an app closed it (${closedBy}), and not the merge`;
    return [holds("A-059", `closed_by: ${closedBy}`), untold("A-060", why), untold("A-084", why)];
  }
  return [
    told("A-059", at(afterMerge, "closed_by") !== undefined, `closed_by: ${closedBy ?? "null"}`),
    // Nothing depends on it.
    holds("A-060", `closed by the merge button: closed_by is ${closedBy ?? "null"}`),
    holds("A-084", "“Fixes #n” in the pull request closed the incident"),
  ];
}

export const closedByMergeProbe: PersonProbe = {
  id: "T-10",
  title: "who closed the incident, when its fix was merged",
  assumptions: ["A-059", "A-060", "A-084"],
  needs: "person",
  run: async ({ story }) => judgeClosedByMerge(story),
};
