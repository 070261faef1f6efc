import { isDone, saidBy } from "../answer.ts";
import { type Finding, fails, holds, untold, untoldEach } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";
import type { StorySeen } from "../story-seen.ts";

/** People's tokens may be refused: then a person has to press the button. */
export function judgeRerun({ rerun }: Pick<StorySeen, "rerun">): readonly Finding[] {
  if (rerun === null) return [untold("A-010", "the story did not come to a green check")];
  if (!isDone(rerun.answer)) {
    const why = `asked with this token: ${saidBy(rerun.answer)}. Press *Re-run* on the pull request, and look whether a new run comes`;
    return untoldEach(["A-010", "A-011"], why);
  }
  return rerun.cameMs === null
    ? [fails("A-010", "no new run came: the suite stays queued"), fails("A-011", "Sevgate did not hear of it")]
    : [
        holds("A-010", `a new run after ${(rerun.cameMs / 1_000).toFixed(1)} s`),
        holds("A-011", "Sevgate heard of a single re-run"),
      ];
}

export const rerunProbe: PersonProbe = {
  id: "T-17",
  title: "a re-run of the green check",
  assumptions: ["A-010", "A-011"],
  needs: "person",
  run: async ({ story }) => judgeRerun(story),
};
