import type { PastIncident } from "../archive/past-incident.ts";
import type { ActionItem } from "../items/action-item.ts";
import type { Instant, Millis } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { isShortened } from "../record/compact.ts";
import { type CloseVerdict, closeTimeOf, closeUnder, type Judged, MOST_READ_AGAIN, waitOf } from "./gate-under.ts";
import { DEADLINES, type DeadlineName, type MissedDeadlines, missedDeadlines } from "./missed-deadlines.ts";
import { type PagesUnder, pagesUnder, resolverOf } from "./pages-under.ts";
import { type SeverityUnder, severityUnder } from "./severity-under.ts";
import { stretchesOf } from "./stretches.ts";

/**
 * A past incident with its evidence as it is now, once for each of two sets of rules: which evidence counts, and where it
 * is looked for, depends on them.
 */
export interface PastSeen {
  readonly past: PastIncident;
  /** By the rules in force. */
  readonly was: IncidentObservation;
  /** By those proposed. */
  readonly is: IncidentObservation;
  /** Its action items in the repository, as they stand now; `null`: not looked for. */
  readonly items: readonly ActionItem[] | null;
}

/** What an incident would have come to under one set of rules. */
export interface UnderRules {
  readonly severity: string;
  readonly close: CloseVerdict;
  /** When it could first have closed, between its end and its close; `null`: not before it did. */
  readonly closedAt: Instant | null;
  /** Whether it is known that nothing before that was enough. */
  readonly isCloseSure: boolean;
  readonly deadlines: MissedDeadlines;
  readonly pages: PagesUnder;
}

/** One thing that would have been different. */
export type Effect =
  /** Its severity is gone from the policy: nothing would have been asked, and nobody called. */
  | { readonly kind: "no-incident" }
  | { readonly kind: "cannot-close" }
  | { readonly kind: "close-unknown" }
  | { readonly kind: "can-close" }
  /** `by`: how much later at least; `null`: it is not known when what it needs was there. */
  | { readonly kind: "closes-later"; readonly by: Millis | null }
  | { readonly kind: "closes-earlier"; readonly by: Millis; readonly isSure: boolean }
  | { readonly kind: "deadline"; readonly name: DeadlineName; readonly was: number; readonly is: number }
  /** People called. `others`: not the same people, or not as often each. */
  | { readonly kind: "pages"; readonly was: number; readonly is: number; readonly others: boolean };

/** A past incident, judged again. */
export interface Replayed {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly declaredAt: Instant;
  readonly isOpen: boolean;
  /** When it closed; `null`: it is open. */
  readonly closedAt: Instant | null;
  /** Its record was shortened: how often it was silent for too long cannot be counted. */
  readonly isShortened: boolean;
  readonly was: UnderRules;
  /** `null`: it would not have been an incident. */
  readonly is: UnderRules | null;
  /** What hurts most first; empty: all would have been the same. */
  readonly effects: readonly Effect[];
}

/**
 * Judges past incidents again by other rules, from their records and their evidence as it is now, in the order of
 * `worstFirst`. Drills are left out. Pure: the same rules change nothing.
 *
 * @param at what is still open is looked at as of then
 */
export function replay(all: readonly PastSeen[], at: Instant): readonly Replayed[] {
  const resolvers = new Map<unknown, ReturnType<typeof resolverOf>>();
  const found = all.filter(({ past }) => past.history.drill === null).map((seen) => replayOne(seen, at, resolvers));
  return worstFirst(found);
}

/** What hurts most first, then what has closed, then the newest. */
export function worstFirst(all: readonly Replayed[]): readonly Replayed[] {
  return all.toSorted((a, b) => rankOf(a) - rankOf(b) || Number(a.isOpen) - Number(b.isOpen) || b.number - a.number);
}

/** What is shown first. */
const RANKS: readonly Effect["kind"][] = [
  "cannot-close",
  "close-unknown",
  "no-incident",
  "closes-later",
  "deadline",
  "pages",
  "closes-earlier",
  "can-close",
];

function rankOf({ effects: [first] }: Pick<Replayed, "effects">): number {
  return first === undefined ? RANKS.length : RANKS.indexOf(first.kind);
}

