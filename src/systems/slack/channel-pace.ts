import type { Clock } from "../../base/clock.ts";
import { MESSAGE_SPACING_MS } from "../../core/chat/slack/slack-limits.ts";
import type { Instant } from "../../core/model.ts";

/** A pause Slack asks for is minutes at most; anything longer means a wrong clock. */
const PAUSE_MAX_MS = 15 * 60_000;

/**
 * Keeps each channel within Slack's rate without ever waiting: it says how long, and the queue waits.
 *
 * For this process only: if several work on one database, Slack's own 429 holds the rest back.
 */
export class ChannelPace {
  readonly #clock: Clock;
  readonly #free = new Map<string, number>();
  #pausedUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long to wait before the next message into the channel, ms. */
  waitBefore(channel: string): number {
    const until = Math.max(this.#free.get(channel) ?? 0, this.#pausedUntil);
    return Math.max(0, until - this.#clock.now());
  }

  /** A message goes into the channel now. */
  count(channel: string): void {
    const now = this.#clock.now();
    for (const [known, until] of this.#free) if (until <= now) this.#free.delete(known);
    this.#free.set(channel, now + MESSAGE_SPACING_MS);
  }

  /** Slack asks for a pause. Never shortens one: answers arrive in any order. */
  pause(ms: number): Instant {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + Math.min(ms, PAUSE_MAX_MS));
    return this.#pausedUntil as Instant;
  }
}
