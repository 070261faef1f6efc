import MarkdownIt, { type Token } from "markdown-it";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";

/** What no font draws: joiners, fillers that count as letters, marks of direction (Unicode, Default_Ignorable_Code_Point). */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
/** `[^1]`: where a footnote is called. GitHub shows a small number. */
const FOOTNOTE_CALL = /\[\^([^[\]\s]{1,100})\]/g;
/** `[^1]: text`, where it stands. GitHub moves it to the end, and leaves it out when nothing calls it. */
const FOOTNOTE = /^\[\^([^\]\s]{1,100})\]:/;

const { unescapeAll } = new MarkdownIt().utils;

/**
 * The lines of a Markdown text as a reader sees them on GitHub, without markup, in order; lines that show nothing are
 * left out.
 *
 * Headings are left out as well: they name what stands below. An image shows its words and its address. Nothing is shown
 * of comments, processing instructions, CDATA, link definitions, footnotes that nothing calls, tags, and characters that
 * no font draws. Sources: GitHub Flavored Markdown Spec, 4.6 and 4.7; GitHub docs, "Basic writing and formatting
 * syntax", "Footnotes" and "Hiding content with comments".
 */
export function visibleLines(markdown: string): readonly string[] {
  const document = parseDocument(markdown);
  const called = new Set(Array.from(callsOf(document), (match) => match[1]!.toLowerCase()));
  return shownBlocks(document, called)
    .flatMap((text) => text.split("\n").map(seen))
    .filter((line) => line !== "");
}

/** One line of text without what nobody sees, in one form for all ways to write the same letters (NFKC). */
export function seen(line: string): string {
  return line.normalize("NFKC").replace(UNSEEN, "").replace(/\s+/g, " ").trim();
}

function* callsOf(document: MarkdownDocument): Iterable<RegExpExecArray> {
  for (const block of document.blocks) {
    if (block.type !== "inline") continue;
    yield* block.content.replace(FOOTNOTE, "").matchAll(FOOTNOTE_CALL);
  }
}

function shownBlocks(document: MarkdownDocument, called: ReadonlySet<string>): readonly string[] {
  const shown: string[] = document.tables.flatMap(([from, to]) => tableRows(document.lines.slice(from, to)));
  let inHeading = false;
  // What is indented below a footnote belongs to it.
  let inHiddenFootnote = false;
  for (const block of document.blocks) {
    if (block.type === "heading_open") inHeading = true;
    if (block.type === "heading_close") inHeading = false;
    if (block.level === 0 && block.type === "paragraph_open") inHiddenFootnote = false;
    if (block.type === "html_block") shown.push(shownHtml(block.content));
    else if (block.type === "fence" || block.type === "code_block") {
      if (block.type === "fence" || !inHiddenFootnote) shown.push(block.content);
    } else if (block.type === "inline" && !inHeading) {
      const footnote = FOOTNOTE.exec(block.content);
      inHiddenFootnote = footnote !== null && !called.has(footnote[1]!.toLowerCase());
      if (!inHiddenFootnote) shown.push(shownInline(document.inline(block)));
    }
  }
  return shown;
}

function tableRows(lines: readonly string[]): readonly string[] {
  return lines.map((line) =>
    unescapeAll(shownHtml(line))
      .replaceAll("|", " ")
      .replace(/[*_`~]/g, " "),
  );
}

function shownInline(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === "softbreak" || token.type === "hardbreak") return "\n";
      if (token.type === "image") return ` ${token.content} ${String(token.attrGet("src"))} `;
      return token.type === "html_inline" ? imageAddress(token.content) : token.content;
    })
    .join("")
    .replace(FOOTNOTE, "")
    .replace(FOOTNOTE_CALL, "");
}

/** HTML without comments, instructions, CDATA and tags. What is never closed hides all that follows. */
function shownHtml(html: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open === -1) break;
    parts.push(html.slice(at, open));
    const [start, end] = hidden(html, open);
    const close = start === "<" ? endOfTag(html, open) : html.indexOf(end, open + start.length);
    if (start === "<") parts.push(imageAddress(html.slice(open, close === -1 ? html.length : close)));
    at = close === -1 ? html.length : close + end.length;
  }
  parts.push(html.slice(at));
  return unescapeAll(parts.join(""));
}

/** Where a tag ends: a `>` in a quoted value is none. -1: nowhere. */
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

function imageAddress(tag: string): string {
  return /^<img\s/i.test(tag) ? " image " : "";
}
