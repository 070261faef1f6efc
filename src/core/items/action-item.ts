import type { Instant, Reference } from "../model.ts";

/** What an action item is for. */
export const ITEM_KINDS = ["prevent", "detect", "mitigate", "process"] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** The day something is due, and where that is said. It is not late before that day is over everywhere on Earth. */
export interface DueDay {
  /** `2026-12-01`. */
  readonly day: string;
  /** GitHub's field *Target date*, the milestone of the issue, or its own text; the first of these that says one. */
  readonly from: "field" | "milestone" | "text";
}

/**
 * Where an action item stands.
 *
 * - `done`: its issue is closed as completed.
 * - `dropped`: by `/drop`, with a reason.
 * - `unexplained`: closed without being done, and nobody said why. It still counts as open.
 * - `gone`: the issue was deleted, or moved to where the app may not look.
 */
export type ItemState = "open" | "done" | "dropped" | "unexplained" | "gone";

/** An action item of a post-mortem, filed as an issue of its own, as it stands now. */
export interface ActionItem {
  /** Seen from the repository whose items are read. */
  readonly target: Reference;
  /** `null`: it is gone. */
  readonly url: string | null;
  /** Empty: it is gone. */
  readonly title: string;
  readonly state: ItemState;
  /** Why it was dropped; `null`: it was not. */
  readonly reason: string | null;
  /** The incident it was learnt from; of several, the first that filed it. */
  readonly incident: Reference;
  /** Login; `null`: nobody. */
  readonly owner: string | null;
  readonly due: DueDay | null;
  /** `null`: its line does not say. */
  readonly kind: ItemKind | null;
  readonly filedAt: Instant;
  /** When it was done or dropped; else `null`. */
  readonly endedAt: Instant | null;
  /** Until then nobody is reminded of it, by the last `/snooze`: it may be over. `null`: there was none. */
  readonly snoozedUntil: Instant | null;
  /** Files and folders its text names, as written between backquotes. */
  readonly paths: readonly string[];
}
