import type { AlertSource } from "../core/alerts/alert-change.ts";
import type { AlertState } from "../core/alerts/alert-state.ts";
import type { AlertsOfIncident, KnownAlert } from "../core/alerts/known-alert.ts";
import type { Instant } from "../core/model.ts";

/** What a pass writes down about an alert. The state belongs to the deliveries. */
export type AlertFields = Partial<Omit<KnownAlert, "repositoryId" | "id" | "state">>;

/**
 * What other systems reported, and what became of it. Unlike the index it holds facts that are nowhere on GitHub: an
 * alert that was taken (`202`) is in here (docs/decisions/0013-alerts-are-facts.md).
 *
 * Every call may throw `TransientError`.
 */
export interface AlertStore {
  alert(repositoryId: number, id: string): Promise<KnownAlert | null>;
  /**
   * Puts one more report on top of what is known. Two at the same time are merged one after the other, over all processes.
   * Durable when the promise resolves.
   */
  report(
    repositoryId: number,
    id: string,
    at: Instant,
    merge: (known: AlertState | null) => AlertState,
  ): Promise<{ readonly before: AlertState | null; readonly after: AlertState }>;
  /** The alerts of an endpoint in which one of these members (fingerprints) burns, and which of them do. */
  holding(
    repositoryId: number,
    source: AlertSource,
    endpoint: string,
    members: readonly string[],
  ): Promise<readonly { readonly id: string; readonly members: readonly string[] }[]>;
  /** Changes just the fields given of an alert that is there. */
  save(repositoryId: number, id: string, fields: AlertFields): Promise<void>;
  /**
   * Takes one of the `most` openings that a repository has in the hour before `at`, for good: a pass that dies has used
   * it, and takes the same one when it is tried again. `false`: none is left.
   */
  reserveOpening(repositoryId: number, id: string, at: Instant, most: number): Promise<boolean>;
  /** The alerts of an incident; the first 20 in full, those that fire before others. */
  ofIncident(repositoryId: number, issue: number): Promise<AlertsOfIncident>;
  /** How many alerts of this severity are folded and belong to no issue yet. */
  folded(repositoryId: number, severity: string): Promise<number>;
  /** Gives those to this issue. */
  giveFolded(repositoryId: number, severity: string, issue: number): Promise<void>;
  /** Forgets alerts that are over and of which nothing was heard since `before`. */
  forgetQuiet(before: Instant): Promise<void>;
}

/** The half of the store that changes nothing. */
export type AlertReader = Pick<AlertStore, "alert" | "ofIncident" | "folded">;
