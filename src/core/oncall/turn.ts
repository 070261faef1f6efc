import type { Instant } from "../model.ts";
import { WEEKDAYS } from "./on-call-document.ts";
import type { Rotation, Spell } from "./schedule.ts";
import { firstInstant, lastInstant, WALL_DAY_MS, type WallTime, wallTimeAt } from "./wall-clock.ts";

/** Whether a rotation is on call, and whose turn it is: `index` counts turns from 0. */
export type Turn =
  | { readonly kind: "on"; readonly index: number }
  | { readonly kind: "not-started" | "ended" | "outside-hours" };

/**
 * When turn `index` begins: the first moment that is not before the local time. It ends with the next handoff, so that
 * turns neither overlap nor leave a gap; a week in which clocks change has 167 or 169 hours.
 */
export function handoff(rotation: Rotation, index: number): Instant {
  return firstInstant((rotation.start + index * rotation.shift) as WallTime, rotation.zone);
}

/** Whose turn it is at `at`. */
export function turnAt(rotation: Rotation, at: Instant): Turn {
  const index = turnIndex(rotation, at);
  if (index < 0) return { kind: "not-started" };
  if (rotation.until !== null && at >= rotation.until) return { kind: "ended" };
  return isWithinHours(rotation, at) ? { kind: "on", index } : { kind: "outside-hours" };
}

/** The latest turn that has begun by `at`: turns of zero length (a day a zone skipped) are passed over. Below 0: none. */
export function turnIndex(rotation: Rotation, at: Instant): number {
  let index = Math.floor((wallTimeAt(at, rotation.zone) - rotation.start) / rotation.shift);
  // Wall time is wrong only where the clock jumped.
  while (handoff(rotation, index) > at) index -= 1;
  while (handoff(rotation, index + 1) <= at) index += 1;
  return index;
}

function isWithinHours(rotation: Rotation, at: Instant): boolean {
  if (rotation.windows.length === 0) return true;
  const wall = wallTimeAt(at, rotation.zone);
  // A window that began the day before may still be open; a clock change moves an edge by a day at most.
  const near = windowsBetween(rotation, (wall - 2 * WALL_DAY_MS) as WallTime, (wall + WALL_DAY_MS) as WallTime);
  return near.some(({ from, to }) => from <= at && at < to);
}

/** The windows that begin between two local days, both included, each from its first to its last moment. */
export function windowsBetween(rotation: Rotation, from: WallTime, to: WallTime): readonly Spell[] {
  const spells: Spell[] = [];
  for (let day = Math.floor(from / WALL_DAY_MS); day * WALL_DAY_MS <= to; day += 1) {
    // 1 January 1970 was a Thursday.
    const weekday = WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;
    for (const window of rotation.windows) {
      if (!window.days.includes(weekday)) continue;
      const midnight = day * WALL_DAY_MS;
      spells.push({
        from: firstInstant((midnight + window.from) as WallTime, rotation.zone),
        to: lastInstant((midnight + window.to) as WallTime, rotation.zone),
      });
    }
  }
  return spells;
}
