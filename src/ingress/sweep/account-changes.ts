import type { Clock } from "../../base/clock.ts";
import { keyId } from "../../core/key.ts";
import type { Instant, Key, Repository } from "../../core/model.ts";
import { STATE_LABEL_NAMES } from "../../core/record/state-label.ts";
import type { IndexStore } from "../../store/index-store.ts";
import type { ChangedEntry, GitHubApp } from "../../systems/github/ports.ts";
import { changedKeys } from "./changed-keys.ts";
import type { ToldChanges } from "./told-changes.ts";

export interface AccountChangesParts {
  readonly app: Pick<GitHubApp, "changedSince">;
  readonly index: IndexStore;
  readonly clock: Clock;
  /** What deliveries said; left out: nothing is known about them. */
  readonly told?: ToldChanges;
}

/** Keys that a question found, and roughly how many requests they cost. */
export interface FoundKeys {
  readonly keys: readonly Key[];
  readonly cost: number;
}

/** GitHub's search learns of a change some time after it happened. */
const OVERLAP_MS = 600_000;
/** How far back the first question looks, and the first one after a long time without Sevgate. */
const MOST_MS = 24 * 3_600_000;
/**
 * Roughly how many requests a look at one costs, with the policy that is read again after an hour. Rather too many than
 * too few.
 */
const COST: Readonly<Partial<Record<Key["kind"], number>>> = { incident: 6, "pull-request": 8, repository: 10 };
/** Who goes first when there is more than may be spent: incidents. */
const ORDER: readonly Key["kind"][] = ["incident", "repository", "pull-request"];

interface Waiting {
  readonly key: Key;
  readonly since: Instant;
}

/**
 * Finds what changed in all repositories of an account with one question, and keeps what has not been taken yet. How
 * far it has read is written to the index only once the queue has the keys (`done`): a process that dies asks again.
 */
export class AccountChanges {
  readonly #parts: AccountChangesParts;
  readonly #id: number;
  readonly #account: string;
  #from: Instant | null = null;
  /** Where the question for open incidents continues, in an index that has never been filled; `null`: it is done. */
  #openFrom: Instant | null = null;
  /** Not looked up yet, by place. */
  #entries = new Map<string, ChangedEntry>();
  /** Places already looked up, with the change they were looked up for: the overlap shows them again. */
  readonly #seen = new Map<string, Instant>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(parts: AccountChangesParts, installationId: number, account: string) {
    this.#parts = parts;
    this.#id = installationId;
    this.#account = account;
  }

  /** Asks GitHub. `false`: it cannot say. Throws as `GitHubApp.changedSince` does. */
  async ask(): Promise<boolean> {
    const { app, clock } = this.#parts;
    const now = clock.now();
    const since = await this.#begin(now);
    const changed = await app.changedSince(this.#id, this.#account, since, null);
    if (changed === "unsupported") return false;
    this.#remember(changed.entries);
    this.#from = changed.continueFrom ?? ((now - OVERLAP_MS) as Instant);
    if (this.#openFrom !== null) {
      const open = await app.changedSince(this.#id, this.#account, this.#openFrom, STATE_LABEL_NAMES);
      if (open !== "unsupported") {
        this.#remember(open.entries);
        this.#openFrom = open.continueFrom;
      }
    }
    return true;
  }

  /** The names of repositories with changes that `find` does not know. */
  unknown(find: (fullName: string) => Repository | undefined): readonly string[] {
    return [...new Set([...this.#entries.values()].map(({ repository }) => repository))].filter(
      (name) => find(name) === undefined,
    );
  }

  /** Forgets what changed in these: the app is not installed there. */
  leaveOut(names: readonly string[]): void {
    for (const [place, entry] of this.#entries) if (names.includes(entry.repository)) this.#entries.delete(place);
  }

  /** What to look at, for roughly that many requests at most; the rest waits for next time. */
  async take(find: (fullName: string) => Repository | undefined, requests: number): Promise<FoundKeys> {
    for (const [place, entry] of this.#entries) {
      const repository = find(entry.repository);
      if (repository === undefined) continue;
      for (const key of await changedKeys(this.#parts.index, repository, entry)) {
        if (this.#parts.told?.has(keyId(key), entry.updatedAt) === true) continue;
        const since = this.#waiting.get(keyId(key))?.since ?? entry.updatedAt;
        this.#waiting.set(keyId(key), { key, since });
      }
      this.#entries.delete(place);
    }
    const keys: Key[] = [];
    let cost = 0;
    for (const kind of ORDER) {
      for (const { key } of this.#waiting.values()) {
        if (key.kind !== kind || cost >= requests) continue;
        keys.push(key);
        cost += COST[kind] ?? 0;
      }
    }
    return { keys, cost };
  }

  /** The queue has them. */
  async done(keys: readonly Key[]): Promise<void> {
    for (const key of keys) this.#waiting.delete(keyId(key));
    if (this.#from === null || this.#openFrom !== null) return;
    const left = [
      ...[...this.#entries.values()].map(({ updatedAt }) => updatedAt),
      ...[...this.#waiting.values()].map(({ since }) => since),
    ];
    const until = left.reduce((least, at) => (at < least ? at : least), this.#from);
    await this.#parts.index.saveChangesReadUntil(this.#id, until);
  }

  async #begin(now: Instant): Promise<Instant> {
    const oldest = (now - MOST_MS) as Instant;
    if (this.#from === null) {
      const until = await this.#parts.index.changesReadUntil(this.#id);
      if (until === null) this.#openFrom = 0 as Instant;
      this.#from = until ?? oldest;
    }
    const from = this.#from > oldest ? this.#from : oldest;
    for (const [place, at] of this.#seen) if (at < from) this.#seen.delete(place);
    return from;
  }

  #remember(entries: readonly ChangedEntry[]): void {
    for (const entry of entries) {
      const place = `${entry.repository}#${entry.number}`.toLowerCase();
      if (this.#seen.get(place) === entry.updatedAt) continue;
      this.#seen.set(place, entry.updatedAt);
      this.#entries.set(place, entry);
    }
  }
}
