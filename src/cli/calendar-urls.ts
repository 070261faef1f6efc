import type { CalendarSubject } from "../core/oncall/calendar-events.ts";
import { calendarPath } from "../core/oncall/calendar-path.ts";
import { ON_CALL_PATH } from "../core/oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import { formatProblem } from "../core/policy/read-document.ts";
import { withoutEnd } from "../core/without-end.ts";
import { type Environment, readCalendarSecret } from "../run/settings.ts";
import { readOnCallFile } from "./read-on-call-file.ts";
import { UsageError } from "./usage-error.ts";

export interface CalendarUrlsOptions {
  /** The id of the repository whose schedule it is. */
  readonly repo?: string | undefined;
  readonly role?: string | undefined;
  /** A login. */
  readonly person?: string | undefined;
  /** Where the server answers, such as `https://sevgate.example.com`; without it paths are printed. */
  readonly baseUrl?: string | undefined;
  /** The schedule, for the names when neither role nor person is given; as in `OnCallOptions`. */
  readonly file?: string | undefined;
  readonly json: boolean;
  readonly env?: Environment;
  readonly read?: (file: string) => Promise<Uint8Array>;
  readonly write?: (text: string) => void;
}

const ROLE = /^[a-z][a-z0-9-]{0,31}$/;
const LOGIN = /^@?([A-Za-z0-9][\w-]{0,38})$/;

/**
 * `sevgate oncall --calendar-url`: the URLs of calendars, for one role or person or for all that the file names.
 * Whoever has the URL has the calendar: this is for people who have the server's secret.
 *
 * @returns the exit code: 1 when something is missing, with one line that says what
 * @throws UsageError if it is not said whose calendar, or not in a way that is understood
 */
export async function calendarUrls(options: CalendarUrlsOptions): Promise<0 | 1> {
  const { repo, file, json, env = process.env, write = (text) => process.stdout.write(text) } = options;
  const refuse = (message: string): 1 => {
    write(json ? `${JSON.stringify({ error: message })}\n` : `${message}\n`);
    return 1;
  };
  if (repo === undefined || !/^[1-9]\d{0,15}$/.test(repo)) {
    const place = /^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(repo ?? "") ? repo : "owner/name";
    throw new UsageError(
      `Say whose calendar it is by the repository's id, which no renaming changes: --repo 123456. ` +
        `\`gh api repos/${place} --jq .id\` shows it.`,
    );
  }
  const base = baseOf(options.baseUrl);
  if (base === null)
    throw new UsageError("--base-url is where the server answers, such as https://sevgate.example.com.");
  let subjects = named(options);
  const key = readCalendarSecret(env);
  if ("message" in key) return refuse(key.message);
  if (subjects.length === 0) {
    const parsed = await readOnCallFile(file, options.read);
    if (parsed.kind === "invalid") {
      const [problem] = parsed.problems;
      return refuse(`${formatProblem(file ?? ON_CALL_PATH, problem!)}. Or name one: --role primary, --person LOGIN.`);
    }
    subjects = everybody(parsed.schedule);
  }
  const urls = subjects.map((subject) => ({
    [subject.kind]: subject.name,
    url: `${base}${calendarPath(key.secret, { repository: repo, subject })}`,
  }));
  write(json ? `${JSON.stringify({ calendars: urls })}\n` : urls.map(({ url }) => `${url}\n`).join(""));
  return 0;
}

/** Without a trailing slash; `null`: it is not a URL. */
function baseOf(given: string | undefined): string | null {
  if (given === undefined) return "";
  const url = URL.canParse(given) ? new URL(given) : null;
  const isPlain = url !== null && ["https:", "http:"].includes(url.protocol) && url.search === "" && url.hash === "";
  return isPlain && url.username === "" ? withoutEnd(url.href, "/") : null;
}

function named({ role, person }: CalendarUrlsOptions): readonly CalendarSubject[] {
  const login = person === undefined ? undefined : LOGIN.exec(person)?.[1];
  if (role !== undefined && !ROLE.test(role))
    throw new UsageError("--role is a role of the on-call file, such as primary.");
  if (person !== undefined && login === undefined) throw new UsageError("--person is a login, such as alice.");
  return [
    ...(role === undefined ? [] : [{ kind: "role", name: role } as const]),
    ...(login === undefined ? [] : [{ kind: "person", name: login } as const]),
  ];
}

function everybody({ roles, people }: OnCallSchedule): readonly CalendarSubject[] {
  return [
    ...roles.map(({ name }) => ({ kind: "role", name }) as const),
    ...[...people.keys()].map((name) => ({ kind: "person", name }) as const),
  ];
}
