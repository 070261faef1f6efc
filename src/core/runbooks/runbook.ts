import { sectionsOf } from "../markdown/sections.ts";
import { type FrontMatter, readFrontMatter } from "./front-matter.ts";
import { type RunbookSteps, runbookSteps } from "./runbook-steps.ts";

/** The largest runbook that is read, in bytes: a larger file is listed by its path alone. */
export const LARGEST_RUNBOOK_BYTES = 65_536;

/** What the text of a runbook says; the same for the same blob. */
export interface RunbookText extends RunbookSteps {
  readonly frontMatter: FrontMatter;
  /** From the front matter, else the first heading; `null`: neither. */
  readonly title: string | null;
}

/** A runbook on the default branch. */
export interface Runbook extends RunbookText {
  readonly path: string;
  /** Blob SHA: identifies exactly these words. */
  readonly sha: string;
}

/** Reads a runbook. Never throws, whatever a person writes. */
export function readRunbook(text: string): RunbookText {
  const { frontMatter, body } = readFrontMatter(text);
  const heading = sectionsOf(body).find((section) => section.depth === 1)?.title ?? "";
  return { frontMatter, title: frontMatter.title ?? (heading === "" ? null : heading), ...runbookSteps(body) };
}

/** What people call it: its title, or the name of its file. */
export function runbookName({ path, title }: Pick<Runbook, "path" | "title">): string {
  return title ?? path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
}

/** The id of step `at` (from 0) of the runbook with this blob SHA, in the ticks of the record. */
export function stepId(sha: string, at: number): string {
  return `${stepIdPrefix(sha)}${at + 1}`;
}

/** How the ids of all steps of a runbook begin. */
export function stepIdPrefix(sha: string): string {
  return `step-${sha.slice(0, 8)}-`;
}
