import type { Archive, PastIncident } from "../archive/past-incident.ts";
import { withinOf } from "../debt/debt.ts";
import { dueOf } from "../debt/due.ts";
import { isToDo } from "../debt/is-to-do.ts";
import { lacksPostMortem, postMortemDue } from "../debt/service-level.ts";
import { asksFor, closeRequires } from "../gate/asks-for.ts";
import type { ActionItem } from "../items/action-item.ts";
import type { Instant } from "../model.ts";
import { sameLogin } from "../names.ts";
import type { Policy, Severity } from "../policy/policy.ts";
import { isShortened } from "../record/compact.ts";
import { type Entry, KEY_TIMES } from "../record/entry.ts";
import { type History, isUngated } from "../record/history.ts";
import { keyTimes } from "../record/key-times.ts";
import { Known } from "../record/known.ts";
import { DAY_MS } from "../time-units.ts";
import { kaplanMeier, medianOf, type Observation } from "./kaplan-meier.ts";
import { isGated, isReset, measuredMoments } from "./measured-moments.ts";
import { dayOf, type Period, weekOf } from "./period.ts";
import {
  type Curve,
  type Items,
  type Level,
  MEASURES,
  type Measure,
  REPORT_VERSION,
  type Report,
  type ReportedIncident,
  type RepositoryReport,
  type Took,
} from "./report.ts";

/** What a report of one repository is made of. */
export interface ReportSource {
  /** `owner/name`. */
  readonly repository: string;
  readonly policy: Pick<Policy, "severities">;
  /** Where the policy is from; `null`: the built-in one. */
  readonly policySource: string | null;
  readonly archive: Archive;
  readonly sealsChecked: boolean;
  /** `null`: the policy names no contributing factors. */
  readonly factors: FactorsSeen | null;
  /** Of any time, closed ones too; `null`: not looked for. */
  readonly items: readonly ActionItem[] | null;
  /** Incidents that are not in the archive because nobody has touched them since the period began, for their items. */
  readonly older: readonly PastIncident[];
}

/** What was ticked, as far as it could be read. */
export interface FactorsSeen {
  /** In the order of the policy. */
  readonly names: readonly string[];
  /** By the number of the incident. */
  readonly ticked: ReadonlyMap<number, readonly string[]>;
  /** Incidents with a post-mortem that could not be read, or may not be shown here. */
  readonly unread: ReadonlySet<number>;
}

/**
 * The numbers of one repository. Drills are in none of them; what turned out to be no incident, and what somebody outside
 * the team reported and nobody of it has dealt with, only among the pages. What
 * happened at the end of the period or later has not happened yet; times that were put right later count as they are now.
 *
 * @param period  `until` is not in the future
 * @param onlyOpen lists only incidents that were open at the end of the period; the numbers stay those of all
 */
export function makeRepositoryReport(source: ReportSource, period: Period, onlyOpen: boolean): RepositoryReport {
  const { archive, policy, factors } = source;
  const real = archive.incidents.filter(({ history }) => history.drill === null);
  const declared = real.filter(({ history }) => isIn(period, history.declared.at));
  const alarms = declared.filter(({ history }) => history.cancelled !== null);
  const unconfirmed = declared.filter(({ history }) => history.cancelled === null && history.confirmed === "no");
  const leftOut = new Set([...alarms, ...unconfirmed]);
  const counted = declared.filter((one) => !leftOut.has(one)).map((one) => asOf(one, period.until));
  const incidents = counted.map((one) => reported(one, policy, period, factors));
  const severities = severityNames(policy, incidents);
  return {
    repository: source.repository,
    policy: { source: source.policySource, severities: [...severities] },
    incidents: onlyOpen ? incidents.filter(({ state }) => state === "open") : incidents,
    leftOut: {
      drills: archive.incidents.filter(({ history }) => history.drill !== null && isIn(period, history.declared.at))
        .length,
      cancelled: alarms.length,
      unconfirmed: unconfirmed.length,
      unreadable: [...archive.unreadable],
      unread: archive.unread,
      shortened: declared.filter(({ record }) => isShortened(record)).map(({ issue }) => issue.number),
    },
    sealsChecked: source.sealsChecked,
    curves: MEASURES.map((measure) => curveOf(measure, incidents)),
    bySeverity: severities.map((severity) => ({
      severity,
      incidents: incidents.filter((one) => one.severity === severity).length,
    })),
    byWeek: weeksOf(incidents, severities, period),
    levels: levelsOf(source, counted, incidents, period),
    endings: endingsOf(counted, period),
    factors: factors === null ? null : countFactors(incidents, factors),
    items: source.items === null ? null : countItems(source.items, source, period),
    pages: countPages(real, period),
  };
}

