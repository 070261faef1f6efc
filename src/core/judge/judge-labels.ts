import { closeRequires } from "../gate/asks-for.ts";
import { asksForLess } from "../gate/asks-for-less.ts";
import type { Instant, TimelineFacts } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { isOwnAccount } from "../own.ts";
import type { Policy, Severity } from "../policy/policy.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { isOurs, labelEdge, lastLabeled, severitiesOn } from "./begin-record.ts";
import { sayOnce } from "./edge.ts";
import { isConfirmationOpen } from "./judge-confirmation.ts";
import { type Judged, NOTHING } from "./judged.ts";
import { mayAct, mayLower } from "./may-act.ts";
import type { Saying } from "./saying.ts";

/**
 * How long having no or two severity labels is left alone: people swap labels in two steps, and the second shows what
 * they meant.
 */
export const LABEL_SETTLE_MS = 3_000;

/** How long GitHub is asked whether somebody may do what a label says; after that the label says nothing. */
const UNTOLD_AFTER_MS = 15 * 60_000;
const ASK_AGAIN_MS = 30_000;
/** How long the timeline may lag behind a label. */
const TIMELINE_LAGS_MS = 2 * 60_000;

/** `isOnHold`: it is not known yet what the labels mean, so none is touched. */
export type JudgedLabels = Judged & { readonly isOnHold: boolean };

const QUIET: JudgedLabels = { ...NOTHING, isOnHold: false };

/**
 * Reads the severity labels as input.
 *
 * A label says what `/severity` would: a severity that asks for less needs the same right, or the label is put back.
 * The most severe wins. A label that differs from the record because the app itself put it there (a pass that died
 * before it could save, or a stale answer from GitHub) is not a change by a person.
 */
export function judgeLabels(seen: IncidentObservation, { record, history }: Known): JudgedLabels {
  if (!doLabelsCount(seen, history)) return QUIET;
  if (history.phase === "cancelled") return QUIET;
  const { severities } = seen.policy.policy;
  // What this pass itself has put on is not input.
  if (severities.some((severity) => seen.done.has(labelEdge(severity.label)))) return QUIET;
  const on = severitiesOn(seen.issue, severities);
  const top = on[0];
  // There is nothing left to tidy up.
  if (seen.issue.state === "closed" && (top === undefined || top.name === history.severity)) return QUIET;

  if (top === undefined) {
    const own = severities.find((severity) => severity.name === history.severity);
    if (own === undefined || !labelsSettled(seen)) return QUIET;
    const saying = { kind: "severity-restored", label: own.label, severity: own.name } as const;
    return { ...QUIET, edges: [sayOnce(`label-restored-${record.revision}`, saying)] };
  }
  if (top.name === history.severity) {
    if (on.length === 1 || !labelsSettled(seen)) return QUIET;
    // A label of ours, or one older than the change, is half of it: that pass did not finish.
    const others = on
      .slice(1)
      .filter(({ label }) => !isOurs(seen, label) && !isOlder(seen, label, history.severitySince));
    const removed = others.map((severity) => severity.label);
    if (removed.length === 0) return QUIET;
    // The other half of a raise, by label or by command: it surprises nobody that the old label goes.
    const change = record.entries.findLast((entry) => entry.kind === "severity-changed");
    const wasRaised = change?.to === top.name && on[1]?.name === change.from && on.length === 2;
    if (wasRaised) return QUIET;
    const saying = { kind: "labels-tidied", kept: top.label, removed } as const;
    return { ...QUIET, edges: [sayOnce(`labels-tidied-${record.revision}`, saying)] };
  }

  // The record was saved a moment ago, in this very pass: the next one will know who put the label there, and when.
  if (seen.timeline === null) return QUIET;
  const labeled = lastLabeled(seen.timeline, top.label);
  if (isOurs(seen, top.label) || isOlder(seen, top.label, history.severitySince)) return QUIET;
  const raised = isRaise(severities, history.severity, top.name);
  // An app's label confirms nothing: whose it is has to be known before it pages people for what an outsider declared.
  const isHeld = history.confirmed === "no" || isConfirmationOpen(seen, history);
  if (labeled === null && isHeld && seen.at - seen.issue.updatedAt < TIMELINE_LAGS_MS) {
    return { ...QUIET, isOnHold: true, lookAgainAt: (seen.at + ASK_AGAIN_MS) as Instant };
  }
  if (lowersTheGate(seen.policy.policy, history.severity, top)) {
    // Who is not known yet: the timeline may lag behind.
    const may = labeled === null ? "cannot-tell" : mayLower(seen, labeled.actor);
    const isUntold = may === "cannot-tell" && seen.at - (labeled?.at ?? seen.issue.updatedAt) < UNTOLD_AFTER_MS;
    if (isUntold) return { ...QUIET, isOnHold: true, lookAgainAt: (seen.at + ASK_AGAIN_MS) as Instant };
    if (may !== "allowed") {
      const saying = { kind: "may-not-lower", to: null, severity: top.name, from: history.severity } as const;
      return putBack(seen, labeled, saying);
    }
  } else if (labeled?.actor?.isBot === true && !raised && mayAct(seen, labeled.actor, "severity") !== "allowed") {
    // A raise counts, whoever makes it: better to wake people than to let them sleep. The incident itself stays
    // unconfirmed.
    const { login: app } = labeled.actor;
    return putBack(seen, labeled, { kind: "app-may-not-lower", app, severity: top.name, from: history.severity });
  }
  return {
    ...QUIET,
    entries: [
      {
        kind: "severity-changed",
        at: labeled?.at ?? seen.at,
        by: labeled?.actor?.login ?? null,
        from: history.severity,
        to: top.name,
        reason: "",
        source: null,
        raised,
      },
    ],
  };
}

