import type { Clock } from "../base/clock.ts";

/** So asking takes at most a twentieth of the time, however often somebody wants to know. */
const HOLDS_TIMES = 20;
const HOLDS_AT_MOST_MS = 60_000;

/**
 * Asks each time, but a `costly` answer is kept for 20 times as long as it took, at most a minute: whoever asks in the
 * meantime gets it again. A failure is never kept.
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
