import { MAX_BODY_LENGTH, parseDocument } from "../markdown/parse-document.ts";
import { readLines } from "../markdown/text-lines.ts";
import type { CommandLine } from "./command-line.ts";
import { commandOfWord } from "./parse-command.ts";
import { startsQuotedMail } from "./quoted-mail.ts";

/** The most commands read from one comment; what follows is not read. */
export const MAX_COMMANDS_PER_COMMENT = 10;

/** What takes up room without being a letter: white space of every kind, and characters no font draws. */
const NOTHING_SEEN = /^[\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*/u;
/** White space, and what gets copied along with text. Direction marks belong to the text they are in. */
const AROUND_TEXT = /^(?:\p{Z}|[\t\v\f\u200B\u2060\u2800\uFEFF])$/u;
/**
 * Characters no font draws. They are removed from a word: they got there by copying, or to deceive, and neither changes
 * what a reader sees.
 */
const UNSEEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;
/** These reverse the letters after them, so that a reader sees no command. */
const TURNS_ROUND = /[\u202B\u202E\u2067]/;
/** Indentation and list markers, then a slash or what looks like one. Says only whether a line is worth parsing. */
const MAY_BE_COMMAND =
  /^[\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*(?:(?:[-*+]|\d{1,9}[.)])[\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]+)*[/\uFF0F\u2215\u2044\u29F8]/u;
const SLASH = /^[/\uFF0F\u2215\u2044\u29F8]/;
/** A word ends at white space of any kind. */
const WORD = /^[^\p{Z}\t\v\f\u0085\u2800]{1,80}/u;
/** Letters; then nothing, marks, or what somebody typed in place of a space. No path (`/etc/hosts`), no file, no query. */
const SHAPE = /^([a-z][a-z-]{0,30})((?:[=:,;!(@#…—–]|\d)[^/\\]*|(?:(?![/\\_%&])[\p{P}\p{S}])*)$/u;

/** Letters of other scripts that look like Latin ones (Unicode's confusables, for the letters that occur in commands). */
const LATIN_OF_TWIN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: "\u0410\u0430\u0391\u03B1",
    b: "\u0412\u0392",
    c: "\u0421\u0441",
    d: "\u0501",
    e: "\u0415\u0435\u0395",
    g: "\u0261",
    h: "\u041D\u04BB\u0397",
    i: "\u0131\u0406\u0456\u0399\u03B9",
    k: "\u041A\u043A\u039A\u03BA",
    m: "\u041C\u039C",
    n: "\u039D",
    o: "\u041E\u043E\u039F\u03BF",
    p: "\u0420\u0440\u03A1\u03C1",
    s: "\u0405\u0455",
    t: "\u0422\u03A4",
    v: "\u03BD",
    y: "\u0423\u0443\u03A5",
  }).flatMap(([latin, twins]) => [...twins].map((twin) => [twin, latin] as const)),
);

/**
 * The lines of a comment that may be commands: the first ten, in order, and the first line that a person reads as a
 * command and Markdown does not.
 *
 * A command is the first word of a line of ordinary text, at the top level or in a list item, as a reader sees the
 * line: white space of any kind may surround it, and characters no font draws do not count. Nothing counts inside code,
 * block quotes, HTML, links, emphasis, headings, images or tables, or below the repeated message or the signature of an
 * e-mail reply.
 */
export function scanCommands(body: string): readonly CommandLine[] {
  // Most comments have no line that looks like a command: they cost no parsing.
  const lines = body.slice(0, MAX_BODY_LENGTH).split(/\r\n?|\n/);
  if (!lines.some(isWorthParsing)) return [];
  const { text, swallowed } = readLines(withoutQuotedMail(body, lines), isWorthParsing);
  const found: CommandLine[] = [];
  for (const { line, content, startsPlain } of text) {
    const read = startsPlain ? readLine(line, content) : null;
    if (read !== null) found.push(read);
    if (found.length === MAX_COMMANDS_PER_COMMENT) break;
  }
  for (const { line, content } of swallowed) {
    const read = readLine(line, content);
    if (read === null || commandOfWord(read.word) === null) continue;
    found.push({ ...read, slip: "swallowed" });
    break;
  }
  return found.toSorted((a, b) => a.line - b.line);
}

function isWorthParsing(raw: string): boolean {
  return MAY_BE_COMMAND.test(raw);
}

/** @param content the line without indentation and list markers */
function readLine(line: number, content: string): CommandLine | null {
  const start = NOTHING_SEEN.exec(content)![0].length;
  const slash = SLASH.exec(content.slice(start))?.[0];
  if (slash === undefined) return null;
  const behind = content.slice(start + slash.length);
  const gap = NOTHING_SEEN.exec(behind)![0];
  const written = WORD.exec(behind.slice(gap.length))?.[0];
  if (written === undefined || TURNS_ROUND.test(content.slice(0, start + slash.length + gap.length + written.length))) {
    return null;
  }
  const seen = written.replace(UNSEEN, "");
  const rest = trimmed(behind.slice(gap.length + written.length));
  const meant = asSeen(seen);
  const letters = SHAPE.exec(meant)?.[1];
  if (letters === undefined) return null;
  const typed = seen.slice(0, letters.length).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (slash === "/" && gap.replace(UNSEEN, "") === "" && typed === letters) {
    // The marks after the letters may come from any keyboard.
    return { line, word: letters + seen.slice(letters.length), rest, slip: null };
  }
  return commandOfWord(meant) === null ? null : { line, word: meant, rest, slip: "look-alike" };
}

/** The letters a reader takes a word for, lower-case: one form for full-width and accented ones, Latin ones for twins. */
function asSeen(word: string): string {
  return word
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[\u0131-\u0501]/g, (letter) => LATIN_OF_TWIN.get(letter) ?? letter)
    .toLowerCase();
}

/** A text as written, without what surrounds it; empty when there is nothing to see. */
function trimmed(text: string): string {
  if (NOTHING_SEEN.exec(text)![0].length === text.length) return "";
  let [from, to] = [0, text.length];
  while (AROUND_TEXT.test(text[from]!)) from += 1;
  while (AROUND_TEXT.test(text[to - 1]!)) to -= 1;
  return text.slice(from, to);
}

function withoutQuotedMail(body: string, all: readonly string[]): string {
  if (!all.some((_, at) => startsQuotedMail(all, at))) return body;
  const { lines, blocks } = parseDocument(body);
  const code = new Set<number>();
  for (const block of blocks) {
    if (block.map === null || (block.type !== "fence" && block.type !== "code_block")) continue;
    for (let line = block.map[0]; line < block.map[1]; line++) code.add(line);
  }
  const start = lines.findIndex((_, at) => !code.has(at) && startsQuotedMail(lines, at));
  return start === -1 ? body : lines.slice(0, start).join("\n");
}
