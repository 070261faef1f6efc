/** Where the hand slipped in a YAML text, and what to write instead. */
export interface YamlSlip {
  /** In UTF-16 units from the beginning of the text. */
  readonly offset: number;
  readonly message: string;
}

/** A line that holds something, with what has to be known of it. Numbers of lines count from 0. */
interface Line {
  readonly number: number;
  readonly start: number;
  readonly indent: number;
  /** Without indentation and what follows a comment sign. */
  readonly text: string;
}

/** A block whose entries stand at one indentation. */
interface Level {
  readonly indent: number;
  readonly first: Line;
  last: Line;
}

const KEY = /^(?:"[^"]{0,200}"|'[^']{0,200}'|[^\s#&*!|>%@`"'[\]{},-][^\s:#]{0,200}|-[^\s:#]{1,200}):(?=\s|$)/;
const MERGE_MARK = /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/;

/**
 * Finds the slip that made a text no YAML, at or above the place where the parser gave up. `null`: none that is known.
 *
 * A parser notices a slip where nothing fits any more, which may be many lines below: `version 1` is a text that goes on,
 * and a key indented by one space too many ends where its neighbor begins. This reads the lines as their author meant
 * them: keys, entries and values. It takes each line once.
 *
 * @param offset where the parser gave up, in UTF-16 units
 */
export function findYamlSlip(source: string, offset: number): YamlSlip | null {
  const all = source.split(/\r\n|\n|\r/);
  const starts = startsOf(source);
  const usual = countIndents(all);
  const levels: Level[] = [];
  /** The line above when what it says may go on below: a key without value, or a text over several lines. */
  let open: { readonly line: Line; readonly isKey: boolean } | null = null;
  /** A text below a key without value: it is the value, unless entries stand beside it. */
  let text: Line | null = null;

  for (let number = 0; number < all.length && starts[number]! <= offset; number += 1) {
    const raw = all[number]!;
    const indentText = /^[^\S\r\n]*/.exec(raw)![0];
    const strange = indentText.search(/[^ ]/);
    const line: Line = { number, start: starts[number]!, indent: indentText.length, text: uncommented(raw.trim()) };
    const at = line.start + line.indent;
    if (line.text === "") continue;
    if (MERGE_MARK.test(raw)) {
      return { offset: at, message: "a merge left this mark: keep one of the two versions, and remove the marks" };
    }
    if (strange !== -1) {
      const what = indentText[strange] === "\t" ? "a tab" : "a space that is none, such as a no-break space";
      return { offset: line.start + strange, message: `this line is indented with ${what}: use spaces` };
    }
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(raw)) continue;

    const entry = entryOf(line);
    if (entry === null) {
      const goesOn = open !== null && line.indent > open.line.indent;
      if (!goesOn) return { offset: at, message: noEntry(line, levels.at(-1) ?? null) };
      const badValue = open?.isKey === true ? valueSlip(line.text, at) : null;
      if (badValue !== null) return badValue;
      if (open?.isKey === true) text ??= line;
      continue;
    }
    if (text !== null && text.indent <= line.indent) {
      return { offset: text.start + text.indent, message: noEntry(text, null) };
    }
    text = null;

    const misplaced = place(line, levels, open, usual, starts);
    if (misplaced !== null) return misplaced;
    let { value, column } = entry;
    if (entry.isItem) {
      const inner: Line = { ...line, indent: line.indent + column, text: value };
      const nested = entryOf(inner);
      if (nested !== null && !nested.isItem) {
        levels.push({ indent: inner.indent, first: inner, last: inner });
        column += nested.column;
        value = nested.value;
      }
    }
    if (/^[|>][-+0-9]{0,3}$/.test(value)) {
      number = endOfBlock(all, number, line.indent);
      open = null;
      continue;
    }
    const opened = /^["'[{]/.test(value) ? endOfValue(source, line.start + line.indent + column) : null;
    if (opened !== null && typeof opened === "object") return opened;
    if (opened === null) {
      const badValue = valueSlip(value, line.start + line.indent + column);
      if (badValue !== null) return badValue;
    } else {
      // Over several lines: go on where it ends.
      while (number + 1 < all.length && starts[number + 1]! <= opened) number += 1;
    }
    open = { line, isKey: value === "" };
  }
  return null;
}

