import { taskItems } from "../markdown/sections.ts";
import { seen } from "../markdown/visible-lines.ts";
import { wordsOf } from "../markdown/words.ts";

/** `Configuration: the time limit was 3 s` ticks `configuration`. */
const NOTE = /[:：(]|\s[-–—]\s/;

/**
 * The contributing factors that are ticked in a post-mortem, as the policy writes them, in its order, each once. Upper and
 * lower case and signs make no difference, and a note may stand behind a colon, a dash or a bracket; boxes beside a text
 * that names no factor do not count.
 *
 * @param factors `contributing-factors` of the policy
 */
export function tickedFactors(body: string, factors: readonly string[]): readonly string[] {
  if (factors.length === 0) return [];
  const ticked = taskItems(body).flatMap(({ checked, lines }) => (checked ? [lines.map(({ text }) => text)] : []));
  const named = new Set(ticked.flatMap((lines) => keysOf(lines.join(" "))));
  return factors.filter((factor) => named.has(factorKey(factor)));
}

/** Whether the text of a task item, as a reader sees it, names a contributing factor, and so is no action item. */
export function namesFactor(text: string, factors: readonly string[]): boolean {
  if (factors.length === 0) return false;
  const key = factorKey(text);
  return factors.some((factor) => factorKey(factor) === key);
}

/** What a ticked text may name: all of it, or what stands before its note. */
function keysOf(text: string): readonly string[] {
  const note = text.search(NOTE);
  return note === -1 ? [factorKey(text)] : [factorKey(text), factorKey(text.slice(0, note))];
}

/** Signs alone are a factor as well. */
function factorKey(text: string): string {
  return wordsOf(seen(text)) || seen(text);
}
