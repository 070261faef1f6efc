import { plainReferences } from "../markdown/references.ts";
import type { Millis, Reference } from "../model.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time-units.ts";

/**
 * Why what follows a command is not what it accepts. `why` says what to do, without a full stop: how the command is
 * written follows it.
 */
export interface ArgumentProblem {
  readonly problem: "missing-argument" | "bad-argument" | "too-long";
  readonly why: string;
}

/** The longest text a command accepts, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 500;
/** The shortest reason for `/cancel`, `/waive`, `/drop` and `/snooze`, in UTF-16 code units. */
export const MIN_REASON_LENGTH = 10;

/** The text, unless it is too long. */
export function boundedText<Made>(text: string, toCommand: (text: string) => Made): Made | ArgumentProblem {
  if (text.length <= MAX_TEXT_LENGTH) return toCommand(text);
  const why = `Shorten the text to ${MAX_TEXT_LENGTH} characters (it has ${text.length})`;
  return { problem: "too-long", why };
}

/** A reason: text that others can read later. */
export function parseReason<Made>(rest: string, toCommand: (reason: string) => Made): Made | ArgumentProblem {
  if (rest === "") return missing(`Add a reason of at least ${MIN_REASON_LENGTH} characters`);
  if (bare(rest).trim().length < MIN_REASON_LENGTH) {
    const why = `Write a reason of at least ${MIN_REASON_LENGTH} characters, as others will read it later`;
    return { problem: "bad-argument", why };
  }
  return boundedText(rest, toCommand);
}

/** The longest duration a command takes: the longest of the policy. */
const LONGEST_DAYS = 365;

/** The units of a duration, as the policy has them. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["m", MINUTE_MS],
  ["h", HOUR_MS],
  ["d", DAY_MS],
]);

/**
 * A duration as the policy has them, `15m`, `4h` or `7d`; `null`: the word is none. A word that looks like one and is
 * none is refused: `/waive 2w REASON` must not waive for good.
 */
export function durationIn(word: string): Millis | null | ArgumentProblem {
  const written = /^(\d{1,8})([a-z]*)$/i.exec(word);
  if (written === null) return null;
  const ms = Number(written[1]) * (UNITS.get(written[2]!.toLowerCase()) ?? 0);
  if (ms > 0 && ms <= LONGEST_DAYS * DAY_MS) return ms as Millis;
  return {
    problem: "bad-argument",
    why: `Write the duration as a whole number and m, h or d, such as 7d, at most ${LONGEST_DAYS}d, or begin the reason with a word`,
  };
}

/**
 * An issue or a pull request, by number, name or URL.
 *
 * @param host the host in URLs
 */
export function parseTarget<Made>(
  rest: string,
  host: string,
  toCommand: (target: Reference) => Made,
): Made | ArgumentProblem {
  const wanted = withoutEnd(bare(rest));
  const written = /^\d{1,10}$/.test(wanted) ? `#${wanted}` : wanted;
  const [found] = plainReferences(written, "", host);
  // What may follow a URL: the anchor of a comment, or a query. Anything else is outside the closed grammar.
  const after = found === undefined ? "" : written.slice(found.matched.length);
  if (found === undefined || found.index !== 0 || !/^(?:[/?#][\w#=&/.-]{0,200})?$/.test(after)) {
    const why = "Write the number of an issue or pull request, OWNER/REPOSITORY#NUMBER, or its URL";
    return { problem: "bad-argument", why };
  }
  return toCommand({ repository: found.repository, number: found.number });
}

/** `@owner/team`. */
export const TEAM = /^@?[\w.-]+\/[\w.-]+$/;

/** GitHub's logins: up to 39 letters, digits and single hyphens; `_` in names of managed users. */
export const LOGIN = /^@?([a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38})$/i;

/** Something is missing that has to be there. */
export function missing(why: string): ArgumentProblem {
  return { problem: "missing-argument", why };
}

/** What no font draws (Unicode, Default_Ignorable_Code_Point): pasted along with the text it was in. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** A name, number or level as it was meant: without invisible characters, in one form for all keyboards. */
export function bare(text: string): string {
  return text.replace(UNSEEN, "").normalize("NFKC");
}

/**
 * The first word, as it was meant and without a mark that ends a phrase, and the rest as written; empty if there is
 * none.
 */
export function firstWord(text: string): readonly [word: string, rest: string] {
  const match = /^([^\p{Z}\t\v\f\u0085]+)(.*)$/su.exec(text.trim());
  return match === null ? ["", ""] : [withoutEnd(bare(match[1]!)), match[2]!.trim()];
}

/** A word without the marks that end a phrase. */
function withoutEnd(word: string): string {
  let end = word.length;
  while (end > 0 && ".,:;!".includes(word[end - 1]!)) end -= 1;
  return word.slice(0, end);
}

/** All words, as by `firstWord`. */
export function wordsOf(text: string): readonly string[] {
  return bare(text)
    .split(/[\s,]+/)
    .map(withoutEnd)
    .filter((word) => word !== "");
}
