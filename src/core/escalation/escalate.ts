import type { Instant, Millis } from "../model.ts";
import type { EscalationRule } from "../oncall/schedule.ts";
import { MAX_PAGED } from "../record/entry.ts";
import type { Episode, Page } from "../record/history.ts";
import { type Firing, firingsOf } from "./firings.ts";

/** A step overdue for longer is not made up for: it would surprise people, as an old command would. */
export const MAX_LATENESS_MS = (24 * 3_600_000) as Millis;
/** As long as nobody at all was reached, somebody may come on duty at any time. */
export const NOBODY_AGAIN_MS = (5 * 60_000) as Millis;

/** What an escalation is judged from. Logins are compared ignoring case. */
export interface EscalationInput {
  readonly episode: Episode;
  /** Pages nobody has answered yet, oldest first, of any episode. */
  readonly pages: readonly Page[];
  readonly rule: EscalationRule;
  /** The people behind a target of the rule at a given moment, according to the on-call file; empty: nobody is on. */
  readonly resolve: (target: string, at: Instant) => readonly string[];
  /** Whether the on-call file names somebody. */
  readonly isNamed: (login: string) => boolean;
  /** Lower-case logins of people whom a mention would not reach. */
  readonly unreachable: ReadonlySet<string>;
  /** Steps whose comment already exists although the record does not know of them: a pass died in between. */
  readonly said: readonly { readonly step: number; readonly at: Instant }[];
  readonly now: Instant;
}

/** The next moment at which somebody is called. */
export type NextCall = Pick<Firing, "step" | "round" | "at" | "adds">;

/** Where an escalation stands. */
export interface Escalation {
  /** Pages that are due now: at most one, preceded by those the record has lost. */
  readonly due: readonly Page[];
  /** `null`: the rule has nothing more. */
  readonly next: NextCall | null;
  /** A step is overdue by more than a day, so nobody is called for it. */
  readonly isStale: boolean;
  /** Nobody was reached in the whole episode, and the rule has no step left. */
  readonly reachedNobody: boolean;
  /** When to look again; `null`: never for this reason. */
  readonly lookAgainAt: Instant | null;
}

/**
 * The step that is due now, whom it calls, and when the next one is.
 *
 * - Never early; after an outage, the step that is current now, once, and none of those before it.
 * - Targets are resolved when the step fires. Nobody is called twice in one episode, except by a repetition.
 * - A step with nobody there, or only people GitHub does not know, goes on to the next one at once.
 * - The last step stays due while nobody at all was reached.
 *
 * The caller makes sure that somebody is needed (`isSomebodyNeeded`).
 */
export function escalate(input: EscalationInput): Escalation {
  const { episode, now } = input;
  const firings = firingsOf(input.rule, episode.since);
  let pages = input.pages.filter((page) => page.episode === episode.since);
  const due: Page[] = [];
  const take = (page: Page) => {
    pages = [...pages, page];
    due.push(page);
  };

  for (const { step, at } of input.said.toSorted((a, b) => a.at - b.at)) {
    const firing = firings[step];
    if (firing === undefined || pages.some((page) => page.step === step)) continue;
    const page = fire(input, firings, pages, Math.max(at, episode.since) as Instant, step);
    if (page !== null) take(page);
  }
  const current = currentFiring(firings, now);
  const isPaged = current === null || lastStep(pages) >= current.step;
  const isStale = !isPaged && now - current.at > MAX_LATENESS_MS;
  if (!isStale) {
    const page = fire(input, firings, pages, now, null);
    if (page !== null) take(page);
  }

  const done = Math.max(lastStep(pages), current?.step ?? -1);
  const next = firings.find((firing) => firing.step > done) ?? null;
  const reachedNobody = !isStale && reachedIn(pages).size === 0 && isLastStep(firings, lastStep(pages));
  const again = reachedNobody ? ((now + NOBODY_AGAIN_MS) as Instant) : null;
  const lookAgainAt = earliest(next?.at ?? null, again);
  return { due, next, isStale, reachedNobody, lookAgainAt };
}

