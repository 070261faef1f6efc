import { placeFromHere } from "../gate/post-mortem-place.ts";
import { person, plain, titleText } from "../markdown/escape.ts";
import { fullName } from "../names.ts";
import type { IncidentObservation, TemplateSource } from "../observation.ts";
import type { History } from "../record/history.ts";
import { type KeyMoment, keyTimes } from "../record/key-times.ts";
import type { IncidentRecord } from "../record/record.ts";
import { inDrill } from "../words/in-drill.ts";
import { markerOf } from "../words/markers.ts";
import { utc } from "../words/time.ts";
import { correctionNote, sinceDeclared } from "./correction-note.ts";
import { renderFirst } from "./liquid.ts";
import { runbooksInPostMortem } from "./runbooks.ts";
import { TEMPLATES_PATH, templateNotice } from "./template-notice.ts";
import { datedLines, timelineMoments } from "./timeline.ts";

/** GitHub allows 256 characters in a title. */
const MAX_TITLE_CHARACTERS = 200;

/** As the policy allows. */
const LONGEST_FACTOR_CHARACTERS = 60;

/** How the app finds the post-mortem it created for an incident if the answer to its creation gets lost. */
export function postMortemMarker(repositoryId: number, issue: number): string {
  return markerOf(`post-mortem incident=${repositoryId}#${issue}`);
}

/** The issue `/postmortem` creates: the template, filled in with what is already known. */
export function postMortemIssue(
  seen: IncidentObservation,
  record: IncidentRecord,
  history: History,
): { readonly title: string; readonly body: string; readonly labels: readonly string[] } {
  const place = placeFromHere(seen) === null ? null : seen.postMortemPlace;
  const rules = place?.rules ?? { policy: seen.policy.policy["post-mortem"], template: seen.templates.postMortem };
  const reference = place === null ? `#${seen.issue.number}` : `${fullName(seen.repository)}#${seen.issue.number}`;
  const marker = postMortemMarker(seen.repository.id, seen.issue.number);
  const toWrite = rules.policy["action-items"];
  const needed = { incident: reference, action_items: toWrite === 1 ? "one" : String(toWrite) };
  const labels = [rules.policy.label];
  if (place !== null && !place.mayQuote) {
    // People who read there may not be allowed to read here: only the reference goes there.
    const values = { ...needed, severity: "", declared: "see the incident", people: "see the incident", timeline: [] };
    const title = `Post-mortem: ${reference}`;
    return { title, body: bodyOf(marker, rules.template, values), labels };
  }
  const times = keyTimes(history);
  const factors = seen.policy.policy["contributing-factors"];
  const moment = (time: KeyMoment | null) =>
    time === null
      ? null
      : `${utc(time.at)}${time.by === null ? "" : ` by ${person(time.by)}`}, ${sinceDeclared(time.at, history.declared.at)}${correctionNote(time)}`;
  const people = new Map<string, string>();
  if (history.responder !== null) people.set(history.responder, "responder");
  for (const [role, login] of history.roles) {
    if (role !== "assignee") people.set(login, [people.get(login), role].filter(Boolean).join(", "));
  }
  const values = {
    ...needed,
    severity: plain(history.severity, 32),
    declared: `${utc(history.declared.at)}${history.declared.by === null ? "" : ` by ${person(history.declared.by)}`}`,
    started: moment(times.started),
    detected: moment(times.detected),
    acknowledged: moment(times.acknowledged),
    mitigated: moment(times.mitigated),
    resolved: moment(times.resolved),
    people: [...people].map(([login, role]) => `${person(login)} (${plain(role, 100)})`).join(", ") || "nobody yet",
    runbooks: runbooksInPostMortem(history, seen.runbookTexts, seen.issue.url),
    timeline: datedLines(timelineMoments({ record, seen })),
    contributing_factors:
      factors.length === 0 ? null : factors.map((factor) => plain(factor, LONGEST_FACTOR_CHARACTERS)),
  };
  const title = titleText(inDrill(history.drill !== null, `Post-mortem: ${seen.issue.title}`), MAX_TITLE_CHARACTERS);
  return { title, body: bodyOf(marker, rules.template, values), labels };
}

function bodyOf(marker: string, template: TemplateSource, values: object): string {
  const { text, problem } = renderFirst(template, values);
  const file = `${TEMPLATES_PATH}/post-mortem.md`;
  const notice = problem === null ? "" : `> ${templateNotice({ file, message: problem })}\n\n`;
  return `${marker}\n${notice}${text}\n`;
}
