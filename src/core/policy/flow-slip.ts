import type { YamlSlip } from "./yaml-slip.ts";

/** An open bracket, and what has been read of the entry in it. */
interface Bracket {
  readonly sign: "[" | "{";
  readonly at: number;
  /** The indentation of the line it is on. */
  readonly lineIndent: number;
  /** The indentation of the first entry that began a line; `null`: none did. */
  entryIndent: number | null;
  /** Where the colon of the entry is; `null`: none yet. */
  colonAt: number | null;
  /** The words, quotes and brackets of the entry, in order. */
  tokens: Token[];
  /** A colon with nothing after it on its line, where an opening bracket may have been intended. */
  danglingColon: number | null;
}

interface Token {
  readonly start: number;
  readonly end: number;
  /** Quoted, or in brackets: nothing can continue it. */
  readonly isOver: boolean;
}

/** What keyboards and word processors type instead of YAML's punctuation. */
const WIDE: Readonly<Record<string, string>> = {
  "，": ",",
  "：": ":",
  "［": "[",
  "］": "]",
  "｛": "{",
  "｝": "}",
  "＂": '"',
};

const CLOSERS = { "[": "]", "{": "}" } as const;

/**
 * Reads a value in brackets, as in JSON, and returns where it ends, as the offset of its last character, or the slip
 * because of which it does not. Lines are read as their author meant them: a closing bracket at the beginning of a line
 * is indented like the line that opened it, and no quote continues past the end of a line. It reads each character
 * once.
 *
 * @param from   offset of the opening bracket
 * @param indent indentation of the key it belongs to; -1: there is none
 */
export function findFlowSlip(source: string, from: number, indent: number): number | YamlSlip {
  const brackets: Bracket[] = [];
  let lineStart = source.lastIndexOf("\n", from - 1) + 1;
  let lineIndent = indentOf(source, lineStart);
  let at = from;

  const lineOf = (offset: number) => source.slice(0, offset).split("\n").length;
  const unclosed = ({ sign, at: where }: Bracket): YamlSlip => ({
    offset: where,
    message: `this ${sign} is not closed: write ${CLOSERS[sign]} at its end`,
  });
  /** A word, quote or bracket begins: a slip if the comma before it is missing. */
  const beginToken = (top: Bracket | undefined, start: number, isWord: boolean): YamlSlip | null => {
    const last = top?.tokens.at(-1);
    if (top === undefined || last === undefined) return null;
    const hasBegun = top.colonAt === null || last.start > top.colonAt;
    const isElsewhere = last.end <= lineStart;
    if (!hasBegun || (isWord && !last.isOver) || (!last.isOver && !isElsewhere)) return null;
    const isKey = top.sign === "{" && top.colonAt === null && !isElsewhere;
    return { offset: isElsewhere ? last.end : start, message: isKey ? MISSING_COLON : MISSING_COMMA };
  };

  while (at < source.length) {
    const sign = source[at]!;
    const top = brackets.at(-1);
    if (sign === "\n" || sign === "\r") {
      at += 1;
      lineStart = at;
      lineIndent = indentOf(source, at);
      continue;
    }
    if (/\s/.test(sign)) {
      at += 1;
      continue;
    }
    if (sign === "#" && (at === lineStart || /\s/.test(source[at - 1]!))) {
      at = endOfLine(source, at);
      continue;
    }
    const isFirst = at === lineStart + lineIndent && at !== from;
    const closes = sign === "]" || sign === "}";
    if (isFirst && top !== undefined) {
      if (MERGE_MARK.test(source.slice(at, Math.min(endOfLine(source, at), at + 8))))
        return { offset: at, message: MERGE_MESSAGE };
      if (lineIndent <= indent) {
        if (source[lineStart] === "\t")
          return { offset: lineStart, message: "this line is indented with a tab: use spaces" };
        if (!closes) return unclosed(top);
        return {
          offset: at,
          message: `indent this ${sign} deeper than the key of line ${lineOf(from)}, or write it behind the line above`,
        };
      }
      if (closes && lineIndent < top.lineIndent) return unclosed(top);
      if (!closes && sign !== ",") {
        top.entryIndent ??= lineIndent;
        if (lineIndent < top.entryIndent && lineIndent <= top.lineIndent) {
          const message = `the ${top.sign} of line ${lineOf(top.at)} is not closed above this line: write ${CLOSERS[top.sign]} there`;
          return { offset: at, message };
        }
      }
    }
    if (closes) {
      if (top === undefined) return at;
      if (CLOSERS[top.sign] !== sign) {
        if (top.danglingColon !== null) return { offset: top.danglingColon, message: NOTHING_BEHIND };
        const other = sign === "]" ? "[" : "{";
        const message = `this ${sign} does not fit the ${top.sign} of line ${lineOf(top.at)}: write ${CLOSERS[top.sign]} here, or ${other} there`;
        return { offset: at, message };
      }
      brackets.pop();
      if (brackets.length === 0) return at;
      brackets.at(-1)!.tokens.push({ start: top.at, end: at + 1, isOver: true });
      at += 1;
    } else if (sign === "[" || sign === "{") {
      const word = top?.tokens.at(-1);
      const bracketed = word?.isOver === false && word.end === at ? bracketInWord(source, word.start, at) : null;
      if (word !== undefined && bracketed !== null) return { offset: word.start, message: bracketed };
      const missing = beginToken(top, at, false);
      if (missing !== null) return missing;
      brackets.push({ sign, at, lineIndent, entryIndent: null, colonAt: null, tokens: [], danglingColon: null });
      at += 1;
    } else if (sign === '"' || sign === "'") {
      const missing = beginToken(top, at, false);
      if (missing !== null) return missing;
      const end = endOfQuoteInLine(source, at);
      if (typeof end === "object") return end;
      top?.tokens.push({ start: at, end: end + 1, isOver: true });
      at = end + 1;
    } else if (sign === ",") {
      const isAlone = isFirst && /^[ \t]*$/.test(source.slice(at + 1, endOfLine(source, at)));
      if (isAlone && top !== undefined) {
        const message = `the ${top.sign} of line ${lineOf(top.at)} is not closed: write ${CLOSERS[top.sign]} in front of this comma`;
        return { offset: at, message };
      }
      if (top?.tokens.length === 0) return { offset: at, message: "a comma too many: remove one" };
      if (top !== undefined) [top.tokens, top.colonAt] = [[], null];
      at += 1;
    } else if (sign === ":" && (top?.tokens.at(-1)?.isOver === true || /[\s,[\]{}]/.test(source[at + 1] ?? " "))) {
      const slip = top === undefined ? null : colon(source, top, at);
      if (slip !== null) return slip;
      at += 1;
    } else {
      let end = at;
      while (end < source.length && !endsWord(source, end)) end += 1;
      if (end === at) end += 1;
      const wide = wideIn(source.slice(at, end));
      if (wide !== null) return { offset: at + wide.at, message: wideMessage(wide.sign) };
      const missing = beginToken(top, at, true);
      if (missing !== null) return missing;
      top?.tokens.push({ start: at, end, isOver: false });
      at = end;
    }
  }
  return brackets.length === 0 ? from : unclosed(brackets.at(-1)!);
}