/** `step`: which one it was, where that is known; `null`: the one that is current at `at`. */
function fire(
  input: EscalationInput,
  firings: readonly Firing[],
  pages: readonly Page[],
  at: Instant,
  step: number | null,
): Page | null {
  const current = step === null ? currentFiring(firings, at) : currentOrAt(firings, at, step);
  if (current === null) return null;
  const before = lastStep(pages);
  const reached = reachedIn(pages);
  // Nobody at all is on duty: whoever comes on first is called. Another severity may have a shorter rule: then its
  // current step is the last one there is.
  const isWaiting = reached.size === 0 && isLastStep(firings, before) && before >= current.step;
  if (before >= current.step && !isWaiting) return null;

  const begin = (isWaiting ? firings[before] : undefined) ?? current;
  const unreachable = new Set([...input.unreachable, ...pages.flatMap((page) => page.unreachable.map(lower))]);
  const nobody = new Set<string>();
  const missed = new Map<string, string>();
  for (let firing = begin; ; ) {
    const already = firing.round > 0 ? reachedIn(pages.filter((page) => page.round === firing.round)) : reached;
    const people = calledBy(input, firing, at).filter(({ login }) => !already.has(lower(login)));
    for (const { login } of people) if (unreachable.has(lower(login))) missed.set(lower(login), login);
    const gaps = firing.adds.filter((target) => input.resolve(target, at).length === 0);
    for (const gap of gaps) nobody.add(gap);
    const targets = people.filter(({ login }) => !unreachable.has(lower(login))).slice(0, MAX_PAGED);
    const isEmpty = targets.length === 0 && (gaps.length > 0 || people.length > 0);
    const following = firings[firing.step + 1];
    const goesOn = isEmpty && step !== firing.step && following !== undefined && following.round === firing.round;
    if (goesOn) {
      firing = following;
      continue;
    }
    if (isWaiting && targets.length === 0) return null;
    return {
      at,
      by: null,
      episode: input.episode.since,
      step: step ?? firing.step,
      round: firing.round,
      targets,
      nobody: [...nobody],
      unreachable: [...missed.values()].slice(0, MAX_PAGED),
      source: null,
    };
  }
}

/**
 * Whom a step calls, each once: somebody who acknowledged and then fell silent is called as well, if the file names
 * them.
 */
function calledBy({ episode, isNamed, resolve }: EscalationInput, firing: Firing, at: Instant): Page["targets"] {
  const silent = episode.lastResponder;
  const found = firing.calls.flatMap((role) => resolve(role, at).map((login) => ({ login, role })));
  const all = silent !== null && isNamed(silent) ? [{ login: silent, role: null }, ...found] : found;
  return all.filter((one, index) => all.findIndex((other) => lower(other.login) === lower(one.login)) === index);
}

/** The latest step whose time has come; `null`: none yet. */
function currentFiring(firings: readonly Firing[], at: Instant): Firing | null {
  return firings.findLast((firing) => firing.at <= at) ?? null;
}

/** A comment about a step that was brought forward by a gap began with the step that was current then. */
function currentOrAt(firings: readonly Firing[], at: Instant, step: number): Firing | null {
  const current = currentFiring(firings, at);
  return current !== null && current.step <= step ? current : (firings[step] ?? null);
}

/** -1: none was paged. */
function lastStep(pages: readonly Page[]): number {
  return pages.reduce((last, page) => Math.max(last, page.step ?? -1), -1);
}

/** The last one before the repetitions, or one of those: after it nothing is left but waiting. */
function isLastStep(firings: readonly Firing[], step: number): boolean {
  return step >= 0 && firings[step + 1]?.round !== 0;
}

function reachedIn(pages: readonly Page[]): ReadonlySet<string> {
  return new Set(pages.flatMap((page) => page.targets.map(({ login }) => lower(login))));
}

function lower(login: string): string {
  return login.toLowerCase();
}

function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b) as Instant;
}
