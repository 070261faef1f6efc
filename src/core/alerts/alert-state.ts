import { createHash } from "node:crypto";
import type { Instant } from "../model.ts";
import type { AlertActor, AlertChange, AlertLink, AlertSource } from "./alert-change.ts";
import { fireAgain } from "./fire-again.ts";
import { mergeGroup } from "./merge-group.ts";

const HOUR_MS = 3_600_000;
/** More starts than this within an hour are flapping. */
const FLAPPING_STARTS = 3;
/** A recovery counts when it has lasted this long; what fires again at once was none. */
const HOLD_DOWN_MS = 120_000;
/** A flapping alert has recovered when it has been quiet this long. */
const FLAPPING_HOLD_MS = 1_800_000;

/** Where one alert stands, as its source last said. It grows by deliveries and never by time. */
export interface AlertState {
  readonly source: AlertSource;
  readonly endpoint: string;
  readonly key: string;
  readonly externalId: string | null;
  /** Of the incident with that id, as in `AlertChange`. Left out in rows from before it was kept. */
  readonly origin?: string | null;
  readonly status: "firing" | "acknowledged" | "resolved";
  /** When the present firing, or the last one, began; `null`: only the end of one was told. */
  readonly firedAt: Instant | null;
  /** The latest start told of within it: a group goes on firing when one more alert joins. */
  readonly lastStartAt: Instant | null;
  /** Of the present firing. */
  readonly acknowledgedAt: Instant | null;
  readonly acknowledgedBy: AlertActor | null;
  /** When it was last resolved. Kept while it fires again. */
  readonly resolvedAt: Instant | null;
  readonly resolvedBy: AlertActor | null;
  /** How often it began to fire. */
  readonly times: number;
  /** The latest starts, oldest first; at most 10. */
  readonly starts: readonly Instant[];
  readonly title: string;
  readonly summary: string;
  readonly severity: string | null;
  readonly url: string | null;
  readonly labels: Readonly<Record<string, string>>;
  // Left out in rows from before they were kept.
  readonly links?: readonly AlertLink[];
  readonly notes?: Readonly<Record<string, string>>;
  /** Of a group; those that burn first. */
  readonly members?: readonly Member[];
  /** Titles it had before, the latest last; at most 5. */
  readonly titles?: readonly string[];
  /** How many members the source left out of its last delivery. */
  readonly truncated?: number;
  /** When something joined that people have not seen: the last time, within the present firing. */
  readonly newsAt?: Instant | null;
  readonly joined?: JoinedMembers | null;
}

/** One member of a group. */
export interface Member {
  /** Its fingerprint. */
  readonly id: string;
  /** The group it was last told of in. */
  readonly group: string;
  readonly name: string;
  readonly severity: string | null;
  readonly startedAt: Instant;
  /** `null`: it burns. */
  readonly endedAt: Instant | null;
  /** When a delivery last spoke of it. */
  readonly heardAt: Instant;
}

/** Members that joined while the alert fired already. */
export interface JoinedMembers {
  readonly at: Instant;
  readonly count: number;
  /** The first 5. */
  readonly names: readonly string[];
}

/** The members that burn; none of an alert that is no group. */
export function burningMembers(state: Pick<AlertState, "members">): readonly Member[] {
  return (state.members ?? []).filter(({ endedAt }) => endedAt === null);
}

/** When it last had news for people: that it fires, or that more has joined. */
export function newsOf(state: Pick<AlertState, "firedAt" | "newsAt">): Instant {
  return Math.max(state.firedAt ?? 0, state.newsAt ?? 0) as Instant;
}

/** The identity of an alert in its repository: an endpoint cannot name an alert of another one. 32 hexadecimal digits. */
export function alertId(source: AlertSource, endpoint: string, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([source, endpoint, key]))
    .digest("hex")
    .slice(0, 32);
}

/**
 * The state after one more change. Told twice, or in the wrong order, the end is the same: a resolve wins over a firing
 * that began before it, and an old resolve does not end a newer firing. The same object when nothing is new.
 *
 * A source whose clock is ahead is taken to speak of now: a time in the future would win for ever.
 */
export function mergeChange(
  known: AlertState | null,
  from: { readonly source: AlertSource; readonly endpoint: string },
  change: AlertChange,
  receivedAt: Instant,
): AlertState {
  const at = Math.min(change.at ?? receivedAt, receivedAt) as Instant;
  const { group } = change;
  if (group !== undefined) {
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
      // What it was before its end, or before the incident that is known by now, is no news.
      if (known.status === "resolved" || isOther(known, change) || at < (known.firedAt ?? at)) return known;
      return keep(known, textsOf(change));
  }
}

/** When the recovery of a resolved alert counts: later when it flaps. `null`: it is not resolved. */
export function recoveredAt(state: AlertState): Instant | null {
  if (state.status !== "resolved" || state.resolvedAt === null) return null;
  const end = state.resolvedAt;
  const recent = state.starts.filter((start) => end - start < HOUR_MS);
  return (end + (recent.length > FLAPPING_STARTS ? FLAPPING_HOLD_MS : HOLD_DOWN_MS)) as Instant;
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
    origin: change.origin ?? null,
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
      // Nothing to do, but a firing that comes late must find it.
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
  // Without a time of its own a change is as young as its arrival.
  if (change.at !== null && at <= overSince) return known;
  return again(known, change, at);
}

function acknowledged(known: AlertState, change: AlertChange, at: Instant): AlertState {
  if (known.status === "resolved" || isOther(known, change)) {
    // The firing it belongs to was not told of, or is over.
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

/** The alert begins to fire once more, as `change` tells. */
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

/** The id, and what proves it: never the proof of one incident for the id of another. */
function idsOf(known: AlertState, change: AlertChange): Pick<AlertState, "externalId" | "origin"> {
  const { externalId, origin = null } = known;
  if (change.externalId === null) return { externalId, origin };
  const isSame = change.externalId === externalId;
  return { externalId: change.externalId, origin: change.origin ?? (isSame ? origin : null) };
}

type Texts = Pick<AlertState, "title" | "summary" | "severity" | "url" | "labels" | "links" | "notes">;

function textsOf(change: AlertChange): Texts {
  const { title, summary, severity, url, labels, links = [], notes = {} } = change;
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
