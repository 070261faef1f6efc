import type { Instant } from "../core/model.ts";

/** Where the time comes from. Tests use one they move by hand (testkit/virtual-clock.ts). */
export interface Clock {
  now(): Instant;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() as Instant };
