import type { Token } from "markdown-it";
import { type MarkdownDocument, parseDocument } from "../markdown/parse-document.ts";

/** A piece of a step: words, or the content of a code span. */
export interface StepPart {
  readonly text: string;
  readonly isCode: boolean;
}

/** A step in its own words, without its sub-steps. Never empty. */
export type StepParts = readonly [StepPart, ...StepPart[]];

/** How many steps of one runbook are shown; the record keeps their ticks. */
export const MOST_STEPS = 10;
/** The longest step that is read, in UTF-16 code units; the link leads to the rest. */
const LONGEST_STEP_CHARACTERS = 200;

/** The steps of a runbook, and how many more there are. */
export interface RunbookSteps {
  readonly steps: readonly StepParts[];
  readonly leftOut: number;
}

/**
 * What a runbook asks to do, in order: the items of its numbered lists and its `- [ ]` items, in every section.
 *
 * Sub-steps belong to their step. Nothing in quotes and code counts, nor does an item without words (a template's).
 */
export function runbookSteps(body: string): RunbookSteps {
  const document = parseDocument(body);
  const found: StepParts[] = [];
  const lists: ("ordered" | "bullet")[] = [];
  let quotes = 0;
  /** The level of the step we are in; whatever is nested deeper belongs to it. */
  let insideLevel: number | null = null;
  for (const [index, block] of document.blocks.entries()) {
    if (block.type === "blockquote_open") quotes += 1;
    else if (block.type === "blockquote_close") quotes -= 1;
    else if (block.type === "ordered_list_open") lists.push("ordered");
    else if (block.type === "bullet_list_open") lists.push("bullet");
    else if (block.type === "ordered_list_close" || block.type === "bullet_list_close") lists.pop();
    else if (block.type === "list_item_close" && block.level === insideLevel) insideLevel = null;
    else if (block.type === "list_item_open" && quotes === 0 && insideLevel === null) {
      const step = stepOf(document, index, lists.at(-1) === "ordered");
      if (step === null) continue;
      found.push(step);
      insideLevel = block.level;
    }
  }
  return { steps: found.slice(0, MOST_STEPS), leftOut: Math.max(0, found.length - MOST_STEPS) };
}

function stepOf(document: MarkdownDocument, index: number, isNumbered: boolean): StepParts | null {
  if (document.blocks[index + 1]?.type !== "paragraph_open") return null;
  const content = document.blocks[index + 2]!;
  const box = /^\[[ \txX]\](?:[ \t\n]+|$)/.exec(content.content);
  if (box === null && !isNumbered) return null;
  const parts = partsOf(document.inline(content), box?.[0] ?? "");
  const [first, ...rest] = parts;
  return first === undefined || !parts.some((part) => /[\p{L}\p{N}]/u.test(part.text)) ? null : [first, ...rest];
}

function partsOf(tokens: readonly Token[], box: string): readonly StepPart[] {
  const parts: { text: string; isCode: boolean }[] = [];
  let left = LONGEST_STEP_CHARACTERS;
  const add = (text: string, isCode: boolean) => {
    if (text === "" || left <= 0) return;
    const shown = text.length > left ? `${text.slice(0, left).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
    left -= text.length;
    const last = parts.at(-1);
    // Neighbouring texts are one piece: split in two here, a mention would slip through the escaping.
    if (last !== undefined && !isCode && !last.isCode) last.text += shown;
    else parts.push({ text: shown, isCode });
  };
  let toSkip = box.length;
  for (const token of tokens) {
    if (token.type === "softbreak") add(" ", false);
    else if (token.type === "code_inline") add(token.content.trim(), true);
    else if (token.type === "text" || token.type === "text_special") {
      const skipped = Math.min(toSkip, token.content.length);
      toSkip -= skipped;
      add(token.content.slice(skipped), false);
    }
  }
  return parts;
}
