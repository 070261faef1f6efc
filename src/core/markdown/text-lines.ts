import type { Token } from "markdown-it";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";

/** A line of ordinary text: of a paragraph at the top level or in a list item. */
export interface TextLine {
  /** 1-based line of the body. */
  readonly line: number;
  /** The line as written, with indentation and list marker. */
  readonly raw: string;
  /** The line starts with plain text: not inside emphasis, a link, a code span or an HTML element. */
  readonly startsPlain: boolean;
  /** What a reader sees as text: no code, no HTML, no images. The address of a link follows its text. */
  readonly text: string;
}

/**
 * Elements whose content is not the author's plain voice. Unknown names (`<service>` in prose) are no elements:
 * GitHub drops them. `p`, `li`, `td` and their like are left out: HTML lets them stay open.
 */
const HIDING_ELEMENTS: ReadonlySet<string> = new Set(
  (
    "a b blockquote code del details div dl em figure h1 h2 h3 h4 h5 h6 i ins kbd mark ol pre q s samp strike " +
    "strong sub summary sup table tt ul var"
  ).split(" "),
);

/** The start of a footnote's text (GitHub docs, "Basic writing and formatting syntax"). */
const FOOTNOTE = /^ {0,3}\[\^[^\]\n]{1,200}\]:/;

/**
 * The lines of ordinary text of a body, in order.
 *
 * Nothing from code, block quotes, headings, tables, footnotes or inside HTML elements and comments.
 *
 * @param isWanted says by the line as written whether a line matters; text without such a line is not parsed further.
 */
export function textLines(body: string, isWanted: (raw: string) => boolean = () => true): readonly TextLine[] {
  const document = parseDocument(body);
  const found: TextLine[] = [];
  const openElements: string[] = [];
  let quotes = 0;
  for (const [index, block] of document.blocks.entries()) {
    if (block.type === "blockquote_open") quotes += 1;
    else if (block.type === "blockquote_close") quotes -= 1;
    else if (quotes > 0) continue;
    else if (block.type === "html_block") followHtml(openElements, block.content);
    else if (block.type === "inline" && document.blocks[index - 1]?.type === "paragraph_open") {
      paragraphLines(document, block, isWanted, openElements, found);
    }
  }
  return found;
}

function paragraphLines(
  document: MarkdownDocument,
  block: Token,
  isWanted: (raw: string) => boolean,
  openElements: string[],
  found: TextLine[],
): void {
  const [from, to] = block.map!;
  const wanted = document.lines.slice(from, to).some(isWanted);
  if (!wanted && !/<[a-z/]/i.test(block.content)) return;
  // A footnote's text belongs to the footnote; the parser knows none, and takes some for link definitions.
  const isFootnote = FOOTNOTE.test(block.content) || FOOTNOTE.test(document.lines[from - 1] ?? "");

  let line = from;
  let offset = 0;
  let startsPlain = openElements.length === 0;
  let text = "";
  const finish = (): void => {
    const raw = document.lines[line]!;
    if (!isFootnote && isWanted(raw)) found.push({ line: line + 1, raw, startsPlain, text });
  };
  let atStart = true;
  for (const token of document.inline(block)) {
    if (token.type === "softbreak") {
      finish();
      const next = token.meta!["next"] as number;
      // Not one line per break: a code span or a link's address may hold line breaks of its own.
      line += countLineBreaks(block.content, offset, next);
      offset = next;
      startsPlain = token.level === 0 && openElements.length === 0;
      atStart = true;
      text = "";
      continue;
    }
    if (atStart && token.type !== "text") startsPlain = false;
    atStart = false;
    if (token.type === "html_inline") followHtml(openElements, token.content);
    else if (token.type === "link_open") text += ` ${String(token.attrGet("href") ?? "")} `;
    else if (openElements.length === 0 && (token.type === "text" || token.type === "text_special")) {
      text += token.content;
    }
  }
  finish();
}

function countLineBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** Keeps the list of elements that raw HTML has opened and not closed yet. */
function followHtml(openElements: string[], html: string): void {
  const withoutComments = html.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  for (const tag of withoutComments.matchAll(/<(\/?)([a-z][a-z0-9]*)\b/gi)) {
    const name = tag[2]!.toLowerCase();
    if (!HIDING_ELEMENTS.has(name)) continue;
    if (tag[1] === "") {
      // Beyond this depth nobody writes commands; the list stays short on hostile input.
      if (openElements.length < 100) openElements.push(name);
    } else {
      const opened = openElements.lastIndexOf(name);
      if (opened !== -1) openElements.length = opened;
    }
  }
}
