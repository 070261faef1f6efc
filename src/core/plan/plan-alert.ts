import { type AlertRule, alertRule } from "../alerts/alert-rule.ts";
import { newsOf } from "../alerts/alert-state.ts";
import type { KnownAlert } from "../alerts/known-alert.ts";
import type { Instant, IssueFacts } from "../model.ts";
import type { Policy } from "../policy/policy.ts";
import { alertIssue, describedAgain, stormIssue } from "../render/alert-issue.ts";
import { ALERT_LABEL } from "../words/alert-label.ts";
import { alertLabel, type LabelContent, labelsMissing } from "./labels.ts";

/** A storm is still the same one this long after people closed its issue. */
const STORM_GOES_ON_MS = 3_600_000;

/** What is known when a pass attends to one alert. */
export interface AlertObservation {
  readonly at: Instant;
  readonly alert: KnownAlert;
  readonly policy: Policy;
  /** The issue it belongs to, as GitHub shows it; `null`: it has none yet. */
  readonly issue: IssueFacts | "missing" | null;
  /** Whether that issue is a drill: by its record, and by its label where there is no record. Asked of a new firing alone. */
  readonly isDrill: boolean;
  /** An open issue of ours that bears its mark; looked for when it needs one. */
  readonly marked: IssueFacts | null;
  /** Whether it may have an issue of its own; `unasked` until it needs one. */
  readonly mayOpen: boolean | "unasked";
  /** Names of labels that are known to be in the repository. */
  readonly labelsThere: readonly string[];
  /** Described in this very pass, whatever GitHub made of it. */
  readonly isDescribed: boolean;
}

/** What is known when a pass attends to the alerts that were too many for issues of their own. */
export interface StormObservation {
  readonly at: Instant;
  /** A severity's name in the policy; empty: none. */
  readonly severity: string;
  /** How many belong to no issue yet. */
  readonly folded: number;
  readonly policy: Policy;
  readonly issue: IssueFacts | "missing" | null;
  readonly marked: IssueFacts | null;
  readonly labelsThere: readonly string[];
}

/** A step of such a pass. */
export type AlertAction =
  /** Before the first issue that bears it: GitHub would create a plain one. */
  | ({ readonly kind: "create-label" } & LabelContent)
  /** The alert belongs to this issue. `earlier`: the issue of a previous firing, if that is a different one. */
  | { readonly kind: "note-issue"; readonly issue: number; readonly earlier: number | null }
  | { readonly kind: "reserve-opening"; readonly most: number }
  | {
      readonly kind: "open-issue";
      readonly title: string;
      readonly body: string;
      readonly labels: readonly string[];
      readonly earlier: number | null;
    }
  | { readonly kind: "reopen-issue"; readonly issue: number }
  /** Makes the issue say what is firing by now. `null`: that part stays. */
  | {
      readonly kind: "describe-issue";
      readonly issue: number;
      readonly title: string | null;
      readonly body: string | null;
    }
  /** Counts the alert in the storm of this severity. */
  | { readonly kind: "fold"; readonly severity: string };

/** The step as the log names it: what is done, and to which issue. */
export function alertStepId(action: AlertAction): string {
  if (action.kind === "create-label") return `${action.kind}:${action.name}`;
  return "issue" in action ? `${action.kind}:${action.issue}` : action.kind;
}

/** Whether a firing alert has to have an issue and has none open: then one is looked for by its mark. */
export function needsIssue(seen: Pick<AlertObservation, "alert" | "policy" | "issue" | "isDrill" | "at">): boolean {
  const { alert, issue, policy } = seen;
  const rule = alertRule(policy, alert.state);
  if (rule === null || alert.state.status === "resolved") return false;
  if (issue === null) return alert.folded === null;
  if (issue !== "missing" && isNewFiring(alert) && seen.isDrill) return true;
  return issue === "missing" || (issue.state === "closed" && isNewFiring(alert) && !isSoonAgain(alert, issue, rule));
}

