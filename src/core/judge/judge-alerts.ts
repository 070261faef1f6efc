import { alertRule } from "../alerts/alert-rule.ts";
import { burningMembers, newsOf, recoveredAt } from "../alerts/alert-state.ts";
import type { AlertsOfIncident, KnownAlert } from "../alerts/known-alert.ts";
import { cut } from "../alerts/payload-fields.ts";
import { SOURCE_NAMES } from "../alerts/source-names.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { isOwnAccount } from "../own.ts";
import type { Entry } from "../record/entry.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import type { IncidentRecord } from "../record/record.ts";
import { hasAddress, withoutAddresses } from "../trust/without-addresses.ts";
import { type Edge, sayOnce } from "./edge.ts";
import { isRaise } from "./judge-labels.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** How often it is said, at most, that an alert is over; the timeline has every time. */
const SAID_ONCE_IN_MS = 3_600_000;

/**
 * What the alerts of an incident mean for it: somebody acknowledged at the source, they are over, or they are firing
 * again. Judged by how things stand, so that an echo of what Sevgate itself told the source says nothing new.
 *
 * A closed issue is left alone: whether a firing reopens it is up to the alert's own pass (core/plan/plan-alert.ts).
 */
export function judgeAlerts(seen: IncidentObservation, known: Known): Judged {
  const { alerts } = seen;
  if (seen.issue.state === "closed") return NOTHING;
  const { history } = known;
  const answered = judgePages(seen, history);
  if (answered !== null) return answered;
  if (alerts === null || alerts.listed.length === 0) return NOTHING;
  const burning = alerts.firing + alerts.acknowledged > 0;
  if (!burning) return judgeOver(seen, known, alerts);
  const first = judgeAgain(seen, history, alerts) ?? judgeAcknowledged(seen, history, alerts);
  const since = known.with(first.entries);
  const raised = judgeRaise(seen, since, alerts);
  const joined = judgeJoined(seen, since, alerts);
  return {
    entries: [...first.entries, ...raised.entries, ...joined.entries],
    edges: [...first.edges, ...raised.edges],
    lookAgainAt: joined.lookAgainAt,
  };
}

/**
 * If what is firing asks for a more severe level than the incident has, the incident is raised as by `/severity`. It is
 * never lowered: people do that, and what they say stands until an alert asks for more than any has so far.
 */
function judgeRaise(seen: IncidentObservation, { record, history }: Known, { listed }: AlertsOfIncident): Judged {
  if (history.resolved !== null || history.cancelled !== null) return NOTHING;
  const { policy } = seen.policy;
  const { severities } = policy;
  const asking = listed
    .filter(({ state }) => state.status !== "resolved")
    .flatMap((one) => {
      const severity = alertRule(policy, one.state)?.severity ?? null;
      return severity === null ? [] : [{ state: one.state, to: severity.name }];
    })
    .toSorted((a, b) => (isRaise(severities, b.to, a.to) ? -1 : isRaise(severities, a.to, b.to) ? 1 : 0))[0];
  if (asking === undefined || !isRaise(severities, history.severity, asking.to)) return NOTHING;
  if (history.severityByPeople && !history.asked.every((one) => isRaise(severities, one, asking.to))) return NOTHING;
  const { state, to } = asking;
  const from = history.severity;
  const alert = state.endpoint.slice(0, 32);
  const entry: Entry = {
    kind: "severity-changed",
    at: seen.at,
    by: null,
    from,
    to,
    reason: "",
    source: null,
    alert,
    raised: true,
  };
  const members = burningMembers(state)
    .filter(({ severity }) => alertRule(policy, { ...state, members: [], severity })?.severity?.name === to)
    .slice(0, 3)
    .map(({ name, severity }) => withoutAddresses(severity === null ? name : `${name} (${severity})`));
  const isAcknowledged = history.acknowledged !== null;
  const saying = { kind: "raised-by-alert", endpoint: alert, from, to, members, isAcknowledged } as const;
  return { ...NOTHING, entries: [entry], edges: [sayOnce(`raised-by-alert-${record.revision}-${to}`, saying)] };
}

