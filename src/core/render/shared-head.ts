import { codeSpan, titleText } from "../markdown/escape.ts";
import type { HeadVerdict } from "../merge/head-verdict.ts";
import { count } from "../words/time.ts";

/** GitHub allows 65,535 characters in a summary; the rest is for the ends of the sentences here. */
const MOST_CHARACTERS = 64_000;
/** A branch may have 255 bytes, a title 255 characters. */
const MOST_BRANCH_CHARACTERS = 60;

/** The one line people see, naming the pull request that decides. */
export function sharedHeadTitle({ pullRequest, base, content }: HeadVerdict): string {
  return `#${pullRequest} to ${titleText(base, MOST_BRANCH_CHARACTERS)}: ${content.title}`.slice(0, 255);
}

/** The verdict for each of the pull requests that share a head; the one that decides comes first. */
export function sharedHeadSummary(verdicts: readonly HeadVerdict[]): string {
  const intro =
    `This commit is the head of ${count(verdicts.length, "open pull request")}, and a check belongs to the commit: ` +
    "the worst of them counts. Close or change that one, or push a commit of its own.";
  const parts = [intro];
  for (const { pullRequest, base, content } of verdicts) {
    const heading = `## #${pullRequest} to ${codeSpan(base)}: ${content.title}`;
    const whole = `${heading}\n\n${content.summary}`;
    const used = parts.join("\n\n").length;
    parts.push(used + whole.length <= MOST_CHARACTERS ? whole : heading);
  }
  const text = parts.join("\n\n");
  return text.length <= MOST_CHARACTERS ? text : `${intro}\n\nToo much to list here.`;
}
