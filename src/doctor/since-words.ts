import type { Millis } from "../core/model.ts";

/** How long something took or is ago: `45 s`, `60 min`, `26 h`. */
export function sinceWords(ms: Millis): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
