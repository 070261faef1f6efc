import type { Repository } from "../core/model.ts";
import { calendarPath } from "../core/oncall/calendar-path.ts";
import { type Finding, failed, ok } from "./finding.ts";

const LIMIT_MS = 5_000;

/**
 * Whether the running server gives the calendar of a role.
 *
 * @param server its URL, and the secret it should have
 */
export async function askForCalendar(
  repository: Repository,
  role: string,
  { url, secret }: { readonly url: string; readonly secret: string },
): Promise<Finding> {
  const check = `calendars of ${repository.owner}/${repository.name}`;
  const subject = { kind: "role", name: role } as const;
  const path = calendarPath(secret, { repository: String(repository.id), subject });
  const status = await fetch(new URL(path, url), { signal: AbortSignal.timeout(LIMIT_MS) }).then(
    (answer) => answer.status,
    () => null,
  );
  if (status === 200) return ok(check, "served by the running server");
  if (status === null) return ok(check, "the running server was not asked: name its address with --url");
  const remedy =
    "Start the server with the same CALENDAR_SECRET; it serves the calendar of a file once it has read it.";
  return failed(check, `the server at ${url} has none (HTTP ${status})`, remedy);
}
