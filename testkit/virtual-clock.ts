import type { Clock } from "../src/base/clock.ts";
import type { Instant } from "../src/core/model.ts";

/** Monday 5 January 2026, 09:00 UTC: where virtual time starts. */
export const VIRTUAL_START = Date.UTC(2026, 0, 5, 9) as Instant;

/** A clock that stands still until somebody moves it. */
export class VirtualClock implements Clock {
  #now: Instant;

  constructor(start: Instant = VIRTUAL_START) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  /** Moves time forward by `ms` milliseconds; time never goes back. */
  advance(ms: number): Instant {
    if (!(ms >= 0)) throw new RangeError(`time moves forward only, not by ${ms} ms`);
    this.#now = (this.#now + ms) as Instant;
    return this.#now;
  }
}
