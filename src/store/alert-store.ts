import type { AlertSource } from "../core/alerts/alert-change.ts";
import type { AlertState } from "../core/alerts/alert-state.ts";
import type { AlertsOfIncident, KnownAlert } from "../core/alerts/known-alert.ts";
import type { Instant } from "../core/model.ts";

/** What a pass writes down about an alert. Its state is changed only by deliveries. */
export type AlertFields = Partial<Omit<KnownAlert, "repositoryId" | "id" | "state">>;

/**
 * What other systems reported, and what became of it. Unlike the index, it holds facts that are nowhere on GitHub: an
 * alert that was accepted (`202`) is in here (docs/decisions/0013-alerts-are-facts.md).
 *
 * Every call may throw `TransientError`.
 */
export interface AlertStore {
  alert(repositoryId: number, id: string): Promise<KnownAlert | null>;
  /**
   * Merges one more report into what is known. Two that arrive at the same time are merged one after the other, across
   * all processes. Durable when the promise resolves.
   */
  report(
    repositoryId: number,
    id: string,
    at: Instant,
    merge: (known: AlertState | null) => AlertState,
  ): Promise<{ readonly before: AlertState | null; readonly after: AlertState }>;
  /** The alerts of an endpoint in which any of these members (fingerprints) are firing, and which ones are. */
  holding(
    repositoryId: number,
    source: AlertSource,
    endpoint: string,
    members: readonly string[],
  ): Promise<readonly { readonly id: string; readonly members: readonly string[] }[]>;
  /** Changes only the given fields of an alert that exists. */
  save(repositoryId: number, id: string, fields: AlertFields): Promise<void>;
  /**
   * Takes one of the `most` openings a repository has in the hour before `at`, for good: a pass that dies has used it, and
   * gets the same one when it is tried again. `false`: none is left.
   */
  reserveOpening(repositoryId: number, id: string, at: Instant, most: number): Promise<boolean>;
  /** The alerts of an incident; the first 20 in full, with those that are firing first. */
  ofIncident(repositoryId: number, issue: number): Promise<AlertsOfIncident>;
  /** How many alerts of this severity are folded and do not belong to an issue yet. */
  folded(repositoryId: number, severity: string): Promise<number>;
  /** Assigns those to this issue. */
  giveFolded(repositoryId: number, severity: string, issue: number): Promise<void>;
  /** Forgets alerts that are over and have not been heard of since `before`. */
  forgetQuiet(before: Instant): Promise<void>;
}

/** The half of the store that changes nothing. */
export type AlertReader = Pick<AlertStore, "alert" | "ofIncident" | "folded">;
