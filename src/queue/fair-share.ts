import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Instant, Key } from "../core/model.ts";
import type { Priority } from "./queue.ts";

/** Keys with at least this rank are within the share of their repository and their installation. */
export const LOWEST_RANK_WITHIN_SHARE = 0;

/** This many keys at once, and then one more every `everyMs`. */
interface Share {
  readonly everyMs: number;
  readonly burst: number;
}

const OF_REPOSITORY: Share = { everyMs: 1_000, burst: 30 };
/** A process finishes six passes a second or so: no installation has a share in all of them. */
const OF_INSTALLATION: Share = { everyMs: 1_000, burst: 60 };
/** Of each priority, by how much of a share is used up: each is for twice as much as the one above. */
const LEVELS = 8;
/** Asking for even more than that makes nobody wait any longer. */
const MAX_BEHIND_MS = 3_600_000;
/** Beyond the share, each step of severity is worth a minute of waiting, so that the least urgent key gets its turn too. */
const PRIORITY_STEP_MS = 60_000;
const HIGHEST_PRIORITY: Priority = 30;
/** Keeps the ranks small enough for a column of 32 bits until the year 2088. */
const RANKS_BEGIN_AT = Date.UTC(2020, 0, 1);
const MAX_REMEMBERED = 20_000;

/**
 * Who is next, so that nobody who asks for a lot keeps the others waiting (docs/decisions/0012-fair-by-share.md).
 *
 * Each repository, and each installation, has a share for every priority: a number of keys at once, and then a few more
 * each second. Within the share, a key's rank is its priority, and among those of one priority the higher the less of the
 * share is used. Beyond it, the rank is below that of every key within, and the lower the further beyond: it is the moment
 * at which the key would be due had it waited for its share, negated.
 *
 * The generic cell rate algorithm (ITU-T I.371), with a later place instead of a refusal. Only this process remembers it:
 * a restart forgives, and each of several processes gives the share once.
 */
export class FairShare {
  /** When the next key would be exactly on time, by the owner of the share and the priority. */
  readonly #onTimeAt = new LRUCache<string, number>(atMost(MAX_REMEMBERED));

  /** The rank of a key that is added now: higher first. An integer of at most 32 bits. */
  rank(key: Key, asked: Priority, now: Instant): number {
    const priority = priorityOf(key, asked);
    const { id, installationId } = key.repository;
    const ofRepository = this.#take(`repository ${id} ${priority}`, OF_REPOSITORY, now);
    // A key beyond its repository's share uses nothing of the installation's: the other repositories need that.
    const ofInstallation =
      ofRepository.behindMs > 0 ? null : this.#take(`installation ${installationId} ${priority}`, OF_INSTALLATION, now);
    const behindMs = ofInstallation === null ? ofRepository.behindMs : ofInstallation.behindMs;
    if (ofInstallation !== null && behindMs === 0) {
      const level = Math.floor(Math.log2(ofInstallation.used + ofRepository.used - 1));
      return LOWEST_RANK_WITHIN_SHARE + priority * LEVELS + (LEVELS - 1 - Math.min(level, LEVELS - 1));
    }
    const dueAt = now + behindMs + (HIGHEST_PRIORITY - priority) * PRIORITY_STEP_MS;
    return LOWEST_RANK_WITHIN_SHARE - 1 - Math.max(0, Math.floor((dueAt - RANKS_BEGIN_AT) / 1_000));
  }

  /**
   * The same for an entry. One that is tried again is within the share, behind the others of its priority, and takes nothing
   * from it.
   */
  rankOf(
    { key, failures }: { readonly key: Key; readonly failures: number },
    priority: Priority,
    now: Instant,
  ): number {
    if (failures > 0) return LOWEST_RANK_WITHIN_SHARE + priorityOf(key, priority) * LEVELS;
    return this.rank(key, priority, now);
  }

  /** Takes one from the share: how many of those at once are used, this one included, and how far beyond it that is, in ms. */
  #take(whose: string, { everyMs, burst }: Share, now: number): { readonly used: number; readonly behindMs: number } {
    const onTimeAt = Math.max(now, this.#onTimeAt.get(whose) ?? now);
    const atOnceMs = burst * everyMs;
    this.#onTimeAt.set(whose, Math.min(onTimeAt + everyMs, now + atOnceMs + MAX_BEHIND_MS));
    return {
      used: Math.ceil((onTimeAt + everyMs - now) / everyMs),
      behindMs: Math.max(0, onTimeAt + everyMs - now - atOnceMs),
    };
  }
}

/** Nobody has asked for an onboarding pull request: whatever made it worth a look, everything else goes first. */
function priorityOf({ kind }: Key, asked: Priority): Priority {
  return kind === "onboarding" ? 0 : asked;
}
