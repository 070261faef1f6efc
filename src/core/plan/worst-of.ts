import type { HeadVerdict } from "../merge/head-verdict.ts";
import type { CheckRunContent } from "../model.ts";
import { sharedHeadSummary, sharedHeadTitle } from "../render/shared-head.ts";

/** One check for all of them: red if any is red, else in progress if any is; it says for which. */
export function worstOf(verdicts: readonly [HeadVerdict, ...HeadVerdict[]]): CheckRunContent {
  const [worst, ...rest] = verdicts.toSorted((a, b) => rank(a) - rank(b)) as [HeadVerdict, ...HeadVerdict[]];
  if (rest.length === 0) return worst.content;
  return {
    ...worst.content,
    title: sharedHeadTitle(worst),
    summary: sharedHeadSummary([worst, ...rest]),
  };
}

function rank({ content }: HeadVerdict): number {
  if (content.conclusion === "failure") return 0;
  if (content.status !== "completed") return 1;
  return content.conclusion === "neutral" ? 2 : 3;
}