interface Entry {
  readonly isItem: boolean;
  readonly value: string;
  /** From the line's first sign to the value's. */
  readonly column: number;
}

function entryOf({ text }: Line): Entry | null {
  const sign = /^-(?:\s+|$)/.exec(text) ?? KEY.exec(text);
  if (sign === null) return null;
  const rest = text.slice(sign[0].length);
  const value = rest.trimStart();
  return { isItem: text.startsWith("-") && !sign[0].endsWith(":"), value, column: text.length - value.length };
}

/** A line that is no entry where one has to be. What a message repeats of it can be typed and seen. */
function noEntry(line: Line, level: Level | null): string {
  const text = line.text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  const words = /^([A-Za-z][\w-]{0,60})\s*(?:=|:)\s*(\S.{0,60})$/.exec(text);
  if (words !== null) return `write a colon and a space between name and value: ${words[1]}: ${words[2]}`;
  if (level?.last.text.startsWith("- ") === true) return "the list above goes on here without a dash: write - in front";
  if (/^-\S/.test(text)) return `write a space behind the dash: - ${text.slice(1, 61)}`;
  const pair = /^([A-Za-z][\w-]{0,60}) (\S.{0,60})$/.exec(text);
  if (pair !== null) return `there is no colon here: write ${pair[1]}: ${pair[2]}`;
  if (/^[\]}]/.test(text)) return "this bracket closes nothing: remove it";
  return "this line is no entry: write it as name: value, or as - value in a list";
}

/** Puts an entry into its level; says where the indentation slipped when it fits none. */
function place(
  line: Line,
  levels: Level[],
  open: { readonly line: Line; readonly isKey: boolean } | null,
  usual: ReadonlyMap<number, number>,
  starts: readonly number[],
): YamlSlip | null {
  const closed: Level[] = [];
  while (levels.length > 0 && levels.at(-1)!.indent > line.indent) closed.push(levels.pop()!);
  const level = levels.at(-1);
  const isItem = line.text.startsWith("- ") || line.text === "-";
  const above = closed.at(-1);

  if (level === undefined || level.indent < line.indent) {
    // The first of a block opens a level; one that ends a deeper block has to stand beside something.
    if (above !== undefined) return between(above, level, line, usual, starts);
    if (level !== undefined && open !== null && !open.isKey && open.line.indent === level.indent) {
      return unlike(level, line, usual, starts);
    }
    levels.push({ indent: line.indent, first: line, last: line });
    return null;
  }
  const besideItem = level.last.text.startsWith("- ") || level.last.text === "-";
  if (isItem && !besideItem && open?.line === level.last && open.isKey) {
    // A list may stand right below its key, as deep as it.
    levels.push({ indent: line.indent, first: line, last: line });
    return null;
  }
  if (!isItem && besideItem && levels.at(-2)?.indent === line.indent) {
    levels.pop();
    levels.at(-1)!.last = line;
    return null;
  }
  if (isItem !== besideItem) {
    const which = besideItem ? "begins with a dash, and this one does not" : "has no dash, and this one has";
    const message = `line ${level.last.number + 1} stands beside this one and ${which}: write both alike`;
    return { offset: line.start + line.indent, message };
  }
  level.last = line;
  return null;
}

/** A line that ends a block and stands beside nothing: either the block was indented wrong, or the line is. */
function between(
  deeper: Level,
  outer: Level | undefined,
  line: Line,
  usual: ReadonlyMap<number, number>,
  starts: readonly number[],
): YamlSlip {
  const blockIsWrong = (usual.get(deeper.indent) ?? 0) < (usual.get(line.indent) ?? 0);
  if (blockIsWrong || outer === undefined) return unlike(deeper, line, usual, starts);
  const message =
    `this line is indented by ${spaces(line.indent)}, and stands beside none above: ${outer.indent} puts it beside ` +
    `line ${outer.last.number + 1}, ${deeper.indent} beside line ${deeper.last.number + 1}`;
  return { offset: line.start + line.indent, message };
}