/** `github-actions[bot]`: without quotes, the bracket begins a list. `null`: it is not in such a word. */
function bracketInWord(source: string, start: number, at: number): string | null {
  const [name] = /^[\w.-]{1,60}\[[\w-]{1,20}\](?=[\s,:\]}]|$)/.exec(source.slice(start, start + 100)) ?? [];
  return name === undefined || name.indexOf("[") !== at - start
    ? null
    : `a name with a bracket in it needs quotes: write "${name}"`;
}

const MISSING_COMMA = "a comma is missing between two entries here";
const MISSING_COLON = "a colon is missing between name and value here";
const NOTHING_BEHIND = "nothing stands behind this colon: write the value, or the bracket that opens it";

function colon(source: string, top: Bracket, at: number): YamlSlip | null {
  const isDangling = /^[ \t]*(?:#.*)?$/.test(source.slice(at + 1, Math.min(endOfLine(source, at), at + 200)));
  if (top.colonAt === null) {
    top.colonAt = at;
    if (isDangling) top.danglingColon = at;
    return null;
  }
  // A second colon in one entry: what precedes it is a key.
  const [before, key] = top.tokens.slice(-2);
  if (key === undefined || before === undefined || before.start < top.colonAt) {
    return { offset: top.colonAt, message: top.danglingColon === top.colonAt ? NOTHING_BEHIND : TWO_COLONS };
  }
  const isElsewhere = source.slice(before.end, key.start).includes("\n");
  return { offset: isElsewhere ? before.end : key.start, message: MISSING_COMMA };
}

const TWO_COLONS = 'a colon in a value needs quotes, "like this", around the whole value';

/** Names the character that was meant. */
export function wideMessage(sign: string): string {
  return `this ${sign} is a wide one, as some keyboards type it: write ${WIDE[sign]} instead`;
}

/**
 * A wide character where one of YAML's own was meant: after a name, at the end of a word, or before one; `null`: there
 * is none.
 */
export function wideIn(text: string): { readonly at: number; readonly sign: string } | null {
  const [name = ""] = /^[\w-]{1,60}：/.exec(text) ?? [];
  const last = text.trimEnd().length - 1;
  const at = name !== "" ? name.length - 1 : "［｛＂".includes(text[0] ?? " ") ? 0 : last;
  const isWide = name !== "" || at === 0 || "，］｝＂".includes(text[last] ?? " ");
  return isWide && WIDE[text[at] ?? ""] !== undefined ? { at, sign: text[at]! } : null;
}

function endsWord(source: string, at: number): boolean {
  const sign = source[at]!;
  if (/[,[\]{}\r\n]/.test(sign)) return true;
  if (sign === ":") return /[\s,[\]{}]/.test(source[at + 1] ?? " ");
  return sign === "#" && /\s/.test(source[at - 1] ?? " ");
}

function endOfQuoteInLine(source: string, from: number): number | YamlSlip {
  const quote = source[from]!;
  for (let at = from + 1; at < source.length; at += 1) {
    const sign = source[at]!;
    if (sign === "\n" || sign === "\r") break;
    if (sign === "\\" && quote === '"') {
      if (!/[0abt\tnvfre "/\\N_LPxuU\r\n]/.test(source[at + 1] ?? ""))
        return { offset: at, message: MEANINGLESS_ESCAPE };
      at += 1;
    } else if (sign === quote) {
      if (quote === "'" && source[at + 1] === "'") at += 1;
      else return at;
    }
  }
  return { offset: from, message: `this quote is not closed: write ${quote} at the end of the value` };
}

/** The conflict markers a merge leaves at the beginning of a line. */
export const MERGE_MARK = /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/;
export const MERGE_MESSAGE = "a merge left this mark: keep one of the two versions, and remove the marks";

/** For a backslash that means nothing in YAML. */
export const MEANINGLESS_ESCAPE = "this \\ means nothing between double quotes: use single quotes, or write \\\\";

function indentOf(source: string, at: number): number {
  let end = at;
  while (source[end] === " " || source[end] === "\t") end += 1;
  return end - at;
}

function endOfLine(source: string, at: number): number {
  let end = at;
  while (end < source.length && source[end] !== "\n" && source[end] !== "\r") end += 1;
  return end;
}
