import type { WrittenTime } from "../../commands/written-time.ts";
import type { Instant } from "../../model.ts";
import type { IncidentObservation } from "../../observation.ts";
import { firstInstant, readWallTime, WALL_DAY_MS, type WallTime, wallTimeAt } from "../../oncall/wall-clock.ts";
import type { KeyTime } from "../../record/entry.ts";
import type { History } from "../../record/history.ts";
import { type KeyTimes, keyTimes, outOfOrder } from "../../record/key-times.ts";
import { DAY_MS, HOUR_MS } from "../../time-units.ts";
import type { Saying } from "../saying.ts";
import type { ObeyEach } from "./obeying.ts";

/** When things really were. */
export const TIMES = {
  time({ seen, history, receipt, done, answered, refuse }, { time, when, reason }) {
    const times = keyTimes(history);
    const first = saidBefore(time, history);
    if (first !== null) return refuse({ kind: "time-not-yet", time, first });
    const found = instantOf(when, time, seen, history, receipt.at);
    if (typeof found !== "number") return refuse(found);
    if (found > receipt.at) return refuse({ kind: "time-to-come", time, at: found });
    const { at: declared } = history.declared;
    if (declared - found > LONG_BEFORE_MS && reason === "") {
      return refuse({ kind: "time-long-before", time, at: found, declared });
    }
    const wrong = outOfOrder(times, time, found);
    if (wrong !== null) return refuse({ kind: "time-out-of-order", time, at: found, ...wrong });
    const was = times[time]?.at ?? null;
    if (was === found) return answered();
    return done({ kind: "time-corrected", ...receipt, time, to: found, was, reason });
  },
} satisfies Partial<ObeyEach>;

/**
 * The command that has to be given first: a time alone acknowledges, mitigates and resolves nothing. `null`: none. Of what
 * is over, any time may be added.
 */
function saidBefore(
  time: KeyTime,
  { acknowledged, mitigated, resolved, cancelled, closed }: History,
): Extract<Saying, { kind: "time-not-yet" }>["first"] | null {
  if (resolved !== null || cancelled !== null || closed !== null) return null;
  switch (time) {
    case "started":
    case "detected":
      return null;
    case "acknowledged":
      return acknowledged === null && mitigated === null ? "ack" : null;
    case "mitigated":
      return mitigated === null ? "mitigate" : null;
    case "resolved":
      return "resolve";
  }
}

/** What began longer before the declaration needs a reason: it may be a slip in the year. */
const LONG_BEFORE_MS = 90 * DAY_MS;
/** How far from the incident a time without a day may be: further away there is one more of the same. */
const NEAR_MS = 12 * HOUR_MS;
/** How many days are looked through: after more there is more than one answer anyway. */
const MOST_DAYS = 60;

/** When something was that was written at `said`, or what to ask for. */
function instantOf(
  when: WrittenTime,
  time: KeyTime,
  seen: IncidentObservation,
  history: History,
  said: Instant,
): Instant | Extract<Saying, { kind: "time-which-day" }> {
  const zone = seen.onCall.schedule?.zone ?? "UTC";
  const clockOn = (midnight: number): Instant => {
    const wall = (midnight + when.clock) as WallTime;
    return when.offset === null ? firstInstant(wall, zone) : ((wall - when.offset) as Instant);
  };
  // The day was looked up in the calendar when the command was read.
  if (when.day !== null) return clockOn(readWallTime(when.day) ?? 0);

  const { from, to, isOver } = near(time, history, said);
  const midnight = (at: Instant) => {
    const wall = when.offset === null ? wallTimeAt(at, zone) : at + when.offset;
    return Math.floor(wall / WALL_DAY_MS) * WALL_DAY_MS;
  };
  const days = Math.min((midnight(to) - midnight(from)) / DAY_MS, MOST_DAYS);
  const all = Array.from({ length: days + 1 }, (_, back) => clockOn(midnight(to) - back * DAY_MS));
  const candidates = all.filter((at) => at >= from && at <= to);
  const times: KeyTimes = keyTimes(history);
  const fitting = candidates.filter((at) => outOfOrder(times, time, at) === null);
  const [latest] = fitting.length > 0 ? fitting : candidates;
  const isAmbiguous = isOver && fitting.length > 1;
  if (latest === undefined || isAmbiguous) {
    const last = clockOn(midnight(to));
    const before = [last, clockOn(midnight(to) - DAY_MS)].filter((at) => at <= said);
    const such = latest ?? before.find((at) => outOfOrder(times, time, at) === null) ?? before.at(-1) ?? last;
    const written = when.offset === null ? zone : null;
    return { kind: "time-which-day", time, clock: when.clock, zone: written, from, to, such, isSeveral: isAmbiguous };
  }
  return latest;
}

/**
 * Where a time without a day is looked for: around the incident. What began and was noticed did so before the
 * declaration; of an incident that goes on, the last such time before the comment is meant.
 */
function near(
  time: KeyTime,
  { declared, resolved, cancelled, closed }: History,
  said: Instant,
): { readonly from: Instant; readonly to: Instant; readonly isOver: boolean } {
  const from = (declared.at - NEAR_MS) as Instant;
  const isBefore = time === "started" || time === "detected";
  if (isBefore) return { from, to: declared.at, isOver: true };
  const ends = [resolved?.at, cancelled?.at, closed?.closedAt].filter((at) => at !== undefined);
  const isOver = ends.length > 0;
  const end = Math.max(declared.at, ...ends) + NEAR_MS;
  return { from, to: (isOver ? Math.min(said, end) : said) as Instant, isOver };
}
