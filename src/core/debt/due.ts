import type { ActionItem } from "../items/action-item.ts";
import { lateFrom } from "../items/item-issue.ts";
import type { Instant, Millis } from "../model.ts";

/** When something is late, and the day people read. */
export interface Due {
  /** `2026-12-01`. */
  readonly day: string;
  /** It is late when that has passed: when the day is over everywhere on Earth. */
  readonly at: Instant;
  /** Whether it names the day itself; else it follows from the policy. */
  readonly isOwn: boolean;
}

/**
 * When an action item is due: on its own day, else `within` after it was filed. `null`: never.
 *
 * @param within `action-items-within` of its incident's severity; `null`: there is no deadline
 */
export function dueOf(item: Pick<ActionItem, "due" | "filedAt">, within: Millis | null): Due | null {
  if (item.due !== null) return { day: item.due.day, at: lateFrom(item.due.day), isOwn: true };
  if (within === null) return null;
  const day = new Date(item.filedAt + within).toISOString().slice(0, 10);
  return { day, at: lateFrom(day), isOwn: false };
}
