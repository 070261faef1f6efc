import type { Instant, Millis, Repository } from "../../core/model.ts";
import { DAY_MS, HOUR_MS } from "../../core/time-units.ts";

/** A repository that a sweep may take. */
export interface SweepCandidate {
  readonly repository: Repository;
  /** When it was last looked at, or taken for that; `null`: never. */
  readonly lookedAt: Instant | null;
  /** As far as the index knows. */
  readonly openIncidents: number;
}

/** What a sweep takes, and roughly how many requests looking at it costs. */
export interface SweepRound {
  readonly repositories: readonly Repository[];
  readonly cost: number;
}

/** The share of the hourly limit for sweeping, while everything fits into it, and when nothing else finds changes. */
export const WHOLE_SHARE = 0.25;
/**
 * When one question finds what changed (account-changes.ts): the share for looking at that, and for the round through
 * all.
 */
export const FOUND_SHARE = 0.035;
export const ROUND_SHARE = 0.035;
/** For listing the repositories of a large installation, when the list may be out of date. */
export const LIST_SHARE = 0.01;
/** The share of a round's requests for repositories with open incidents: the others get their turn too. */
const OPEN_SHARE = 0.5;
/** Repositories with open incidents come first again after this time; timers look at the incidents themselves. */
const OPEN_EVERY_MS = 3_600_000;
/** Unused requests are saved up for no longer than this, or they would all be spent at once. */
const SAVED_MS = 900_000;

/** GitHub docs, "Rate limits for GitHub Apps", for an installation that is not on Enterprise Cloud. */
const LEAST_LIMIT = 5_000;
const LIMIT_PER_REPOSITORY = 50;
const REPOSITORIES_WITHOUT = 20;
const MOST_LIMIT = 12_500;

/** The folder of the policy, the policy and its folder, read again after an hour; test/ingress/sweep/sweep-round.test.ts counts all of these. */
const POLICY_COST = 3;
/** For the repository, and what changed. */
const QUICK_COST = 2;
/** For what is open in three severities, the list of pull requests, and some of those. */
const FULL_COST = 5;
/** For the labels and what was closed recently, or for the labels that are created. */
const FIRST_COST = 3;
/** For an open incident or pull request, which a full look asks for. */
const INCIDENT_COST = 3;
/** For what is late where there has been an incident, once a day: three severities, and the issue that lists it. */
const FOLLOW_UPS_COST = 4;
const FULL_AFTER_MS = 6 * HOUR_MS;

/** How many requests GitHub grants an installation in an hour, until its answers have told. */
export function documentedLimit(repositories: number): number {
  const more = Math.max(0, repositories - REPOSITORIES_WITHOUT) * LIMIT_PER_REPOSITORY;
  return Math.min(LEAST_LIMIT + more, MOST_LIMIT);
}

/**
 * Whether every sweep can take every repository. A look a few minutes after the last one costs one request against the
 * limit.
 */
export function fitsWhole(repositories: number, every: Millis, limit: number): boolean {
  const perRepository = HOUR_MS / every + POLICY_COST + QUICK_COST;
  return repositories * perRepository <= WHOLE_SHARE * limit;
}

/**
 * Roughly how many requests a look at the repository costs, including those it makes others send. Rather too many than
 * too few.
 */
export function lookCost({ lookedAt, openIncidents }: SweepCandidate, now: Instant): number {
  if (lookedAt === null) return QUICK_COST + POLICY_COST + FULL_COST + FIRST_COST;
  const isFull = Math.floor(now / FULL_AFTER_MS) !== Math.floor(lookedAt / FULL_AFTER_MS);
  const isNewDay = Math.floor(now / DAY_MS) !== Math.floor(lookedAt / DAY_MS);
  const late = isNewDay && openIncidents > 0 ? FOLLOW_UPS_COST : 0;
  if (isFull) return QUICK_COST + POLICY_COST + FULL_COST + INCIDENT_COST * openIncidents + late;
  return now - lookedAt < HOUR_MS ? QUICK_COST : QUICK_COST + POLICY_COST;
}

/**
 * The repositories whose turn it is: first those with open incidents, for half of the requests; then those never looked
 * at; then those not looked at for the longest. Each gets its turn at some point, even one that costs more than
 * `requests`.
 */
export function takeRound(candidates: readonly SweepCandidate[], now: Instant, requests: number): SweepRound {
  const waiting = candidates.toSorted((a, b) => (a.lookedAt ?? 0) - (b.lookedAt ?? 0));
  const taken = new Set<SweepCandidate>();
  let cost = 0;
  function take(from: readonly SweepCandidate[], most: number): void {
    for (const candidate of from) {
      if (cost >= most) return;
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      cost += lookCost(candidate, now);
    }
  }
  const isDue = ({ openIncidents, lookedAt }: SweepCandidate) =>
    openIncidents > 0 && (lookedAt === null || now - lookedAt >= OPEN_EVERY_MS);
  take(waiting.filter(isDue), requests * OPEN_SHARE);
  take(waiting, requests);
  return { repositories: [...taken].map(({ repository }) => repository), cost };
}

/** The requests that may be spent: they accrue with time, and overspending is made up for first. */
export class SweepBudget {
  #requests = 0;
  #since: Instant | null = null;

  /**
   * What may be spent now. @param perHour how much accrued per hour since the last time. @param first how long the
   * first time counts
   */
  at(now: Instant, perHour: number, first: Millis): number {
    const elapsed = this.#since === null ? first : now - this.#since;
    this.#since = now;
    const most = (perHour * Math.max(SAVED_MS, first)) / HOUR_MS;
    this.#requests = Math.min(this.#requests + (perHour * elapsed) / HOUR_MS, most);
    return this.#requests;
  }

  spend(requests: number): void {
    this.#requests -= requests;
  }
}
