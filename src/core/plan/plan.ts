import type { Incident } from "../derive.ts";
import { hostOf } from "../gate/names-incident.ts";
import { placeFromHere } from "../gate/post-mortem-place.ts";
import { labelEdge, severitiesOn } from "../judge/begin-record.ts";
import { type Edge, edgeId } from "../judge/edge.ts";
import { seenItem } from "../judge/item-texts.ts";
import { howToExplain } from "../judge/judge-closing.ts";
import { contentClassOf } from "../judge/judge-confirmation.ts";
import { saysOtherwise } from "../judge/judge-drill.ts";
import { labelsSettled } from "../judge/judge-labels.ts";
import type { JudgeName } from "../judge/judging.ts";
import { fullName, hasLabel, labelKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { canSay } from "../observation.ts";
import { isOwnComment } from "../own.ts";
import { compact } from "../record/compact.ts";
import type { Entry } from "../record/entry.ts";
import { type IncidentRecord, sameRecord } from "../record/record.ts";
import { STATE_LABEL_NAMES, STATE_LABELS, WAIVED_LABEL } from "../record/state-label.ts";
import { revertContent } from "../regressions/revert-pull-request.ts";
import { withTemplate } from "../render/incident-template.ts";
import { postMortemIssue } from "../render/post-mortem-issue.ts";
import { reply } from "../render/replies.ts";
import { statusText } from "../render/status.ts";
import { whyUrl } from "../render/why-url.ts";
import { sameText, textDigest } from "../same-text.ts";
import { isSaid, markerIn, STATUS_MARKER } from "../words/markers.ts";
import type { Action } from "./action.ts";
import { EARLY_STATUS, heldBack } from "./after.ts";
import { closeItemEdge, itemSteps } from "./item-steps.ts";
import {
  drillLabel,
  type LabelContent,
  labelsMissing,
  postMortemLabel,
  severityLabels,
  stateLabels,
} from "./labels.ts";

/** For how long a reopening is still explained, if the pass died in between. */
const EXPLAIN_REOPENING_MS = 3_600_000;

/** A step, and why it is taken. */
export interface Step {
  readonly action: Action;
  /**
   * `judge:` and the judge that found what is done once (`JudgeName`), or `plan:` and the rule in this file; after `plan:status`
   * also the kinds of what is new in the record, or `text`.
   */
  readonly why: string;
}

/** The actions of `planSteps`, to the last. */
export function plan(seen: IncidentObservation, incident: Incident): readonly Action[] {
  return [...planSteps(seen, incident)].map(({ action }) => action);
}

/**
 * The steps from what is to what should be. Each is worked out when it is asked for: a pass takes the first, and plans anew.
 *
 * The order is what makes it safe: a reopening is written down, then done, before anything is said; what is done once
 * (edges) comes before the record is saved, so that if a pass dies in between, the next one judges the same and
 * finds it done. Only a page has the status comment before it, without what the page leaves. Planning again after the steps were applied gives nothing (test/core/plan/fixpoint.test.ts).
 */
export function* planSteps(seen: IncidentObservation, incident: Incident): Iterable<Step> {
  yield* because("plan:reopening", reopening(seen, incident));
  yield* because("plan:template", template(seen, incident));
  yield* because("plan:early-status", earlyStatus(seen, incident));
  yield* edges(seen, incident, "first");
  yield* edges(seen, incident, "then");
  yield* because("plan:severity-labels", showSeverity(seen, incident));
  yield* because("plan:closing", closing(seen, incident));
  yield* because("plan:pin", latePin(seen, incident));
  yield* because(`plan:status:${newsOf(incident)}`, status(seen, incident, saved(seen, incident)));
  yield* because("plan:explanation", explanation(seen, incident));
  yield* because("plan:state-labels", showPhase(seen, incident));
  yield* because("plan:drill-label", showDrill(seen, incident));
  yield* because("plan:said-twice", [...seen.duplicateStatusIds, ...repliesSaidAgain(seen)].map(duplicate));
  yield* edges(seen, incident, "last");
  for (const action of itemSteps(seen, incident)) yield { action, why: "plan:items" };
  yield* because("plan:labels", otherStateLabels(seen));
}

function because(why: string, actions: readonly Action[]): readonly Step[] {
  return actions.map((action) => ({ action, why }));
}

function* edges(seen: IncidentObservation, incident: Incident, turn: ReturnType<typeof turnOf>): Iterable<Step> {
  for (const edge of incident.edges) {
    if (turnOf(edge) === turn) yield* because(`judge:${judgeOf(incident, edge)}`, once(seen, incident, edge));
  }
}

function judgeOf({ found }: Incident, edge: Edge): JudgeName | undefined {
  return found.find(({ edges }) => edges.includes(edge))?.judge;
}

/** The kinds of new entries, each once; `text`: there are none, only the text has changed. */
function newsOf({ found }: Incident): string {
  const kinds = new Set(found.flatMap(({ entries }) => entries.map(({ kind }) => kind)));
  return kinds.size === 0 ? "text" : [...kinds].join(",");
}

function duplicate(commentId: number): Action {
  return { kind: "delete-duplicate", commentId };
}

/**
 * Replies posted twice, because the answer to the first was lost and a list did not show it yet: the first one stays.
 * No reply is meant to be posted twice, so its marker identifies it.
 */
function repliesSaidAgain(seen: IncidentObservation): readonly number[] {
  const said = new Set<string>();
  return seen.comments.flatMap((comment) => {
    const { id, body } = comment;
    const marker = isOwnComment(seen.app, comment) && !body.includes(STATUS_MARKER) ? markerIn(body) : null;
    if (marker === null) return [];
    if (said.has(marker)) return [id];
    said.add(marker);
    return [];
  });
}

/**
 * A page does not wait for a reply. And nothing waits for what a command creates: that may take many requests,
 * and GitHub may refuse them for as long as it likes.
 */
function turnOf(edge: Edge): "first" | "then" | "last" {
  if (edge.kind === "create-revert" || edge.kind === "create-post-mortem") return "last";
  if (edge.kind === "set-type") return "then";
  return edge.kind !== "say" || (edge.creates ?? "incident") === "incident" ? "first" : "then";
}

/** The gate comes first: a reopening is counted (so that it can never turn into a war), then done, then explained. */
function reopening(seen: IncidentObservation, incident: Incident): readonly Action[] {
  const { closing } = incident;
  if (closing.kind !== "reopen") return [];
  const reopen: Action = { kind: "reopen-issue" };
  if (!closing.isNew) return [reopen];
  // Commands judged in the same pass are not saved yet: what is done once because of them comes before that.
  const known = currentRecord(seen);
  // What the reopening is based on is saved with it: a process that has lost its index may not find the revert again at
  // once.
  const because = incident.record.entries.filter(
    (entry) =>
      (entry.kind === "disproven" || entry.kind === "fix-reverted" || entry.kind === "waiver-ended") &&
      known?.entries.includes(entry) === false,
  );
  const entries = known === null ? incident.record.entries : [...known.entries, ...because, closing.entry];
  const counted = saved(seen, { ...incident, record: { ...incident.record, entries } });
  const open: IncidentObservation = { ...seen, issue: { ...seen.issue, state: "open" } };
  return [...status(open, incident, counted), reopen];
}

function closing({ issue }: IncidentObservation, incident: Incident): readonly Action[] {
  const { closing } = incident;
  return closing.kind === "close" && issue.state === "open" ? [{ kind: "close-issue", reason: closing.reason }] : [];
}

function template(seen: IncidentObservation, { record, history }: Incident): readonly Action[] {
  if (record.templateApplied || seen.done.has("template") || seen.issue.state === "closed") return [];
  const body = withTemplate(seen.issue.body, seen.templates.incident, history.severity);
  return body === null ? [] : [{ kind: "edit-issue-body", body }];
}

function once(seen: IncidentObservation, incident: Incident, edge: Edge): readonly Action[] {
  const id = edgeId(edge);
  if (seen.done.has(id)) return edge.kind === "say" ? unanswered(seen, incident, edge, id) : [];
  switch (edge.kind) {
    case "say": {
      // GitHub refuses an app's comment on a locked issue. What it was about is in the record, and is said in
      // another way.
      if (seen.issue.locked || isSaid(seen, edge.marker)) return [];
      return [
        {
          kind: "comment",
          marker: edge.marker,
          body: reply(edge.marker, edge.saying, context(seen, incident)),
          edge: id,
          creates: edge.creates ?? contentClassOf(seen, incident.history),
          waits: edge.saying.kind === "page",
        },
      ];
    }
    case "react": {
      const { commentId, reaction } = edge;
      //
      return seen.can.react && !seen.issue.locked ? [{ kind: "react", commentId, reaction, edge: id }] : [];
    }
    case "assign":
      return seen.issue.assignees.some((one) => one.toLowerCase() === edge.login.toLowerCase())
        ? []
        : [{ kind: "assign", login: edge.login, edge: id }];
    case "unassign":
      return seen.issue.assignees.some((one) => one.toLowerCase() === edge.login.toLowerCase())
        ? [{ kind: "unassign", login: edge.login, edge: id }]
        : [];
    case "create-revert": {
      const place = { id: seen.repository.id, fullName: fullName(seen.repository), host: hostOf(seen) };
      const content = revertContent(
        { ...edge, incident: seen.issue.number, isDrill: incident.history.drill !== null },
        place,
      );
      return [{ kind: "create-revert", pullRequest: edge.pullRequest, ...content, edge: id }];
    }
    case "close-item": {
      const found = seenItem(seen, edge.target);
      if (found === null || found.issue === "gone" || found.issue.state === "closed") return [];
      const { target } = edge;
      return [{ kind: "close-item", target, place: found.place, reason: "not_planned", edge: closeItemEdge(target) }];
    }
    case "set-type":
      return [{ kind: "set-type", type: edge.type, edge: id }];
    case "request-review":
      return [{ kind: "request-review", number: edge.number, login: edge.login, edge: id }];
    case "create-post-mortem": {
      const content = postMortemIssue(seen, incident.record, edge.history);
      const repository = placeFromHere(seen);
      const label = repository === null ? creations(seen, [postMortemLabel(seen.policy.policy)]) : [];
      return [...label, { kind: "create-post-mortem", repository, ...content }];
    }
  }
}

/** A team member whose answer was held back by the budget sees that there is none, and may ask again. */
function unanswered(
  seen: IncidentObservation,
  incident: Incident,
  { answers, creates }: Extract<Edge, { kind: "say" }>,
  id: string,
): readonly Action[] {
  if (answers === null || creates !== "team" || !seen.done.has(heldBack(id))) return [];
  return once(seen, incident, { kind: "react", commentId: answers.commentId, reaction: "confused" });
}

function context(seen: IncidentObservation, incident: Incident) {
  const { gate, history } = incident;
  const { issue, policy, onCall } = seen;
  const why = whyUrl(policy, history.severity, issue.url);
  return {
    gate,
    policy: policy.policy,
    issueUrl: issue.url,
    whyUrl: why,
    schedule: onCall.schedule,
    responder: history.responder,
    isResolved: history.resolved !== null,
    isDrill: history.drill !== null,
  };
}

/** Severity labels are set before the record is saved: what the record says about them is then already true. */
function showSeverity(seen: IncidentObservation, { history, before, labelsOnHold }: Incident): readonly Action[] {
  if (seen.issue.state === "closed" || labelsOnHold) return [];
  const { severities } = seen.policy.policy;
  const at = severities.findIndex((one) => one.name === history.severity);
  const severity = severities[at];
  if (severity === undefined) return [];
  // Having no label may be the first half of a swap, unless a command has just said what it should be.
  const isSaved = before?.severity === history.severity;
  const commanded = before !== null && !isSaved;
  if (severitiesOn(seen.issue, severities).length === 0 && !labelsSettled(seen) && !commanded) return [];
  const steps: Action[] = [];
  if (!hasLabel(seen.issue.labels, severity.label)) {
    const label = severityLabels(seen.policy.policy).filter(({ name }) => name === severity.label);
    steps.push(...creations(seen, label), { kind: "add-label", label: severity.label });
  }
  const others = severities.filter((one) => one !== severity && hasLabel(seen.issue.labels, one.label));
  // A label that the record does not know yet may be half of a swap: it is left alone until the labels have settled.
  const ours = !hasLabel(seen.issue.labels, severity.label) || seen.done.has(labelEdge(severity.label));
  // The old label is removed last: until the record says what the new one means, the two together do.
  if (isSaved && (ours || labelsSettled(seen)))
    steps.push(...others.flatMap((one) => shownAs(seen, one.label).map(removal)));
  return steps;
}

function showPhase(seen: IncidentObservation, { history }: Incident): readonly Action[] {
  const wanted = STATE_LABELS[history.phase];
  const steps: Action[] = [];
  if (!hasLabel(seen.issue.labels, wanted.name)) {
    steps.push(...creations(seen, [wanted]), { kind: "add-label", label: wanted.name });
  }
  const isLent = isWaivedForAWhile(history);
  if (isLent && !hasLabel(seen.issue.labels, WAIVED_LABEL.name)) {
    steps.push(...creations(seen, [WAIVED_LABEL]), { kind: "add-label", label: WAIVED_LABEL.name });
  }
  const others = STATE_LABEL_NAMES.filter((name) => name !== wanted.name);
  if (!isLent) others.push(WAIVED_LABEL.name);
  return [...steps, ...others.flatMap((name) => shownAs(seen, name).map(removal))];
}

/** Also while it is still closed by a waiver that has ended, because nobody knows yet whether it may stay so. */
function isWaivedForAWhile({ cancelled, waived, waiverEnded, closed }: Incident["history"]): boolean {
  const isLeft = waiverEnded !== null && closed?.how === "waived";
  return cancelled === null && (isLeft || (waived?.until ?? null) !== null);
}

/** After the record is saved: a label that it knows nothing of would be somebody's. */
function showDrill(seen: IncidentObservation, { history, drillOnHold }: Incident): readonly Action[] {
  if (drillOnHold || !saysOtherwise(seen, history)) return [];
  const label = drillLabel(seen.policy.policy);
  return history.drill === null
    ? shownAs(seen, label.name).map(removal)
    : [...creations(seen, [label]), { kind: "add-label", label: label.name }];
}

/**
 * A label as the issue spells it: GitHub ignores the case of labels when they are added, but not when they are removed.
 *
 * (A-054)
 */
function shownAs({ issue }: IncidentObservation, label: string): readonly string[] {
  return issue.labels.filter((shown) => labelKey(shown) === labelKey(label));
}

function removal(label: string): Action {
  return { kind: "remove-label", label };
}

/** With a repository's first incident, the labels it will need later are created, too; if that fails, a sweep makes up for it. */
function otherStateLabels(seen: IncidentObservation): readonly Action[] {
  return seen.status?.isNew === true ? creations(seen, stateLabels()) : [];
}

/** Creates those labels that are not known, from an earlier pass or a step of this one, to exist in the repository. */
function creations({ labelsThere }: IncidentObservation, labels: readonly LabelContent[]): readonly Action[] {
  return labelsMissing(labels, labelsThere).map((label): Action => ({ kind: "create-label", ...label }));
}

function status(seen: IncidentObservation, incident: Incident, record: IncidentRecord): readonly Action[] {
  const text = statusText({ ...incident, seen, record });
  if (seen.issue.locked && (seen.status === null || !canSay(seen))) {
    const kept = currentRecord(seen);
    return kept !== null && sameRecord(kept, record) ? [] : [{ kind: "keep-record", record }];
  }
  if (seen.status === null) {
    // Even if it is to be reopened: that waits for this comment, which keeps the count of reopenings.
    return [{ kind: "create-status", text, record, creates: contentClassOf(seen, incident.history), isEarly: false }];
  }
  const known = currentRecord(seen);
  const steps: Action[] = [];
  const isShown = sameText(seen.status.text, text) || seen.status.madeOf === textDigest(text);
  if (known === null || !sameRecord(known, record) || !isShown || seen.status.isBehind) {
    steps.push({ kind: "edit-status", commentId: seen.status.commentId, text, record });
  }
  return steps;
}

/**
 * Whoever follows the mail of a page lands on an issue that says how it stands. Its record leaves out what has something
 * to do once: that is judged again after it was done. In the budget it comes after the page.
 */
function earlyStatus(seen: IncidentObservation, incident: Incident): readonly Action[] {
  if (seen.status !== null || seen.issue.locked || seen.done.has(EARLY_STATUS)) return [];
  const isPaging = incident.edges.some(
    (edge) => edge.kind === "say" && edge.saying.kind === "page" && once(seen, incident, edge).length > 0,
  );
  if (!isPaging) return [];
  const unsettled = new Set(incident.found.filter(({ edges }) => edges.length > 0).flatMap(({ entries }) => entries));
  const entries = incident.record.entries.filter((entry) => !unsettled.has(entry));
  const record = saved(seen, { ...incident, record: { ...incident.record, entries } });
  const own = contentClassOf(seen, incident.history);
  const creates = own === "incident" ? "team" : own;
  return [{ kind: "create-status", text: statusText({ ...incident, seen, record }), record, creates, isEarly: true }];
}

/** A pass that died at its page had made the status comment, and not pinned it yet. */
function latePin(seen: IncidentObservation, incident: Incident): readonly Action[] {
  const { status, can, done } = seen;
  if (status === null || status.isNew || !can.pin || done.has("pin")) return [];
  const isPage = ({ kind }: Entry) => kind === "paged";
  const known = currentRecord(seen);
  const isFirstPage = known?.revision === 1 && !known.entries.some(isPage) && incident.record.entries.some(isPage);
  return isFirstPage ? [{ kind: "pin-status", commentId: status.commentId }] : [];
}

/** The record to save: compacted, with the next revision if it says anything new. */
function saved(seen: IncidentObservation, incident: Incident): IncidentRecord {
  const templateApplied = incident.record.templateApplied || seen.issue.state === "open";
  const applied = { ...incident.record, templateApplied };
  const known = currentRecord(seen);
  const next = compact(applied, incident.waitsFrom);
  if (known !== null && sameRecord(known, next)) return known;
  return { ...next, revision: Math.max(known?.revision ?? 0, applied.revision) + 1 };
}

function currentRecord(seen: IncidentObservation): IncidentRecord | null {
  return seen.record.kind === "found" ? seen.record.record : null;
}

/** Posted after the reopening, or by a later pass if this one died in between. */
function explanation(seen: IncidentObservation, incident: Incident): readonly Action[] {
  const steps: Action[] = [];
  const status = seen.status;
  if (status?.isNew && seen.can.pin && !seen.done.has("pin"))
    steps.push({ kind: "pin-status", commentId: status.commentId });

  const last = incident.record.entries.findLast((entry) => entry.kind === "reopened" || entry.kind === "closed");
  if (last?.kind !== "reopened" || seen.at - last.at > EXPLAIN_REOPENING_MS) return steps;
  const marker = `reopened-${last.closedAt}`;
  const edge = `say:${marker}`;
  if (seen.done.has(edge) || isSaid(seen, marker)) return steps;
  if (seen.issue.locked) return steps;
  const how = howToExplain(seen, incident.history, last);
  if (how === false) return steps;
  const saying = { kind: "reopened", why: last.why, left: how.left } as const;
  const body = reply(marker, saying, context(seen, incident));
  return [
    ...steps,
    { kind: "comment", marker, body, edge, creates: contentClassOf(seen, incident.history), waits: false },
  ];
}
