import { wordsOf } from "./words.ts";

/** What people write where they mean to write something later, in lower case, without punctuation. */
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

/** How a text begins that only says who will write it, or when: `TODO: write this`, `TBD after the meeting`. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  ..."tbd tba tbc tbw todo todos fixme wip".split(" "),
  ...["t b d", "t b a", "t b c", "work in progress"],
  ...["under investigation", "being investigated", "still investigating"],
  ...[...PLACEHOLDERS].filter((one) => one.startsWith("to be ")),
]);
/** A text with more words after such a beginning says something. */
export const MOST_WORDS_BEHIND = 8;
/**
 * Directly after such a beginning, or one word later: the text is about a thing with that name, as in `The TODO app was
 * down`.
 */
const TELLS: ReadonlySet<string> = new Set(["was", "were", "had", "did"]);

/** `Will fill in later`, `We will write more here soon`: only these words, after whoever says so. */
const SAYS_LATER = /^(?:(?:i|we|somebody|someone) )?(?:will|ll) /;
const WORDS_OF_LATER: ReadonlySet<string> = new Set(
  "be fill filled write written update updated add added complete completed provide provided follow come this it that in out up the a section more some details detail information info text here still yet soon later tomorrow please".split(
    " ",
  ),
);

/** A template's variable that nobody filled in: `{{ what_happened }}`. */
const VARIABLE = /\{\{[^{}]*\}\}/g;
const TAG = /\{%[^{}%]*%\}/g;
/** What may precede a placeholder and only says what is to come: `More details to follow`. */
const AHEAD: ReadonlySet<string> = new Set(
  "more further some full the details detail information info text".split(" "),
);

/** What may stand beside a placeholder without making it an answer. */
const BESIDE: ReadonlySet<string> = new Set("still yet soon later tomorrow here please".split(" "));

const FILLED_WITH_X = /^x{3,}$/;
const MENTION = /(?<![\p{L}\p{N}_])@[a-z0-9](?:[a-z0-9-]{0,38})/giu;

/**
 * Whether a text is one or more placeholders and nothing else: `TBD`, `- n/a`, `to be determined later`, `TBD @bob`; or
 * begins with one and says in a few words who will replace it, or when: `TODO: write this`. The one place that says
 * what a placeholder is.
 *
 * `none` and `unknown` are answers: somebody looked.
 *
 * @param mostBehind how many words may follow the beginning
 */
export function isPlaceholder(text: string, mostBehind = MOST_WORDS_BEHIND): boolean {
  return wordsBeforePlaceholder(text) === "" || beginsWithPlaceholder(text, mostBehind) || saysLater(text);
}

function beginsWithPlaceholder(text: string, mostBehind: number): boolean {
  const words = shownWords(text).split(" ", MOST_WORDS + mostBehind + 1);
  for (let length = Math.min(MOST_WORDS, words.length); length > 0; length -= 1) {
    if (!BEGINNINGS.has(words.slice(0, length).join(" "))) continue;
    const behind = words.slice(length);
    return behind.length <= mostBehind && !behind.slice(0, 2).some((word) => TELLS.has(word));
  }
  return false;
}

function saysLater(text: string): boolean {
  const words = shownWords(text);
  const [start] = SAYS_LATER.exec(words) ?? [];
  if (start === undefined) return false;
  return words
    .slice(start.length)
    .split(" ")
    .every((word) => WORDS_OF_LATER.has(word));
}

function shownWords(text: string): string {
  return wordsOf(text.replace(MENTION, " ").replace(VARIABLE, " placeholder ").replace(TAG, " placeholder "));
}

/** The words before the placeholder that a text ends with; `null`: it does not end with one. */
export function wordsBeforePlaceholder(text: string): string | null {
  const words = shownWords(text).split(" ");
  let end = words.length;
  let isFound = false;
  for (;;) {
    const length = lengthOfLast(words, end);
    if (length > 0) isFound = true;
    else if (end === 0 || !BESIDE.has(words[end - 1]!)) break;
    end -= length > 0 ? length : 1;
  }
  if (!isFound) return null;
  const before = words.slice(0, end);
  return before.every((word) => AHEAD.has(word)) ? "" : before.join(" ");
}

/** How many words before `end` form one placeholder; 0: none do. */
function lengthOfLast(words: readonly string[], end: number): number {
  if (end > 0 && FILLED_WITH_X.test(words[end - 1]!)) return 1;
  for (let length = Math.min(MOST_WORDS, end); length > 0; length -= 1) {
    if (PLACEHOLDERS.has(words.slice(end - length, end).join(" "))) return length;
  }
  return 0;
}
