import type { StateInline, Token } from "markdown-it";
import MarkdownIt from "markdown-it";

/** Longest text that is parsed, in UTF-16 code units: GitHub's own limit for a body or comment. The rest is not read. */
export const MAX_BODY_LENGTH = 65_536;

/** A parsed Markdown text. Line numbers in the tokens' `map` are 0-based indexes into `lines`. */
export interface MarkdownDocument {
  readonly lines: readonly string[];
  /** Block tokens; the inline ones among them are not parsed yet: `inline` does that, for those that matter. */
  readonly blocks: readonly Token[];
  /** The tokens of an `inline` block. Line breaks carry `meta.next`: where the next line starts in `content`. */
  inline(block: Token): readonly Token[];
}

/*
 * markdown-it and not micromark: on 64 KiB of hostile input it stays linear, where micromark takes seconds to
 * minutes, and ordinary text parses about ten times faster. Bare addresses stay text: nobody here needs links.
 */
const parser = createParser();
/** For text with a great many opening brackets that nothing closes: searching their ends is the one slow case left. */
const parserWithoutLinks = createParser().disable(["link", "image"]);
const MAX_UNCLOSED_BRACKETS = 1_000;

function createParser() {
  const created = new MarkdownIt({ html: true });
  created.inline.ruler.before("newline", "line_break", lineBreak);
  return created;
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

/** Parses GitHub-flavoured Markdown (tables, strikethrough, raw HTML) as blocks. Never throws. */
export function parseDocument(body: string): MarkdownDocument {
  const source = body.slice(0, MAX_BODY_LENGTH).replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");
  const env = {};
  const blocks: Token[] = [];
  parser.block.parse(source, parser, env, blocks);
  return {
    lines: source.split("\n"),
    blocks,
    inline(block) {
      const tokens: Token[] = [];
      const unclosed = block.content.split("[").length - block.content.split("]").length;
      const inlineParser = unclosed > MAX_UNCLOSED_BRACKETS ? parserWithoutLinks : parser;
      inlineParser.inline.parse(block.content, inlineParser, env, tokens);
      return tokens;
    },
  };
}
