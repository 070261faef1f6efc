import type { Logger } from "pino";
import type { Clock } from "../../base/clock.ts";
import type { Instant, Key, Millis, Repository } from "../../core/model.ts";
import { fullName } from "../../core/names.ts";
import { HOUR_MS } from "../../core/time-units.ts";
import { BY_SWEEP } from "../../queue/cause.ts";
import type { Priority, Queue } from "../../queue/queue.ts";
import type { IndexStore } from "../../store/index-store.ts";
import type { GitHubApp } from "../../systems/github/ports.ts";
import { AccountChanges, type FoundKeys } from "./account-changes.ts";
import {
  documentedLimit,
  FOUND_SHARE,
  fitsWhole,
  LIST_SHARE,
  ROUND_SHARE,
  SweepBudget,
  type SweepCandidate,
  takeRound,
  WHOLE_SHARE,
} from "./sweep-round.ts";
import type { ToldChanges } from "./told-changes.ts";

export interface InstallationSweepParts {
  readonly app: GitHubApp;
  readonly queue: Pick<Queue, "add">;
  readonly index: IndexStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** What deliveries said, so that it is not looked at again; left out: nothing is known about them. */
  readonly told?: ToldChanges;
  /** Time between two sweeps. */
  readonly every: Millis;
}

/** What a sweep of an installation put into the queue. */
export interface InstallationSwept {
  readonly repositories: number;
  /** Keys of what changed, when not every repository is taken. */
  readonly changes: number;
}

interface Listed {
  readonly at: Instant;
  readonly repositories: readonly Repository[];
}

const LOWEST: Priority = 0;
const FOUND: Priority = 10;
/** How often the repositories of a large installation are listed when nothing says that the list is out of date. */
const LIST_EVERY_MS = 6 * HOUR_MS;
const LISTED_AT_ONCE = 100;
/** The share of the hourly limit that the sweep leaves, at least, to what people are waiting for. */
const LEFT_TO_OTHERS = 0.5;

/**
 * The sweep of one installation: every repository, or, in a large installation, what changed (account-changes.ts) and
 * as many repositories as fit into a share of what GitHub grants (sweep-round.ts). What it remembers between sweeps may
 * get lost: the index knows what was looked at.
 */
export class InstallationSweep {
  readonly account: string;
  readonly #parts: InstallationSweepParts;
  readonly #id: number;
  readonly #changes: AccountChanges;
  readonly #foundBudget = new SweepBudget();
  readonly #roundBudget = new SweepBudget();
  /** Repositories taken that the index does not show as looked at: not yet, or archived, or failed. */
  readonly #takenAt = new Map<number, Instant>();
  /** The list of a large installation. */
  #listed: Listed | null = null;

  constructor(parts: InstallationSweepParts, id: number, account: string) {
    this.#parts = parts;
    this.#id = id;
    this.account = account;
    this.#changes = new AccountChanges(parts, id, account);
  }

  /** Throws as `GitHubApp` and `Queue.add` do. */
  async run(): Promise<InstallationSwept> {
    const { app, every, clock } = this.#parts;
    const listed = this.#listed ?? (await this.#list());
    const told = await app.requestLimit(this.#id);
    const limit = told?.limit ?? documentedLimit(listed.repositories.length);
    if (fitsWhole(listed.repositories.length, every, limit)) {
      this.#listed = null;
      this.#takenAt.clear();
      await this.#add(listed.repositories);
      return { repositories: listed.repositories.length, changes: 0 };
    }
    this.#listed = listed;
    const isBusy = told !== null && told.resetsAt > clock.now() && told.remaining < limit * LEFT_TO_OTHERS;
    return await this.#runLarge(limit, isBusy);
  }

  async #runLarge(limit: number, isBusy: boolean): Promise<InstallationSwept> {
    const { index, clock, every, queue } = this.#parts;
    const now = clock.now();
    const answer = await this.#ask();
    const states = new Map((await index.sweepStates(this.#id)).map((state) => [state.repository.id, state]));
    /** What passes and webhooks said recently takes precedence over an older list. */
    const named = (repositories: readonly Repository[]) =>
      new Map(repositories.map((one) => [fullName(one).toLowerCase(), one]));
    let places = named([...this.#repositories(), ...[...states.values()].map(({ repository }) => repository)]);
    const find = (name: string) => places.get(name.toLowerCase());
    if (this.#isOutdated(now, limit, answer, this.#changes.unknown(find).length > 0)) {
      this.#listed = await this.#list();
      places = named([...[...states.values()].map(({ repository }) => repository), ...this.#repositories()]);
      this.#changes.leaveOut(this.#changes.unknown(find));
    }

    const mostFound = this.#foundBudget.at(now, limit * FOUND_SHARE, every);
    const found: FoundKeys =
      answer === "unsupported" ? { keys: [], cost: 0 } : await this.#changes.take(find, mostFound);
    await queue.add(found.keys, FOUND, BY_SWEEP);
    this.#foundBudget.spend(found.cost);
    if (answer !== "unsupported") await this.#changes.done(found.keys);

    const share = answer === "unsupported" ? WHOLE_SHARE : ROUND_SHARE;
    const requests = this.#roundBudget.at(now, limit * share, every);
    if (isBusy) return { repositories: 0, changes: found.keys.length };
    const isFresh = this.#listed?.at === now;
    const candidates = this.#repositories().map((repository): SweepCandidate => {
      const state = states.get(repository.id);
      return {
        repository: isFresh ? repository : (state?.repository ?? repository),
        lookedAt: latest(state?.sweptAt ?? null, this.#takenAt.get(repository.id) ?? null),
        openIncidents: state?.openIncidents ?? 0,
      };
    });
    const round = takeRound(candidates, now, requests);
    await this.#add(round.repositories);
    this.#roundBudget.spend(round.cost);
    for (const { id } of round.repositories) this.#takenAt.set(id, now);
    return { repositories: round.repositories.length, changes: found.keys.length };
  }

  /** `failed` is for this time only: the next question begins where this one did. */
  async #ask(): Promise<"asked" | "unsupported" | "failed"> {
    try {
      return (await this.#changes.ask()) ? "asked" : "unsupported";
    } catch (error) {
      this.#parts.log.warn(
        { installationId: this.#id, err: error },
        "GitHub did not say what changed; the next sweep asks again",
      );
      return "failed";
    }
  }

  #isOutdated(now: Instant, limit: number, answer: "asked" | "unsupported" | "failed", hasUnknown: boolean): boolean {
    const age = now - (this.#listed?.at ?? 0);
    const pages = Math.ceil(this.#repositories().length / LISTED_AT_ONCE);
    const soonest = (pages / (limit * LIST_SHARE)) * HOUR_MS;
    return age >= (answer === "unsupported" ? HOUR_MS : LIST_EVERY_MS) || (hasUnknown && age >= soonest);
  }

  #repositories(): readonly Repository[] {
    return this.#listed?.repositories ?? [];
  }

  async #list(): Promise<Listed> {
    const { app, index, clock } = this.#parts;
    const at = clock.now();
    const listed = await app.repositories(this.#id);
    if (listed !== "unsupported") return { at, repositories: listed };
    return { at, repositories: (await index.repositories(this.#id)).map((known) => known.repository) };
  }

  async #add(repositories: readonly Repository[]): Promise<void> {
    await this.#parts.queue.add(
      repositories.map((repository): Key => ({ kind: "repository", repository })),
      LOWEST,
      BY_SWEEP,
    );
  }
}

function latest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
