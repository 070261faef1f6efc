import type { History } from "../record/history.ts";

/** The most fixes of one incident that are looked at, the newest. */
export const MOST_FIXES = 3;

/**
 * Numbers of the pull requests that fixed an incident, newest first, by its record: what it was closed with, and the
 * runbook pull requests that counted. What was reverted did not fix it.
 *
 * @param others merged pull requests that name the incident, as far as is remembered
 */
export function fixesOf(history: History, others: readonly number[]): readonly number[] {
  const { closed, links, proven, fixesReverted, disproven } = history;
  const isIssue = (number: number) =>
    links.some(({ evidence, target }) => evidence === "post-mortem" && target.number === number);
  const evidence = (closed?.evidence ?? []).filter(({ repository }) => repository === null).map(({ number }) => number);
  const all = [...new Set([...evidence.filter((number) => !isIssue(number)), ...proven, ...others])];
  const kept = all.filter((number) => !fixesReverted.has(number) && !disproven.has(number));
  return kept.toSorted((a, b) => b - a).slice(0, MOST_FIXES);
}
