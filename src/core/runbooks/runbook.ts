import { sectionsOf } from "../markdown/sections.ts";
import { type FrontMatter, readFrontMatter } from "./front-matter.ts";
import { type RunbookSteps, runbookSteps } from "./runbook-steps.ts";

/** Longest runbook that is read, in bytes: a longer file is listed by its path alone. */
export const LARGEST_RUNBOOK_BYTES = 65_536;

/** What the text of a runbook says; the same for the same blob. */
export interface RunbookText extends RunbookSteps {
  readonly frontMatter: FrontMatter;
  /** Of the front matter, else the first heading; `null`: neither. */
  readonly title: string | null;
}

/** A runbook of the default branch. */
export interface Runbook extends RunbookText {
  readonly path: string;
  /** Blob SHA: names these very words. */
  readonly sha: string;
}

/** Reads a runbook. Never throws for what a person can write. */
export function readRunbook(text: string): RunbookText {
  const { frontMatter, body } = readFrontMatter(text);
  const heading = sectionsOf(body).find((section) => section.depth === 1)?.title ?? "";
  return { frontMatter, title: frontMatter.title ?? (heading === "" ? null : heading), ...runbookSteps(body) };
}

/** What people call it: its title, or the name of its file. */
export function runbookName({ path, title }: Pick<Runbook, "path" | "title">): string {
  return title ?? path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
}

/** Names step `at` (from 0) of the runbook with this blob SHA in the ticks of the record. */
export function stepId(sha: string, at: number): string {
  return `${stepIdPrefix(sha)}${at + 1}`;
}

/** What the ids of all steps of a runbook begin with. */
export function stepIdPrefix(sha: string): string {
  return `step-${sha.slice(0, 8)}-`;
}
