import type { Token } from "markdown-it";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";

/** A line of ordinary text: part of a paragraph at the top level or in a list item. */
export interface TextLine {
  /** 1-based line of the body. */
  readonly line: number;
  /** The line as written, with indentation and list marker. */
  readonly raw: string;
  /** The line as written, without indentation and list marker. */
  readonly content: string;
  /** The line starts with plain text: not inside emphasis, a link, a code span or an HTML element. */
  readonly startsPlain: boolean;
  /** What a reader sees as text: no code, no HTML, no images. The address of a link follows its text. */
  readonly text: string;
}

/** A line that was typed as a line of its own, but that Markdown makes part of something else. */
export interface SwallowedLine {
  /** 1-based line of the body. */
  readonly line: number;
  /** The line as written, without indentation. */
  readonly content: string;
}

/** What `readLines` finds. */
export interface ReadLines {
  readonly text: readonly TextLine[];
  readonly swallowed: readonly SwallowedLine[];
}

/**
 * Elements whose content is not the author speaking plainly. Unknown names (`<service>` in prose) are not elements:
 * GitHub drops them. `p`, `li`, `td` and their like are left out: HTML lets them stay open.
 */
const HIDING_ELEMENTS: ReadonlySet<string> = new Set(
  (
    "a b blockquote code del details div dl em figure h1 h2 h3 h4 h5 h6 i ins kbd mark ol pre q s samp strike " +
    "strong sub summary sup table tt ul var"
  ).split(" "),
);

/** The ones among them that quote, fold away or take back what is in them. */
const QUOTING_ELEMENTS: ReadonlySet<string> = new Set(
  "a blockquote code del details kbd pre q s samp strike summary tt var".split(" "),
);

/**
 * HTML that nobody sees, or that is shown as code, up to its end: comments, instructions, declarations, scripts,
 * `<pre>`.
 */
const UNSEEN_HTML = /^ {0,3}<(?:[!?]|(?:pre|script|style|textarea)\b)/i;

/** The start of a footnote's text (GitHub docs, "Basic writing and formatting syntax"). */
const FOOTNOTE = /^ {0,3}\[\^[^\]\n]{1,200}\]:/;

/**
 * The lines of ordinary text of a body, in order.
 *
 * Nothing from code, block quotes, headings, tables, footnotes, HTML elements or comments.
 *
 * @param isWanted given a line as written, says whether it matters; text without such a line is not parsed further.
 */
export function textLines(body: string, isWanted: (raw: string) => boolean = () => true): readonly TextLine[] {
  return readLines(body, isWanted).text;
}

/**
 * The lines of ordinary text, and the wanted lines that are not although they were typed as lines of their own:
 * directly below a quote, an image or `</details>`; above a line that makes them a heading or the header of a table; in
 * a table that no empty line ends; between two emphasis marks. Each list is in order.
 *
 * @param isWanted given a line as written, says whether it matters. Not asked about lines that start with `>`, `#` or
 *   an emphasis mark.
 */
export function readLines(body: string, isWanted: (raw: string) => boolean): ReadLines {
  const document = parseDocument(body);
  const text: TextLine[] = [];
  const swallowed: SwallowedLine[] = [];
  const openElements: string[] = [];
  const isQuoted = (): boolean => openElements.some((name) => QUOTING_ELEMENTS.has(name));
  const tables = [...document.tables];
  const passTables = (before: number): void => {
    while (tables.length > 0 && tables[0]![0] < before) {
      const [from, to] = tables.shift()!;
      // A line with a bar was typed as a row.
      const isLoose = (raw: string): boolean => !raw.includes("|") && isWanted(raw);
      if (!isQuoted()) swallowed.push(...wantedOf(document.lines.slice(from, to), from, isLoose));
    }
  };
  let quotes = 0;
  for (const [index, block] of document.blocks.entries()) {
    if (block.map !== null && block.nesting >= 0) passTables(block.map[0]);
    if (block.type === "blockquote_open") quotes += 1;
    else if (block.type === "blockquote_close") quotes -= 1;
    else if (block.type === "html_block") {
      if (quotes > 0) continue;
      if (UNSEEN_HTML.test(block.content)) followHtml(openElements, block.content);
      else swallowed.push(...linesOfHtml(document, block, isWanted, openElements));
    } else if (block.type === "inline") {
      const isText = quotes === 0 && document.blocks[index - 1]?.type === "paragraph_open";
      // Whatever a quote or a heading opens ends with it.
      const open = isText ? openElements : [...openElements];
      for (const { isHidden, ...line } of paragraphLines(document, block, isWanted, open)) {
        if (isText) text.push(line);
        if ((!isText || !line.startsPlain) && !isHidden && isWanted(line.raw)) {
          swallowed.push({ line: line.line, content: line.content });
        }
      }
    }
  }
  passTables(document.lines.length);
  return { text, swallowed };
}

