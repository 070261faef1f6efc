import { wordsOf } from "./words.ts";

/** What people write where they mean to write something later, in small letters, without signs. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  ..."tbd tba tbc tbw todo todos fixme wip na pending placeholder".split(" "),
  ...["t b d", "t b a", "t b c", "hh mm", "hh mm ss", "yyyy mm dd", "dd mm yyyy", "mm dd yyyy"],
  ...["to do", "to dos", "n a", "not applicable", "no response", "work in progress", "in progress"],
  ...["coming soon", "to come", "more to come", "to follow", "not yet", "not yet known", "nothing yet", "none yet"],
  ...["fill in", "fill me in", "fill this in", "please fill in", "to fill in", "write here", "your text here"],
  ...["under investigation", "being investigated", "still investigating"],
  ..."added announced answered clarified completed confirmed decided defined described detailed determined discussed documented done filled finalised finalized found investigated provided specified supplied updated written"
    .split(" ")
    .map((done) => `to be ${done}`),
  "to be filled in",
  "to be filled out",
]);
const MOST_WORDS = 4;

/** What may stand beside a placeholder and makes it no answer. */
const BESIDE: ReadonlySet<string> = new Set("still yet soon later tomorrow here please".split(" "));

const FILLED_WITH_X = /^x{3,}$/;
const MENTION = /(?<![\p{L}\p{N}_])@[a-z0-9](?:[a-z0-9-]{0,38})/giu;

/**
 * Whether a text is one placeholder or several, and nothing else: `TBD`, `- n/a`, `to be determined later`, `TBD @bob`. The
 * one place that says what a placeholder is.
 *
 * `none` and `unknown` are answers: somebody looked.
 */
export function isPlaceholder(text: string): boolean {
  return wordsBeforePlaceholder(text) === "";
}

/** The words in front of the placeholder that a text ends in; `null`: it ends in none. */
export function wordsBeforePlaceholder(text: string): string | null {
  const words = wordsOf(text.replace(MENTION, " ")).split(" ");
  let end = words.length;
  let isFound = false;
  for (;;) {
    const length = lengthOfLast(words, end);
    if (length > 0) isFound = true;
    else if (end === 0 || !BESIDE.has(words[end - 1]!)) break;
    end -= length > 0 ? length : 1;
  }
  return isFound ? words.slice(0, end).join(" ") : null;
}

/** How many words before `end` are one placeholder; 0: none are. */
function lengthOfLast(words: readonly string[], end: number): number {
  if (end > 0 && FILLED_WITH_X.test(words[end - 1]!)) return 1;
  for (let length = Math.min(MOST_WORDS, end); length > 0; length -= 1) {
    if (PLACEHOLDERS.has(words.slice(end - length, end).join(" "))) return length;
  }
  return 0;
}
