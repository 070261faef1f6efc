import type { Clock } from "../base/clock.ts";

/** So asking takes a twentieth of the time at most, however often somebody wants to know. */
const HOLDS_TIMES = 20;
const HOLDS_AT_MOST_MS = 60_000;

/**
 * Asks each time, but an answer that is `costly` holds for 20 times as long as it took, at most a minute: whoever asks
 * meanwhile gets it again. A failure holds for nobody.
 */
export function askSparingly<T>(ask: () => Promise<T>, costly: (answer: T) => boolean, clock: Clock): () => Promise<T> {
  let last: { readonly answer: T; readonly until: number } | null = null;
  return async () => {
    if (last !== null && clock.now() < last.until) return last.answer;
    const askedAt = clock.now();
    const answer = await ask();
    const tookMs = clock.now() - askedAt;
    last = costly(answer) ? { answer, until: clock.now() + Math.min(HOLDS_TIMES * tookMs, HOLDS_AT_MOST_MS) } : null;
    return answer;
  };
}
