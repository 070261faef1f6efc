import { Temporal } from "temporal-polyfill/implementation";
import type { Instant } from "../model.ts";

declare const brand: unique symbol;

/**
 * What clocks on the wall show, as the milliseconds a clock in UTC would show it at. It knows no zone.
 *
 * Adding days and hours to it is calendar arithmetic: every day has 24 hours, until a zone says when that is.
 */
export type WallTime = number & { readonly [brand]: "WallTime" };

/** A calendar day has 24 hours on the wall. */
export const WALL_DAY_MS = 86_400_000;

/**
 * The earliest moment at which clocks in `zone` show `wall`, or the moment they jump over it.
 *
 * Where an hour comes twice it is the first time. A day a zone left out (Pacific/Apia, 2011-12-30) is jumped over too.
 * Temporal's own "compatible" reading would put the jumped-over 02:30 at 03:30.
 */
export function firstInstant(wall: WallTime, zone: string): Instant {
  const plain = toPlain(wall);
  const earlier = plain.toZonedDateTime(zone, { disambiguation: "earlier" });
  return shows(earlier, wall) ? toInstant(earlier) : jumpAfter(earlier);
}

/**
 * The end of the latest moment at which clocks in `zone` show less than `wall`.
 *
 * It differs from `firstInstant` only within an hour that comes twice: there it is the second time.
 */
export function lastInstant(wall: WallTime, zone: string): Instant {
  const plain = toPlain(wall);
  const later = plain.toZonedDateTime(zone, { disambiguation: "later" });
  if (!shows(later, wall)) return firstInstant(wall, zone);
  // Where the doubled hour begins with `wall` itself, clocks never show less than that again.
  return wallTimeAt((later.epochMilliseconds - 1) as Instant, zone) < wall
    ? toInstant(later)
    : firstInstant(wall, zone);
}

/** What clocks in `zone` show at `at`. Milliseconds are kept. */
export function wallTimeAt(at: Instant, zone: string): WallTime {
  return toWall(Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone));
}

/** How often clocks in `zone` show `wall`: never (they jump over it), once, or twice. */
export function timesShown(wall: WallTime, zone: string): 0 | 1 | 2 {
  const plain = toPlain(wall);
  const earlier = plain.toZonedDateTime(zone, { disambiguation: "earlier" });
  if (!shows(earlier, wall)) return 0;
  const later = plain.toZonedDateTime(zone, { disambiguation: "later" });
  return earlier.epochMilliseconds === later.epochMilliseconds ? 1 : 2;
}

/** The offset, as `+02:00`, that clocks have when they show `wall` the first time, or just before they jump over it. */
export function offsetOf(wall: WallTime, zone: string): string {
  return toPlain(wall).toZonedDateTime(zone, { disambiguation: "earlier" }).offset;
}

/** When clocks in `zone` are next changed after `at`; `null`: never, as far as is known. */
export function nextTransition(at: Instant, zone: string): Instant | null {
  const next = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).getTimeZoneTransition("next");
  return next === null ? null : toInstant(next);
}

/** Whether this Node knows the zone (its ICU brings the tz database). Offsets and abbreviations are no zones here. */
export function isZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** `UTC`, or an area and a place: `Europe/Berlin`, `America/Argentina/Buenos_Aires`, `Etc/UTC`. */
export const ZONE_NAME = /^(?:UTC|[A-Z][A-Za-z]+(?:\/[A-Za-z0-9_+-]{1,30}){1,2})$/;

const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * Reads `2026-03-01`, `2026-03-01T09:00` or `2026-03-01T09:00:30`. A day alone begins at 00:00; `T24:00` is the end of
 * the day. `null`: the calendar has no such day, or the clock no such time.
 */
export function readWallTime(text: string): WallTime | null {
  const [, day, hour = "00", minute = "00", second = "00"] = LOCAL_TIME.exec(text) ?? [];
  if (day === undefined) return null;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // JavaScript takes 30 February for 2 March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  const ms = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  const known = (Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60) || ms === WALL_DAY_MS;
  return known ? ((midnight + ms) as WallTime) : null;
}

/** `2026-03-01T09:00`, with seconds where there are any. */
export function showWallTime(wall: WallTime): string {
  return new Date(wall).toISOString().replace(/(?::00)?\.\d{3}Z$/, "");
}

function shows(moment: Temporal.ZonedDateTime, wall: WallTime): boolean {
  return toWall(moment) === wall;
}

/** `before` is where the zone's offset before the jump puts the time: the next change of the zone is the jump. */
function jumpAfter(before: Temporal.ZonedDateTime): Instant {
  const jump = before.getTimeZoneTransition("next");
  return toInstant(jump ?? before);
}

function toInstant(moment: Temporal.ZonedDateTime): Instant {
  return moment.epochMilliseconds as Instant;
}

function toWall(moment: Temporal.ZonedDateTime): WallTime {
  return (moment.epochMilliseconds + moment.offsetNanoseconds / 1_000_000) as WallTime;
}

function toPlain(wall: WallTime): Temporal.PlainDateTime {
  const date = new Date(wall);
  return new Temporal.PlainDateTime(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    date.getUTCMilliseconds(),
  );
}