/**
 * The next step towards one issue for one alert; `null`: there is nothing left to do.
 *
 * People who close the issue while the alert is firing have the last word about what they have seen. The next firing,
 * or an alert joining the group, reopens it if it comes soon, and opens a new issue if it does not. After a drill it
 * always opens a new one, while the drill goes on as well: what fires is real.
 */
export function planAlert(seen: AlertObservation): AlertAction | null {
  const { alert, issue, policy } = seen;
  const rule = alertRule(policy, alert.state);
  if (rule === null || alert.state.status === "resolved") return null;
  if (!needsIssue(seen)) {
    if (issue === null || issue === "missing") return null;
    if (!isNewFiring(alert)) return seen.isDescribed ? null : describe(alert, issue);
    if (issue.state === "closed") return { kind: "reopen-issue", issue: issue.number };
    return { kind: "note-issue", issue: issue.number, earlier: alert.earlierIssue };
  }
  const earlier = alert.issue ?? alert.earlierIssue;
  if (seen.marked !== null) return { kind: "note-issue", issue: seen.marked.number, earlier };
  if (seen.mayOpen === "unasked") return { kind: "reserve-opening", most: openingsOf(policy) };
  if (!seen.mayOpen) return { kind: "fold", severity: rule.severity?.name ?? "" };
  const [missing] = labelsMissing([alertLabel()], seen.labelsThere);
  if (missing !== undefined) return { kind: "create-label", ...missing };
  return { kind: "open-issue", earlier, labels: labelsOf(rule), ...alertIssue(alert, earlier) };
}

/** The next step of a storm: everything folded into it has one issue, however much arrives. */
export function planStorm(seen: StormObservation): AlertAction | null {
  const { issue, marked, folded } = seen;
  if (folded === 0) return null;
  if (issue !== null && issue !== "missing") {
    if (issue.state === "open") return { kind: "note-issue", issue: issue.number, earlier: null };
    if (!isSealed(issue) && seen.at - (issue.closedAt ?? 0) < STORM_GOES_ON_MS)
      return { kind: "reopen-issue", issue: issue.number };
  }
  if (marked !== null) return { kind: "note-issue", issue: marked.number, earlier: null };
  const severity = seen.policy.severities.find(({ name }) => name === seen.severity) ?? null;
  const earlier = issue === null || issue === "missing" ? null : issue.number;
  const [missing] = labelsMissing([alertLabel()], seen.labelsThere);
  if (missing !== undefined) return { kind: "create-label", ...missing };
  const labels = severity === null ? [ALERT_LABEL] : [severity.label, ALERT_LABEL];
  return { kind: "open-issue", earlier, labels, ...stormIssue(seen.severity, earlier) };
}

/** How many issues alerts may open of their own in an hour: each severity may need one more, for its storm. */
function openingsOf({ alerts, severities }: Policy): number {
  return Math.max(0, alerts["issues-per-hour"] - severities.length);
}

/** Only in an open issue that belongs to this alert alone. */
function describe(alert: KnownAlert, issue: IssueFacts): AlertAction | null {
  if (issue.state === "closed" || alert.folded !== null) return null;
  const changed = describedAgain(alert, issue);
  return changed === null ? null : { kind: "describe-issue", issue: issue.number, ...changed };
}

/** Whether it has fired since it was last brought to an issue. */
export function isNewFiring({ state, handledAt }: KnownAlert): boolean {
  return handledAt === null || newsOf(state) > handledAt;
}

function isSoonAgain({ state }: KnownAlert, issue: IssueFacts, { reopenWithin }: AlertRule): boolean {
  const over = Math.max(state.resolvedAt ?? 0, issue.closedAt ?? 0);
  return !isSealed(issue) && newsOf(state) - over < reopenWithin;
}

/** Closed and locked, as an issue converted to a discussion is: GitHub will not reopen it, nor could we comment. */
function isSealed({ state, locked }: IssueFacts): boolean {
  return state === "closed" && locked;
}

function labelsOf({ severity }: AlertRule): readonly string[] {
  return severity === null ? [ALERT_LABEL] : [severity.label, ALERT_LABEL];
}
