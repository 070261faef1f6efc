import { LRUCache } from "lru-cache";
import type { Instant, Key } from "../core/model.ts";
import type { Priority } from "./queue.ts";

/** Keys whose rank is at least this are within the share of their repository and installation. */
export const LOWEST_RANK_WITHIN_SHARE = 0;

/** So many keys at once, and then one more each `everyMs`. */
interface Share {
  readonly everyMs: number;
  readonly burst: number;
}

const OF_REPOSITORY: Share = { everyMs: 1_000, burst: 30 };
const OF_INSTALLATION: Share = { everyMs: 200, burst: 60 };
/** Whoever asked for still more is not made to wait any longer for it. */
const MAX_BEHIND_MS = 3_600_000;
/** Beyond the share, a severity less is worth a minute of waiting; so the least urgent key gets its turn too. */
const PRIORITY_STEP_MS = 60_000;
const HIGHEST_PRIORITY: Priority = 30;
/** Keeps the ranks small enough for a column of 32 bits until the year 2088. */
const RANKS_BEGIN_AT = Date.UTC(2020, 0, 1);
const MAX_REMEMBERED = 20_000;

/**
 * Who is next, so that nobody who asks for much keeps the others waiting (docs/decisions/0012-fair-by-share.md).
 *
 * Each repository, and each installation, has a share for every priority: a number of keys at once, and then some more
 * each second. Within it a key's rank is its priority. Beyond it the rank is below everybody's who is within, and the
 * lower the further beyond: the moment the key would be due at if it had waited for its share, negated.
 *
 * Generic cell rate algorithm (ITU-T I.371), with a late place instead of a refusal. Remembered by this process
 * alone: a restart forgives, and each of several processes gives the share once.
 */
export class FairShare {
  /** When the next key would be exactly on time, by whose share and priority. */
  readonly #onTimeAt = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  /** The rank of a key that is added now: higher first. A whole number of at most 32 bits. */
  rank(key: Key, priority: Priority, now: Instant): number {
    const { id, installationId } = key.repository;
    let behindMs = this.#take(`repository ${id} ${priority}`, OF_REPOSITORY, now);
    // What is beyond its repository's share does not use up that of the installation: its other repositories need it.
    if (behindMs === 0) behindMs = this.#take(`installation ${installationId} ${priority}`, OF_INSTALLATION, now);
    if (behindMs === 0) return LOWEST_RANK_WITHIN_SHARE + priority;
    const dueAt = now + behindMs + (HIGHEST_PRIORITY - priority) * PRIORITY_STEP_MS;
    return LOWEST_RANK_WITHIN_SHARE - 1 - Math.max(0, Math.floor((dueAt - RANKS_BEGIN_AT) / 1_000));
  }

  /** Takes one from the share; how far beyond it that is, in ms, 0 when it is within. */
  #take(whose: string, { everyMs, burst }: Share, now: number): number {
    const onTimeAt = Math.max(now, this.#onTimeAt.get(whose) ?? now);
    const atOnceMs = burst * everyMs;
    this.#onTimeAt.set(whose, Math.min(onTimeAt + everyMs, now + atOnceMs + MAX_BEHIND_MS));
    return Math.max(0, onTimeAt + everyMs - now - atOnceMs);
  }
}
