import { escalate } from "../escalation/escalate.ts";
import type { Instant } from "../model.ts";
import { escalationFor, resolveTarget } from "../oncall/escalation-rule.ts";
import { isNamed, type OnCallSchedule } from "../oncall/schedule.ts";
import type { Policy } from "../policy/policy.ts";
import { type Episode, isSomebodyNeeded, type Page } from "../record/history.ts";
import type { SeverityUnder } from "./severity-under.ts";
import type { Stretch } from "./stretches.ts";

/** One person called. */
export interface Call {
  readonly at: Instant;
  /** The step of the escalation, 0-based; repetitions keep counting. */
  readonly step: number;
  readonly login: string;
  /** What they were called as; `null`: by name, as whoever had fallen silent. */
  readonly role: string | null;
}

/** Whom an escalation would have called, until somebody answered as the record says. */
export interface PagesUnder {
  readonly calls: readonly Call[];
  /** Steps at which nobody was there. */
  readonly unheard: number;
}

/** Where nobody is on call, an escalation looks again every five minutes: for a day, here. */
const MOST_LOOKS = 300;
/** However often somebody is looked for again in one incident. */
const MOST_LOOKS_IN_ALL = 2_000;

/**
 * The pages of an incident by an on-call file, had it applied at that time: whoever acknowledged did so when the record says.
 * Pages by command are left out: people made them.
 *
 * @param resolve as `resolverOf` makes it, shared by all incidents
 */
export function pagesUnder(
  { schedule, policy, under }: PagingRules,
  stretches: readonly Stretch[],
  resolve: Resolve,
): PagesUnder {
  if (schedule === null) return { calls: [], unheard: 0 };
  const pages: Page[] = [];
  let episode: Episode | null = null;
  let looks = 0;
  let all = 0;
  for (const { from, to, history } of stretches) {
    const severity = under(history.severity);
    const isHeld = history.confirmed === "no" && policy.paging.unconfirmed === "hold";
    if (severity === null || isHeld || !isSomebodyNeeded(history)) continue;
    // Where an unconfirmed incident pages people, its confirmation starts nothing anew.
    const goesOn = history.episode.why === "confirmed" && policy.paging.unconfirmed === "page";
    if (episode === null || (history.episode.since !== episode.since && !goesOn)) {
      episode = history.episode;
      all += looks;
      looks = 0;
    }
    const rule = escalationFor(schedule, severity);
    for (
      let now: Instant | null = from;
      now !== null && now < to && looks < MOST_LOOKS && all + looks < MOST_LOOKS_IN_ALL;
      looks += 1
    ) {
      const { due, lookAgainAt } = escalate({
        episode,
        pages,
        rule,
        resolve,
        isNamed: (login) => isNamed(schedule, login),
        unreachable: new Set(),
        said: [],
        now,
      });
      pages.push(...due);
      now = lookAgainAt !== null && lookAgainAt > now ? lookAgainAt : null;
    }
  }
  return {
    calls: pages.flatMap(({ at, step, targets }) =>
      targets.map(({ login, role }) => ({ at, step: step ?? 0, login, role })),
    ),
    unheard: pages.filter(({ targets }) => targets.length === 0).length,
  };
}

/** What decides whom an incident would have called. */
export interface PagingRules {
  /** `null`: there is no on-call file, and nobody is called. */
  readonly schedule: OnCallSchedule | null;
  readonly policy: Pick<Policy, "paging">;
  readonly under: SeverityUnder;
}

type Resolve = (target: string, at: Instant) => readonly string[];

/** `resolveTarget`, asked once for each target and moment: every question walks through rotations and zones. */
export function resolverOf(schedule: OnCallSchedule | null): Resolve {
  if (schedule === null) return () => [];
  const known = new Map<string, readonly string[]>();
  return (target, at) => {
    const id = `${at} ${target}`;
    const found = known.get(id) ?? resolveTarget(schedule, target, at);
    known.set(id, found);
    return found;
  };
}
