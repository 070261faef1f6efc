import type { History } from "../history.ts";
import { person, plain, titleText } from "../markdown/escape.ts";
import type { Millis } from "../model.ts";
import { fullName, type IncidentObservation } from "../observation.ts";
import type { IncidentRecord } from "../record/record.ts";
import { render } from "./liquid.ts";
import { markerOf } from "./replies.ts";
import { runbooksInPostMortem } from "./runbooks.ts";
import { inWords, utc } from "./time.ts";
import { timelineLines } from "./timeline.ts";

/** GitHub takes 256 characters in a title. */
const MAX_TITLE_CHARACTERS = 200;

/** How the app finds the post-mortem it made for an incident, should the answer to its creation get lost. */
export function postMortemMarker(repositoryId: number, issue: number): string {
  return markerOf(`post-mortem incident=${repositoryId}#${issue}`);
}

/** The issue `/postmortem` creates: the template, filled with what is known already. */
export function postMortemIssue(
  seen: IncidentObservation,
  record: IncidentRecord,
  history: History,
): { readonly title: string; readonly body: string; readonly labels: readonly string[] } {
  const policy = seen.policy.policy["post-mortem"];
  const elsewhere =
    policy.repository !== "same" && policy.repository.toLowerCase() !== fullName(seen.repository).toLowerCase();
  const moment = (at: History["acknowledged"]) =>
    at === null
      ? null
      : `${utc(at.at)}${at.by === null ? "" : ` by ${person(at.by)}`}, after ${inWords((at.at - history.declared.at) as Millis)}`;
  const people = new Map<string, string>();
  if (history.responder !== null) people.set(history.responder, "responder");
  for (const [role, login] of history.roles) {
    if (role !== "assignee") people.set(login, [people.get(login), role].filter(Boolean).join(", "));
  }
  const values = {
    incident: elsewhere ? `${fullName(seen.repository)}#${seen.issue.number}` : `#${seen.issue.number}`,
    severity: plain(history.severity, 32),
    declared: `${utc(history.declared.at)}${history.declared.by === null ? "" : ` by ${person(history.declared.by)}`}`,
    acknowledged: moment(history.acknowledged),
    mitigated: moment(history.mitigated),
    resolved: moment(history.resolved),
    people: [...people].map(([login, role]) => `${person(login)} (${plain(role, 100)})`).join(", ") || "nobody yet",
    runbooks: runbooksInPostMortem(history, seen.runbookTexts, seen.issue.url),
    timeline: timelineLines(record, seen.issue.url),
    action_items: policy["action-items"] === 1 ? "one" : String(policy["action-items"]),
  };
  const title = titleText(`Post-mortem: ${seen.issue.title}`, MAX_TITLE_CHARACTERS);
  const body = `${postMortemMarker(seen.repository.id, seen.issue.number)}\n${render(seen.templates.postMortem, values)}\n`;
  return { title, body, labels: [policy.label] };
}