/** The report of several repositories. */
export function makeReport(
  sources: readonly ReportSource[],
  { since, until }: Period,
  { open, notKnown }: { readonly open: boolean; readonly notKnown: readonly string[] },
): Report {
  return {
    version: REPORT_VERSION,
    period: { since: iso(since), until: iso(until), open },
    repositories: sources.map((source) => makeRepositoryReport(source, { since, until }, open)),
    notKnown: [...notKnown],
  };
}

function isIn({ since, until }: Period, at: Instant): boolean {
  return at >= since && at < until;
}

/** Those of the policy, then those it no longer has. */
function severityNames({ severities }: Pick<Policy, "severities">, incidents: readonly ReportedIncident[]) {
  return [...new Set([...severities.map(({ name }) => name), ...incidents.map(({ severity }) => severity).toSorted()])];
}

/** An incident as it was before `until`, with its times as people have put them right since. */
function asOf(one: PastIncident, until: Instant): PastIncident {
  const isBefore = (entry: Entry) => (entry.kind === "closed" ? entry.closedAt : entry.at) < until;
  const { entries } = one.record;
  if (entries.every(isBefore)) return one;
  const reset = entries.findIndex((entry) => isReset(entry) && !isBefore(entry));
  const kept = entries.filter(
    (entry, at) =>
      entry.kind === "declared" || isBefore(entry) || (entry.kind === "time-corrected" && (reset === -1 || at < reset)),
  );
  const { history } = new Known({ ...one.record, entries: kept });
  // What was taken back later was no false alarm.
  return history.cancelled === null ? { ...one, record: { ...one.record, entries: kept }, history } : one;
}

function reported(
  { issue, record, history }: PastIncident,
  policy: ReportSource["policy"],
  { until }: Period,
  factors: FactorsSeen | null,
): ReportedIncident {
  const before = (at: Instant | null | undefined): Instant | null => (at == null || at >= until ? null : at);
  const times = keyTimes(history);
  const moments = measuredMoments(history);
  const { began } = moments;
  const closedAt = before(history.closed?.closedAt);
  const closed = closedAt === null ? null : history.closed;
  const over = before(moments.resolve);
  const mitigated = before(moments.mitigate) ?? over;
  const acknowledged = before(moments.acknowledge);
  const learned = before(moments.learn);
  // Where nothing is asked for, nothing is waited for.
  const isDone = closed !== null && isGated(history) && !asksForEvidence(policy, history.severity);
  const took = (at: Instant | null, end: Instant | null): Took => {
    if (at !== null) return { took: seconds(at - began), notYet: null, ended: false };
    return { took: null, notYet: seconds((end ?? until) - began), ended: end !== null };
  };
  return {
    number: issue.number,
    url: issue.url,
    title: issue.title,
    severity: history.severity,
    state: closed === null ? "open" : "closed",
    closed: closed?.how ?? null,
    declared: iso(history.declared.at),
    began: iso(began),
    times: {
      started: isoOr(before(times.started?.at)),
      detected: isoOr(before(times.detected?.at)),
      acknowledged: isoOr(acknowledged),
      mitigated: isoOr(mitigated),
      resolved: isoOr(over),
      learned: isoOr(learned),
    },
    corrected: KEY_TIMES.filter((time) => times[time]?.corrected != null),
    acknowledge: took(acknowledged, mitigated ?? over ?? closedAt),
    mitigate: took(mitigated, closedAt),
    resolve: took(over, closedAt),
    // One that was waived, or closed past the gate, has taught nobody anything yet.
    learn: took(learned, isDone ? closedAt : null),
    waived: before(history.waived?.at) !== null,
    closedUngated: closed !== null && isUngated(history),
    reopenings: reopeningsOf(record, until).length,
    factors: tickedFor(issue.number, factors),
  };
}

