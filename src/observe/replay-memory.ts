import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import type { Instant } from "../core/model.ts";
import type { ReplaySeen } from "../core/replay/replay-seen.ts";

const REMEMBERED_MS = 3_600_000;
const MAX_REMEMBERED = 200;

/** What the newest incidents of a repository came to by other rules, so that a push that leaves the rules alone asks nothing. */
export class ReplayMemory {
  readonly #known = new LRUCache<string, { readonly seen: ReplaySeen; readonly at: Instant }>({ max: MAX_REMEMBERED });
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** At most an hour old; `null`: nothing is remembered. */
  recall(id: string): ReplaySeen | null {
    const found = this.#known.get(id);
    return found === undefined || this.#clock.now() - found.at > REMEMBERED_MS ? null : found.seen;
  }

  keep(id: string, seen: ReplaySeen): void {
    this.#known.set(id, { seen, at: this.#clock.now() });
  }
}
