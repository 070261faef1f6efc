import { createHash } from "node:crypto";
import { visibleContent } from "./visible-lines.ts";
import { wordsOf } from "./words.ts";

/** As many lines of a draft are marked at most, the first; a draft is far shorter. */
const MOST_LINES = 400;
const DIGEST = /^[0-9a-f]{8}$/;
const MARK = "<!-- sevgate:drafted ";
const MARK_END = " -->";
/** Nine characters for each line. */
const LONGEST_MARK_CHARACTERS = MOST_LINES * 9;

/**
 * A comment that says which lines of a draft were the app's, so that none of them counts as somebody's own words later: not
 * even what was filled in and no template says, such as a timeline. It goes into the draft itself, because times and
 * incidents change, and what the app would draft today is not what it drafted then.
 *
 * @param draft its text, as it is created
 */
export function draftedMark(draft: string): string {
  const words = visibleContent(draft).map(({ text }) => wordsOf(text));
  const digests = [...new Set(words)].filter((line) => line !== "").slice(0, MOST_LINES);
  return `${MARK}${digests.map(digestOf).join(" ")}${MARK_END}`;
}

/** What `draftedMark` left in a text: the digests of lines. Empty: nobody drafted it, or somebody removed the mark. */
export function draftedLines(text: string): ReadonlySet<string> {
  const at = text.indexOf(MARK);
  if (at === -1) return new Set();
  const from = at + MARK.length;
  const marked = text.slice(from, from + LONGEST_MARK_CHARACTERS);
  const end = marked.indexOf(MARK_END);
  return new Set((end === -1 ? marked : marked.slice(0, end)).split(" ").filter((digest) => DIGEST.test(digest)));
}

/** Whether these words, in the form of `wordsOf`, are a line that was drafted. */
export function isDrafted(words: string, drafted: ReadonlySet<string>): boolean {
  return drafted.size > 0 && drafted.has(digestOf(words));
}

function digestOf(words: string): string {
  return createHash("sha256").update(words).digest("hex").slice(0, 8);
}