/** Whether a severity asks for something that people learn from, as its policy says today. */
function asksForEvidence(policy: ReportSource["policy"], severity: string): boolean {
  const asked = closeRequires(policy, severity);
  return (["post-mortem", "runbook-pr", "fix-merged"] as const).some((name) => asksFor(asked, name));
}

/** A time that people have put right may lie before the beginning. */
function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000));
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}

function isoOr(at: Instant | null): string | null {
  return at === null ? null : iso(at);
}

/** What a measure says of an incident. */
function observed({ took, notYet }: Took): Observation {
  return { after: took ?? notYet ?? 0, happened: took !== null };
}

function curveOf(measure: Measure, incidents: readonly ReportedIncident[]): Curve {
  const taken = incidents.map((one) => one[measure]);
  const steps = kaplanMeier(taken.map(observed));
  const happened = taken.filter(({ took }) => took !== null).length;
  const ended = taken.filter((one) => one.ended).length;
  return {
    measure,
    incidents: incidents.length,
    happened,
    notYet: incidents.length - happened - ended,
    ended,
    lookedFor: taken.reduce((most, one) => Math.max(most, observed(one).after), 0),
    median: medianOf(steps),
    steps: steps.map((step) => ({
      ...step,
      share: rounded(step.share),
      low: step.low === null ? null : rounded(step.low),
      high: step.high === null ? null : rounded(step.high),
    })),
  };
}

/** The last digits of a computed share say nothing, and differ between processors. */
function rounded(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}

/** As many weeks are counted at least, where the period has them. */
const FEWEST_WEEKS = 7;

function weeksOf(
  incidents: readonly ReportedIncident[],
  severities: readonly string[],
  { since, until }: Period,
): RepositoryReport["byWeek"] {
  const counts = new Map<string, number[]>();
  // From the first incident on, but not only the last few weeks: one bar alone would look like all there ever was.
  const first = incidents.reduce<number>(
    (least, one) => Math.min(least, Date.parse(one.declared)),
    weekOf(until) - FEWEST_WEEKS * 7 * DAY_MS,
  );
  for (let week = weekOf(Math.max(since, first) as Instant); week < until; week = (week + 7 * DAY_MS) as Instant) {
    counts.set(
      dayOf(week),
      severities.map(() => 0),
    );
  }
  for (const { declared, severity } of incidents) {
    const week = counts.get(dayOf(weekOf(Date.parse(declared) as Instant)));
    if (week !== undefined) week[severities.indexOf(severity)]! += 1;
  }
  return [...counts].map(([from, bySeverity]) => ({
    from,
    incidents: bySeverity.reduce((sum, one) => sum + one, 0),
    bySeverity,
  }));
}

/**
 * Whether the severities of the policy kept what it promises, as it says today. The time for an acknowledgment counts from when
 * durations do; an incident that ended without one promised nothing. Post-mortems and action items: core/debt/.
 */
function levelsOf(
  { policy, items }: ReportSource,
  counted: readonly PastIncident[],
  incidents: readonly ReportedIncident[],
  period: Period,
): Level[] {
  return policy.severities.flatMap((severity) => {
    const { name } = severity;
    const level = (what: Level["level"], promises: readonly (Promised | null)[]): Level[] => {
      const within = severity[what];
      return within === null
        ? []
        : [{ severity: name, level: what, within: within / 1_000, ...kept(promises, period) }];
    };
    const own = counted.filter(({ history }) => history.severity === name);
    const numbers = new Set(own.map(({ issue }) => issue.number));
    return [
      ...level(
        "acknowledge-within",
        incidents.filter((one) => one.severity === name).map((one) => toAcknowledge(one, severity, period)),
      ),
      ...level(
        "post-mortem-within",
        own.map(({ history }) => toLearn(history, severity)),
      ),
      ...(items === null
        ? []
        : level(
            "action-items-within",
            items
              .filter(({ incident }) => incident.repository === null && numbers.has(incident.number))
              .map((item) => toDo(item, severity)),
          )),
    ];
  });
}