/** How often it is noted, at most, that more has joined, together with what came in between. */
const JOINED_ONCE_IN_MS = 300_000;

function judgeJoined(seen: IncidentObservation, { history }: Known, { listed }: AlertsOfIncident): Judged {
  const [latest] = listed
    .filter(({ state }) => state.status !== "resolved" && (state.joined ?? null) !== null)
    .toSorted((a, b) => (b.state.joined?.at ?? 0) - (a.state.joined?.at ?? 0));
  const joined = latest?.state.joined ?? null;
  const said = history.alerted.joined;
  if (latest === undefined || joined === null || joined.at <= (said?.since ?? 0)) return NOTHING;
  const due = (said === null ? 0 : said.at + JOINED_ONCE_IN_MS) as Instant;
  if (seen.at < due) return { ...NOTHING, lookAgainAt: due };
  const more = joined.count > joined.names.length ? ", …" : "";
  const name = cut(withoutAddresses(`${joined.count} more: ${joined.names.join("; ")}${more}`), 254);
  const { endpoint } = latest.state;
  const entry: Entry = {
    kind: "alerted",
    at: seen.at,
    by: null,
    what: "joined",
    endpoint: endpoint.slice(0, 32),
    since: joined.at,
    name,
  };
  return { ...NOTHING, entries: [entry] };
}

/** Somebody has acknowledged a page of the present episode in the system it was sent to. */
function judgePages(seen: IncidentObservation, history: History): Judged | null {
  if (history.acknowledged !== null || history.resolved !== null) return null;
  const answer = seen.pageReports.find(
    ({ state }) => state.status === "acknowledged" && (state.acknowledgedAt ?? 0) >= history.episode.since,
  );
  if (answer === undefined || history.alerted.acknowledged?.since === answer.state.acknowledgedAt) return null;
  return acknowledgedBy(seen, answer);
}

function judgeAgain(seen: IncidentObservation, history: History, alerts: AlertsOfIncident): Judged | null {
  const overSince = Math.max(
    history.resolved?.at ?? 0,
    history.cancelled?.at ?? 0,
    isStillOver(history) ? (history.alerted.recovered?.since ?? 0) : 0,
  );
  if (overSince === 0) return null;
  const latest = alerts.listed
    .filter(({ state }) => state.status !== "resolved" && newsOf(state) > overSince)
    .toSorted((a, b) => newsOf(b.state) - newsOf(a.state))[0];
  if (latest === undefined) return null;
  const since = newsOf(latest.state);
  if (history.alerted["fired-again"]?.since === since) return null;
  return { ...NOTHING, entries: [alerted(seen, latest, "fired-again", since)] };
}

/** Whether the latest from the alerts was that they are over. */
function isStillOver({ alerted: { recovered, "fired-again": again } }: History): boolean {
  return recovered !== null && (again === null || recovered.since >= again.since);
}

function judgeAcknowledged(seen: IncidentObservation, history: History, alerts: AlertsOfIncident): Judged {
  if (alerts.firing > 0 || history.acknowledged !== null || history.resolved !== null) return NOTHING;
  const first = alerts.listed
    .filter(({ state }) => state.acknowledgedAt !== null)
    .toSorted((a, b) => a.state.acknowledgedAt! - b.state.acknowledgedAt!)[0];
  const since = first?.state.acknowledgedAt ?? null;
  if (first === undefined || since === null || wasTold(first, "acknowledged")) return NOTHING;
  // Somebody has handed it back since: the source still shows the earlier acknowledgement.
  if (history.alerted.acknowledged?.since === since) return NOTHING;
  return acknowledgedBy(seen, first);
}

function acknowledgedBy(seen: IncidentObservation, one: KnownAlert): Judged {
  const entry = alerted(seen, one, "acknowledged", one.state.acknowledgedAt ?? seen.at);
  const edges: readonly Edge[] = entry.by === null ? [] : [{ kind: "assign", login: entry.by }];
  return { ...NOTHING, entries: [entry], edges };
}

