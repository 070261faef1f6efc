import { randomInt } from "node:crypto";

/** What every mark begins with. */
export const MARK_PREFIX = "rehearsal-";
/** No vowels, and always a digit: no word that people write is a mark. */
const SIGNS = "23456789bcdfghjkmnpqrstvwxz";
const DIGITS = 8;
const LENGTH = 6;
/** `LENGTH` signs: a literal, so that the check of patterns can read it. */
const MARK = `${MARK_PREFIX}(?=[a-z]*\\d)[${SIGNS}]{6}`;
const IN_TITLE = new RegExp(`\\(${MARK}\\)`);
/** In any case: a label is made again in capitals. GitHub calls the branch of a revert `revert-12-…`. */
const IN_NAME = new RegExp(`^(?:revert-\\d+-)?${MARK}(?:-|$)`, "i");
const IN_MESSAGE = new RegExp(`\\b${MARK}\\b`);

/** A mark for a rehearsal, by which everything it makes is found again: `rehearsal-k3x9z2`. */
export function newMark(): string {
  const signs = Array.from({ length: LENGTH }, () => SIGNS[randomInt(SIGNS.length)]);
  signs[randomInt(LENGTH)] = SIGNS[randomInt(DIGITS)];
  return MARK_PREFIX + signs.join("");
}

/** Whether an issue or a pull request is called as those of rehearsals are: the mark stands in parentheses. */
export function isMarkedTitle(title: string, mark: string | null = null): boolean {
  return mark === null ? IN_TITLE.test(title) : title.includes(`(${mark})`);
}

/** Whether a branch, a label, a ruleset or a folder is called as those of rehearsals are: it begins with the mark. */
export function isMarkedName(name: string, mark: string | null = null): boolean {
  return IN_NAME.test(name) && (mark === null || name.toLowerCase().includes(mark));
}

/** Whether a commit comes from a rehearsal: it says so, and so does the merge of a branch. */
export function isMarkedMessage(message: string): boolean {
  return message.startsWith("Rehearse: ") || IN_MESSAGE.test(message);
}
