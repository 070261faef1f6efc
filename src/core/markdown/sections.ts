import type { Token } from "markdown-it";
import type { Reference } from "../model.ts";
import { remembered } from "../remembered.ts";
import { ByHeading } from "./heading-names.ts";
import { headingText } from "./heading-text.ts";
import { type MarkdownDocument, parseDocument } from "./parse-document.ts";
import { plainReferences } from "./references.ts";
import { type VisibleLine, visibleInline, visibleLines } from "./visible-lines.ts";

/** A heading and what follows it. */
export interface Section {
  /** The heading's text, without markup. */
  readonly title: string;
  /** 1 to 6. */
  readonly depth: number;
  /**
   * What follows, as written, up to the next heading of the same or a higher level, sub-sections included. Without HTML
   * comments; empty for the `_No response_` of an issue form.
   */
  readonly text: string;
  /** The same with its HTML comments. */
  readonly written: string;
  /** 1-based line of the heading. */
  readonly line: number;
  /** It is a heading by a line of dashes or equals signs below it, which people also use to separate what is above. */
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
 * The sections of a body, in order. Read from parsed Markdown: a `#` inside code, a quote or a comment is not a
 * heading.
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
 * The task items of a text, in order, including sub-items; none from quotes or code. `- [ ]` without text is kept with
 * an empty `text`.
 *
 * @param repositoryFullName `owner/name` the text belongs to: its own issues are named with `repository: null`
 * @param host               where the addresses of issues point
 */
export function taskItems(markdown: string, repositoryFullName = "", host = "github.com"): readonly TaskItem[] {
  const document = parseDocument(markdown);
  const items: TaskItem[] = [];
  for (const { tick, written } of taskBlocks(document)) {
    const text = stripComments(written).trim();
    const references = plainReferences(text, repositoryFullName, host);
    items.push({
      checked: tick.toLowerCase() === "x",
      text,
      lines: visibleInline(document.inline({ content: written })),
      references: references.map(({ repository, number }) => ({ repository, number })),
    });
  }
  return items;
}

/** A box of a task list, as it is written. */
export interface TaskBlock {
  /** What is in the box: a space, a tab, `x` or `X`. */
  readonly tick: string;
  /** 0-based line of the text in which it is; `null`: not known. */
  readonly line: number | null;
  /** What follows the box. What looks like the start of a block there (`# fix it`, `[5]: …`) is text. */
  readonly written: string;
}

/** The boxes of a document's task lists, in order; none from quotes. */
export function* taskBlocks({ blocks }: Pick<MarkdownDocument, "blocks">): Iterable<TaskBlock> {
  let quotes = 0;
  for (const [index, block] of blocks.entries()) {
    if (block.type === "blockquote_open") quotes += 1;
    if (block.type === "blockquote_close") quotes -= 1;
    if (quotes > 0 || block.type !== "list_item_open" || !isText(blocks[index + 1])) continue;
    const { content, map } = blocks[index + 2]!;
    const box = /^\[([ \txX])\](?:[ \t\n]+|$)/.exec(content);
    if (box !== null) yield { tick: box[1]!, line: map?.[0] ?? null, written: content.slice(box[0].length) };
  }
}

/** Whether a block is an item's text, even with a line of dashes directly below it. */
function isText(block: Token | undefined): boolean {
  return block?.type === "paragraph_open" || (block?.type === "heading_open" && !block.markup.startsWith("#"));
}

/** GitHub's titles are no longer than this; nobody writes a longer heading. */
const LONGEST_HEADING = 256;
/**
 * How many lines with the words of a heading are looked at more closely. They only serve a hint, so more would be of no
 * use.
 */
const MOST_LOOKED_AT = 100;
/** What may surround the words of a line: tags, and characters that HTML has names for. */
const TAG = /<[^<>]*>/g;
const ENTITY = /&[^&;\s]*;/g;

/**
 * The lines (1-based), by title, that consist of the words of one of these headings without being one: a line of its
 * own, bold or not, or an HTML heading. Only those that were found.
 *
 * Compares words first: parsing each line of a long text takes a second.
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

/** The document's lines with every HTML comment removed; comments shown in code stay. */
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
