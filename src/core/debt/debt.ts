import type { PastIncident } from "../archive/past-incident.ts";
import type { ActionItem } from "../items/action-item.ts";
import type { Instant, Millis } from "../model.ts";
import { targetKey } from "../names.ts";
import type { Policy, Severity } from "../policy/policy.ts";
import { DAY_MS } from "../time-units.ts";
import { type Due, dueOf } from "./due.ts";
import { isToDo } from "./is-to-do.ts";
import { lacksPostMortem, postMortemDue } from "./service-level.ts";

/** What is due within this time is due soon. */
export const SOON_MS = 7 * DAY_MS;

/** An action item that is still to be done. */
export interface OpenItem {
  readonly item: ActionItem;
  /** `null`: it is never late. */
  readonly due: Due | null;
  /** The name of its incident's severity; `null`: not known here. */
  readonly severity: string | null;
  /** How often it was snoozed so far. */
  readonly snoozed: number;
  /** Whether it is snoozed now. */
  readonly isAsleep: boolean;
}

/** An incident whose post-mortem is late. */
export interface LatePostMortem {
  readonly number: number;
  readonly title: string;
  readonly severity: string;
  /** Login; `null`: nobody has the incident. */
  readonly responder: string | null;
  readonly due: Instant;
}

/** What a repository has still to do after its incidents. Each item is in the first list it belongs to. */
export interface Debt {
  /** The latest first, as in every list. */
  readonly overdue: readonly OpenItem[];
  readonly soon: readonly OpenItem[];
  /** Without an owner, or without a day of their own. */
  readonly incomplete: readonly OpenItem[];
  readonly snoozed: readonly OpenItem[];
  /** How many others are on their way. */
  readonly onTheirWay: number;
  readonly postMortems: readonly LatePostMortem[];
  /** When it next is something else, if nobody does anything; `null`: never. */
  readonly changesAt: Instant | null;
}

/** What a debt is worked out from. */
export interface DebtFacts {
  /** Drills among them, which count for nothing. */
  readonly incidents: readonly PastIncident[];
  /** Incidents that nothing is asked of any more, for their action items. */
  readonly older: readonly PastIncident[];
  readonly items: readonly ActionItem[];
  readonly policy: Pick<Policy, "severities">;
  readonly at: Instant;
}

/** Works out what a repository has still to do after its incidents. */
export function debtOf({ incidents, older, items, policy, at }: DebtFacts): Debt {
  const byNumber = new Map([...older, ...incidents].map((one) => [one.issue.number, one]));
  const open = items.filter(isToDo).flatMap((item): readonly OpenItem[] => {
    const incident = item.incident.repository === null ? (byNumber.get(item.incident.number) ?? null) : null;
    if (incident !== null && incident.history.drill !== null) return [];
    const severity = incident?.history.severity ?? null;
    const snoozed = incident?.history.snoozes.get(targetKey(item.target))?.times ?? 0;
    const isAsleep = item.snoozedUntil !== null && item.snoozedUntil > at;
    return [{ item, due: dueOf(item, withinOf(policy, severity)), severity, snoozed, isAsleep }];
  });
  const isLate = ({ due }: OpenItem) => due !== null && due.at < at;
  const isSoon = ({ due }: OpenItem) => due !== null && due.at - SOON_MS <= at;
  const isIncomplete = ({ item }: OpenItem) => item.owner === null || item.due === null;
  const placeOf = (one: OpenItem) => {
    if (one.isAsleep) return "snoozed";
    if (isLate(one)) return "overdue";
    if (isSoon(one)) return "soon";
    return isIncomplete(one) ? "incomplete" : "on-their-way";
  };
  const placed = open.toSorted(byDue).map((one) => ({ one, place: placeOf(one) }));
  const inPlace = (wanted: ReturnType<typeof placeOf>) =>
    placed.filter(({ place }) => place === wanted).map(({ one }) => one);
  const { postMortems, next } = postMortemsOf(incidents, policy, at);
  const moments = open.flatMap(({ item, due }) => [
    item.snoozedUntil ?? 0,
    ...(due === null ? [] : [due.at + 1, due.at - SOON_MS]),
  ]);
  const changes = [...moments, ...next].filter((moment) => moment > at);
  return {
    overdue: inPlace("overdue"),
    soon: inPlace("soon"),
    incomplete: inPlace("incomplete"),
    snoozed: inPlace("snoozed"),
    onTheirWay: inPlace("on-their-way").length,
    postMortems,
    changesAt: changes.length === 0 ? null : (Math.min(...changes) as Instant),
  };
}

/** Whether there is something to list. */
export function isDebt({ overdue, soon, incomplete, snoozed, postMortems }: Debt): boolean {
  return [overdue, soon, incomplete, snoozed, postMortems].some((list) => list.length > 0);
}

/**
 * When what is late became so, the newest of it; `null`: nothing is late. People who closed the issue have seen what was
 * late before.
 */
export function lateSince({ overdue, postMortems }: Debt): Instant | null {
  const moments = [
    ...overdue.map(({ item, due }) => Math.max(due!.at, item.filedAt, item.snoozedUntil ?? 0)),
    ...postMortems.map(({ due }) => due),
  ];
  return moments.length === 0 ? null : (Math.max(...moments) as Instant);
}

/**
 * How long an action item may take whose line names no day. Of an incident that is not known here, as long as the most
 * patient severity gives.
 *
 * @param severity its name; `null`: not known
 */
export function withinOf({ severities }: Pick<Policy, "severities">, severity: string | null): Millis | null {
  const known = severities.find(({ name }) => name === severity);
  if (known !== undefined) return known["action-items-within"];
  const limits = severities.map((one) => one["action-items-within"]);
  return limits.includes(null) ? null : (Math.max(...limits.map((one) => one ?? 0)) as Millis);
}

function postMortemsOf(
  incidents: readonly PastIncident[],
  { severities }: Pick<Policy, "severities">,
  at: Instant,
): { readonly postMortems: readonly LatePostMortem[]; readonly next: readonly Instant[] } {
  const lacking = incidents.flatMap(({ issue, history }): readonly LatePostMortem[] => {
    const severity: Severity | undefined = severities.find(({ name }) => name === history.severity);
    const times = postMortemDue(history, severity);
    if (times === null || !lacksPostMortem(history)) return [];
    const { number, title } = issue;
    const { responder } = history;
    return [{ number, title, severity: history.severity, responder, due: times.due }];
  });
  return {
    postMortems: lacking.filter(({ due }) => due < at).toSorted((a, b) => a.due - b.due || a.number - b.number),
    next: lacking.filter(({ due }) => due >= at).map(({ due }) => (due + 1) as Instant),
  };
}

/** What is due first, then what was filed first. */
function byDue(a: OpenItem, b: OpenItem): number {
  const due = (one: OpenItem) => one.due?.at ?? Number.MAX_SAFE_INTEGER;
  return due(a) - due(b) || a.item.filedAt - b.item.filedAt || a.item.target.number - b.item.target.number;
}