function replayOne(
  { past, was, is, items }: PastSeen,
  at: Instant,
  resolvers: Map<unknown, ReturnType<typeof resolverOf>>,
): Replayed {
  const { issue, record, history } = past;
  const closedAt = history.closed?.closedAt ?? null;
  const stretches = stretchesOf(record, closedAt ?? at);
  const wait = waitOf(record, history);
  const under = (seen: IncidentObservation, mapped: SeverityUnder): UnderRules | null => {
    const severity = mapped(history.severity);
    if (severity === null) return null;
    const judged: Judged = { seen, record, under: mapped, rereading: { left: MOST_READ_AGAIN } };
    const { schedule } = seen.onCall;
    const resolve = resolvers.get(schedule) ?? resolverOf(schedule);
    resolvers.set(schedule, resolve);
    const close = closeUnder(judged, history);
    const isGated = close.by === "evidence" || close.by === "waiver";
    const time = wait === null || !isGated ? null : closeTimeOf(judged, wait);
    return {
      severity,
      close,
      closedAt: time?.at ?? null,
      isCloseSure: time?.isSure ?? true,
      deadlines: missedDeadlines(judged, stretches, { history, items, at }),
      pages: pagesUnder({ schedule, policy: seen.policy.policy, under: mapped }, stretches, resolve),
    };
  };
  const before = under(was, (severity) => severity)!;
  const after = under(is, severityUnder(was.policy.policy, is.policy.policy));
  const isCut = isShortened(record);
  return {
    number: issue.number,
    url: issue.url,
    title: issue.title,
    declaredAt: history.declared.at,
    isOpen: closedAt === null,
    closedAt,
    isShortened: isCut,
    was: before,
    is: after,
    effects: effectsOf(before, after, closedAt, isCut),
  };
}

function effectsOf(
  was: UnderRules,
  is: UnderRules | null,
  closedAt: Instant | null,
  isCut: boolean,
): readonly Effect[] {
  if (is === null) return [{ kind: "no-incident" }];
  return [
    ...closeEffects(was, is, closedAt),
    ...DEADLINES.flatMap((name): readonly Effect[] => {
      // What was said in between may be missing from the record.
      if (name === "update" && isCut) return [];
      const [before, now] = [was.deadlines[name], is.deadlines[name]];
      // Only where it is sure that they differ.
      const isMore = now.surely > before.surely + before.perhaps;
      const isLess = now.surely + now.perhaps < before.surely;
      if (!isMore && !isLess) return [];
      return [{ kind: "deadline", name, was: before.surely, is: now.surely }];
    }),
    ...pageEffects(was.pages, is.pages),
  ].toSorted((a, b) => RANKS.indexOf(a.kind) - RANKS.indexOf(b.kind));
}

function closeEffects(was: UnderRules, is: UnderRules, closedAt: Instant | null): readonly Effect[] {
  const [before, now] = [was.close.status, is.close.status];
  if (before !== now) {
    if (now === "unmet") return [{ kind: "cannot-close" }];
    return [{ kind: now === "unknown" ? "close-unknown" : "can-close" }];
  }
  if (now !== "met" || closedAt === null) return [];
  const [then, instead] = [was.closedAt ?? closedAt, is.closedAt ?? closedAt];
  if (instead < then) return [{ kind: "closes-earlier", by: (then - instead) as Millis, isSure: was.isCloseSure }];
  // What a text said in between is not known: then nobody can say that it was later.
  if (instead === then || !is.isCloseSure) return [];
  return [{ kind: "closes-later", by: is.closedAt === null ? null : ((instead - then) as Millis) }];
}

function pageEffects(was: PagesUnder, is: PagesUnder): readonly Effect[] {
  const [before, now] = [was.calls.length, is.calls.length];
  const others = peopleOf(was) !== peopleOf(is);
  return before === now && !others ? [] : [{ kind: "pages", was: before, is: now, others }];
}

function peopleOf({ calls }: PagesUnder): string {
  return calls
    .map(({ login }) => login.toLowerCase())
    .sort()
    .join(" ");
}
