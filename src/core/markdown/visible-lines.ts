import MarkdownIt, { type Token } from "markdown-it";
import { remembered } from "../remembered.ts";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";

/**
 * Characters no font draws: joiners, fillers that count as letters, direction marks (Unicode,
 * Default_Ignorable_Code_Point).
 */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
/** `[^1]`: a reference to a footnote. GitHub shows a small number. */
const FOOTNOTE_CALL = /\[\^([^[\]\s]{1,100})\]/g;
/** `[^1]: text`: the footnote itself. GitHub moves it to the end, and leaves it out when nothing refers to it. */
const FOOTNOTE = /^\[\^([^\]\s]{1,100})\]:/;

const { unescapeAll } = new MarkdownIt().utils;

/** A line as a reader sees it. */
export interface VisibleLine {
  readonly text: string;
  /**
   * `heading` and `label` name what accompanies them and say nothing themselves; a label is the header of a table or a
   * `<summary>`; `html-heading` is a heading in HTML. `bold` is a whole line of a paragraph.
   */
  readonly role: "text" | "bold" | "label" | "heading" | "html-heading";
  /** Of a row of a table; else `null`. */
  readonly cells: readonly string[] | null;
}

/**
 * The lines of a Markdown text as a reader sees them on GitHub, without markup, in order, tables first; lines that show
 * nothing are left out.
 *
 * An image shows its words and its URL, a video that it is one. Nothing is shown of comments, processing instructions,
 * CDATA, link definitions, footnotes that nothing outside footnotes refers to, tags, and characters no font draws.
 * Sources: GitHub Flavored Markdown Spec, 4.6 and 4.7; GitHub docs, "Basic writing and formatting syntax", "Footnotes"
 * and "Hiding content with comments"; "Attaching files".
 */
export const visibleContent = remembered((markdown: string): readonly VisibleLine[] => {
  const document = parseDocument(markdown);
  const page = new Page();
  for (const [from, to] of document.tables) showTable(page, document.lines.slice(from, to));
  showBlocks(page, document, calledFootnotes(document));
  return page.lines;
});

/** The same for a block of running text, where what looks like the start of a block is text. */
export function visibleInline(tokens: readonly Token[]): readonly VisibleLine[] {
  const page = new Page();
  showInline(page, tokens);
  page.endLine();
  return page.lines;
}

/** The text of the visible lines without the headings, which only name what follows. */
export function visibleLines(markdown: string): readonly string[] {
  return visibleContent(markdown).flatMap(({ text, role }) => (role === "heading" ? [] : [text]));
}

/** One line of text without invisible characters, in one form for all ways of writing the same letters (NFKC). */
export function seen(line: string): string {
  return line.normalize("NFKC").replace(UNSEEN, "").replace(/\s+/g, " ").trim();
}

