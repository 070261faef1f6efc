import type { Instant, IssueFacts, TimelineFacts } from "../model.ts";
import { hasLabel, labelKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { isOwnAccount, isOwnComment } from "../own.ts";
import type { Severity } from "../policy/policy.ts";
import type { Entry } from "../record/entry.ts";
import type { Phase } from "../record/history.ts";
import type { IncidentRecord } from "../record/record.ts";
import { phaseOfLabel } from "../record/state-label.ts";
import { hasAddress } from "../trust/without-addresses.ts";
import { isSaidInDrill } from "../words/in-drill.ts";
import { markerIn } from "../words/markers.ts";

/** An issue closed this recently is still judged although no pass saw it open. */
const FRESH_CLOSE_MS = 3_600_000;

/** If no timeline shows who set a label, one seen within this time of the opening is the author's. */
export const SET_AT_OPENING_MS = 60_000;

/**
 * The record a pass continues from: the one found, one made again, or a new one for an issue that has just become an
 * incident. `null`: it is not an incident.
 */
export function beginRecord(seen: IncidentObservation): IncidentRecord | null {
  const answer = seen.record;
  if (answer.kind === "found") return withoutAddressesIn(answer.record);

  const on = severitiesOn(seen.issue, seen.policy.policy.severities);
  // A label of ours is left over from a pass that died before it could save: a person's label declared the incident.
  const severity = on.find((one) => !isOurs(seen, one.label)) ?? on[0];
  if (answer.kind === "lost") {
    const rebuilt: Entry = { kind: "rebuilt", at: seen.at, by: null, why: answer.why };
    if (answer.copy !== null) {
      const copy = withoutAddressesIn(answer.copy);
      return { ...copy, entries: [...copy.entries, rebuilt] };
    }
    // Without any copy, the severity label is what makes it an incident, as it did at the start.
    if (severity === undefined) return null;
    const entries = [declaration(seen, severity), ...entriesOfDrill(seen), ...entriesOfState(seen), rebuilt];
    return fresh(entries, lastJudged(seen));
  }

  if (severity === undefined) return null;
  if (seen.issue.state === "closed" && seen.at - (seen.issue.closedAt ?? 0) > FRESH_CLOSE_MS) return null;
  return fresh([declaration(seen, severity)], 0);
}

/**
 * Earlier records contained the e-mail address of whoever had acknowledged at the source: something everybody can read
 * must not.
 */
function withoutAddressesIn(record: IncidentRecord): IncidentRecord {
  const isClean = (entry: Entry) => entry.kind !== "alerted" || entry.name === null || !hasAddress(entry.name);
  if (record.entries.every(isClean)) return record;
  const entries = record.entries.map((entry) =>
    isClean(entry) ? entry : { ...entry, name: entry.by === null ? "somebody" : null },
  );
  return { ...record, entries: entries as Entry[] };
}

/** The severities an issue is labelled with, most severe first. */
export function severitiesOn(issue: Pick<IssueFacts, "labels">, severities: readonly Severity[]): readonly Severity[] {
  return severities.filter((severity) => hasLabel(issue.labels, severity.label));
}

/** The edge that notes that this pass put a label on the issue (`IncidentObservation.done`). */
export function labelEdge(label: string): string {
  return `labeled:${labelKey(label)}`;
}

/** Whether it was the app that put the label there: in this pass, or as far as the timeline was read. */
export function isOurs(seen: Pick<IncidentObservation, "app" | "done" | "timeline">, label: string): boolean {
  return seen.done.has(labelEdge(label)) || isOwnAccount(seen.app, lastLabeled(seen.timeline, label)?.actor ?? null);
}

/** The last time a person or the app put `label` on the issue, if the timeline was read and says. */
export function lastLabeled(timeline: readonly TimelineFacts[] | null, label: string): TimelineFacts | null {
  return (
    timeline?.findLast(
      (event) => event.kind === "labeled" && event.label !== null && labelKey(event.label) === labelKey(label),
    ) ?? null
  );
}

function fresh(entries: readonly Entry[], judgedUpTo: number): IncidentRecord {
  return { version: 1, revision: 0, templateApplied: false, ticks: [], judgedUpTo, entries: [...entries] };
}

function declaration(seen: IncidentObservation, severity: Severity): Entry {
  const labeled = lastLabeled(seen.timeline, severity.label);
  const { issue } = seen;
  // If not all of it was read, who set it is not known: that accuses nobody.
  const isUntold = seen.isTimelineCut && labeled === null;
  const atOpening =
    labeled === null && !isUntold && (seen.timeline === null || seen.at - issue.createdAt <= SET_AT_OPENING_MS);
  const at: Instant = labeled?.at ?? (atOpening ? issue.createdAt : seen.at);
  const by = labeled !== null ? (labeled.actor?.login ?? null) : atOpening ? (issue.author?.login ?? null) : null;
  return { kind: "declared", at, by, severity: severity.name };
}

/**
 * What the state label still says when every copy of the record is lost: the one on the issue, or the last one we put
 * there, as a transferred issue loses labels that its new repository has not (GitHub docs, "Transferring an issue").
 */
function entriesOfState(seen: IncidentObservation): readonly Entry[] {
  const shown = seen.issue.labels.map(phaseOfLabel).filter((phase) => phase !== null);
  const phases = shown.length > 0 ? shown : lastPhaseSet(seen);
  const reached = (phase: Phase, later: readonly Phase[]) => phases.some((one) => one === phase || later.includes(one));
  const responder = seen.issue.assignees[0] ?? null;
  const entries: Entry[] = [];
  if (responder !== null && reached("acknowledged", ["mitigated", "resolved"])) {
    entries.push({ kind: "acknowledged", at: seen.at, by: responder, source: null });
  }
  if (reached("mitigated", [])) entries.push({ kind: "mitigated", at: seen.at, by: null, text: "", source: null });
  if (reached("resolved", [])) entries.push({ kind: "resolved", at: seen.at, by: null, text: "", source: null });
  return entries;
}

/** A label that came too late was taken off at once: one that is still there made it a drill. */
function entriesOfDrill(seen: IncidentObservation): readonly Entry[] {
  const isDrill = hasLabel(seen.issue.labels, seen.policy.policy.drills.label) && !isPagedAs(seen, "incident");
  return isDrill ? [{ kind: "drill", at: seen.at, by: null, on: true, source: null }] : [];
}

/** Whether people were paged for it, as what the comments with the pages say. */
export function isPagedAs(
  { app, comments }: Pick<IncidentObservation, "app" | "comments">,
  what: "drill" | "incident",
): boolean {
  return comments.some((comment) => {
    const isPage = isOwnComment(app, comment) && markerIn(comment.body)?.startsWith("page-") === true;
    return isPage && isSaidInDrill(comment.body) === (what === "drill");
  });
}

function lastPhaseSet({ app, timeline }: IncidentObservation): readonly Phase[] {
  const ours = (timeline ?? []).filter(
    ({ kind, actor }) => kind === "labeled" && actor !== null && isOwnAccount(app, actor),
  );
  const phases = ours.map(({ label }) => (label === null ? null : phaseOfLabel(label)));
  return phases.filter((phase) => phase !== null).slice(-1);
}

/**
 * The last comment whose commands may have been judged. Whatever was judged was written into the status comment
 * afterwards, so anything newer than its last change is new. Without that comment nobody knows, and none is judged
 * again.
 */
function lastJudged({ comments, status }: IncidentObservation): number {
  const savedAt = comments.find(({ id }) => id === status?.commentId)?.updatedAt ?? Number.POSITIVE_INFINITY;
  return comments.reduce((latest, { id, createdAt }) => (createdAt <= savedAt ? Math.max(latest, id) : latest), 0);
}
