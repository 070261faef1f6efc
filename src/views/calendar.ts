import { createHash } from "node:crypto";
import ical, { ICalEventTransparency } from "ical-generator";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { type Answer, unavailable } from "../base/answer.ts";
import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import { withDeadline } from "../base/with-deadline.ts";
import type { Instant } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { type CalendarEvent, type CalendarSubject, calendarEvents } from "../core/oncall/calendar-events.ts";
import { CALENDAR_PREFIX, type CalendarRequest, readCalendarPath } from "../core/oncall/calendar-path.ts";
import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import type { IndexStore, KnownRepository } from "../store/index-store.ts";
import { namedRepository } from "../store/named-repository.ts";
import { matchesEtag } from "./matches-etag.ts";

export interface CalendarParts {
  readonly secret: string;
  readonly index: Pick<IndexStore, "repository" | "repositoryByName" | "firstNamed">;
  /** The schedule in force, as the index remembers it. */
  scheduleOf(known: KnownRepository): OnCallSchedule | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Calendars of who is on call, for calendar programs (docs/on-call.md). */
export interface CalendarFeed {
  /**
   * The calendar at a path. `null`: nothing is there, the token is wrong, or the repository, role or person is unknown:
   * whoever asks cannot tell which.
   *
   * @param ifNoneMatch the header: what the program already has
   */
  at(path: string, ifNoneMatch: string | undefined): Promise<Answer | null>;
}

/** How long a calendar is served without looking again: this bounds what programs that ask every second can cost. */
const FRESH_MS = 5 * 60_000;
/** How often programs are asked to look; most of them take longer. */
const LOOK_EVERY_S = 3_600;
const MOST_KEPT = 1_000;
const MOST_KEPT_CHARACTERS = 16 * 1024 * 1024;
const LOOK_UP_MS = 5_000;

/** What is served at a path; without text: nothing is there. */
interface Told {
  readonly body: string;
  readonly etag: string;
}

/** Makes the calendars, from the index alone: GitHub is not asked, however often a program looks. */
export function createCalendarFeed({ secret, index, scheduleOf, clock, log }: CalendarParts): CalendarFeed {
  const kept = new LRUCache<string, Told, CalendarRequest>({
    max: MOST_KEPT,
    maxSize: MOST_KEPT_CHARACTERS,
    sizeCalculation: ({ body }) => body.length + 1,
    ttl: FRESH_MS,
    ttlResolution: 0,
    perf: clock,
    // Programs that ask at the same time share one look.
    fetchMethod: async (_path, _stale, { context }) => await look(context),
  });

  async function look({ repository, subject }: CalendarRequest): Promise<Told> {
    const found = await withDeadline(LOOK_UP_MS, "looking for a repository", namedRepository(index, repository));
    const known = found.kind === "known" ? found.known : null;
    const schedule = known === null ? null : scheduleOf(known);
    if (known === null || schedule === null) return { body: "", etag: "" };
    const now = clock.now();
    const events = calendarEvents(schedule, subject, now);
    return events === null ? { body: "", etag: "" } : tell(fullName(known.repository), subject, events, now);
  }

  return {
    async at(path, ifNoneMatch) {
      if (!path.startsWith(CALENDAR_PREFIX)) return null;
      const asked = readCalendarPath(secret, path);
      if (asked === null) return null;
      try {
        const told = await kept.fetch(path, { context: asked });
        return told === undefined || told.body === "" ? null : answer(told, ifNoneMatch);
      } catch (error) {
        // Never the path: whoever has it has the calendar.
        log[error instanceof TransientError ? "warn" : "error"]({ err: error }, "a calendar could not be given");
        return unavailable("Sevgate cannot read the schedule now. Ask again later.");
      }
    },
  };
}

function tell(place: string, subject: CalendarSubject, events: readonly CalendarEvent[], now: Instant): Told {
  const whose = subject.kind === "person" ? `@${subject.name}` : subject.name;
  const calendar = ical({
    name: `${place}: ${whose} on call`,
    prodId: { company: "sevgate", product: "on-call", language: "EN" },
    ttl: LOOK_EVERY_S,
    events: events.map(({ id, from, to, summary }) => ({
      id: `${id}-${place}@sevgate`,
      start: new Date(from),
      end: new Date(to),
      stamp: new Date(now),
      summary,
      // Being on call is not an appointment: people are free to meet.
      transparency: ICalEventTransparency.TRANSPARENT,
    })),
  });
  // Weak: the text contains the time of the look, which is not a change.
  const digest = createHash("sha256").update(JSON.stringify([place, subject, events]));
  // Every line ends with CRLF, including the last one (RFC 5545, section 3.1).
  return { body: `${calendar.toString()}\r\n`, etag: `W/"${digest.digest("base64url").slice(0, 22)}"` };
}

function answer({ body, etag }: Told, ifNoneMatch: string | undefined): Answer {
  const headers = { "cache-control": `private, max-age=${FRESH_MS / 1_000}`, etag };
  const contentType = "text/calendar; charset=utf-8";
  return matchesEtag(ifNoneMatch, etag)
    ? { status: 304, body: "", contentType, headers }
    : { status: 200, body, contentType, headers };
}
