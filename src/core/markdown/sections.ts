import type { Token } from "markdown-it";
import { plainReferences } from "../closing/keywords.ts";
import type { Reference } from "../model.ts";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";
import { seen, visibleLines } from "./visible-lines.ts";

/** A heading and what stands below it. */
export interface Section {
  /** The heading's text, without markup. */
  readonly title: string;
  /** 1 to 6. */
  readonly depth: number;
  /**
   * What stands below, as written, until the next heading of the same or a higher level; its sub-sections belong to
   * it. Without HTML comments; empty for the `_No response_` of an issue form.
   */
  readonly text: string;
  /** The same with its HTML comments. */
  readonly written: string;
  /** 1-based line of the heading. */
  readonly line: number;
}

/** A `- [ ]` item. */
export interface TaskItem {
  readonly checked: boolean;
  /** The item's own text as written, without its sub-items; empty for an item that was never filled in. */
  readonly text: string;
  /** The issues and pull requests it names; `repository` `null`: the text's own. */
  readonly references: readonly Reference[];
}

/**
 * The sections of a body, in order. Read from parsed Markdown: a `#` inside code, a quote or a comment is no heading.
 */
export function sectionsOf(body: string): readonly Section[] {
  const document = parseDocument(body);
  const lines = withoutComments(document);
  const headings = document.blocks.flatMap((block, index) => {
    if (block.type !== "heading_open" || block.level !== 0 || block.map === null) return [];
    const title = visibleText(document.inline(document.blocks[index + 1]!));
    return [{ title, depth: Number(block.tag.slice(1)), from: block.map[0], below: block.map[1] }];
  });
  return headings.map(({ title, depth, from, below }, index) => {
    let next = index + 1;
    while (next < headings.length && headings[next]!.depth > depth) next += 1;
    const end = headings[next]?.from;
    const text = lines.slice(below, end).join("\n").trim();
    const written = document.lines.slice(below, end).join("\n").trim();
    return { title, depth, text: isNoResponse(text) ? "" : text, written, line: from + 1 };
  });
}

/**
 * The task items of a text, in order, sub-items too; none from quotes or code. `- [ ]` without text is kept with an
 * empty `text`.
 *
 * @param repositoryFullName `owner/name` the text belongs to: its own issues are named with `repository: null`
 * @param host               where the addresses of issues point
 */
export function taskItems(markdown: string, repositoryFullName = "", host = "github.com"): readonly TaskItem[] {
  const document = parseDocument(markdown);
  const items: TaskItem[] = [];
  let quotes = 0;
  for (const [index, block] of document.blocks.entries()) {
    if (block.type === "blockquote_open") quotes += 1;
    if (block.type === "blockquote_close") quotes -= 1;
    if (quotes > 0 || block.type !== "list_item_open" || document.blocks[index + 1]?.type !== "paragraph_open")
      continue;
    const content = document.blocks[index + 2]!;
    const box = /^\[([ \txX])\](?:[ \t\n]+|$)/.exec(content.content);
    if (box === null) continue;
    const text = stripComments(content.content.slice(box[0].length)).trim();
    const references = plainReferences(text, repositoryFullName, host);
    items.push({
      checked: box[1]!.toLowerCase() === "x",
      text,
      references: references.map(({ repository, number }) => ({ repository, number })),
    });
  }
  return items;
}

/** How many words of the template in a row are its own, also where somebody broke its lines anew. */
const WORDS_OF_A_HINT = 4;

/**
 * Whether somebody wrote something into a section: at least one line that a reader sees, with a letter or digit, that is
 * neither the template's nor a placeholder (`TBD`, `TODO`, `n/a`, `_No response_`, an empty `- [ ]`, an empty table row).
 *
 * The hints in the template's HTML comments are the template's, too: taking their marks away makes no text of one's own.
 * What a reader sees: `visibleLines`.
 */
