/**
 * Wall clocks by definition, using only Intl: what a clock shows every quarter of an hour, and every minute where it
 * matters. Slow, and independent of Temporal.
 */
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const FAR_MS = 40 * 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function quarter(at: number): number {
  return Math.floor(at / QUARTER_MS) * QUARTER_MS;
}

/** What clocks in `zone` show at `at`, as milliseconds of a clock in UTC; whole minutes. */
export function intlWall(at: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    formats.set(zone, format);
  }
  const [month, day, year, hour, minute] = format.format(at).match(/\d+/g)!.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute);
}

/** min { t : shown(t) >= wall } after the last time the clock showed less by a day. */
export function intlFirst(wall: number, zone: string): number {
  for (let at = quarter(wall - FAR_MS); at <= wall + FAR_MS; at += QUARTER_MS) {
    // Clocks change at full quarters of an hour: just before one they may show more than just after it.
    if (intlWall(at - MINUTE_MS, zone) < wall && intlWall(at, zone) < wall) continue;
    let minute = at - QUARTER_MS;
    while (intlWall(minute, zone) < wall) minute += MINUTE_MS;
    return minute;
  }
  throw new Error(`no first ${new Date(wall).toISOString()} in ${zone}`);
}

/** sup { t : shown(t) < wall } */
export function intlLast(wall: number, zone: string): number {
  for (let at = quarter(wall + FAR_MS); at >= wall - FAR_MS; at -= QUARTER_MS) {
    if (intlWall(at - MINUTE_MS, zone) >= wall && intlWall(at, zone) >= wall) continue;
    let minute = at + QUARTER_MS;
    while (intlWall(minute - MINUTE_MS, zone) >= wall) minute -= MINUTE_MS;
    return minute;
  }
  throw new Error(`no last ${new Date(wall).toISOString()} in ${zone}`);
}
