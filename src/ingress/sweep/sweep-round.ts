import type { Instant, Millis, Repository } from "../../core/model.ts";
import { HOUR_MS } from "../../core/time-units.ts";

/** A repository that a sweep may take. */
export interface SweepCandidate {
  readonly repository: Repository;
  /** When it was last looked through, or taken for that; `null`: never. */
  readonly lookedAt: Instant | null;
  /** As far as the index knows. */
  readonly openIncidents: number;
}

/** What a sweep takes, and about how many requests looking at it costs. */
export interface SweepRound {
  readonly repositories: readonly Repository[];
  readonly cost: number;
}

/** The share of the hourly limit for sweeping, while everything fits into it, and where nothing else finds a change. */
export const WHOLE_SHARE = 0.25;
/** Where one question finds what changed (account-changes.ts): for looks at that, and for the round through all. */
export const FOUND_SHARE = 0.035;
export const ROUND_SHARE = 0.035;
/** For listing the repositories of a large installation, when the list may be out of date. */
export const LIST_SHARE = 0.01;
/** Of the requests that a round may cost, those for repositories with open incidents: the others get their turn too. */
const OPEN_SHARE = 0.5;
/** Repositories with open incidents come first again after this time; timers look at the incidents themselves. */
const OPEN_EVERY_MS = 3_600_000;
/** What was not used is not saved up for longer: it would be spent at one moment. */
const SAVED_MS = 900_000;

/** GitHub docs, "Rate limits for GitHub Apps", for an installation that is not on Enterprise Cloud. */
const LEAST_LIMIT = 5_000;
const LIMIT_PER_REPOSITORY = 50;
const REPOSITORIES_WITHOUT = 20;
const MOST_LIMIT = 12_500;

/** The policy, its folder and template, read again after an hour; test/ingress/sweep/sweep-round.test.ts counts all of these. */
const POLICY_COST = 4;
/** The repository, and what changed. */
const QUICK_COST = 2;
/** What is open, by three severities, the pull requests, and some of those. */
const FULL_COST = 5;
/** The labels, what was closed lately, and the labels that are created. */
const FIRST_COST = 13;
/** A look at an open incident or pull request, which a full look asks for. */
const INCIDENT_COST = 3;
const FULL_AFTER_MS = 6 * HOUR_MS;

/** The requests that GitHub grants an installation in an hour, where its answers have not told yet. */
export function documentedLimit(repositories: number): number {
  const more = Math.max(0, repositories - REPOSITORIES_WITHOUT) * LIMIT_PER_REPOSITORY;
  return Math.min(LEAST_LIMIT + more, MOST_LIMIT);
}

/** Whether every sweep can take every repository. A look a few minutes after the last one costs one request that counts. */
export function fitsWhole(repositories: number, every: Millis, limit: number): boolean {
  const perRepository = HOUR_MS / every + POLICY_COST + QUICK_COST;
  return repositories * perRepository <= WHOLE_SHARE * limit;
}

/** About how many requests a look through the repository costs, with those that it makes others send. Rather too many. */
export function lookCost({ lookedAt, openIncidents }: SweepCandidate, now: Instant): number {
  if (lookedAt === null) return QUICK_COST + POLICY_COST + FULL_COST + FIRST_COST;
  const isFull = Math.floor(now / FULL_AFTER_MS) !== Math.floor(lookedAt / FULL_AFTER_MS);
  if (isFull) return QUICK_COST + POLICY_COST + FULL_COST + INCIDENT_COST * openIncidents;
  return now - lookedAt < HOUR_MS ? QUICK_COST : QUICK_COST + POLICY_COST;
}

/**
 * The repositories whose turn it is: first those with open incidents, for half of the requests; then those never looked
 * at; then those not looked at for the longest. Every one has its turn at some time, also one that costs more than `requests`.
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

/** Requests that may be spent: they come with time, and those spent too many are saved again first. */
export class SweepBudget {
  #requests = 0;
  #since: Instant | null = null;

  /** What may be spent now. @param perHour from the last time until now. @param first how long the first time counts */
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