export function hasOwnText(section: string, templateSection: string): boolean {
  const hints = templateSection.replaceAll("<!--", "\n\n").replaceAll("-->", "\n\n");
  const templateLines = [...ownLines(templateSection), ...ownLines(hints)];
  const known = new Set(templateLines);
  const own = ownLines(section).filter((line) => !known.has(line) && !PLACEHOLDER.test(line));
  if (own.length === 0) return false;
  const all = own.join(" ");
  return all.split(" ").length < WORDS_OF_A_HINT || !` ${templateLines.join(" ")} `.includes(` ${all} `);
}

/** The words that are seen of a text, line by line, without boxes and signs. */
function ownLines(text: string): readonly string[] {
  return visibleLines(text)
    .map((line) => wordsOf(line.replace(/^\[(?: \](?= |$)|[xX]\]$)/, "")))
    .filter((words) => words !== "");
}

/** Letters and digits in a row, with one space between. */
function wordsOf(line: string): string {
  return (line.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(" ");
}

const PLACEHOLDER =
  /^(?:tb[ad]|to ?do|to be (?:done|defined|determined|written|filled in)|fixme|wip|n ?a|xxx+|no response)$/;

/** GitHub's titles are as long at most; nobody writes such a heading. */
const LONGEST_HEADING = 256;

/** Whether two headings name the same section: the same words, whatever signs, emoji or number stand with them. */
export function sameHeading(a: string, b: string): boolean {
  const [one, other] = [headingWords(a), headingWords(b)];
  if (one === "" || other === "") return seen(a) === seen(b);
  return one === other || unnumbered(a, one) === unnumbered(b, other);
}

/** Emoji are signs here: as characters, as `:fire:`, and as a digit in a key. */
function headingWords(title: string): string {
  return wordsOf(seen(title.replaceAll("\u20E3", "").replace(/:[a-z0-9_+-]{1,50}:/gi, " ")));
}

/** Without the number in front: `1.`, `2)`, `3.1`, `4 -`. */
function unnumbered(title: string, words: string): string {
  return /^\P{L}{0,20}\d/u.test(title) ? words.replace(/^(?:\d{1,3} ){1,5}/, "") : words;
}

/**
 * The line (1-based) on which the words of a heading stand without being one: a line of its own, bold or not, or an
 * HTML heading; `null`: none does.
 */
export function lineLikeHeading(body: string, title: string): number | null {
  const document = parseDocument(body);
  for (const block of document.blocks) {
    if (block.map === null) continue;
    const isLine = block.type === "inline" && block.level === 1;
    if (!isLine && block.type !== "html_block") continue;
    const [from, to] = block.map;
    for (let line = from; line < to; line += 1) {
      const [shown, ...more] = visibleLines((document.lines[line] ?? "").slice(0, LONGEST_HEADING));
      if (shown !== undefined && more.length === 0 && sameHeading(shown, title)) return line + 1;
    }
  }
  return null;
}

function isNoResponse(text: string): boolean {
  return /^_No response_$/i.test(text);
}

/** The document's lines with every HTML comment taken out; comments shown in code stay. */
function withoutComments(document: MarkdownDocument): readonly string[] {
  const lines = [...document.lines];
  for (const block of document.blocks) {
    if (block.map === null || (block.type !== "html_block" && block.type !== "inline")) continue;
    if (!block.content.includes("<!--")) continue;
    const [from, to] = block.map;
    const raw = lines.slice(from, to).join("\n");
    const stripped =
      block.type === "html_block" ? stripComments(raw) : stripInlineComments(raw, document.inline(block));
    // As many lines as before, so that the other blocks stay where they are.
    const left = stripped.split("\n");
    for (let line = from; line < to; line++) lines[line] = left[line - from] ?? "";
  }
  return lines;
}

function stripInlineComments(raw: string, tokens: readonly Token[]): string {
  let rest = raw;
  let done = "";
  for (const token of tokens) {
    if (token.type !== "html_inline" || !token.content.startsWith("<!--")) continue;
    const at = rest.indexOf(token.content);
    if (at === -1) continue;
    done += rest.slice(0, at);
    rest = rest.slice(at + token.content.length);
  }
  return done + rest;
}

function stripComments(html: string): string {
  return html.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
}

function visibleText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === "softbreak") return " ";
      return token.type === "html_inline" || token.type === "image" ? "" : token.content;
    })
    .join("")
    .trim();
}
