import { createHash } from "node:crypto";
import type { Token } from "markdown-it";
import { draftedLines } from "../markdown/drafted-lines.ts";
import { ByHeading } from "../markdown/heading-names.ts";
import { emptinessOf, TemplateWords } from "../markdown/own-text.ts";
import { parseDocument } from "../markdown/parse-document.ts";
import { type PlainReference, plainReferences } from "../markdown/references.ts";
import { sectionsOf, taskBlocks } from "../markdown/sections.ts";
import { visibleInline } from "../markdown/visible-lines.ts";
import type { Reference } from "../model.ts";
import { remembered } from "../remembered.ts";
import type { ItemKind } from "./action-item.ts";
import { type WrittenDue, wordsOfItem } from "./item-words.ts";

/** A task line of a post-mortem: an action item, filed or not. */
export interface ItemLine {
  /** 0-based line of its box in the text. */
  readonly line: number;
  readonly checked: boolean;
  /** What it says, without its box, on one line as written; a leading reference included. */
  readonly text: string;
  /** What is to be done, for a title: without its owner, day and kind. */
  readonly title: string;
  /** The issue it begins with: `- [ ] #41 Add an alert`; `null`: it begins with words. `repository` `null`: the text's own. */
  readonly leads: Reference | null;
  /** Whether it names an issue or pull request, wherever. */
  readonly isFiled: boolean;
  /** A reader sees words of its author's own. */
  readonly isWritten: boolean;
  /** Login; `null`: it names nobody. */
  readonly owner: string | null;
  readonly due: WrittenDue | null;
  readonly kind: ItemKind | null;
  /** As written between backquotes. */
  readonly paths: readonly string[];
  /** Of its words, 16 hexadecimal digits: the same with and without the issue it begins with, ticked or not. */
  readonly digest: string;
}

/** Where the lines of a text are looked for, and how they are read. */
export interface ItemPlace {
  /** The heading of the section; if the text has none of that name, the whole of it is looked at. */
  readonly section: string;
  /** What the text was made from: a line in its words is not an item. */
  readonly template: string;
  /** `owner/name` the text belongs to. */
  readonly home: string;
  /** Where the addresses of issues point. */
  readonly host: string;
}

/** As many are read at most, the first: GitHub takes 100 sub-issues (GitHub docs, "Adding sub-issues"). */
export const MOST_ITEM_LINES = 100;

/** The markers of the list items a line begins, and the box: quotes are not looked at. */
const BOX = /^[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+){0,20}\[([ \txX])\](?=[ \t]|$)[ \t]*/;

/**
 * The task lines of a post-mortem's section, in order, sub-items included; none from quotes, code or comments, and none
 * whose box is not where it can be ticked.
 */
export function itemLines(body: string, place: ItemPlace): readonly ItemLine[] {
  const words = new TemplateWords(place.template, undefined, draftedLines(body));
  const spans = spansOf(body, place.section);
  const isInSection = (line: number) => spans.length === 0 || spans.some(([from, to]) => line >= from && line < to);
  const found: ItemLine[] = [];
  for (const task of tasksOf(body)) {
    if (found.length === MOST_ITEM_LINES) break;
    if (!isInSection(task.line)) continue;
    const { line, checked, content, tokens } = task;
    const text = withoutComments(content).replace(/\s+/g, " ").trim();
    const references = plainReferences(text, place.home, place.host);
    const leads = references.find(({ index }) => index === 0) ?? null;
    const rest = leads === null ? text : text.slice(leads.matched.length).trim();
    found.push({
      line,
      checked,
      text,
      leads: leads === null ? null : referenceOf(leads),
      isFiled: references.length > 0,
      isWritten: emptinessOf(visibleInline(tokens), words, true) === null,
      ...wordsOfItem(tokens, leads?.matched ?? ""),
      digest: createHash("sha256").update(rest.normalize("NFC")).digest("hex").slice(0, 16),
    });
  }
  return found;
}

/** A change of the beginning of a line. */
export interface ItemLineEdit {
  /** 0-based. */
  readonly line: number;
  /** Whether it is to be ticked. */
  readonly checked: boolean;
  /** What is put before its words, such as `#41`; `null`: nothing. */
  readonly lead: string | null;
}

/** The text with the beginnings of these lines changed, and every other byte as it was. */
export function editItemLines(body: string, edits: readonly ItemLineEdit[]): string {
  // Odd places hold the line breaks.
  const parts = body.split(/(\r\n?|\n)/);
  for (const { line, checked, lead } of edits) {
    const written = parts[line * 2];
    const box = written === undefined ? null : BOX.exec(written);
    if (written === undefined || box === null) continue;
    const [start, tick] = box as unknown as readonly [string, string];
    const isTicked = tick.toLowerCase() === "x";
    const at = start.lastIndexOf("[");
    const ticked = isTicked === checked ? start : `${start.slice(0, at)}[${checked ? "x" : " "}]${start.slice(at + 3)}`;
    const rest = written.slice(start.length);
    const begun = /[ \t]$/.test(ticked) ? ticked : `${ticked} `;
    parts[line * 2] = lead === null ? ticked + rest : `${begun}${lead}${rest === "" ? "" : " "}${rest}`;
  }
  return parts.join("");
}

interface Task {
  readonly line: number;
  readonly checked: boolean;
  readonly content: string;
  readonly tokens: readonly Token[];
}

const tasksOf = remembered((body: string): readonly Task[] => {
  const document = parseDocument(body);
  const tasks: Task[] = [];
  for (const { tick, line, written: content } of taskBlocks(document)) {
    // What is written is edited where it is written: a box that is not found there is left alone.
    if (line === null || BOX.exec(document.lines[line] ?? "")?.[1] !== tick) continue;
    tasks.push({ line, checked: tick.toLowerCase() === "x", content, tokens: document.inline({ content }) });
  }
  return tasks;
});

/** From which 0-based line to which the sections of that name go; none: there is no such section. */
function spansOf(body: string, name: string): readonly (readonly [number, number])[] {
  const sections = sectionsOf(body);
  return new ByHeading(sections, ({ title }) => title).get(name).map((section) => {
    const next = sections.slice(sections.indexOf(section) + 1).find(({ depth }) => depth <= section.depth);
    return [section.line, next === undefined ? Number.POSITIVE_INFINITY : next.line - 1] as const;
  });
}

function withoutComments(text: string): string {
  return text.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
}

function referenceOf({ repository, number }: PlainReference): Reference {
  return { repository, number };
}
