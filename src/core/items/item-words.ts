import type { Token } from "markdown-it";
import type { Instant } from "../model.ts";
import { DAY_MS } from "../time-units.ts";
import type { ItemKind } from "./action-item.ts";

/** When an item is due, as its line says: a day, or so many days from when it is filed. */
export type WrittenDue = { readonly day: string } | { readonly inDays: number };

/** What the words of an item say. */
export interface ItemWords {
  readonly title: string;
  readonly owner: string | null;
  readonly due: WrittenDue | null;
  readonly kind: ItemKind | null;
  readonly paths: readonly string[];
}

/** A mention of a person: letters, digits and hyphens; `_` in names of managed users. Not a team, not an address. */
const OWNER = /^@[A-Za-z\d][A-Za-z\d_-]{0,38}$/;
/** What may stand around it. */
const AROUND: ReadonlySet<string> = new Set("()[]{},.;:!?\"'*".split(""));
/** `2026-12-01`, with a word in front of it that only leads up to it. */
const DAY = /(?:\b(?:due|by|until|before|on)[ :]{1,3})?(?<![\w./-])(\d{4}-\d{2}-\d{2})(?![\w/-])/i;
/** `in 14d`, `in 2 weeks`. */
const DAYS = /(?:\bdue[ :]{1,3})?\bin (\d{1,3}) ?(d|days?|w|weeks?)\b/i;
const KIND = /[[(](prevent|detect|mitigate|process)[\])]/i;
/** A file or folder: no white space, with a dot or a slash in it, and no address. */
const PATH = /^[\w@+~./*-]+$/;
const LONGEST_PATH = 200;
const MOST_PATHS = 20;
/** A due day further away than this is a slip. */
const MOST_DAYS = 999;

/**
 * Reads who, until when, what for and which files from the parsed words of an item. Code is only looked at for paths.
 *
 * @param lead what it begins with that is not part of its words
 */
export function wordsOfItem(tokens: readonly Token[], lead: string): ItemWords {
  const code: string[] = [];
  let written = "";
  for (const token of tokens) {
    if (token.type === "code_inline") {
      // Stands for the code while the words around it are read; nobody can type it.
      written += `\u0000${code.length}\u0000`;
      code.push(token.content);
    } else if (token.type === "softbreak" || token.type === "hardbreak") written += " ";
    else if (token.type === "image") written += token.content;
    else if (token.type === "text" || token.type === "text_special") written += token.content;
  }
  written = written.trim();
  if (lead !== "" && written.startsWith(lead)) written = written.slice(lead.length);
  const owner = ownerIn(written);
  const day = firstDay(written);
  const days = DAYS.exec(written);
  const kind = KIND.exec(written);
  let title = written;
  for (const found of [
    owner === null ? undefined : `@${owner}`,
    day?.matched,
    day === null ? days?.[0] : undefined,
    kind?.[0],
  ])
    if (found !== undefined) title = title.replace(found, " ");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: stands for code, above
  const withCode = (text: string) => text.replace(/\u0000(\d+)\u0000/g, (_, at: string) => `\`${code[Number(at)]!}\``);
  return {
    title: tidy(withCode(title)) || tidy(withCode(written)),
    owner,
    due: day !== null ? { day: day.day } : days === null ? null : { inDays: inDays(days[1]!, days[2]!) },
    kind: (kind?.[1]?.toLowerCase() as ItemKind | undefined) ?? null,
    paths: pathsOf(code),
  };
}

/** Which of these names of code are files and folders, each once, in order. */
export function pathsOf(code: readonly string[]): readonly string[] {
  const paths = code
    .map((one) => one.trim())
    .filter((one) => one.length <= LONGEST_PATH && PATH.test(one) && /[./]/.test(one));
  return [...new Set(paths)].filter((one) => /\w/.test(one)).slice(0, MOST_PATHS);
}

/** Whether it is a day of the calendar, as `2026-12-01`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** The day that is meant when the item is filed at that moment. */
export function dueDayOf(due: WrittenDue, filedAt: Instant): string {
  return "day" in due ? due.day : new Date(filedAt + due.inDays * DAY_MS).toISOString().slice(0, 10);
}

/** The login of the first person who is mentioned. */
function ownerIn(text: string): string | null {
  for (const word of text.split(/\s/)) {
    let from = 0;
    let to = word.length;
    while (from < to && AROUND.has(word[from]!)) from += 1;
    while (to > from && AROUND.has(word[to - 1]!)) to -= 1;
    const bare = word.slice(from, to);
    if (OWNER.test(bare) && !/[-_]$/.test(bare)) return bare.slice(1);
  }
  return null;
}

function firstDay(text: string): { readonly matched: string; readonly day: string } | null {
  const found = DAY.exec(text);
  return found === null || !isDay(found[1]!) ? null : { matched: found[0], day: found[1]! };
}

function inDays(count: string, unit: string): number {
  return Math.min(MOST_DAYS, Number(count) * (unit.toLowerCase().startsWith("w") ? 7 : 1));
}

/** Signs that are left over when an owner, a day or a kind is taken out. */
const LEFT_OVER: ReadonlySet<string> = new Set([",", ";", ":", "-", "–", "—"]);
const JOINS: ReadonlySet<string> = new Set([",", ";"]);

/** Without what is left over at both ends, and twice in a row, when its owner, day and kind are taken out. */
function tidy(title: string): string {
  const words = title.split(/[ \t]/).filter((word) => word !== "");
  const kept: string[] = [];
  for (const word of words) {
    if (LEFT_OVER.has(word) && (kept.length === 0 || JOINS.has(word))) continue;
    kept.push(word);
  }
  while (LEFT_OVER.has(kept.at(-1) ?? "")) kept.pop();
  const shown = kept.join(" ");
  return JOINS.has(shown.at(-1) ?? "") ? shown.slice(0, -1) : shown;
}
