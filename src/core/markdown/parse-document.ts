import type { StateBlock, StateInline, Token } from "markdown-it";
import MarkdownIt from "markdown-it";
import { remembered } from "../remembered.ts";

/**
 * Longest text that is parsed, in UTF-16 code units: as much as GitHub accepts. It accepts 262,144 bytes of UTF-8 in an
 * issue or a comment, although its error message speaks of 65,536 characters, and no text has more code units
 * than bytes. The rest is not read.
 */
export const MAX_BODY_LENGTH = 262_144;
/**
 * The most lines that are parsed. A text within GitHub's length has more only if it was written to be expensive. The
 * rest is not read.
 */
export const MAX_BODY_LINES = 12_000;

/** Whether a text continues after the part that is read. */
export function isCut(body: string): boolean {
  return body.length > MAX_BODY_LENGTH || body.split(/\r\n?|\n/, MAX_BODY_LINES + 1).length > MAX_BODY_LINES;
}

/** A parsed Markdown text. Line numbers in the tokens' `map` are 0-based indexes into `lines`. */
export interface MarkdownDocument {
  readonly lines: readonly string[];
  /** Block tokens; the inline ones among them are not parsed yet: `inline` does that, for the ones that matter. */
  readonly blocks: readonly Token[];
  /** The tables, which have no tokens: first and last line as in `map`. */
  readonly tables: readonly (readonly [number, number])[];
  /** The tokens of an `inline` block. Line breaks carry `meta.next`: where the next line starts in `content`. */
  inline(block: Pick<Token, "content">): readonly Token[];
}

/*
 * markdown-it and not micromark: on 64 KiB of hostile input it stays linear, where micromark takes seconds to
 * minutes, and ordinary text parses about ten times faster. Bare addresses stay text: nobody here needs links.
 */
const parser = createParser();
/** For text with brackets nested deeper than anybody would write: finding where they end is slow. */
const parserWithoutLinks = createParser().disable(["link", "image"]);
/** For text with more emphasis marks than anybody would write: pairing them is slow. */
const parserWithoutEmphasis = createParser().disable(["link", "image", "emphasis", "strikethrough"]);
const DEEPEST_BRACKETS = 100;
const MOST_EMPHASIS_MARKS = 4_000;

function createParser() {
  const created = new MarkdownIt({ html: true });
  created.inline.ruler.before("newline", "line_break", lineBreak);
  created.block.ruler.at("table", tableWithoutCells(created), { alt: ["paragraph", "reference"] });
  created.block.ruler.at("reference", referenceButNoFootnote(created));
  created.inline.ruler.at("strikethrough", tildes);
  created.inline.ruler2.at("strikethrough", pairTildes);
  // URLs are read as written: nobody follows them here, and normalizing each costs more than everything else.
  created.normalizeLink = (url) => url;
  created.normalizeLinkText = (text) => text;
  return created;
}

/** The stock rule for `[name]: address`, but not for `[^1]: word`, which is a footnote (GitHub docs, "Footnotes"). */
function referenceButNoFootnote(created: Parser): BlockRule {
  const stock = created.block.ruler.getRules("").find(({ name }) => name === "reference");
  // So the pinned version names it; the tests of definitions fail when that changes.
  if (stock === undefined) throw new Error("markdown-it has no rule for references");
  return (state, startLine, endLine, silent) =>
    !state.src.startsWith("[^", state.bMarks[startLine]! + state.tShift[startLine]!) &&
    stock(state, startLine, endLine, silent);
}

/** The stock rule for where a table ends, without its cells: nobody here reads them, and a row may have 65,536. */
function tableWithoutCells(created: Parser): BlockRule {
  const stock = created.block.ruler.getRules("")[0];
  // The pinned version's first rule is the one for tables; the tests of tables fail when that changes.
  if (stock === undefined) throw new Error("markdown-it has no rule for tables");
  const rule: BlockRule = (state, startLine, endLine, silent) => {
    const { headers } = state.env as unknown as ParserEnvironment;
    if (headers.has(startLine) || isTableOfOneColumn(created, rule, state, startLine, endLine)) {
      // After a paragraph, `2) ` does not begin a list: a header there is still one when the paragraph has ended above
      // it.
      if (silent && state.parentType === "paragraph") headers.add(startLine);
      if (!silent) {
        const end = endOfTable(created, state, startLine, endLine);
        (state.env as unknown as ParserEnvironment).tables.push([startLine, end]);
        state.line = end;
      }
      return true;
    }
    if (silent) return stock(state, startLine, endLine, true);
    const cell = new state.Token("", "", 0);
    state.push = () => cell;
    try {
      const found = stock(state, startLine, endLine, false);
      if (found) (state.env as unknown as ParserEnvironment).tables.push([startLine, state.line]);
      return found;
    } finally {
      // Makes the method of the class visible again.
      Reflect.deleteProperty(state, "push");
    }
  };
  return rule;
}

/** One cell: dashes with a bar or a colon beside them. Dashes alone underline a heading. */
const DELIMITER_OF_ONE = /^(?:\|[ \t]*:?-+:?[ \t]*\|?|:?-+:?[ \t]*\||:-+:?|-+:)$/;

/**
 * GitHub needs no bar in the header of a table (GitHub Flavored Markdown Spec, 4.10: the header must match the delimiter
 * row in the number of cells); the stock rule does.
 */
