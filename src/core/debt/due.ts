import type { ActionItem } from "../items/action-item.ts";
import type { Instant, Millis } from "../model.ts";
import { DAY_MS, HOUR_MS } from "../time-units.ts";

/** When something is late, and the day people read. */
export interface Due {
  /** `2026-12-01`. */
  readonly day: string;
  /** It is late from the next millisecond on. */
  readonly at: Instant;
  /** Whether it names the day itself; else it follows from the policy. */
  readonly isOwn: boolean;
}

/** Where a day ends last: twelve hours after UTC (zone `Etc/GMT+12`). */
const LAST_ZONE_MS = 12 * HOUR_MS;

/** When a day is over everywhere on Earth. `day`: `2026-12-01`, a day that exists. */
export function endOfDay(day: string): Instant {
  return (Date.parse(`${day}T00:00:00Z`) + DAY_MS + LAST_ZONE_MS) as Instant;
}

/**
 * When an action item is due: on its own day, else `within` after it was filed. `null`: never.
 *
 * @param within `action-items-within` of its incident's severity; `null`: there is no deadline
 */
export function dueOf(item: Pick<ActionItem, "due" | "filedAt">, within: Millis | null): Due | null {
  if (item.due !== null) return { day: item.due.day, at: endOfDay(item.due.day), isOwn: true };
  if (within === null) return null;
  const day = new Date(item.filedAt + within).toISOString().slice(0, 10);
  return { day, at: endOfDay(day), isOwn: false };
}