/** While the issue is open; and when Sevgate has closed it because of them, until the record says so. */
export function doLabelsCount(
  { app, issue }: Pick<IncidentObservation, "app" | "issue">,
  { closed }: History,
): boolean {
  if (issue.state === "open") return true;
  return isOwnAccount(app, issue.closedBy) && closed?.closedAt !== issue.closedAt;
}

/** What is said about a label that does not count; the plan puts back what the record says. */
function putBack(seen: IncidentObservation, labeled: TimelineFacts | null, saying: Saying): JudgedLabels {
  const marker = `label-kept-${labeled?.at ?? seen.issue.updatedAt}`;
  return { ...QUIET, edges: [sayOnce(marker, saying)] };
}

/** Whose rights decide whether a severity label counts, by login. */
export function labelersInQuestion(seen: IncidentObservation, { history }: Known): readonly string[] {
  const [top] = severitiesOn(seen.issue, seen.policy.policy.severities);
  if (!doLabelsCount(seen, history) || top === undefined || top.name === history.severity) return [];
  if (!lowersTheGate(seen.policy.policy, history.severity, top)) return [];
  const actor = lastLabeled(seen.timeline, top.label)?.actor;
  return actor == null || actor.isBot ? [] : [actor.login];
}

/** Whether an incident of severity `to` may close with less than one of severity `from`. */
export function lowersTheGate(policy: Pick<Policy, "severities">, from: string, to: Severity): boolean {
  return asksForLess(to["close-requires"], closeRequires(policy, from));
}

/** Whether the label was put on before `since`. `false` if nobody knows when. */
function isOlder(seen: IncidentObservation, label: string, since: Instant): boolean {
  const labeled = seen.timeline === null ? null : lastLabeled(seen.timeline, label);
  return labeled !== null && labeled.at < since;
}

/** Whether `to` is more severe than `from`. A level the policy no longer has is the least severe. */
export function isRaise(severities: readonly Severity[], from: string, to: string): boolean {
  const rank = (name: string) => {
    const at = severities.findIndex((one) => one.name === name);
    return at === -1 ? severities.length : at;
  };
  return rank(to) < rank(from);
}

/** Whether the labels have been left alone long enough to tidy them up. */
export function labelsSettled(seen: IncidentObservation): boolean {
  return seen.at - seen.issue.updatedAt >= LABEL_SETTLE_MS;
}