function isTableOfOneColumn(
  { block }: Parser,
  self: BlockRule,
  state: StateBlock,
  startLine: number,
  endLine: number,
): boolean {
  if (startLine + 2 > endLine) return false;
  const indent = (line: number): number => state.sCount[line]! - state.blkIndent;
  if (indent(startLine) >= 4 || indent(startLine + 1) < 0 || indent(startLine + 1) >= 4) return false;
  if (!DELIMITER_OF_ONE.test(lineOf(state, startLine + 1))) return false;
  const header = lineOf(state, startLine);
  if (header === "" || header.includes("|")) return false;
  // A line that begins a block of its own is not a header.
  return !block.ruler.getRules("paragraph").some((rule) => rule !== self && rule(state, startLine, endLine, true));
}

/** The line after the last row: a table ends where another block begins, or at an empty line. */
function endOfTable({ block }: Parser, state: StateBlock, startLine: number, endLine: number): number {
  const others = block.ruler.getRules("blockquote");
  let line = startLine + 2;
  while (line < endLine && lineOf(state, line) !== "") {
    const indent = state.sCount[line]! - state.blkIndent;
    if (indent < 0 || indent >= 4 || others.some((rule) => rule(state, line, endLine, true))) break;
    line += 1;
  }
  return line;
}

function lineOf(state: StateBlock, line: number): string {
  return state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line]).trim();
}

const TILDE = 0x7e;

/**
 * One tilde strikes through as two do, and both ends have the same number (GitHub docs, "Basic writing and formatting
 * syntax"; GitHub Flavored Markdown Spec, 6.5). The stock rule knows only two.
 */
function tildes(state: StateInline, silent: boolean): boolean {
  if (silent || state.src.charCodeAt(state.pos) !== TILDE) return false;
  const { length, can_open: open, can_close: close } = state.scanDelims(state.pos, true);
  state.push("text", "", 0).content = "~".repeat(length);
  if (length <= 2) {
    // A separate marker for each number, so that one is not paired with two.
    const marker = length === 1 ? -TILDE : TILDE;
    state.delimiters.push({ marker, length: 0, token: state.tokens.length - 1, end: -1, open, close });
  }
  state.pos += length;
  return true;
}

function pairTildes(state: StateInline): void {
  const all = [state.delimiters, ...state.tokens_meta.flatMap((meta) => (meta?.delimiters ? [meta.delimiters] : []))];
  for (const delimiters of new Set(all)) {
    for (const { marker, token, end } of delimiters) {
      if (Math.abs(marker) !== TILDE || end === -1) continue;
      Object.assign(state.tokens[token]!, { type: "s_open", tag: "s", nesting: 1, content: "" });
      Object.assign(state.tokens[delimiters[end]!.token]!, { type: "s_close", tag: "s", nesting: -1, content: "" });
    }
  }
}

type Parser = ReturnType<typeof createParser>;
/** What the rules produce besides tokens; markdown-it keeps the link definitions in it. */
interface ParserEnvironment extends Record<PropertyKey, unknown> {
  readonly tables: [number, number][];
  /** Lines that end a paragraph because they are the header of a one-column table. */
  readonly headers: Set<number>;
}
type BlockRule = (state: StateBlock, startLine: number, endLine: number, silent: boolean) => boolean;

function inlineParserFor(content: string): Parser {
  if ((content.match(/[*_~]/g)?.length ?? 0) > MOST_EMPHASIS_MARKS) return parserWithoutEmphasis;
  return bracketDepth(content) > DEEPEST_BRACKETS ? parserWithoutLinks : parser;
}

/** The most brackets that are open at the same time. */
function bracketDepth(content: string): number {
  let depth = 0;
  let deepest = 0;
  for (const bracket of content.match(/[[\]]/g) ?? []) {
    depth = bracket === "[" ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Soft and hard line breaks alike, with the position where the next line starts, which the stock rules do not keep. */
function lineBreak(state: StateInline, silent: boolean): boolean {
  let at = state.pos;
  if (state.src[at] === "\\") at += 1;
  if (state.src[at] !== "\n") return false;
  let next = at + 1;
  while (state.src[next] === " " || state.src[next] === "\t") next += 1;
  if (!silent) state.push("softbreak", "br", 0).meta = { next };
  state.pos = next;
  return true;
}

/**
 * Parses GitHub-flavoured Markdown (strikethrough, raw HTML) as blocks; tables are skipped. Never throws.
 *
 * (A-080)
 */
export const parseDocument = remembered((body: string): MarkdownDocument => {
  const lines = body
    .slice(0, MAX_BODY_LENGTH)
    .replace(/\r\n?/g, "\n")
    .replaceAll("\0", "\uFFFD")
    .split("\n", MAX_BODY_LINES);
  const source = lines.join("\n");
  const env: ParserEnvironment = { tables: [], headers: new Set() };
  const blocks: Token[] = [];
  parser.block.parse(source, parser, env, blocks);
  return {
    lines,
    blocks,
    tables: env.tables,
    inline(block) {
      const tokens: Token[] = [];
      const inlineParser = inlineParserFor(block.content);
      inlineParser.inline.parse(block.content, inlineParser, env, tokens);
      return tokens;
    },
  };
});
