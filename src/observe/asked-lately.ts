import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { PendingCommand } from "../core/judge/pending-commands.ts";
import type { Instant, Repository } from "../core/model.ts";
import { HOUR_MS } from "../core/time-units.ts";

const MAX_PEOPLE = 5_000;
/** More than are ever answered: further ones change nothing. */
const MAX_COMMENTS = 20;

/** Who asked for something, and where, in the last hour. Kept in the process: a restart starts afresh. */
export interface AskedLately {
  /** Notes the comments, and returns by login, in lower case, the ids of the last hour's, including these. */
  note(
    repository: Repository,
    pending: readonly PendingCommand[],
    now: Instant,
  ): ReadonlyMap<string, readonly number[]>;
}

/** Makes a memory of who asks, across all incidents of each repository. */
export function createAskedLately(): AskedLately {
  const known = new LRUCache<string, ReadonlyMap<number, Instant>>(atMost(MAX_PEOPLE));
  return {
    note(repository, pending, now) {
      const asked = new Map<string, readonly number[]>();
      for (const login of new Set(pending.map(({ author }) => author.login.toLowerCase()))) {
        const id = `${repository.id}:${login}`;
        const comments = new Map(known.get(id));
        for (const { comment, author } of pending) {
          if (author.login.toLowerCase() === login) comments.set(comment.id, comment.createdAt);
        }
        // The oldest of the hour are the ones that count.
        const young = [...comments].filter(([, at]) => now - at < HOUR_MS).toSorted(([a], [b]) => a - b);
        const kept = new Map(young.slice(0, MAX_COMMENTS));
        known.set(id, kept);
        asked.set(login, [...kept.keys()]);
      }
      return asked;
    },
  };
}
