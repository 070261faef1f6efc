import { neededPermission } from "../commands/authorize.ts";
import type { Instant, Person, TimelineFacts } from "../model.ts";
import { hasLabel, labelKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { isOwnAccount } from "../own.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { isDrillIssue } from "../words/drill-mark.ts";
import { isStormBody } from "../words/storm.ts";
import { isPagedAs, SET_AT_OPENING_MS } from "./begin-record.ts";
import { sayOnce } from "./edge.ts";
import { type Judged, NOTHING } from "./judged.ts";
import { mayAct } from "./may-act.ts";
import type { Saying } from "./saying.ts";

/** How long nobody is paged because it is not known yet who changed the label; after that the change does not count. */
const UNTOLD_AFTER_MS = 2 * 60_000;
/** How long the timeline may lag behind a label. */
const TIMELINE_LAGS_MS = 60_000;
const ASK_AGAIN_MS = 15_000;

/**
 * `labelOnHold`: it is not known yet what the label means, so it is left as it is. `holdsPages`: nor whether it is a drill,
 * so nobody is paged.
 */
export type JudgedDrill = Judged & { readonly labelOnHold: boolean; readonly holdsPages: boolean };

const QUIET: JudgedDrill = { ...NOTHING, labelOnHold: false, holdsPages: false };

/**
 * Reads the label of drills as input. Putting it on says what `/drill` would, taking it off says the contrary, and both
 * need the right of that command: whoever could make a real incident a drill could silence it. From the first page on
 * it stays what it is, and the plan puts the label back.
 */
export function judgeDrill(seen: IncidentObservation, { history }: Known): JudgedDrill {
  if (!saysOtherwise(seen, history)) return QUIET;
  const { severity } = history;
  const isOn = history.drill !== null;
  const change = lastChange(seen, history);
  const why = settledBy(seen, history, !isOn);
  const mayLag = change === null && isBehind(seen) && seen.at - seen.issue.updatedAt < TIMELINE_LAGS_MS;
  const later = { ...QUIET, labelOnHold: true, lookAgainAt: (seen.at + ASK_AGAIN_MS) as Instant };
  if (why !== null) {
    if (mayLag) return later;
    if (change === null || isOwnAccount(seen.app, change.actor)) return QUIET;
    return say(history, isOn ? { kind: "drill-stays", severity } : { kind: "drill-too-late", severity, why });
  }
  // Nobody took it off: the command has just been obeyed, and the label is to be put on.
  if (isOn && change === null && !mayLag) return QUIET;
  const by = whoChanged(seen, history, change);
  const may = by === "untold" ? "cannot-tell" : mayAct(seen, by, "drill");
  if (may === "cannot-tell" && seen.at - history.declared.at < UNTOLD_AFTER_MS) return { ...later, holdsPages: true };
  // Nobody knows: then it is real.
  if (by !== "untold" && (may === "allowed" || (isOn && may === "cannot-tell"))) {
    const at = Math.max(change?.at ?? 0, history.declared.at) as Instant;
    return { ...QUIET, entries: [{ kind: "drill", at, by: by?.login ?? null, on: !isOn, source: null }] };
  }
  const { commands } = seen.policy.policy;
  const app = by !== "untold" && by?.isBot === true ? by.login : null;
  return say(history, { kind: "may-not-drill", needs: neededPermission("drill", commands), app, isOn });
}

/** Whether the label of an open issue says something else than the record. */
export function saysOtherwise({ issue, policy }: Pick<IncidentObservation, "issue" | "policy">, { drill }: History) {
  return issue.state === "open" && hasLabel(issue.labels, policy.policy.drills.label) !== (drill !== null);
}

/**
 * What keeps an incident from becoming a drill (`toDrill`), or a drill from becoming an incident; `null`: nothing. A
 * page that was said counts although the record may not have it yet.
 *
 * `storm`: it collects alerts that nobody has looked at.
 */
export function settledBy(
  seen: Pick<IncidentObservation, "app" | "comments" | "issue">,
  history: History,
  toDrill: boolean,
): "under-way" | "storm" | null {
  if (history.isUnderWay || isPagedAs(seen, toDrill ? "incident" : "drill")) return "under-way";
  return toDrill && isOwnAccount(seen.app, seen.issue.author) && isStormBody(seen.issue.body) ? "storm" : null;
}

/** Whose rights decide whether the label counts, by login. */
export function drillLabelersInQuestion(seen: IncidentObservation, { history }: Known): readonly string[] {
  if (!saysOtherwise(seen, history)) return [];
  const by = whoChanged(seen, history, lastChange(seen, history));
  return by === "untold" || by === null || by.isBot ? [] : [by.login];
}

function eventsOf({ timeline, policy }: IncidentObservation): readonly TimelineFacts[] {
  const { label } = policy.policy.drills;
  return (timeline ?? []).filter(
    ({ kind, label: one }) =>
      (kind === "labeled" || kind === "unlabeled") && one !== null && labelKey(one) === labelKey(label),
  );
}

/** What made the label as it is now, since it became a drill; `null`: the timeline was not read, or does not say. */
function lastChange(seen: IncidentObservation, { drill }: History): TimelineFacts | null {
  const last = eventsOf(seen).at(-1);
  const isThere = hasLabel(seen.issue.labels, seen.policy.policy.drills.label);
  const isNews = last?.kind === (isThere ? "labeled" : "unlabeled") && last.at > (drill?.at ?? 0);
  return last !== undefined && isNews ? last : null;
}

/** Whether the timeline does not show yet how the label came to be as it is. */
function isBehind(seen: IncidentObservation): boolean {
  return hasLabel(seen.issue.labels, seen.policy.policy.drills.label) || eventsOf(seen).at(-1)?.kind === "labeled";
}

/**
 * If the timeline was read and does not show who set the label, one seen soon after the opening is the author's. Of
 * the app's own issues only those that it opened as drills.
 */
function whoChanged(
  seen: IncidentObservation,
  { drill }: History,
  change: TimelineFacts | null,
): Person | null | "untold" {
  if (change !== null) return change.actor;
  const { at, app, issue, timeline } = seen;
  const isNew = timeline !== null && eventsOf(seen).length === 0 && at - issue.createdAt <= SET_AT_OPENING_MS;
  if (isOwnAccount(app, issue.author) && !isDrillIssue(issue.body)) return "untold";
  return drill === null && isNew ? issue.author : "untold";
}

/** Once for each thing to say, until the record says otherwise: whatever flips the label again and again gets no more. */
function say({ drill }: History, saying: Saying): JudgedDrill {
  return { ...QUIET, edges: [sayOnce(`${saying.kind}-${drill?.at ?? 0}`, saying)] };
}
