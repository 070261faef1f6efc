import type { Instant, Millis } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import type { Entry } from "../record/entry.ts";
import type { History } from "../record/history.ts";

/**
 * When an acknowledgement runs out: `timeout` after the last sign of life. `null`: nobody has acknowledged.
 *
 * A sign of life is anything the record says somebody did, or a comment by the responder, an assignee or anybody in the
 * on-call file. Strangers cannot keep an incident asleep.
 */
export function ackRunsOutAt(
  seen: Pick<IncidentObservation, "comments" | "issue">,
  history: History,
  entries: readonly Entry[],
  schedule: Pick<OnCallSchedule, "people">,
  timeout: Millis,
): Instant | null {
  if (history.acknowledged === null || history.mitigated !== null || history.resolved !== null) return null;
  const team = new Set(
    [...schedule.people.keys(), ...seen.issue.assignees, history.responder ?? ""].map((login) => login.toLowerCase()),
  );
  const words = seen.comments.flatMap(({ author, createdAt }) =>
    author !== null && !author.isBot && team.has(author.login.toLowerCase()) ? [createdAt] : [],
  );
  const deeds = entries.flatMap((entry) => (entry.by !== null && SIGNS_OF_LIFE.has(entry.kind) ? [entry.at] : []));
  return (Math.max(history.acknowledged.at, ...words, ...deeds) + timeout) as Instant;
}

const SIGNS_OF_LIFE: ReadonlySet<Entry["kind"]> = new Set([
  "acknowledged",
  "severity-changed",
  "assigned",
  "updated",
  "noted",
  "linked",
  "paged",
  "resumed",
  "time-corrected",
]);
