import type { Reference } from "../model.ts";

/** By what an alert is known again: the alert itself, and the rules or monitors that raised it. */
export interface AlertMarks {
  /** `alertId` of the alert whose issue it is; at most one. */
  readonly ids: readonly string[];
  /** Names of alert rules, monitors or checks, as the source calls them. */
  readonly rules: readonly string[];
}

/** What a post-mortem taught, as its text stands. */
export interface Lesson {
  readonly postMortem: Reference;
  /** The first line of why it happened, as a reader sees it, unescaped; `null`: it does not say. */
  readonly cause: string | null;
  /** The first action items whose boxes are open, as a reader sees them, unescaped. */
  readonly open: readonly string[];
  /** How many are open in all. */
  readonly openItems: number;
}

/** A past incident, as far as it can be compared with another. */
export interface RecallCandidate {
  readonly number: number;
  readonly title: string;
  readonly alerts: AlertMarks;
  /** Paths of the runbooks that were listed for it. */
  readonly runbooks: readonly string[];
  /** Files that its fix changed, or that it or its post-mortem names. */
  readonly files: readonly string[];
  /** Text of the incident and of its post-mortem, without what templates say. */
  readonly text: string;
}

/** An incident for which similar ones are looked for. `files`: those that it names. */
export type RecallQuestion = RecallCandidate;
