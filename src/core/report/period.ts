import type { Instant } from "../model.ts";
import type { ReportEvery } from "../policy/report-every.ts";
import { DAY_MS } from "../time-units.ts";

/** A time that a report is about, from `since` up to before `until`. */
export interface Period {
  readonly since: Instant;
  readonly until: Instant;
}

/** A period with the name people know it by. */
export interface NamedPeriod extends Period {
  /** `2026-W44`, `2026-10`, `2026-Q4`: the same for the same period, for ever. */
  readonly id: string;
  /** `week 44 of 2026`, `October 2026`, `fourth quarter of 2026`. */
  readonly name: string;
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
const ORDINALS = ["first", "second", "third", "fourth"] as const;
const WEEK_MS = 7 * DAY_MS;

/** The last period that is over at `now`, in UTC. Weeks begin on Monday, as in ISO 8601. */
export function lastWholePeriod(every: ReportEvery, now: Instant): NamedPeriod {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (every) {
    case "week": {
      const until = weekOf(now);
      const since = (until - WEEK_MS) as Instant;
      // The year of a week is that of its Thursday.
      const thursday = since + 3 * DAY_MS;
      const of = new Date(thursday).getUTCFullYear();
      const week = 1 + Math.floor((thursday - Date.UTC(of, 0, 1)) / WEEK_MS);
      return { since, until, id: `${of}-W${String(week).padStart(2, "0")}`, name: `week ${week} of ${of}` };
    }
    case "month": {
      const [since, until] = [Date.UTC(year, month - 1) as Instant, Date.UTC(year, month) as Instant];
      const of = new Date(since);
      return {
        since,
        until,
        id: of.toISOString().slice(0, 7),
        name: `${MONTHS[of.getUTCMonth()]} ${of.getUTCFullYear()}`,
      };
    }
    case "quarter": {
      const until = Date.UTC(year, month - (month % 3)) as Instant;
      const since = Date.UTC(year, month - (month % 3) - 3) as Instant;
      const of = new Date(since);
      const quarter = of.getUTCMonth() / 3;
      return {
        since,
        until,
        id: `${of.getUTCFullYear()}-Q${quarter + 1}`,
        name: `${ORDINALS[quarter]} quarter of ${of.getUTCFullYear()}`,
      };
    }
  }
}

/** The Monday, 00:00 UTC, of the week of a moment. */
export function weekOf(at: Instant): Instant {
  const day = Math.floor(at / DAY_MS);
  // 1970 began on a Thursday.
  return ((day - ((day + 3) % 7)) * DAY_MS) as Instant;
}

/** `2026-10-05`, in UTC. */
export function dayOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** `2026-10-05`, or `90d` before `now`; `null`: neither. */
export function dayFrom(written: string, now: Instant): Instant | null {
  const ago = /^([1-9]\d{0,3})d$/.exec(written)?.[1];
  if (ago !== undefined) return (now - Number(ago) * DAY_MS) as Instant;
  if (!/^\d{4}-\d\d-\d\d$/.test(written)) return null;
  const at = Date.parse(`${written}T00:00:00Z`);
  return Number.isNaN(at) || dayOf(at as Instant) !== written ? null : (at as Instant);
}
