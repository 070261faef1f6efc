import { findFlowSlip, MEANINGLESS_ESCAPE, MERGE_MARK, MERGE_MESSAGE, wideIn, wideMessage } from "./flow-slip.ts";
import type { YamlSlip } from "./yaml-slip.ts";

/** A non-empty line, and what has to be known about it. Line numbers count from 0. */
interface Line {
  readonly number: number;
  readonly start: number;
  readonly indent: number;
  /** Without indentation and without what follows a comment sign. */
  readonly text: string;
}

const DASH_WITHOUT_SPACE = /^-[^\s-]/;

/** The line above, if what it says may continue below. */
interface Open {
  /** For a list entry, what follows the dash. */
  readonly line: Line;
  /** A key without a value; else a text over several lines. */
  readonly isKey: boolean;
  /** For a list entry that is plain text: that text. */
  readonly plain: Line | null;
}

/** A block whose entries share one indentation. */
interface Level {
  readonly indent: number;
  readonly first: Line;
  last: Line;
}

const KEY = /^(?:"[^"]{0,200}"|'[^']{0,200}'|[^\s#&*!|>%@`"'[\]{},-][^\s:#]{0,200}|-[^\s:#]{1,200}):(?=[ \t]|$)/;

/**
 * Finds the slip because of which a text is not YAML, at or above the place where the parser gave up. `null`: none that
 * we know.
 *
 * A parser notices a slip when nothing fits any more, which may be many lines below: `version 1` is a text that may
 * continue, and a key indented by one space too many ends where its neighbour begins. This reads the lines as their
 * author meant them: keys, entries and values. It reads each line once.
 *
 * @param offset where the parser gave up, in UTF-16 units
 */