type ParagraphLine = TextLine & {
  /** Struck through, in a link, or inside an element that quotes. */
  readonly isHidden: boolean;
};

function paragraphLines(
  document: MarkdownDocument,
  block: Token,
  isWanted: (raw: string) => boolean,
  openElements: string[],
): readonly ParagraphLine[] {
  const [from, to] = block.map!;
  const wanted = document.lines.slice(from, to).some(isWanted);
  if (!wanted && !/<[a-z/]/i.test(block.content)) return [];
  // A footnote's text belongs to the footnote; the parser has no footnotes, and takes some for link definitions.
  const isFootnote = FOOTNOTE.test(block.content) || FOOTNOTE.test(document.lines[from - 1] ?? "");

  const found: ParagraphLine[] = [];
  let line = from;
  let offset = 0;
  let hiding = 0;
  const isHiddenNow = (): boolean => hiding > 0 || openElements.some((name) => QUOTING_ELEMENTS.has(name));
  let startsPlain = openElements.length === 0;
  let isHidden = isHiddenNow();
  let text = "";
  const finish = (): void => {
    const raw = document.lines[line]!;
    if (isFootnote || !isWanted(raw)) return;
    const end = block.content.indexOf("\n", offset);
    const content = block.content.slice(offset, end === -1 ? undefined : end);
    found.push({ line: line + 1, raw, content, startsPlain, text, isHidden });
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
      isHidden = isHiddenNow();
      atStart = true;
      text = "";
      continue;
    }
    if (atStart && token.type !== "text") startsPlain = false;
    atStart = false;
    if (token.type === "s_open" || token.type === "link_open") hiding += 1;
    if (token.type === "s_close" || token.type === "link_close") hiding -= 1;
    if (token.type === "html_inline") followHtml(openElements, token.content);
    else if (token.type === "link_open") text += ` ${String(token.attrGet("href") ?? "")} `;
    else if (openElements.length === 0 && (token.type === "text" || token.type === "text_special")) {
      text += token.content;
    }
  }
  finish();
  return found;
}

function wantedOf(
  lines: readonly string[],
  from: number,
  isWanted: (raw: string) => boolean,
): readonly SwallowedLine[] {
  return lines.flatMap((raw, at) => (isWanted(raw) ? [{ line: from + at + 1, content: raw.trim() }] : []));
}

/** The wanted lines between the tags of an HTML block, outside its comments. */
function linesOfHtml(
  document: MarkdownDocument,
  block: Token,
  isWanted: (raw: string) => boolean,
  openElements: string[],
): readonly SwallowedLine[] {
  const [from, to] = block.map!;
  const found: SwallowedLine[] = [];
  let isComment = false;
  for (const [at, raw] of document.lines.slice(from, to).entries()) {
    const isQuoted = openElements.some((name) => QUOTING_ELEMENTS.has(name));
    if (!isComment && !isQuoted) found.push(...wantedOf([raw], from + at, isWanted));
    const end: number = isComment ? raw.indexOf("-->") : 0;
    if (end === -1) continue;
    const shown: string = isComment ? raw.slice(end) : raw;
    isComment = shown.lastIndexOf("<!--") > shown.lastIndexOf("-->");
    followHtml(openElements, shown);
  }
  return found;
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
