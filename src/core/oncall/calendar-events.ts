import type { Instant } from "../model.ts";
import { sameLogin } from "../names.ts";
import { isNamed, type OnCallSchedule, type Spell } from "./schedule.ts";
import { type Shift, shiftsIn, stretches } from "./shifts.ts";
import { startOfDay, WALL_DAY_MS } from "./wall-clock.ts";

/** Whose shifts a calendar shows: those of a role, or those of a person in every role. */
export type CalendarSubject =
  | { readonly kind: "role"; readonly name: string }
  /** A login, ignoring case. */
  | { readonly kind: "person"; readonly name: string };

/** A shift as a calendar shows it. */
export interface CalendarEvent extends Spell {
  /** The same for as long as role and beginning are the same; unique in the repository. */
  readonly id: string;
  /** One line of plain text. */
  readonly summary: string;
}

/** How far back calendars go, from the beginning of the day (UTC). */
export const CALENDAR_BACK_MS = 28 * WALL_DAY_MS;
/** How far ahead shifts may begin. */
export const CALENDAR_AHEAD_MS = 90 * WALL_DAY_MS;
/** Shifts are followed this much further at both ends, so that they show their real beginning and end. */
const BEYOND_MS = 42 * WALL_DAY_MS;
const MOST_PAST_EVENTS = 500;
/** The earliest are kept: people who hand over every hour see two months instead of three. */
const MOST_COMING_EVENTS = 1_500;

/**
 * The shifts from four weeks before `at` to 90 days after it, in order. `null`: the schedule does not know the role or
 * the person.
 *
 * The calendar of a role also shows when nobody has it. The past is shown according to the present schedule.
 */
export function calendarEvents(
  schedule: OnCallSchedule,
  subject: CalendarSubject,
  at: Instant,
): readonly CalendarEvent[] | null {
  const roles = rolesOf(schedule, subject);
  if (roles === null) return null;
  const day = startOfDay(at);
  const [first, last] = [day - CALENDAR_BACK_MS, day + CALENDAR_AHEAD_MS];
  const begin = (first - BEYOND_MS) as Instant;
  const all = stretches(schedule, begin, (last + BEYOND_MS) as Instant);
  const shifts = roles
    .flatMap((role) => shiftsIn(all, role))
    .filter(({ from, to }) => to > first && from < last)
    .filter(({ login }) => subject.kind === "role" || (login !== null && sameLogin(login, subject.name)))
    .sort((a, b) => a.from - b.from);
  const coming = shifts.filter(({ to }) => to > at).slice(0, MOST_COMING_EVENTS);
  const past = shifts.filter(({ to }) => to <= at).slice(-MOST_PAST_EVENTS);
  return [...past, ...coming].map((shift) => ({
    // A shift that began out of sight is still one event, and the same one tomorrow.
    id: `${shift.role}-${shift.from === begin ? "long" : compact(shift.from)}`,
    from: shift.from,
    to: shift.to,
    summary: summaryOf(shift),
  }));
}

function rolesOf(schedule: OnCallSchedule, { kind, name }: CalendarSubject): readonly string[] | null {
  const named = schedule.roles.map((role) => role.name);
  if (kind === "role") return named.includes(name) ? [name] : null;
  return isNamed(schedule, name) ? named : null;
}

function summaryOf({ role, login, via }: Shift): string {
  const line = `${role}: ${login ?? "nobody"}`;
  if (via.kind !== "override") return line;
  return `${line} (override, instead of ${via.instead ?? "nobody"})`;
}

/** `20260105T080000Z` */
function compact(at: Instant): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
}