/** Elements that name what accompanies them. */
const LABEL_ELEMENTS: ReadonlySet<string> = new Set("summary caption dt th h1 h2 h3 h4 h5 h6".split(" "));
const HTML_HEADING = /^h[1-6]$/;
/** Elements whose content GitHub does not show. */
const UNSEEN_ELEMENTS: ReadonlySet<string> = new Set(["script", "style"]);
/** Elements that begin a line of their own. */
const LINE_ELEMENTS: ReadonlySet<string> = new Set(
  "address article aside blockquote br center dd details div dl figcaption figure footer header hr li main nav ol p pre section table tbody tfoot thead tr ul".split(
    " ",
  ),
);
/** Elements that show a picture, or play one, when they have an address. */
const MEDIA = /^(?:img|video|source)$/;
const HAS_ADDRESS = /\ssrc\s{0,5}=\s{0,5}["']?[^\s"'>]/i;
/** Between the cells of a row. Nobody types it. */
const CELL = "\u001F";

/** Collects what is shown, line by line. */
class Page {
  readonly lines: VisibleLine[] = [];
  #line: string[] = [];
  #label: string | null = null;
  #unseenIn: string | null = null;

  /** The open element that hides its content; `null`: there is none. */
  get unseenIn(): string | null {
    return this.#unseenIn;
  }

  /** @param role the role of the lines; within a label element they are a label */
  add(text: string, role: VisibleLine["role"] = "text"): void {
    if (this.#unseenIn !== null) return;
    const [first = "", ...more] = text.split("\n");
    this.#line.push(first);
    for (const line of more) {
      this.endLine(role);
      this.#line.push(line);
    }
  }

  endLine(role: VisibleLine["role"] = "text"): void {
    const cells = this.#line.join("").split(CELL).map(seen);
    this.#line = [];
    const text = cells.filter((cell) => cell !== "").join(" ");
    if (text === "") return;
    const label = HTML_HEADING.test(this.#label ?? "") ? "html-heading" : "label";
    const isLabel = role !== "heading" && this.#label !== null;
    this.lines.push({ text, role: isLabel ? label : role, cells: cells.length > 1 ? cells.slice(1) : null });
  }

  /** @param tag as written, without its end */
  tag(tag: string): void {
    const [, slash, written] = /^<(\/?)([a-z][a-z0-9]{0,20})(?![\w-])/i.exec(tag) ?? [];
    const name = written?.toLowerCase() ?? "";
    if (this.#unseenIn !== null) {
      if (slash !== "" && name === this.#unseenIn) this.#unseenIn = null;
    } else if (UNSEEN_ELEMENTS.has(name)) this.#unseenIn = slash === "" ? name : null;
    else if (LABEL_ELEMENTS.has(name)) {
      this.endLine();
      this.#label = slash === "" ? name : null;
    } else if (LINE_ELEMENTS.has(name)) this.endLine();
    else if (name === "td" && slash === "") this.add(CELL);
    else if (slash === "" && MEDIA.test(name) && HAS_ADDRESS.test(tag)) this.add(` ${name} `);
  }

  /** What an element leaves open ends with the block it is in. */
  endBlock(role: VisibleLine["role"] = "text"): void {
    this.endLine(role);
    this.#label = null;
    this.#unseenIn = null;
  }
}

function showTable(page: Page, [header = "", , ...rows]: readonly string[]): void {
  page.add(cellsOf(header).join(" "), "label");
  page.endLine("label");
  for (const row of rows) {
    page.add(
      cellsOf(row)
        .map((cell) => `${CELL}${cell}`)
        .join(""),
    );
    page.endLine();
  }
}

/** A bar separates cells, even in code, unless a backslash precedes it (GitHub Flavored Markdown Spec, 4.10). */
function cellsOf(row: string): readonly string[] {
  const inner = row.replace(/^[\s>]{0,200}(?:(?:[-+*]|\d{1,9}[.)])\s+)?\|?/, "").trimEnd();
  const cells = inner.replaceAll("\\|", "\u001E").split("|");
  if (cells.length > 1 && cells.at(-1)!.trim() === "") cells.pop();
  return cells.map((cell) => {
    const page = new Page();
    showHtml(page, cell.replaceAll("\u001E", "|"));
    page.endLine();
    return page.lines.map(({ text }) => text.replace(/[*_`~]/g, " ")).join(" ");
  });
}

function showBlocks(page: Page, document: MarkdownDocument, called: ReadonlySet<string>): void {
  let heading: Token | null = null;
  let isHidden = false;
  for (const { block, footnote } of inFootnotes(document)) {
    if (block.type === "heading_open") heading = block;
    if (block.type === "heading_close") heading = null;
    isHidden = footnote !== null && !called.has(footnote);
    if (block.type === "html_block") showHtml(page, block.content);
    else if (block.type === "fence" || (block.type === "code_block" && !isHidden)) page.add(block.content);
    else if (block.type === "inline" && !isHidden) {
      const role = heading === null || isTextAboveDashes(heading) ? "text" : "heading";
      const tokens = document.inline(block);
      // In a list each item says something, however it is set.
      if (role === "text" && block.level === 1) showParagraph(page, tokens);
      else showInline(page, tokens, role);
      page.endBlock(role);
    }
    if (block.type === "html_block" || block.type === "fence" || block.type === "code_block") page.endBlock();
  }
}

/** In a list or a quote nobody underlines a heading: somebody wanted a line below the text. */
function isTextAboveDashes({ markup, level }: Token): boolean {
  return level > 0 && !markup.startsWith("#");
}

/** Each block with the footnote it belongs to: what is indented below a footnote is the footnote's, too. */
function* inFootnotes({ blocks }: MarkdownDocument): Iterable<{ block: Token; footnote: string | null }> {
  let footnote: string | null = null;
  for (const [index, block] of blocks.entries()) {
    const isParagraph = block.type === "inline" && blocks[index - 1]?.type === "paragraph_open";
    if (isParagraph) footnote = FOOTNOTE.exec(block.content)?.[1]?.toLowerCase() ?? null;
    else if (block.type !== "paragraph_close" && block.type !== "code_block") footnote = null;
    yield { block, footnote };
  }
}

/**
 * The footnotes that text refers to, and those that these refer to. Footnotes that only refer to each other do not
 * count.
 */
function calledFootnotes(document: MarkdownDocument): ReadonlySet<string> {
  const callsOf = new Map<string, string[]>();
  const waiting: string[] = [];
  for (const { block, footnote } of inFootnotes(document)) {
    if (block.type !== "inline") continue;
    const calls = footnote === null ? waiting : (callsOf.get(footnote) ?? []);
    for (const call of block.content.replace(FOOTNOTE, "").matchAll(FOOTNOTE_CALL)) calls.push(call[1]!.toLowerCase());
    if (footnote !== null) callsOf.set(footnote, calls);
  }
  const called = new Set<string>();
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (called.has(one)) continue;
    called.add(one);
    for (const next of callsOf.get(one) ?? []) waiting.push(next);
  }
  return called;
}

function showParagraph(page: Page, tokens: readonly Token[]): void {
  let line: Token[] = [];
  let depth = 0;
  let hasPlain = false;
  const endLine = (): void => {
    const role = hasPlain ? "text" : "bold";
    showInline(page, line, role);
    page.endLine(role);
    line = [];
    hasPlain = false;
  };
  for (const token of tokens) {
    if (token.type === "softbreak") endLine();
    else line.push(token);
    if (token.type === "strong_open") depth += 1;
    if (token.type === "strong_close") depth -= 1;
    if (token.type === "image" || (depth === 0 && token.content.trim() !== "")) hasPlain = true;
  }
  endLine();
}

function showInline(page: Page, tokens: readonly Token[], role: VisibleLine["role"] = "text"): void {
  // A reference to one footnote may be spread over several tokens.
  let text = "";
  const write = (): void => {
    page.add(text.replace(FOOTNOTE, "").replace(FOOTNOTE_CALL, ""), role);
    text = "";
  };
  for (const token of tokens) {
    if (token.type === "softbreak" || token.type === "hardbreak") text += "\n";
    else if (token.type === "html_inline") {
      write();
      showHtml(page, token.content);
    } else if (token.type !== "image") text += token.content;
    else {
      const address = String(token.attrGet("src") ?? "");
      if (address !== "") text += ` ${token.content} ${address} `;
    }
  }
  write();
}

/** HTML without comments, instructions, CDATA and tags. One that is never closed hides everything after it. */
function showHtml(page: Page, html: string): void {
  let at = 0;
  while (at < html.length) {
    const open = page.unseenIn === null ? html.indexOf("<", at) : endOfUnseen(html, page.unseenIn, at);
    if (open === -1) break;
    page.add(shownText(html.slice(at, open)));
    const [start, end] = hidden(html, open);
    const close = start === "<" ? endOfTag(html, open) : html.indexOf(end, open + start.length);
    if (start === "<") page.tag(html.slice(open, close === -1 ? html.length : close));
    at = close === -1 ? html.length : close + end.length;
  }
  page.add(shownText(html.slice(at)));
}

/** Where the end tag of such an element begins: what looks like a tag in a script is not one. -1: nowhere. */
function endOfUnseen(html: string, element: string, from: number): number {
  const end = element === "script" ? /<\/script(?![\w-])/gi : /<\/style(?![\w-])/gi;
  end.lastIndex = from;
  return end.exec(html)?.index ?? -1;
}

/** In HTML, the end of a line is a space. */
function shownText(html: string): string {
  return unescapeAll(html).replaceAll("\n", " ");
}

/** Where a tag ends: a `>` in a quoted value does not end it. -1: nowhere. */
function endOfTag(html: string, from: number): number {
  let quote: string | null = null;
  for (let at = from + 1; at < html.length; at += 1) {
    const sign = html[at]!;
    if (quote !== null) {
      if (sign === quote) quote = null;
    } else if ((sign === '"' || sign === "'") && html[at - 1] === "=") quote = sign;
    else if (sign === ">") return at;
  }
  return -1;
}

const HIDDEN = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
  ["<!", ">"],
] as const;

function hidden(html: string, at: number): readonly [string, string] {
  return HIDDEN.find(([start]) => html.startsWith(start, at)) ?? ["<", ">"];
}
