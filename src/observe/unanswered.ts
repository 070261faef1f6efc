import { LRUCache } from "lru-cache";
import type { Instant } from "../core/model.ts";
import type { Waiting } from "../core/waiting.ts";

/** How many incidents may be waiting for something: a few, except in an outage. */
const MAX_INCIDENTS = 1_000;
/** How many things one incident may be waiting for: more commands than people write in a quarter of an hour. */
const MAX_ASKS = 50;
/** How soon it is first asked for again; after that, the wait doubles each time. */
const AGAIN_MS = 5_000;
const AGAIN_MAX_MS = 4 * 60_000;

/**
 * What incidents are waiting for: since when, and when it is asked for again, whatever passes come in between. A
 * restart asks again.
 */
export class Unanswered {
  readonly #incidents = new LRUCache<string, Map<string, Waiting>>({ max: MAX_INCIDENTS });

  of(incident: string): ReadonlyMap<string, Waiting> {
    return new Map(this.#incidents.get(incident));
  }

  /**
   * Notes that something was asked for in vain.
   *
   * @param waitMs how long to wait, if that was stated; else `null`
   */
  note(incident: string, ask: string, now: Instant, waitMs: number | null): Waiting {
    const since = this.#incidents.get(incident)?.get(ask)?.since ?? now;
    const wait = waitMs ?? Math.min(Math.max(now - since, AGAIN_MS), AGAIN_MAX_MS);
    const again = (now + Math.max(1, wait)) as Instant;
    return this.#set(incident, ask, { since, again, isRefused: false });
  }

  /** Since when GitHub has not told something that is asked for in every pass. */
  keep(incident: string, ask: string, now: Instant): Instant {
    const since = this.#incidents.get(incident)?.get(ask)?.since ?? now;
    this.#set(incident, ask, { since, again: now, isRefused: false });
    return since;
  }

  answered(incident: string, ask: string): void {
    const asks = this.#incidents.get(incident);
    asks?.delete(ask);
    if (asks?.size === 0) this.#incidents.delete(incident);
  }

  #set(incident: string, ask: string, waiting: Waiting): Waiting {
    const asks = this.#incidents.get(incident) ?? new Map<string, Waiting>();
    asks.delete(ask);
    asks.set(ask, waiting);
    for (const oldest of asks.keys()) {
      if (asks.size <= MAX_ASKS) break;
      asks.delete(oldest);
    }
    this.#incidents.set(incident, asks);
    return waiting;
  }
}
