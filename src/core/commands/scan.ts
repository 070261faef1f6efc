import { parseDocument } from "../markdown/parse-document.ts";
import { textLines } from "../markdown/text-lines.ts";

/** A line of a comment that may be a command. */
export interface CommandLine {
  /** 1-based line of the comment; with the comment's id it is the identity of the receipt. */
  readonly line: number;
  /** The first word, lower-case, without its slash. Punctuation behind it is kept: `/ack,` is `ack,`. */
  readonly word: string;
  /** What follows on the line, trimmed, as written. */
  readonly rest: string;
}

/** Commands read from one comment; what follows is not read. */
export const MAX_COMMANDS_PER_COMMENT = 10;

/**
 * Indentation, list markers, then the word. ASCII only: a look-alike is not a command. What follows may hold U+2028,
 * which some editors write for a line break and which ends no line of Markdown.
 */
const COMMAND_LINE = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*\/([a-z][a-z-]{0,30}[.,:;!?]{0,3})(?:[ \t]+(.*))?$/is;

/**
 * Where an e-mail client starts to repeat the message that is answered, or the signature. Commands below are not the
 * author's. Checked on the line as written; lines inside code do not count.
 */
const QUOTED_MAIL = [
  /^-- $/,
  /^[ ]{0,3}-{2,}[ ]?(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine)[ ]?-{2,}[ ]*$/i,
  /^[ ]{0,3}_{20,}[ ]*$/,
  // "On <date>, <name> wrote:" in the languages mail clients use most; clients wrap it after the address.
  /^[ ]{0,3}(?:On|Am|Le|El|Il|Op|Em|Den)\b.{1,300}(?:wrote|schrieb.{0,100}|a écrit|escribió|ha scritto|schreef.{0,100}|escreveu|skrev.{0,100})[ ]?:[ ]*$/,
  /^[ ]{0,3}(?:On|Am|Le|El|Il|Op|Em|Den)\b[^\n]{1,200}<[^<>\s]{3,200}>[ ]*$/,
  /^[ ]{0,3}(?:Reply to this email directly|You are receiving this because)\b/,
];

/**
 * The lines of a comment that may be commands: the first ten, in order.
 *
 * A command is the first word of a line of ordinary text, at the top level or in a list item. Nothing counts inside
 * code, block quotes, HTML, links, emphasis, headings, images or tables, and nothing below the quoted part or the
 * signature of an e-mail reply. A carriage return or spaces at the end of a line do not matter.
 */
export function scanCommands(body: string): readonly CommandLine[] {
  // Most comments have no line that looks like a command: they cost no parsing.
  if (!/^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*\/[a-z]/im.test(body)) return [];
  const found: CommandLine[] = [];
  for (const { line, raw, startsPlain } of textLines(withoutQuotedMail(body), isCommandLine)) {
    const match = startsPlain ? COMMAND_LINE.exec(raw) : null;
    if (match === null) continue;
    found.push({ line, word: match[1]!.toLowerCase(), rest: (match[2] ?? "").trim() });
    if (found.length === MAX_COMMANDS_PER_COMMENT) break;
  }
  return found;
}

function isCommandLine(raw: string): boolean {
  return COMMAND_LINE.test(raw);
}

function withoutQuotedMail(body: string): string {
  const isQuotedMail = (line: string): boolean => QUOTED_MAIL.some((start) => start.test(line));
  if (!body.split(/\r\n?|\n/).some(isQuotedMail)) return body;
  const { lines, blocks } = parseDocument(body);
  const code = new Set<number>();
  for (const block of blocks) {
    if (block.map === null || (block.type !== "fence" && block.type !== "code_block")) continue;
    for (let line = block.map[0]; line < block.map[1]; line++) code.add(line);
  }
  const start = lines.findIndex((line, index) => !code.has(index) && isQuotedMail(line));
  return start === -1 ? body : lines.slice(0, start).join("\n");
}
