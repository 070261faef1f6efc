import type { Instant } from "../model.ts";
import { WEEKDAYS } from "./on-call-document.ts";
import { showOffset, WALL_DAY_MS, wallTimeAt } from "./wall-clock.ts";

/** `Mon 2026-01-05 09:00`, as clocks in `zone` show it, with the offset when a clock change is near. */
export function showMoment(at: Instant, zone: string): string {
  const wall = wallTimeAt(at, zone);
  const weekday = WEEKDAYS[(((Math.floor(wall / WALL_DAY_MS) + 3) % 7) + 7) % 7]!;
  const text = `${weekday[0]!.toUpperCase()}${weekday.slice(1)} ${new Date(wall).toISOString().slice(0, 16).replace("T", " ")}`;
  return changesNear(at, zone) ? `${text} ${showOffset(wall - at)}` : text;
}

/** `18:56` as clocks in `zone` show it; with the day, if that is another one there than that of `day`. */
export function clockTime(at: Instant, day: Instant, zone: string): string {
  const dayOf = (moment: Instant) => Math.floor(wallTimeAt(moment, zone) / WALL_DAY_MS);
  const time = new Date(wallTimeAt(at, zone)).toISOString().slice(11, 16);
  return dayOf(at) === dayOf(day) ? time : showMoment(at, zone);
}

/** Nowadays clocks change by three hours at most. */
function changesNear(at: Instant, zone: string): boolean {
  const offset = (moment: number) => wallTimeAt(moment as Instant, zone) - moment;
  return offset(at - 3 * 3_600_000) !== offset(at + 3 * 3_600_000);
}