/** Two lines that belong beside each other and are indented differently: the less usual of the two is the slip. */
function unlike(level: Level, line: Line, usual: ReadonlyMap<number, number>, starts: readonly number[]): YamlSlip {
  const times = (indent: number) => usual.get(indent) ?? 0;
  const earlier = times(level.indent) < times(line.indent);
  const [wrong, other] = earlier ? [level.first, line] : [line, level.first];
  const message = `this line is indented by ${spaces(wrong.indent)}, and line ${other.number + 1} beside it by ${spaces(other.indent)}: indent both alike`;
  return { offset: starts[wrong.number]! + wrong.indent, message };
}

function spaces(indent: number): string {
  return indent === 1 ? "1 space" : `${indent} spaces`;
}

/** What cannot stand in a value without quotes. */
function valueSlip(value: string, offset: number): YamlSlip | null {
  const colon = /:(?:\s|$)/.exec(value);
  const quoted = /^[\u201C\u201D\u201E\u2018\u2019]/.test(value);
  if (colon !== null) {
    const how = quoted ? 'straight quotes, "like this"' : 'quotes, "like this"';
    return { offset: offset + colon.index, message: `a colon in a value needs ${how}, around the whole value` };
  }
  const first = /^[@`%]|^[|>](?=[^\s|>+\-0-9])|^[|>]\s+\S|^\*\S*\s/.exec(value);
  if (first !== null) {
    return { offset, message: `a value that begins with ${value[0]} needs quotes, "like this"` };
  }
  return null;
}

/** Where a quoted or bracketed value ends, as an offset; a slip when it does not, or when something follows it. */
function endOfValue(source: string, from: number): number | YamlSlip {
  const brackets: { readonly sign: string; readonly at: number }[] = [];
  let at = from;
  while (at < source.length) {
    const sign = source[at]!;
    if (sign === '"' || sign === "'") {
      const end = endOfQuote(source, at);
      if (typeof end === "object") return end;
      at = end;
    } else if (sign === "[" || sign === "{") brackets.push({ sign, at });
    else if (sign === "]" || sign === "}") {
      const begun = brackets.pop();
      const fits = begun !== undefined && (begun.sign === "[" ? "]" : "}") === sign;
      if (!fits) return { offset: at, message: `this ${sign} closes nothing: remove it, or write its beginning` };
    } else if (sign === "#" && /\s/.test(source[at - 1] ?? " ")) {
      at = lineEnd(source, at) - 1;
    } else if (brackets.length > 0 && /[\r\n]/.test(sign) && beginsEntry(source, at + 1)) {
      // A key at the beginning of a line: whoever wrote it meant the bracket to be over.
      return unclosed(brackets[0]!);
    }
    at += 1;
    if (brackets.length === 0) return endOfLine(source, at);
  }
  return unclosed(brackets[0]!);
}

function unclosed({ sign, at }: { readonly sign: string; readonly at: number }): YamlSlip {
  return { offset: at, message: `this ${sign} is not closed: write ${sign === "[" ? "]" : "}"} at its end` };
}

function beginsEntry(source: string, at: number): boolean {
  return KEY.test(source.slice(at, Math.min(lineEnd(source, at), at + 300)));
}

function endOfQuote(source: string, from: number): number | YamlSlip {
  const quote = source[from]!;
  for (let at = from + 1; at < source.length; at += 1) {
    const sign = source[at]!;
    if (sign === "\\" && quote === '"') {
      if (!/[0abt\tnvfre "/\\N_LPxuU\r\n]/.test(source[at + 1] ?? "")) {
        return { offset: at, message: "this \\ means nothing between double quotes: use single quotes, or write \\\\" };
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
  // Within quotes it is none; the value is only read further below as it stands in the text.
  const comment = text.search(/\s#/);
  return (comment === -1 ? text : text.slice(0, comment)).trimEnd();
}

/** How many lines have which indentation. */
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
