import { type Answer, isDone, saidBy, textAt } from "../answer.ts";
import { type Finding, told, untold } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

/** More characters than the message of GitHub names (65,536), and fewer bytes than it was seen to take. */
export const LONG_BODY = 70_000;
const LONG_TITLE = 257;

/** @param kept how many characters of the long body are there when it is read again */
export function judgeTextLimits(body: Answer, kept: number, title: Answer): readonly Finding[] {
  return [
    isDone(body) || body.status === 422
      ? told(
          "A-080",
          isDone(body) && kept === LONG_BODY,
          `a comment of ${LONG_BODY} characters: ${saidBy(body)}, ${kept} are kept`,
        )
      : untold("A-080", saidBy(body)),
    isDone(title) || title.status === 422
      ? told("A-082", title.status === 422, `a title of ${LONG_TITLE} characters: ${saidBy(title)}`)
      : untold("A-082", saidBy(title)),
  ];
}

export const textLimitsProbe: PersonProbe = {
  id: "text-limits",
  title: "a long comment and a long title",
  assumptions: ["A-080", "A-082"],
  needs: "person",
  async run({ person, trialIssue, mark }) {
    const issue_number = await trialIssue();
    const place = { issue_number, body: `${"a ".repeat(LONG_BODY / 2 - 1)}a.` };
    const body = await person.ask("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", place);
    const change = { issue_number, title: `A plain issue for trials (${mark}) `.padEnd(LONG_TITLE, "t") };
    const title = await person.ask("PATCH /repos/{owner}/{repo}/issues/{issue_number}", change);
    return judgeTextLimits(body, textAt(body.data, "body")?.length ?? 0, title);
  },
};
