import { createHmac, timingSafeEqual } from "node:crypto";
import type { CalendarSubject } from "./calendar-events.ts";

/** A calendar that somebody asks for and may see. */
export interface CalendarRequest {
  /** The repository's id; `owner/name` in URLs of 0.1 and before, which work until 0.2. */
  readonly repository: string;
  readonly subject: CalendarSubject;
}

/** How the paths of calendars begin. */
export const CALENDAR_PREFIX = "/oncall/";

const ADDRESS =
  /^\/oncall\/([1-9]\d{0,15}|[\w.-]{1,100}\/[\w.-]{1,100})\/([\w-]{43})\/(?:(@|%40)([\w-]{1,39})|([a-z][a-z0-9-]{0,31}))\.ics$/;

/**
 * Where the calendar of a role or a person is: `/oncall/70/<token>/primary.ics`, `…/@alice.ics`. It contains the
 * repository's id: a renamed repository keeps its calendars, and another one that takes its name gets none of them.
 *
 * Calendar programs accept nothing but a URL, and some of them nothing after a `?`, so the token is part of the path.
 * It is a MAC of repository and subject, valid for this one calendar until the secret changes.
 *
 * @param repository its id
 */
export function calendarPath(secret: string, { repository, subject }: CalendarRequest): string {
  const file = subject.kind === "person" ? `@${subject.name}` : subject.name;
  return `${CALENDAR_PREFIX}${repository}/${tokenOf(secret, { repository, subject })}/${file}.ics`;
}

/** What a path asks for, if its token is right; `null`: it is not the path of a calendar, or the token is wrong. */
export function readCalendarPath(secret: string, path: string): CalendarRequest | null {
  const [, repository, token, at, login, role] = ADDRESS.exec(path) ?? [];
  if (repository === undefined || token === undefined) return null;
  const subject: CalendarSubject =
    at === undefined ? { kind: "role", name: role ?? "" } : { kind: "person", name: login ?? "" };
  const asked = { repository, subject };
  return timingSafeEqual(Buffer.from(token), Buffer.from(tokenOf(secret, asked))) ? asked : null;
}

/** GitHub ignores case in names; so does the token. */
function tokenOf(secret: string, { repository, subject }: CalendarRequest): string {
  const words = ["sevgate calendar 1", repository.toLowerCase(), subject.kind, subject.name.toLowerCase()];
  return createHmac("sha256", secret).update(JSON.stringify(words)).digest("base64url");
}
