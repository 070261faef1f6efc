import type { Millis } from "../core/model.ts";

const SHORTEST_MS = 1_000;
const LONGEST_MS = 15 * 60_000;

/**
 * How long to wait before the next try: doubling from 1 s to 15 min, minus up to half of that at random, never below 1
 * s.
 *
 * @param failures how often the key has failed in a row before this failure, from 0
 * @param random   from 0 (inclusive) to 1 (exclusive); spreads the tries of keys that failed together
 */
export function backoff(failures: number, random: number): Millis {
  const full = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.min(failures, 30));
  return Math.max(SHORTEST_MS, Math.round(full * (1 - random / 2))) as Millis;
}
