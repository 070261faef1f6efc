import type { StateBlock, StateInline, Token } from "markdown-it";
import MarkdownIt from "markdown-it";

/** Longest text that is parsed, in UTF-16 code units: GitHub's own limit for a body or comment. The rest is not read. */
export const MAX_BODY_LENGTH = 65_536;
/** Most lines that are parsed. Text of GitHub's length has so many only when it is made to cost. The rest is not read. */
export const MAX_BODY_LINES = 3_000;

/** A parsed Markdown text. Line numbers in the tokens' `map` are 0-based indexes into `lines`. */
export interface MarkdownDocument {
  readonly lines: readonly string[];
  /** Block tokens; the inline ones among them are not parsed yet: `inline` does that, for those that matter. */
  readonly blocks: readonly Token[];
  /** The tables, which have no tokens: from and to as in `map`. */
  readonly tables: readonly (readonly [number, number])[];
  /** The tokens of an `inline` block. Line breaks carry `meta.next`: where the next line starts in `content`. */
  inline(block: Token): readonly Token[];
}

/*
 * markdown-it and not micromark: on 64 KiB of hostile input it stays linear, where micromark takes seconds to
 * minutes, and ordinary text parses about ten times faster. Bare addresses stay text: nobody here needs links.
 */
const parser = createParser();
/** For text with brackets so deep that nobody wrote them: searching their ends is slow. */
const parserWithoutLinks = createParser().disable(["link", "image"]);
/** For text with so many marks of emphasis that nobody wrote them: pairing them is slow. */
const parserWithoutEmphasis = createParser().disable(["link", "image", "emphasis", "strikethrough"]);
const DEEPEST_BRACKETS = 100;
const MOST_EMPHASIS_MARKS = 4_000;

function createParser() {
  const created = new MarkdownIt({ html: true });
  created.inline.ruler.before("newline", "line_break", lineBreak);
  created.block.ruler.at("table", tableWithoutCells(created), { alt: ["paragraph", "reference"] });
  // Addresses are read as written: nobody follows them here, and to normalize each costs more than all the rest.
  created.normalizeLink = (url) => url;
  created.normalizeLinkText = (text) => text;
  return created;
}

/** The stock rule, which finds where a table ends, without its cells: nobody here reads them, and a row may have 65,536. */
function tableWithoutCells(created: Parser): BlockRule {
  const stock = created.block.ruler.getRules("")[0];
  // The pinned version's first rule is the one for tables; the tests of tables fail when that changes.
  if (stock === undefined) throw new Error("markdown-it has no rule for tables");
  return (state, startLine, endLine, silent) => {
    if (silent) return stock(state, startLine, endLine, true);
    const cell = new state.Token("", "", 0);
    state.push = () => cell;
    try {
      const found = stock(state, startLine, endLine, false);
      if (found) (state.env as unknown as ParserEnvironment).tables.push([startLine, state.line]);
      return found;
    } finally {
      // The method of the class shows again.
      Reflect.deleteProperty(state, "push");
    }
  };
}

type Parser = ReturnType<typeof createParser>;
/** What the rules leave behind besides tokens; markdown-it keeps the link definitions in it. */
interface ParserEnvironment extends Record<PropertyKey, unknown> {
  readonly tables: [number, number][];
}
type BlockRule = (state: StateBlock, startLine: number, endLine: number, silent: boolean) => boolean;

function inlineParserFor(content: string): Parser {
  if ((content.match(/[*_~]/g)?.length ?? 0) > MOST_EMPHASIS_MARKS) return parserWithoutEmphasis;
  return bracketDepth(content) > DEEPEST_BRACKETS ? parserWithoutLinks : parser;
}

/** How many brackets are open at the same time, at most. */
function bracketDepth(content: string): number {
  let depth = 0;
  let deepest = 0;
  for (const bracket of content.match(/[[\]]/g) ?? []) {
    depth = bracket === "[" ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Soft and hard line breaks alike, with the place where the next line starts; the stock rules do not keep it. */
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

/** Parses GitHub-flavoured Markdown (strikethrough, raw HTML) as blocks; tables are passed over. Never throws. */
export function parseDocument(body: string): MarkdownDocument {
  const lines = body
    .slice(0, MAX_BODY_LENGTH)
    .replace(/\r\n?/g, "\n")
    .replaceAll("\0", "\uFFFD")
    .split("\n", MAX_BODY_LINES);
  const source = lines.join("\n");
  const env: ParserEnvironment = { tables: [] };
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
}
