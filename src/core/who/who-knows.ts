import type { Instant, Person } from "../model.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import { showMoment } from "../oncall/show-moment.ts";
import { whoIsOn } from "../oncall/who-is-on.ts";
import { codeOwnersOf } from "./code-owners.ts";

/** How many people are suggested. */
export const MOST_PEOPLE = 5;

/** What `/who` is answered from, read now. */
export interface ExpertFacts {
  /** The files in question; empty: none is known, and the whole repository is meant. */
  readonly paths: readonly string[];
  /** The text of CODEOWNERS; `null`: there is none. */
  readonly codeOwners: string | null;
  /** Who wrote the latest commits to these files, once for each commit. */
  readonly authors: readonly Person[];
}

/** Somebody who may know more. */
export interface Expert {
  readonly login: string;
  /** The roles they are on call in. */
  readonly onCallAs: readonly string[];
  readonly owns: number;
  readonly commits: number;
  /** `Mon 2026-01-05 09:00`, if the on-call file says which zone they live in; else `null`. */
  readonly localTime: string | null;
}

/** Who knows more, and the teams that own the files: those are named, but their members are not known here. */
export interface Experts {
  readonly people: readonly Expert[];
  readonly teams: readonly string[];
}

/**
 * Up to five people who may know more: first whoever is on call, then whoever owns most of the files, then whoever
 * changed them most recently. Bots know nothing.
 */
export function whoKnows(facts: ExpertFacts, schedule: OnCallSchedule | null, at: Instant): Experts {
  const found = new Map<string, { login: string; onCallAs: string[]; owns: number; commits: number }>();
  const of = (login: string) => {
    const known = found.get(login.toLowerCase());
    if (known !== undefined) return known;
    const one = { login, onCallAs: [], owns: 0, commits: 0 };
    found.set(login.toLowerCase(), one);
    return one;
  };
  const teams = new Set<string>();
  for (const { role, login } of schedule === null ? [] : whoIsOn(schedule, at)) {
    if (login !== null) of(login).onCallAs.push(role);
  }
  for (const path of facts.paths.length === 0 ? ["a"] : facts.paths) {
    for (const { name, isTeam } of facts.codeOwners === null ? [] : codeOwnersOf(facts.codeOwners, path)) {
      if (isTeam) teams.add(name);
      else of(name).owns += 1;
    }
  }
  for (const { login, isBot } of facts.authors) if (!isBot) of(login).commits += 1;
  const people = [...found.values()]
    .toSorted(
      (a, b) => Math.sign(b.onCallAs.length) - Math.sign(a.onCallAs.length) || b.owns - a.owns || b.commits - a.commits,
    )
    .slice(0, MOST_PEOPLE)
    .map((one) => ({ ...one, localTime: localTime(one.login, schedule, at) }));
  return { people, teams: [...teams].slice(0, MOST_PEOPLE) };
}

function localTime(login: string, schedule: OnCallSchedule | null, at: Instant): string | null {
  const people = [...(schedule?.people.values() ?? [])];
  const zone = people.find((one) => one.login.toLowerCase() === login.toLowerCase())?.zone ?? null;
  return zone === null ? null : showMoment(at, zone);
}
