import { short, textAt } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";
import type { StorySeen } from "../story-seen.ts";

export function judgeSharedHead({ sharedHeadRuns }: Pick<StorySeen, "sharedHeadRuns">): readonly Finding[] {
  const [newest] = sharedHeadRuns ?? [];
  if (newest === undefined) return [untold("A-009", "the story did not come to two pull requests with one head")];
  const conclusion = textAt(newest, "conclusion") ?? textAt(newest, "status") ?? "nothing";
  const title = textAt(newest, "output", "title") ?? "";
  return [told("A-009", conclusion === "failure", short(`the commit's check says ${conclusion}: ${title}`))];
}

export const sharedHeadProbe: PersonProbe = {
  id: "T-14",
  title: "one commit is the head of two pull requests",
  assumptions: ["A-009"],
  needs: "person",
  run: async ({ story }) => judgeSharedHead(story),
};
