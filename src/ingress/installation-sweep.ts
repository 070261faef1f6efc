import type { Instant, Millis, Repository } from "../core/model.ts";
import type { GitHubApp } from "../github/ports.ts";
import type { Clock } from "../queue/clock.ts";
import type { IndexStore } from "../queue/index-store.ts";
import { documentedLimit, fitsWhole, SweepBudget, type SweepCandidate, takeRound, WHOLE_SHARE } from "./sweep-round.ts";

export interface InstallationSweepParts {
  readonly app: GitHubApp;
  readonly index: IndexStore;
  readonly clock: Clock;
  /** Time between two sweeps. */
  readonly every: Millis;
}

/** How often the repositories of a large installation are listed: webhooks tell of new ones. */
const LIST_EVERY_MS = 3_600_000;
/** The sweep leaves at least so much of the hourly limit to what people wait for. */
const LEFT_TO_OTHERS = 0.5;

/**
 * Which repositories of one installation a sweep takes: all of them, or, in a large installation, as many as fit into a
 * share of what GitHub grants. What is remembered between sweeps may be lost: the index knows what was looked at.
 */
export class InstallationSweep {
  readonly #parts: InstallationSweepParts;
  readonly #id: number;
  readonly #budget = new SweepBudget();
  /** Repositories taken that the index does not say were looked at: not yet, or archived, or failed. */
  readonly #takenAt = new Map<number, Instant>();
  /** Of a large installation. */
  #listed: { readonly at: Instant; readonly repositories: readonly Repository[] } | null = null;

  constructor(parts: InstallationSweepParts, id: number) {
    this.#parts = parts;
    this.#id = id;
  }

  /** Throws as `GitHubApp` does. */
  async next(): Promise<readonly Repository[]> {
    const { index, app, clock, every } = this.#parts;
    const now = clock.now();
    const isKnown = this.#listed !== null && now - this.#listed.at < LIST_EVERY_MS;
    const listed = isKnown ? (this.#listed?.repositories ?? []) : await this.#list();
    const told = await app.requestLimit(this.#id);
    const limit = told?.limit ?? documentedLimit(listed.length);
    if (fitsWhole(listed.length, every, limit)) return this.#everything(listed);

    if (!isKnown) this.#listed = { at: now, repositories: listed };
    const requests = this.#budget.at(now, limit * WHOLE_SHARE, every);
    if (told !== null && told.resetsAt > now && told.remaining < limit * LEFT_TO_OTHERS) return [];
    const states = new Map((await index.sweepStates(this.#id)).map((state) => [state.repository.id, state]));
    const candidates = listed.map((repository): SweepCandidate => {
      const state = states.get(repository.id);
      const lookedAt = latest(state?.sweptAt ?? null, this.#takenAt.get(repository.id) ?? null);
      // Since the list was made, a look or a webhook may have told of another name.
      const current = isKnown ? (state?.repository ?? repository) : repository;
      return { repository: current, lookedAt, openIncidents: state?.openIncidents ?? 0 };
    });
    const round = takeRound(candidates, now, requests);
    this.#budget.spend(round.cost);
    for (const { id } of round.repositories) this.#takenAt.set(id, now);
    return round.repositories;
  }

  async #list(): Promise<readonly Repository[]> {
    const { app, index } = this.#parts;
    const listed = await app.repositories(this.#id);
    return listed === "unsupported" ? (await index.repositories(this.#id)).map((known) => known.repository) : listed;
  }

  #everything(listed: readonly Repository[]): readonly Repository[] {
    this.#listed = null;
    this.#takenAt.clear();
    return listed;
  }
}

function latest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
