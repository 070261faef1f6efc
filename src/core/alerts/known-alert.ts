import type { Instant } from "../model.ts";
import type { AlertState } from "./alert-state.ts";

/** An alert, and what became of it here. */
export interface KnownAlert {
  readonly repositoryId: number;
  /** `alertId`. */
  readonly id: string;
  readonly state: AlertState;
  /** The issue it belongs to; `null`: none yet. */
  readonly issue: number | null;
  /** The issue of an earlier firing, which the present issue mentions. */
  readonly earlierIssue: number | null;
  /** The start of the last firing that was dealt with. */
  readonly handledAt: Instant | null;
  /** When it last began to create an issue of its own, since the answer may be lost. Counts towards the hourly maximum. */
  readonly openingAt: Instant | null;
  /** A severity of the policy while the alert is folded into the storm; else `null`. */
  readonly folded: string | null;
  /** What its source was last told, and about which firing; `null`: nothing. */
  readonly told: { readonly state: "acknowledged" | "resolved"; readonly firedAt: Instant | null } | null;
  /** Why the source could not be told, in words for people; `null`: it was told, or need not be. */
  readonly trouble: string | null;
}

/** The alerts of one incident: one, or as many as a storm has. */
export interface AlertsOfIncident {
  /** At most 20; those that are firing come first. */
  readonly listed: readonly KnownAlert[];
  /** The titles of at most 5 that are firing, which stay the same as more arrive. */
  readonly named: readonly string[];
  readonly firing: number;
  readonly acknowledged: number;
  readonly resolved: number;
}

export const NO_ALERTS: AlertsOfIncident = { listed: [], named: [], firing: 0, acknowledged: 0, resolved: 0 };

/** The most alerts of one incident that are named. */
export const MOST_NAMED = 5;
/** The most alerts of one incident that are looked at one by one. */
export const MOST_LISTED = 20;