/** Something that had to be done by a moment. */
interface Promised {
  readonly since: Instant;
  readonly due: Instant;
  /** `null`: it has not been done. */
  readonly doneAt: Instant | null;
}

function kept(promises: readonly (Promised | null)[], { until }: Period): Pick<Level, "met" | "missed" | "notYet"> {
  const counts = { met: 0, missed: 0, notYet: 0 };
  for (const one of promises) {
    if (one === null || one.since >= until) continue;
    const doneAt = one.doneAt !== null && one.doneAt < until ? one.doneAt : null;
    if ((doneAt ?? until) > one.due) counts.missed += 1;
    else if (doneAt !== null) counts.met += 1;
    else counts.notYet += 1;
  }
  return counts;
}

function toAcknowledge(one: ReportedIncident, severity: Severity, { until }: Period): Promised | null {
  const within = severity["acknowledge-within"];
  if (within === null) return null;
  const since = Date.parse(one.began) as Instant;
  const due = (since + within) as Instant;
  const { took, notYet, ended } = one.acknowledge;
  // It ended in time, without anybody.
  if (ended && (notYet ?? 0) * 1_000 <= within) return null;
  return {
    since: Math.min(since, until - 1) as Instant,
    due,
    doneAt: took === null ? null : ((since + took * 1_000) as Instant),
  };
}

function toLearn(history: History, severity: Severity): Promised | null {
  const times = postMortemDue(history, severity);
  return times === null
    ? null
    : { ...times, doneAt: lacksPostMortem(history) ? null : (history.closed?.closedAt ?? null) };
}

/** What was dropped, or is gone, was not promised. */
function toDo(item: ActionItem, severity: Severity): Promised | null {
  const due = dueOf(item, severity["action-items-within"]);
  if (due === null || !(isToDo(item) || item.state === "done")) return null;
  return { since: item.filedAt, due: due.at, doneAt: item.state === "done" ? item.endedAt : null };
}

function endingsOf(incidents: readonly PastIncident[], { until }: Period): RepositoryReport["endings"] {
  const waivers = incidents.map(waiverOf).filter((one) => one !== null);
  const reopened = incidents.map(({ record }) => reopeningsOf(record, until));
  const times = new Map<string, number>();
  for (const why of reopened.flat()) times.set(why, (times.get(why) ?? 0) + 1);
  return {
    waived: waivers.length,
    waivedUntil: waivers.filter(({ isForATime }) => isForATime).length,
    waivedAccepted: waivers.filter(({ isAccepted }) => isAccepted).length,
    closedUngated: incidents.filter(({ history }) => history.phase === "closed-ungated" && wasClosed(history, until))
      .length,
    reopened: reopened.filter((one) => one.length > 0).length,
    reopenings: [...times].toSorted(byCount).map(([why, count]) => ({ why, times: count })),
  };
}

/** Why an incident was opened again, each time: by the gate, or by people. */
function reopeningsOf({ entries }: PastIncident["record"], until: Instant): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.at >= until) return [];
    if (entry.kind === "resumed") return ["resumed"];
    return entry.kind === "reopened" ? [entry.why] : [];
  });
}

interface WaiverGiven {
  readonly isForATime: boolean;
  /** By a second person. */
  readonly isAccepted: boolean;
}

/** The last waiver of an incident that counted, also one whose time is over; `null`: none did. */
function waiverOf({ record }: PastIncident): WaiverGiven | null {
  let last: WaiverGiven | null = null;
  let asked = null as { readonly isForATime: boolean; readonly left: number } | null;
  for (const entry of record.entries) {
    if (entry.kind === "waived") {
      const { lasts = null, approvals = 0 } = entry;
      if (approvals === 0) last = { isForATime: lasts !== null, isAccepted: false };
      asked = approvals === 0 ? null : { isForATime: lasts !== null, left: approvals };
    } else if (entry.kind === "waiver-accepted" && asked !== null && entry.by !== null) {
      asked = { ...asked, left: asked.left - 1 };
      if (asked.left > 0) continue;
      last = { isForATime: asked.isForATime, isAccepted: true };
      asked = null;
    } else if (entry.kind === "resumed") asked = null;
  }
  return last;
}

