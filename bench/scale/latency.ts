import type { Random } from "../../testkit/seeded-random.ts";

/** How long GitHub takes for a request: half of them less than this, ms. */
export const MEDIAN_LATENCY_MS = 80;
const SPREAD = 0.6;
const LONGEST_MS = 2_000;

/** Log-normal: a median of 80 ms, one in a hundred above 320 ms, never above 2 s. */
export function drawLatencyMs(random: Random): number {
  // Box and Muller; 1 - random is never 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(LONGEST_MS, MEDIAN_LATENCY_MS * Math.exp(SPREAD * normal));
}
