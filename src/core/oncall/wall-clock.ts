import type { Instant } from "../model.ts";
import { type OffsetSpell, offsetAt, offsetSpells } from "./zone-offsets.ts";

declare const brand: unique symbol;

/**
 * What clocks on the wall show, as the milliseconds at which a clock in UTC would show the same. It has no zone.
 *
 * Adding days and hours to it is calendar arithmetic: every day has 24 hours, until a zone says which moment that is.
 */
export type WallTime = number & { readonly [brand]: "WallTime" };

/** A calendar day has 24 hours of wall time. */
export const WALL_DAY_MS = 86_400_000;

/** Further than any zone is from UTC, and than any zone ever jumped (Pacific/Apia skipped a day). */
const FAR_MS = 48 * 3_600_000;

/**
 * The earliest moment at which clocks in `zone` show `wall`, or the moment they jump over it.
 *
 * When an hour comes twice, it is the first time. A day that a zone skipped (Pacific/Apia, 2011-12-30) is jumped over
 * too. Temporal's "compatible" reading would put the skipped 02:30 at 03:30.
 */
export function firstInstant(wall: WallTime, zone: string): Instant {
  for (const { from, to, offset } of around(wall, zone)) {
    const at = Math.max(from, wall - offset);
    if (at < to) return at as Instant;
  }
  throw new Error(`the clocks of ${zone} never show ${showWallTime(wall)} or later`);
}

/**
 * The end of the latest moment at which clocks in `zone` show less than `wall`.
 *
 * It differs from `firstInstant` only in an hour that comes twice: there it is the second time.
 */
export function lastInstant(wall: WallTime, zone: string): Instant {
  for (const { from, to, offset } of around(wall, zone).toReversed()) {
    const at = Math.min(to, wall - offset);
    if (at > from) return at as Instant;
  }
  throw new Error(`the clocks of ${zone} never show less than ${showWallTime(wall)}`);
}

/** What clocks in `zone` show at `at`. Milliseconds are kept. */
export function wallTimeAt(at: Instant, zone: string): WallTime {
  return (at + offsetAt(at, zone)) as WallTime;
}

/** In UTC, like all days that are not somebody's own. */
export function startOfDay(at: Instant): Instant {
  return (Math.floor(at / WALL_DAY_MS) * WALL_DAY_MS) as Instant;
}

/** How often clocks in `zone` show `wall`: never (they jump over it), once, or twice. */
export function timesShown(wall: WallTime, zone: string): number {
  return around(wall, zone).filter(({ from, to, offset }) => from <= wall - offset && wall - offset < to).length;
}

/** The offset, such as `+02:00`, that clocks have when they first show `wall`, or just before they jump over it. */
export function offsetOf(wall: WallTime, zone: string): string {
  const first = firstInstant(wall, zone);
  const at = timesShown(wall, zone) === 0 ? first - 1 : first;
  return showOffset(offsetAt(at as Instant, zone));
}

/** `+01:00`; whole minutes. */
export function showOffset(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${offsetMs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function around(wall: WallTime, zone: string): readonly OffsetSpell[] {
  return offsetSpells(zone, wall - FAR_MS, wall + FAR_MS);
}

const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * Reads `2026-03-01`, `2026-03-01T09:00` or `2026-03-01T09:00:30`. A date alone begins at 00:00; `T24:00` is the end of
 * the day. `null`: there is no such day in the calendar, or no such time on the clock.
 */
export function readWallTime(text: string): WallTime | null {
  const [, day, hour = "00", minute = "00", second = "00"] = LOCAL_TIME.exec(text) ?? [];
  if (day === undefined) return null;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // JavaScript reads 30 February as 2 March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  const ms = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  const known = (Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60) || ms === WALL_DAY_MS;
  return known ? ((midnight + ms) as WallTime) : null;
}

/** `2026-03-01T09:00`, with seconds if there are any. */
function showWallTime(wall: WallTime): string {
  return new Date(wall).toISOString().replace(/(?::00)?\.\d{3}Z$/, "");
}
