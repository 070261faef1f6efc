import type { Token } from "markdown-it";
import type { Reference } from "../model.ts";
import { remembered } from "../remembered.ts";
import { ByHeading } from "./heading-names.ts";
import { headingText } from "./heading-text.ts";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";
import { plainReferences } from "./references.ts";
import { type VisibleLine, visibleInline, visibleLines } from "./visible-lines.ts";

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
  /** By a line of dashes or equals signs below it, which is also how people part what stands above. */
  readonly isUnderlined: boolean;
}

/** A `- [ ]` item. */
export interface TaskItem {
  readonly checked: boolean;
  /** The item's own text as written, without its sub-items; empty for an item that was never filled in. */
  readonly text: string;
  /** The same as a reader sees it. */
  readonly lines: readonly VisibleLine[];
  /** The issues and pull requests it names; `repository` `null`: the text's own. */
  readonly references: readonly Reference[];
}

/**
 * The sections of a body, in order. Read from parsed Markdown: a `#` inside code, a quote or a comment is no heading.
 */
export const sectionsOf = remembered((body: string): readonly Section[] => {
  const document = parseDocument(body);
  const lines = withoutComments(document);
  const headings = document.blocks.flatMap((block, index) => {
    if (block.type !== "heading_open" || block.level !== 0 || block.map === null) return [];
    const title = headingText(document.inline(document.blocks[index + 1]!));
    const isUnderlined = !block.markup.startsWith("#");
    return [{ title, depth: Number(block.tag.slice(1)), from: block.map[0], below: block.map[1], isUnderlined }];
  });
  return headings.map(({ title, depth, from, below, isUnderlined }, index) => {
    let next = index + 1;
    while (next < headings.length && headings[next]!.depth > depth) next += 1;
    const end = headings[next]?.from;
    const text = lines.slice(below, end).join("\n").trim();
    const written = document.lines.slice(below, end).join("\n").trim();
    return { title, depth, text: isNoResponse(text) ? "" : text, written, line: from + 1, isUnderlined };
  });
});

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
    if (quotes > 0 || block.type !== "list_item_open" || !isText(document.blocks[index + 1])) continue;
    const content = document.blocks[index + 2]!;
    const box = /^\[([ \txX])\](?:[ \t\n]+|$)/.exec(content.content);
    if (box === null) continue;
    // What looks like the mark of a block behind the box (`# fix it`, `[5]: …`) is text.
    const written = content.content.slice(box[0].length);
    const text = stripComments(written).trim();
    const references = plainReferences(text, repositoryFullName, host);
    items.push({
      checked: box[1]!.toLowerCase() === "x",
      text,
      lines: visibleInline(document.inline({ content: written })),
      references: references.map(({ repository, number }) => ({ repository, number })),
    });
  }
  return items;
}

/** Of an item; also with a line of dashes directly below it. */
function isText(block: Token | undefined): boolean {
  return block?.type === "paragraph_open" || (block?.type === "heading_open" && !block.markup.startsWith("#"));
}

/** GitHub's titles are as long at most; nobody writes such a heading. */
const LONGEST_HEADING = 256;
/** Lines that hold the words of a heading and are looked at more closely. They serve a hint: more have no use. */
const MOST_LOOKED_AT = 100;
/** What may stand around the words of a line: tags, and signs that HTML has names for. */
const TAG = /<[^<>]*>/g;
const ENTITY = /&[^&;\s]*;/g;

/**
 * The lines (1-based) on which the words of these headings stand without being one: a line of its own, bold or not, or an
 * HTML heading. Those that are found, by their titles.
 *
 * Compares words first: to parse each line of a long text takes a second.
 */
export function linesLikeHeadings(body: string, titles: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  if (titles.length === 0) return found;
  const names = new ByHeading(titles, (title) => title);
  const document = parseDocument(body);
  let lookedAt = 0;
  for (const block of document.blocks) {
    if (block.map === null) continue;
    const isLine = block.type === "inline" && block.level === 1;
    if (!isLine && block.type !== "html_block") continue;
    const [from, to] = block.map;
    for (let line = from; line < to; line += 1) {
      const written = document.lines[line] ?? "";
      if (written.length > LONGEST_HEADING) continue;
      if (names.get(written.replace(TAG, " ").replace(ENTITY, " ")).length === 0) continue;
      if (lookedAt === MOST_LOOKED_AT) return found;
      lookedAt += 1;
      const [shown, ...more] = visibleLines(written);
      if (shown === undefined || more.length > 0) continue;
      for (const title of names.get(shown)) if (!found.has(title)) found.set(title, line + 1);
    }
  }
  return found;
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