function judgeOver(seen: IncidentObservation, { record, history }: Known, { listed }: AlertsOfIncident): Judged {
  const last = listed.toSorted((a, b) => (b.state.resolvedAt ?? 0) - (a.state.resolvedAt ?? 0))[0]!;
  const since = last.state.resolvedAt ?? seen.at;
  if (history.resolved !== null || history.cancelled !== null || history.alerted.recovered?.since === since) {
    return NOTHING;
  }
  if (listed.every((one) => wasTold(one, "resolved"))) return NOTHING;
  const counts = Math.max(...listed.map(({ state }) => recoveredAt(state) ?? 0)) as Instant;
  if (seen.at < counts) return { ...NOTHING, lookAgainAt: counts };
  const entry = alerted(seen, last, "recovered", since);
  const rule = alertRule(seen.policy.policy, last.state);
  if (rule?.autoResolve === "if-untouched" && isUntouched(seen, record)) {
    const at = Math.max(since, history.declared.at) as Instant;
    const resolved: Entry = { kind: "resolved", at, by: null, text: "", source: null };
    return { ...NOTHING, entries: [entry, resolved] };
  }
  const said = record.entries.some(
    (one) => one.kind === "alerted" && one.what === "recovered" && seen.at - one.at < SAID_ONCE_IN_MS,
  );
  const saying = { kind: "alert-over", endpoint: last.state.endpoint, since } as const;
  return { ...NOTHING, entries: [entry], edges: said ? [] : [sayOnce(`alert-over-${since}`, saying)] };
}

/** Whether this is the echo of what Sevgate has told the source about the present firing. */
function wasTold({ told, state }: KnownAlert, what: "acknowledged" | "resolved"): boolean {
  return told !== null && told.firedAt === state.firedAt && (told.state === what || told.state === "resolved");
}

/**
 * Whether no person has done anything about the incident: no comment, no command, no tick, no label, and nobody took it
 * at the source. If that cannot be determined, it counts as touched.
 */
export function isUntouched(seen: IncidentObservation, record: IncidentRecord): boolean {
  const isOurs = (login: string | undefined) => login !== undefined && isOwnAccount(seen.app, { login });
  if (!isOurs(seen.issue.author?.login) || seen.issue.commentCount > seen.comments.length) return false;
  const isSaid = seen.comments.some(({ author }) => author === null || !(author.isBot || isOurs(author.login)));
  if (isSaid || record.ticks.length > 0) return false;
  return record.entries.every((entry) => {
    if (entry.kind === "alerted") return entry.what !== "acknowledged";
    if ("source" in entry && entry.source !== null) return false;
    return entry.by === null || isOurs(entry.by);
  });
}

function alerted(
  seen: IncidentObservation,
  { state }: KnownAlert,
  what: "acknowledged" | "recovered" | "fired-again",
  since: Instant,
): Extract<Entry, { kind: "alerted" }> {
  const actor = { acknowledged: state.acknowledgedBy, recovered: state.resolvedBy, "fired-again": null }[what];
  const by = actor?.email == null ? null : loginOf(seen, actor.email);
  // An e-mail address is not for everybody who sees the issue, and anybody can read the record in it.
  const isNamed = actor?.name != null && !hasAddress(actor.name);
  const somebody = actor === null ? null : `somebody in ${SOURCE_NAMES[state.source]}`;
  const name = isNamed ? actor.name!.slice(0, 100) : by === null ? somebody : null;
  return { kind: "alerted", at: seen.at, by, what, endpoint: state.endpoint.slice(0, 32), since, name };
}

/** The login of whoever has this e-mail address in the on-call file, ignoring case. */
function loginOf(seen: IncidentObservation, email: string): string | null {
  const people = [...(seen.onCall.schedule?.people.values() ?? [])];
  return people.find((person) => person.email?.toLowerCase() === email.toLowerCase())?.login ?? null;
}
