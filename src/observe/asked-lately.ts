import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { PendingCommand } from "../core/judge/pending-commands.ts";
import type { Instant, Repository } from "../core/model.ts";
import { DAY_MS, HOUR_MS } from "../core/time-units.ts";

const MAX_PEOPLE = 5_000;
/** More than are ever answered in an hour, and in a day: further ones change nothing. */
const MAX_OF_AN_HOUR = 20;
const MAX_OF_A_DAY = 3;

/** Who asked for something, and where, recently. Kept in the process: a restart starts afresh. */
export interface AskedLately {
  /**
   * Notes the comments, and returns by login, in lower case, when each of the first ones of the last day and of the last
   * hour was written, by id; these are among them.
   */
  note(
    repository: Repository,
    pending: readonly PendingCommand[],
    now: Instant,
  ): ReadonlyMap<string, ReadonlyMap<number, Instant>>;
}

/** Makes a memory of who asks, across all incidents of each repository. */
export function createAskedLately(): AskedLately {
  const known = new LRUCache<string, ReadonlyMap<number, Instant>>(atMost(MAX_PEOPLE));
  return {
    note(repository, pending, now) {
      const asked = new Map<string, ReadonlyMap<number, Instant>>();
      for (const login of new Set(pending.map(({ author }) => author.login.toLowerCase()))) {
        const id = `${repository.id}:${login}`;
        const comments = new Map(known.get(id));
        for (const { comment, author } of pending) {
          if (author.login.toLowerCase() === login) comments.set(comment.id, comment.createdAt);
        }
        // The oldest are the ones that count.
        const within = (length: number) =>
          [...comments].filter(([, at]) => now - at < length).toSorted(([a], [b]) => a - b);
        const kept = new Map([
          ...within(DAY_MS).slice(0, MAX_OF_A_DAY),
          ...within(HOUR_MS).slice(0, MAX_OF_AN_HOUR),
        ]);
        known.set(id, kept);
        asked.set(login, kept);
      }
      return asked;
    },
  };
}
