import { setTimeout as pause } from "node:timers/promises";

/** What was waited for did not come. */
export class NotSeenError extends Error {
  override readonly name = "NotSeenError";
}

const LOOK_EVERY_MS = 20;
const LIMIT_MS = 10_000;

/**
 * Looks again and again until there is something to see, and returns it.
 *
 * @param what what is waited for, in words
 * @param look `null`, `false` and `undefined` mean: not yet. An error ends the waiting
 * @param options how long it is waited for, and how often it is looked for: every 20 ms
 * @throws NotSeenError when it does not come within `limitMs` (10 s)
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false | undefined>,
  options: { readonly limitMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const limitMs = options.limitMs ?? LIMIT_MS;
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false && seen !== undefined) return seen;
    if (performance.now() >= giveUpAt) throw new NotSeenError(`${what} (waited ${limitMs / 1_000} s)`);
    await pause(options.everyMs ?? LOOK_EVERY_MS);
  }
}
