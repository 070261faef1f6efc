import { codeSpan, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { History } from "../record/history.ts";
import { type RunbookText, runbookName, stepId } from "../runbooks/runbook.ts";
import type { StepParts } from "../runbooks/runbook-steps.ts";
import { fileLink } from "../words/links.ts";
import { count } from "../words/time.ts";
import type { ChecklistItem, StatusView } from "./status-view.ts";

/** A runbook in the status comment. */
export interface RunbookView {
  /** A link and the day of the last change. */
  readonly heading: string;
  readonly steps: readonly ChecklistItem[];
  /** What is not shown, in words; empty: nothing. */
  readonly more: string;
}

/** The listed runbooks with their steps, in the words they had when they were listed: a tick stays with its step. */
export function runbookViews({ seen, history, record }: StatusView): readonly RunbookView[] {
  return (history.runbooks ?? []).map(({ path, sha, changedAt }) => {
    const text = seen.runbookTexts.get(sha);
    return {
      heading: runbookLine({ path, title: text?.title ?? null, changedAt }, seen.issue.url),
      steps: (text?.steps ?? []).map((step, at) => {
        const id = stepId(sha, at);
        return { id, text: stepText(step), checked: record.ticks.includes(id) };
      }),
      more:
        text === undefined
          ? "Its steps cannot be read: follow the link."
          : text.leftOut > 0
            ? `and ${count(text.leftOut, "step")} more, behind the link.`
            : "",
    };
  });
}

/** The runbooks of an incident, as a line of its post-mortem. */
export function runbooksInPostMortem(
  history: History,
  texts: ReadonlyMap<string, RunbookText>,
  issueUrl: string,
): string | null {
  if (history.runbooks === null) return null;
  if (history.runbooks.length === 0)
    return "none matched. What would one have said? A runbook is worth an action item.";
  return history.runbooks
    .map(({ path, sha }) => runbookLink({ path, title: texts.get(sha)?.title ?? null }, issueUrl))
    .join(", ");
}

/** `[Checkout is down](…) · last changed 2026-11-02`. */
export function runbookLine(
  runbook: { readonly path: string; readonly title: string | null; readonly changedAt: Instant | null },
  issueUrl: string,
): string {
  const changed = runbook.changedAt === null ? "" : ` · last changed ${day(runbook.changedAt)}`;
  return `${runbookLink(runbook, issueUrl)}${changed}`;
}

/** A link to a file on the default branch, made from the URL of the incident. */
export function runbookLink(
  { path, title }: { readonly path: string; readonly title: string | null },
  issueUrl: string,
): string {
  const name = runbookName({ path, title });
  return fileLink(path, issueUrl, name.trim() === "" ? path : name);
}

/** The words of a step on one line; code stays code, so that a command can be copied. */
function stepText(step: StepParts): string {
  return step
    .map(({ text, isCode }) => {
      // A marker in code would be read as one of ours, since code keeps its characters.
      if (isCode && !text.includes("<!--")) return codeSpan(text);
      const shown = plain(text, 300);
      const before = /^\s/.test(text) && shown !== "" ? " " : "";
      const after = /\s$/.test(text) ? " " : "";
      return `${before}${shown}${after}`;
    })
    .join("")
    .trim();
}

function day(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}
