import { LRUCache } from "lru-cache";
import { atMost } from "../../base/at-most.ts";
import type { Clock } from "../../base/clock.ts";
import type { Instant } from "../../core/model.ts";

/** A few hours of a very large organization. */
const MAX_TOLD = 20_000;
/** GitHub's timestamps are whole seconds: more may have happened within the same one, after what was told. */
const SURELY_LATER_MS = 2_000;

/**
 * What deliveries have said about issues and pull requests, so that a sweep need not look at them again: the queue got
 * the key after the change. Not knowing costs a look, and nothing else.
 */
export class ToldChanges {
  readonly #clock: Clock;
  /** By the id of the key: the time of the change that was told. */
  readonly #told = new LRUCache<string, Instant>(atMost(MAX_TOLD));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param keys the keys that the queue has because of the delivery, by id */
  note(payload: unknown, keys: ReadonlyMap<string, unknown>): void {
    const { repository, issue, pull_request: pull } = (payload ?? {}) as Readonly<Record<string, unknown>>;
    for (const one of [issue, pull] as readonly unknown[]) {
      const { number, updated_at: updatedAt } = (one ?? {}) as Readonly<Record<string, unknown>>;
      const { id } = (repository ?? {}) as Readonly<Record<string, unknown>>;
      const at = typeof updatedAt === "string" ? Date.parse(updatedAt) : Number.NaN;
      if (!(at <= this.#clock.now() - SURELY_LATER_MS)) continue;
      for (const key of [`incident:${id}#${number}`, `pull-request:${id}#${number}`]) {
        if (keys.has(key)) this.#told.set(key, Math.max(at, this.#told.get(key) ?? 0) as Instant);
      }
    }
  }

  /** Whether the queue was told to look there since the change. */
  has(keyId: string, updatedAt: Instant): boolean {
    return (this.#told.get(keyId) ?? Number.NEGATIVE_INFINITY) >= updatedAt;
  }
}