function wasClosed({ closed }: PastIncident["history"], until: Instant): boolean {
  return closed !== null && closed.closedAt < until;
}

/** The most frequent first, then by name. */
function byCount([nameA, a]: readonly [string, number], [nameB, b]: readonly [string, number]): number {
  return b - a || (nameA < nameB ? -1 : 1);
}

function tickedFor(number: number, factors: FactorsSeen | null): string[] | null {
  const ticked = factors?.ticked.get(number) ?? null;
  return ticked === null ? null : [...ticked];
}

function countFactors(
  incidents: readonly ReportedIncident[],
  { names, unread }: FactorsSeen,
): NonNullable<RepositoryReport["factors"]> {
  const counts = names.map((factor) => ({
    factor,
    incidents: incidents.filter((one) => one.factors?.includes(factor)).length,
  }));
  return {
    postMortems: incidents.filter((one) => one.factors !== null).length,
    unread: incidents.filter(({ number }) => unread.has(number)).length,
    counts: counts.toSorted((a, b) => b.incidents - a.incidents),
  };
}

const AGES = [
  { band: "up to 7 days", days: 7 },
  { band: "8 to 30 days", days: 30 },
  { band: "31 to 90 days", days: 90 },
  { band: "over 90 days", days: Number.POSITIVE_INFINITY },
] as const;

function countItems(items: readonly ActionItem[], { archive, older, policy }: ReportSource, period: Period): Items {
  const { until } = period;
  const byNumber = new Map([...older, ...archive.incidents].map(({ issue, history }) => [issue.number, history]));
  const incidentOf = ({ incident }: ActionItem) =>
    incident.repository === null ? (byNumber.get(incident.number) ?? null) : null;
  const known = items.filter((item) => item.filedAt < until && item.state !== "gone" && !incidentOf(item)?.drill);
  const isLate = (item: ActionItem) => {
    const due = dueOf(item, withinOf(policy, incidentOf(item)?.severity ?? null));
    return due !== null && due.at < until;
  };
  const open = known.filter(({ endedAt }) => endedAt === null || endedAt >= until);
  const endedIn = (state: ActionItem["state"]) =>
    known.filter((item) => item.state === state && item.endedAt !== null && isIn(period, item.endedAt)).length;
  const bands = AGES.map(({ band }) => ({ band, open: 0, overdue: 0 }));
  for (const item of open) {
    const days = (until - item.filedAt) / DAY_MS;
    const band = bands[AGES.findIndex((age) => days <= age.days)]!;
    band.open += 1;
    if (isLate(item)) band.overdue += 1;
  }
  return {
    filed: known.filter(({ filedAt }) => isIn(period, filedAt)).length,
    done: endedIn("done"),
    dropped: endedIn("dropped"),
    open: open.length,
    overdue: open.filter(isLate).length,
    withoutOwner: open.filter(({ owner }) => owner === null).length,
    withoutDay: open.filter(({ due }) => due === null).length,
    byAge: bands,
  };
}

/** Whom pages have called, whatever became of the incident: a false alarm wakes people as well. */
function countPages(incidents: readonly PastIncident[], period: Period): RepositoryReport["pages"] {
  const paged = incidents
    .flatMap(({ record }) => record.entries)
    .flatMap((entry) => (entry.kind === "paged" && isIn(period, entry.at) ? [entry] : []));
  const none = () => Array.from({ length: 24 }, () => 0);
  const byHour = none();
  const byPerson: { login: string; pages: number; byHour: number[] }[] = [];
  for (const { at, targets } of paged) {
    const hour = new Date(at).getUTCHours();
    for (const { login } of targets) {
      let one = byPerson.find((known) => sameLogin(known.login, login));
      if (one === undefined) {
        one = { login, pages: 0, byHour: none() };
        byPerson.push(one);
      }
      one.pages += 1;
      one.byHour[hour]! += 1;
      byHour[hour]! += 1;
    }
  }
  return {
    pages: paged.length,
    reachedNobody: paged.filter(({ targets }) => targets.length === 0).length,
    byHour,
    byPerson: byPerson.toSorted(
      (a, b) => b.pages - a.pages || (a.login.toLowerCase() < b.login.toLowerCase() ? -1 : 1),
    ),
  };
}