export function findYamlSlip(source: string, offset: number): YamlSlip | null {
  const all = source.split(/\r\n|\n|\r/);
  const starts = startsOf(source);
  const usual = countIndents(all);
  const levels: Level[] = [];
  let open: Open | null = null;
  /** A text below a key without a value: it is the value, unless there are entries beside it. */
  let text: Line | null = null;
  /** The indentation of the key above it. */
  let textBelow = 0;

  for (let number = 0; number < all.length && starts[number]! <= offset; number += 1) {
    const raw = all[number]!;
    const indentText = /^[^\S\r\n]*/.exec(raw)![0];
    const strange = indentText.search(/[^ ]/);
    const line: Line = { number, start: starts[number]!, indent: indentText.length, text: uncommented(raw.trim()) };
    const at = line.start + line.indent;
    if (line.text === "") continue;
    if (MERGE_MARK.test(raw)) {
      return { offset: at, message: MERGE_MESSAGE };
    }
    if (strange !== -1) {
      const what = indentText[strange] === "\t" ? "a tab" : "a space that is none, such as a no-break space";
      return { offset: line.start + strange, message: `this line is indented with ${what}: use spaces` };
    }
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(raw)) continue;

    const entry = entryOf(line);
    if (entry === null && /^[[{]/.test(line.text) && open?.isKey !== false) {
      // A value in brackets on a line of its own, or a whole file in brackets.
      const end = endOfValue(source, at, open?.line.indent ?? -1);
      if (typeof end === "object") return end;
      while (number + 1 < all.length && starts[number + 1]! <= end) number += 1;
      if (open !== null) [text, textBelow] = [line, open.line.indent];
      open = { line, isKey: false, plain: null };
      continue;
    }
    if (entry === null && /^["']/.test(line.text)) {
      const end = endOfQuote(source, at);
      if (typeof end === "object") return end;
      while (number + 1 < all.length && starts[number + 1]! <= end) number += 1;
    }
    if (entry === null) {
      const goesOn = open !== null && line.indent > open.line.indent;
      if (!goesOn) return { offset: at, message: noEntry(line, levels.at(-1) ?? null) };
      const badValue = open?.isKey === true ? valueSlip(line.text, at) : null;
      if (badValue !== null) return badValue;
      if (open?.isKey === true && text === null) [text, textBelow] = [line, open.line.indent];
      continue;
    }
    if (text !== null && text.indent <= line.indent) {
      return { offset: text.start + text.indent, message: noEntry(text, null) };
    }
    if (text !== null && isDashed(line) && line.indent >= textBelow) {
      return { offset: text.start + text.indent, message: noDash(line) };
    }
    text = null;

    const misplaced = place(line, levels, open, usual, starts);
    if (misplaced !== null) return misplaced;
    let { value, column } = entry;
    let holder = line;
    let plain: Line | null = null;
    if (entry.isItem) {
      const inner: Line = { ...line, indent: line.indent + column, text: value };
      const nested = entryOf(inner);
      if (nested !== null && !nested.isItem) {
        levels.push({ indent: inner.indent, first: inner, last: inner });
        column += nested.column;
        value = nested.value;
        holder = inner;
      } else if (value !== "") plain = inner;
    }
    if (/^[|>][-+0-9]{0,3}$/.test(value)) {
      number = endOfBlock(all, number, holder.indent);
      open = null;
      continue;
    }
    const opened = /^["'[{]/.test(value) ? endOfValue(source, line.start + line.indent + column, holder.indent) : null;
    if (opened !== null && typeof opened === "object") return opened;
    if (opened === null) {
      const offset = line.start + line.indent + column;
      const isJson = holder.text.startsWith('"') && value.endsWith(",");
      if (isJson) return { offset: offset + value.length - 1, message: COMMA_OF_BRACKETS };
      const badValue = valueSlip(value, offset);
      if (badValue !== null) return badValue;
    } else {
      // Over several lines: continue where it ends.
      while (number + 1 < all.length && starts[number + 1]! <= opened) number += 1;
    }
    open = { line: holder, isKey: value === "", plain };
  }
  return null;
}

const COMMA_OF_BRACKETS = "such a comma stands in brackets alone: write { above the first entry, or remove the comma";

interface Entry {
  readonly isItem: boolean;
  readonly value: string;
  /** From the first character of the line to the first of the value. */
  readonly column: number;
}

function entryOf({ text }: Line): Entry | null {
  const sign = /^-(?:[ \t]+|$)/.exec(text) ?? KEY.exec(text);
  if (sign === null) return null;
  const rest = text.slice(sign[0].length);
  const value = rest.trimStart();
  return { isItem: text.startsWith("-") && !sign[0].endsWith(":"), value, column: text.length - value.length };
}

/** A line that is not an entry where one has to be. What a message quotes from it can be typed and seen. */
function noEntry(line: Line, level: Level | null): string {
  const text = line.text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  const wide = wideIn(text);
  if (wide !== null) return wideMessage(wide.sign);
  const words = /^([A-Za-z][\w-]{0,60})\s*(?:=|:|;)\s*(\S.{0,60})$/.exec(text);
  if (words !== null) return `write a colon and a space between name and value: ${words[1]}: ${words[2]}`;
  if (level?.last.text.startsWith("- ") === true) return "the list above goes on here without a dash: write - in front";
  if (/^[–—•·*]\s/.test(text))
    return `a list begins with -, and not with ${text[0]}: write - ${text.slice(1, 61).trim()}`;
  if (DASH_WITHOUT_SPACE.test(text)) return `write a space behind the dash: - ${text.slice(1, 61)}`;
  const pair = /^([A-Za-z][\w-]{0,60}) (\S.{0,60})$/.exec(text);
  if (pair !== null) return `there is no colon here: write ${pair[1]}: ${pair[2]}`;
  if (/^[\]}]/.test(text)) return `this ${text[0]} closes nothing: remove it, or write its beginning`;
  return "this line is no entry: write it as name: value, or as - value in a list";
}

/** Puts an entry into its level; says where the indentation slipped if it fits none. */
function place(
  line: Line,
  levels: Level[],
  open: Open | null,
  usual: ReadonlyMap<number, number>,
  starts: readonly number[],
): YamlSlip | null {
  const closed: Level[] = [];
  while (levels.length > 0 && levels.at(-1)!.indent > line.indent) closed.push(levels.pop()!);
  const level = levels.at(-1);
  const isItem = isDashed(line);
  const above = closed.at(-1);

  if (level === undefined || level.indent < line.indent) {
    // The first entry of a block opens a level; one that ends a deeper block has to line up with something.
    if (above !== undefined && isItem && !isDashed(above.first) && above.indent > line.indent) {
      return { offset: starts[above.first.number]! + above.first.indent, message: noDash(line) };
    }
    if (above !== undefined) return between(above, level, line, usual, starts);
    if (open !== null && open.plain !== null && !isItem) {
      return { offset: open.plain.start + open.plain.indent, message: noEntry(open.plain, null) };
    }
    if (level !== undefined && open !== null && !open.isKey && open.line.indent === level.indent) {
      return unlike(level, line, usual, starts);
    }
    levels.push({ indent: line.indent, first: line, last: line });
    return null;
  }
  const besideItem = isDashed(level.last);
  if (isItem && !besideItem && open?.line === level.last && open.isKey) {
    // A list may follow its key directly, at the same indentation.
    levels.push({ indent: line.indent, first: line, last: line });
    return null;
  }
  if (!isItem && besideItem && levels.at(-2)?.indent === line.indent) {
    levels.pop();
    levels.at(-1)!.last = line;
    return null;
  }
  if (isItem !== besideItem) {
    if (isItem && above !== undefined && isDashed(above.first)) return unlike(above, line, usual, starts);
    if (DASH_WITHOUT_SPACE.test(line.text)) return { offset: line.start + line.indent, message: noEntry(line, null) };
    const which = besideItem ? "begins with a dash, and this one does not" : "has no dash, and this one has";
    const message = `line ${level.last.number + 1} stands beside this one and ${which}: write both alike`;
    return { offset: line.start + line.indent, message };
  }
  level.last = line;
  return null;
}

function noDash({ number }: Line): string {
  return `this entry has no dash, and the one of line ${number + 1} has: write - in front`;
}

function isDashed({ text }: Line): boolean {
  return text.startsWith("- ") || text === "-";
}

/** A line that ends a block and lines up with nothing: either the block or the line is indented wrongly. */
function between(
  deeper: Level,
  outer: Level | undefined,
  line: Line,
  usual: ReadonlyMap<number, number>,
  starts: readonly number[],
): YamlSlip {
  const times = (indent: number) => usual.get(indent) ?? 0;
  if (outer !== undefined && times(outer.indent) < Math.min(times(line.indent), times(deeper.indent))) {
    return unlike(outer, line, usual, starts);
  }
  const blockIsWrong = (usual.get(deeper.indent) ?? 0) < (usual.get(line.indent) ?? 0);
  if (blockIsWrong || outer === undefined) return unlike(deeper, line, usual, starts);
  const message =
    `this line is indented by ${spaces(line.indent)}, and stands beside none above: ${outer.indent} puts it beside ` +
    `line ${outer.last.number + 1}, ${deeper.indent} beside line ${deeper.last.number + 1}`;
  return { offset: line.start + line.indent, message };
}

/** Two lines that belong together and are indented differently: the less usual of the two is the slip. */
function unlike(level: Level, line: Line, usual: ReadonlyMap<number, number>, starts: readonly number[]): YamlSlip {
  const times = (indent: number) => usual.get(indent) ?? 0;
  const earlier = times(level.indent) < times(line.indent);
  const [wrong, other] = earlier ? [level.first, line] : [line, level.first];
  if (DASH_WITHOUT_SPACE.test(wrong.text))
    return { offset: starts[wrong.number]! + wrong.indent, message: noEntry(wrong, null) };
  const message = `this line is indented by ${spaces(wrong.indent)}, and line ${other.number + 1} beside it by ${spaces(other.indent)}: indent both alike`;
  return { offset: starts[wrong.number]! + wrong.indent, message };
}

function spaces(indent: number): string {
  return indent === 1 ? "1 space" : `${indent} spaces`;
}

/** What is not allowed in a value without quotes. */
function valueSlip(value: string, offset: number): YamlSlip | null {
  const colon = /:(?:\s|$)/.exec(value);
  const quoted = /^[\u201C\u201D\u201E\u2018\u2019]/.test(value);
  if (colon !== null) {
    const how = quoted ? 'straight quotes, "like this"' : 'quotes, "like this"';
    return { offset: offset + colon.index, message: `a colon in a value needs ${how}, around the whole value` };
  }
  if (/^\/\/(?:\s|$)/.test(value)) return { offset, message: "a comment begins with #: write # instead of //" };
  const first = /^[@`%]|^[|>](?=[^\s|>+\-0-9])|^[|>]\s+\S|^\*\S*\s/.exec(value);
  if (first !== null) {
    return { offset, message: `a value that begins with ${value[0]} needs quotes, "like this"` };
  }
  return null;
}

/** Where a quoted or bracketed value ends, as an offset; a slip if it does not end, or something follows it. */
function endOfValue(source: string, from: number, indent: number): number | YamlSlip {
  const isQuoted = source[from] === '"' || source[from] === "'";
  const end = isQuoted ? endOfQuote(source, from) : findFlowSlip(source, from, indent);
  return typeof end === "object" ? end : endOfLine(source, end + 1);
}

/** Whether an entry or a comment begins here: whoever wrote it meant the value above to have ended. */
function beginsEntry(source: string, at: number): boolean {
  const line = source.slice(at, Math.min(lineEnd(source, at), at + 300));
  return KEY.test(line) || /^(?:- |#)/.test(line);
}

function endOfQuote(source: string, from: number): number | YamlSlip {
  const quote = source[from]!;
  for (let at = from + 1; at < source.length; at += 1) {
    const sign = source[at]!;
    if (sign === "\\" && quote === '"') {
      if (!/[0abt\tnvfre "/\\N_LPxuU\r\n]/.test(source[at + 1] ?? "")) {
        return { offset: at, message: MEANINGLESS_ESCAPE };
      }
      at += 1;
    } else if (sign === quote) {
      if (quote === "'" && source[at + 1] === "'") at += 1;
      else return at;
    } else if (/[\r\n]/.test(sign) && beginsEntry(source, at + 1 + indentAt(source, at + 1))) break;
  }
  return { offset: from, message: `this quote is not closed: write ${quote} at the end of the value` };
}

function indentAt(source: string, at: number): number {
  let end = at;
  while (source[end] === " ") end += 1;
  return end - at;
}

/** Nothing but a comment may follow a value in quotes or brackets on its line. */
function endOfLine(source: string, at: number): number | YamlSlip {
  const rest = source.slice(at, lineEnd(source, at));
  const more = rest.trimStart();
  if (more === "" || (more.startsWith("#") && more.length < rest.length)) return at - 1;
  const before = source[at - 1];
  const next =
    before === '"' || before === "'"
      ? "put the whole value into one pair of quotes"
      : "remove it, or put the whole value in quotes";
  return { offset: at + indentAt(source, at), message: `something follows the end of the value: ${next}` };
}

function lineEnd(source: string, at: number): number {
  let end = at;
  while (end < source.length && source[end] !== "\n" && source[end] !== "\r") end += 1;
  return end;
}

/** The last line of a text that begins with `|` or `>`. */
function endOfBlock(all: readonly string[], from: number, indent: number): number {
  let number = from;
  while (number + 1 < all.length) {
    const next = all[number + 1]!;
    if (next.trim() !== "" && next.length - next.trimStart().length <= indent) break;
    number += 1;
  }
  return number;
}

function uncommented(text: string): string {
  if (text.startsWith("#")) return "";
  // Inside quotes it is not one; the value is read as written only further below.
  const comment = text.search(/\s#/);
  return (comment === -1 ? text : text.slice(0, comment)).trimEnd();
}

/** How many lines have each indentation. */
function countIndents(all: readonly string[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const line of all) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const indent = line.length - line.trimStart().length;
    counts.set(indent, (counts.get(indent) ?? 0) + 1);
  }
  return counts;
}

function startsOf(source: string): readonly number[] {
  return [0, ...Array.from(source.matchAll(/\r\n|\n|\r/g), (match) => match.index + match[0].length)];
}
