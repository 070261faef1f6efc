import type { Token } from "markdown-it";
import { plainReferences } from "../closing/keywords.ts";
import type { Reference } from "../model.ts";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";

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
    const text = lines.slice(below, headings[next]?.from).join("\n").trim();
    return { title, depth, text: isNoResponse(text) ? "" : text, line: from + 1 };
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

/**
 * Whether somebody wrote something into a section: at least one line with a letter or digit that is neither the
 * template's nor a placeholder (`TBD`, `TODO`, `n/a`, `_No response_`, an empty `- [ ]`, an empty table row).
 *
 * Comments, headings, list markers, emphasis and white space do not make a line different from the template's.
 */
export function hasOwnText(section: string, templateSection: string): boolean {
  const templateLines = new Set(ownLines(templateSection));
  return ownLines(section).some((line) => !templateLines.has(line) && !isPlaceholder(line));
}

function ownLines(text: string): readonly string[] {
  const document = parseDocument(text);
  const headings = new Set(document.blocks.flatMap((block) => (block.type === "heading_open" ? [block.map![0]] : [])));
  return withoutComments(document).flatMap((line, index) => {
    if (headings.has(index)) return [];
    const normal = line
      .normalize("NFKC")
      .replace(/^(?:[ \t>]|[-*+] |\d{1,9}[.)] |\[[ xX]\](?=[ \t]|$))+/, "")
      .replace(/<\/?[a-z][^<>]*>|[*_`~|]/gi, " ")
      .replace(/\s+/g, " ")
      .trim()
      .toLowerCase();
    return /[\p{L}\p{N}]/u.test(normal) ? [normal] : [];
  });
}

function isPlaceholder(line: string): boolean {
  return /^(?:tb[ad]|to ?do|to be (?:done|defined|determined|written|filled in)|fixme|wip|n ?\/ ?a|xxx+|no response|\[[ x]\])\W*$/.test(
    line,
  );
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
