import type { Instant } from "../model.ts";
import type { AlertChange, AlertSource } from "./alert-change.ts";
import type { AlertState } from "./alert-state.ts";
import { fireAgain } from "./fire-again.ts";
import { mergeGroup } from "./merge-group.ts";

/**
 * The state after one more change. Delivered twice, or in the wrong order, the result is the same: a resolve wins over
 * a firing that began before it, and an old resolve does not end a newer firing. Returns the same object when nothing
 * is new.
 *
 * If the clock of a source is ahead, the change counts as of now: a time in the future would win for ever.
 */
export function mergeChange(
  known: AlertState | null,
  from: { readonly source: AlertSource; readonly endpoint: string },
  change: AlertChange,
  receivedAt: Instant,
): AlertState {
  const at = Math.min(change.at ?? receivedAt, receivedAt) as Instant;
  const { group } = change;
  if (group !== null) {
    const base = known ?? { ...begin(from, { ...change, change: "resolved" }, at), resolvedAt: null, members: [] };
    return mergeGroup(base, { ...change, group }, textsOf(change), receivedAt);
  }
  if (known === null) return begin(from, change, at);
  switch (change.change) {
    case "fired":
      return fired(known, change, at);
    case "acknowledged":
      return acknowledged(known, change, at);
    case "unacknowledged":
      if (known.status !== "acknowledged" || at < (known.acknowledgedAt ?? at)) return known;
      return { ...known, status: "firing", acknowledgedAt: null, acknowledgedBy: null };
    case "resolved":
      return resolved(known, change, at);
    case "changed":
      // How it was before its end, or before the incident now known, is not news.
      if (known.status === "resolved" || isOther(known, change) || at < (known.firedAt ?? at)) return known;
      return keep(known, textsOf(change));
  }
}

function begin(
  { source, endpoint }: { readonly source: AlertSource; readonly endpoint: string },
  change: AlertChange,
  at: Instant,
): AlertState {
  const empty: AlertState = {
    source,
    endpoint,
    key: change.key,
    externalId: change.externalId,
    origin: change.origin,
    status: "firing",
    firedAt: at,
    lastStartAt: at,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    times: 1,
    starts: [at],
    ...textsOf(change),
  };
  switch (change.change) {
    case "fired":
    case "unacknowledged":
    case "changed":
      return empty;
    case "acknowledged":
      return { ...empty, status: "acknowledged", acknowledgedAt: at, acknowledgedBy: change.actor };
    case "resolved":
      // Nothing to do now, but a firing that arrives late must find it.
      return {
        ...empty,
        status: "resolved",
        firedAt: null,
        lastStartAt: null,
        resolvedAt: at,
        resolvedBy: change.actor,
        times: 0,
        starts: [],
      };
  }
}

function fired(known: AlertState, change: AlertChange, at: Instant): AlertState {
  if (known.status !== "resolved" && !isOther(known, change)) {
    return keep(known, { ...textsOf(change), lastStartAt: later(known.lastStartAt, at) });
  }
  const overSince = change.order === "start" ? (known.lastStartAt ?? lastWord(known)) : lastWord(known);
  // A change without a time of its own counts from its arrival.
  if (change.at !== null && at <= overSince) return known;
  return again(known, change, at);
}

function acknowledged(known: AlertState, change: AlertChange, at: Instant): AlertState {
  if (known.status === "resolved" || isOther(known, change)) {
    // The firing it belongs to was never reported, or has ended.
    if (change.at === null || at <= lastWord(known)) return known;
    return acknowledged(again(known, change, at), change, at);
  }
  if (known.status === "acknowledged") return known;
  if (at < (known.firedAt ?? at)) return known;
  return {
    ...known,
    ...idsOf(known, change),
    status: "acknowledged",
    acknowledgedAt: at,
    acknowledgedBy: change.actor,
  };
}

function resolved(known: AlertState, change: AlertChange, at: Instant): AlertState {
  if (known.status === "resolved") return keep(known, { resolvedAt: later(known.resolvedAt, at) });
  // The end of an earlier firing.
  if (change.order === "time" && at < later(known.lastStartAt, known.acknowledgedAt)) {
    return keep(known, { resolvedAt: later(known.resolvedAt, at) });
  }
  const end = later(known.firedAt, at);
  return { ...known, status: "resolved", resolvedAt: end, resolvedBy: change.actor };
}

/** The alert begins to fire again, as `change` says. */
function again(known: AlertState, change: AlertChange, at: Instant): AlertState {
  return { ...fireAgain(known, at), ...textsOf(change), ...idsOf(known, change) };
}

/** The latest moment at which something is known to have happened. */
function lastWord(known: AlertState): Instant {
  const ended = known.status === "resolved" ? known.resolvedAt : known.acknowledgedAt;
  return later(ended, known.lastStartAt);
}

/** Another incident at the source that is the same alert here: the next outage of one monitor. */
function isOther(known: AlertState, change: AlertChange): boolean {
  return change.externalId !== null && change.externalId !== known.externalId;
}

/** The id, and what proves it: never the proof of one incident with the id of another. */
function idsOf(known: AlertState, change: AlertChange): Pick<AlertState, "externalId" | "origin"> {
  const { externalId, origin = null } = known;
  if (change.externalId === null) return { externalId, origin };
  const isSame = change.externalId === externalId;
  return { externalId: change.externalId, origin: change.origin ?? (isSame ? origin : null) };
}

type Texts = Pick<AlertState, "title" | "summary" | "severity" | "url" | "labels" | "links" | "notes">;

function textsOf(change: AlertChange): Texts {
  const { title, summary, severity, url, labels, links, notes } = change;
  return { title, summary, severity, url, labels, links, notes };
}

/** `known` itself when `fields` say nothing new: then nothing has to be stored. */
function keep(known: AlertState, fields: Partial<AlertState>): AlertState {
  const next = { ...known, ...fields };
  return JSON.stringify(next) === JSON.stringify(known) ? known : next;
}

function later(a: Instant | null, b: Instant | null): Instant {
  return Math.max(a ?? 0, b ?? 0) as Instant;
}
