import { placeFromHere } from "../gate/post-mortem-place.ts";
import { draftedMark } from "../markdown/drafted-lines.ts";
import { link, person, plain, titleText } from "../markdown/escape.ts";
import { fullName } from "../names.ts";
import type { IncidentObservation, TemplateSource } from "../observation.ts";
import { templateFor } from "../policy/post-mortem-template.ts";
import type { History } from "../record/history.ts";
import { type KeyMoment, keyTimes } from "../record/key-times.ts";
import type { IncidentRecord } from "../record/record.ts";
import { inDrill } from "../words/in-drill.ts";
import { markerOf } from "../words/markers.ts";
import { utc } from "../words/time.ts";
import { alertFacts, declarerInWords } from "./alert-facts.ts";
import { correctionNote, sinceDeclared } from "./correction-note.ts";
import { renderFirst } from "./liquid.ts";
import { runbooksInPostMortem } from "./runbooks.ts";
import { similarIncidents } from "./similar-incidents.ts";
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
  const rules = place?.rules ?? {
    policy: seen.policy.policy["post-mortem"],
    template: seen.templates.postMortem,
    templateFor: seen.templates.postMortemFor,
  };
  const name = templateFor(rules.templateFor.keys(), { labels: seen.issue.labels, severity: history.severity });
  const own = name === null ? undefined : rules.templateFor.get(name);
  const template: TemplateSource = own === undefined ? rules.template : [own, ...rules.template];
  const file = `${TEMPLATES_PATH}/post-mortem${own === undefined ? "" : `.${name}`}.md`;
  const reference = place === null ? `#${seen.issue.number}` : `${fullName(seen.repository)}#${seen.issue.number}`;
  const marker = postMortemMarker(seen.repository.id, seen.issue.number);
  const toWrite = rules.policy["action-items"];
  const needed = { incident: reference, action_items: toWrite === 1 ? "one" : String(toWrite) };
  const labels = [rules.policy.label];
  if (place !== null && !place.mayQuote) {
    // People who read there may not be allowed to read here: only the reference goes there.
    const values = { ...needed, severity: "", declared: "see the incident", people: "see the incident", timeline: [] };
    const title = `Post-mortem: ${reference}`;
    return { title, body: bodyOf(marker, { template, file }, values), labels };
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
  const declarer = declarerInWords(history.declared.by, seen.alerts);
  const values = {
    ...needed,
    severity: plain(history.severity, 32),
    declared: `${utc(history.declared.at)}${declarer === null ? "" : ` by ${declarer}`}`,
    started: moment(times.started),
    detected: moment(times.detected),
    acknowledged: moment(times.acknowledged),
    mitigated: moment(times.mitigated),
    resolved: moment(times.resolved),
    people: [...people].map(([login, role]) => `${person(login)} (${plain(role, 100)})`).join(", ") || "nobody yet",
    runbooks: runbooksInPostMortem(history, seen.runbookTexts, seen.issue.url),
    ...whatIsKnown(seen, history, place === null ? "" : fullName(seen.repository)),
    timeline: datedLines(timelineMoments({ record, seen })),
    contributing_factors:
      factors.length === 0 ? null : factors.map((factor) => plain(factor, LONGEST_FACTOR_CHARACTERS)),
  };
  const title = titleText(inDrill(history.drill !== null, `Post-mortem: ${seen.issue.title}`), MAX_TITLE_CHARACTERS);
  return { title, body: bodyOf(marker, { template, file }, values), labels };
}

/**
 * What the record and the pull requests tell, each `null` where there is nothing.
 *
 * @param home what a number of the incident's repository needs in front: `owner/name`, or nothing
 */
function whatIsKnown(seen: IncidentObservation, history: History, home: string) {
  const { announced, suspected, reverts, fixesReverted } = history;
  const alerts = alertFacts(seen.alerts, history.declared.at).map(({ value }) => inCell(value));
  const taken = reverts.map(({ pullRequest, revert }) => `${home}#${revert} takes ${home}#${pullRequest} back`);
  const undone = [...fixesReverted].map(([fix, by]) => `${home}#${by} reverted the fix ${home}#${fix}`);
  const named = seen.namedBy.filter(({ state, merged }) => merged || state === "open");
  const pullRequests = named.map(
    ({ number, title, merged }) => `${home}#${number} ${plain(title, 80)} (${merged ? "merged" : "open"})`,
  );
  const similar = similarIncidents(history, seen.issue.url, home === "" ? null : home);
  const orNull = (lines: readonly string[]) => (lines.length === 0 ? null : lines);
  return {
    alerts: orNull(alerts),
    suspect: suspected?.pullRequest == null ? null : `${home}#${suspected.pullRequest}${sinceGood(suspected.good)}`,
    reverts: orNull([...taken, ...undone]),
    pull_requests: orNull(pullRequests),
    thread:
      announced === null || announced.link === null
        ? null
        : link(announced.name, announced.link, [new URL(announced.link).host]),
    similar: orNull(similar),
  };
}

/** Code keeps its characters, also the one that ends a cell. */
function inCell(markdown: string): string {
  return markdown.replaceAll(/(?<!\\)\|/g, "\\|");
}

function sinceGood(good: string | null): string {
  return good === null ? "" : `, since ${plain(good, 60)}`;
}

function bodyOf(
  marker: string,
  { template, file }: { readonly template: TemplateSource; readonly file: string },
  values: object,
): string {
  const { text, problem } = renderFirst(template, values);
  const notice = problem === null ? "" : `> ${templateNotice({ file, message: problem })}\n\n`;
  return `${marker}\n${draftedMark(text)}\n${notice}${text}\n`;
}
