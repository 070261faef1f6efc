import { chatFacts, chatOf } from "../chat/chats.ts";
import { codeSpan, person, plain } from "../markdown/escape.ts";
import { assertNever, type Instant, type Millis } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { MisnamedFile } from "../policy/misnamed-file.ts";
import { STATUS_MARKER } from "../words/markers.ts";
import { PHASE_WORDS } from "../words/phase-words.ts";
import { inWords, utc, utcOn } from "../words/time.ts";
import { alertFacts, alertTroubles, responderOf } from "./alert-facts.ts";
import { checklist } from "./checklist.ts";
import { escalationFacts, lockNotices, pagingNotices } from "./escalation-facts.ts";
import { render, renderFirst } from "./liquid.ts";
import { runbookViews } from "./runbooks.ts";
import type { StatusView } from "./status-view.ts";
import { TEMPLATES_PATH, templateNotice } from "./template-notice.ts";
import { timelineLines } from "./timeline.ts";
import { gateHeading, verdictLines } from "./verdict.ts";

/** What people see is cut at this length: GitHub allows 65,536 characters, and the sealed record needs its share. */
const MAX_TEXT_CHARACTERS = 28_000;

/** The status comment without its machine block. The same view gives the same text, so an unchanged one is not written. */
export function statusText(view: StatusView): string {
  const { seen, history, gate, record } = view;
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  const phase = PHASE_WORDS[history.phase];
  const timeline = timelineLines(record, seen.issue.url);
  const values = {
    icon: phase.icon,
    severity: plain(history.severity, 32),
    phase: phaseWords(view),
    description: plain(severity?.description ?? "", 200),
    notices: [
      ...notices(seen),
      ...lockNotices(seen, history),
      ...pagingNotices(seen, history),
      ...alertTroubles(seen.alerts),
    ],
    facts: facts(view),
    checklist: checklist(view),
    runbooks: runbookViews(view),
    gate: { heading: gateHeading(gate), lines: verdictLines(gate) },
    commands: "Commands: `/ack` `/status text` `/mitigate` `/resolve` `/postmortem` `/severity P1` · `/help` lists all",
  };
  let shown = timeline;
  for (;;) {
    const rendered = renderStatus(seen, { ...values, timeline: shown });
    // A template from the repository must not be able to pose as the machine block.
    const text = `${STATUS_MARKER}\n${rendered.replaceAll("<!-- sevgate:record", "<!-- sevgate: record")}`;
    if (text.length <= MAX_TEXT_CHARACTERS || shown.length <= 1) return text.slice(0, MAX_TEXT_CHARACTERS);
    // The oldest lines are dropped first; their comments are still on the page.
    shown = shown.slice(Math.ceil(shown.length / 4));
  }
}

/** Uses the built-in template, and gives the reason, if the repository's own causes too much work with these values. */
function renderStatus(
  { templates }: IncidentObservation,
  values: { readonly notices: readonly string[]; readonly [name: string]: unknown },
): string {
  const { text, problem } = renderFirst(templates.status, values);
  if (problem === null) return text;
  const notice = templateNotice({ file: `${TEMPLATES_PATH}/status.md`, message: problem });
  return render([templates.status.at(-1)!], { ...values, notices: [...values.notices, notice] });
}

function phaseWords({ history, timers, seen }: StatusView): string {
  const late = timers.some((timer) => timer.name === "acknowledge" && timer.overdue);
  if (history.phase === "declared" && late) return "declared, acknowledgement overdue";
  const { word } = PHASE_WORDS[history.phase];
  if (history.phase === "resolved" && seen.issue.state === "open") return "resolved, waiting for what was learnt";
  if (history.phase === "resolved") return history.waived === null ? "closed" : "closed, evidence waived";
  return word;
}

function notices(seen: IncidentObservation): readonly string[] {
  return [
    ...policyNotices(seen),
    ...onCallNotices(seen),
    ...seen.misnamed.slice(0, MOST_MISNAMED).map(misnamedNotice),
    ...seen.templates.problems.map(templateNotice),
    ...threadNotices(seen),
    ...crowdNotices(seen.issue),
  ];
}

/**
 * GitHub accepts no more comments on an issue that has 2,500 (A-075): this leaves time to move to another issue before
 * that.
 */
const CROWDED_COMMENTS = 2_000;

/** Worded without the count, which would change the status comment with every new comment. */
function crowdNotices({ state, commentCount }: IncidentObservation["issue"]): readonly string[] {
  if (state !== "open" || commentCount < CROWDED_COMMENTS) return [];
  return [
    "This issue has 2,000 comments or more, and GitHub takes no more than 2,500: from then on nobody can comment a command here, and I cannot page. Please open a follow-up issue with the severity label, link it here, and go on there.",
  ];
}

/** People mend one, and then see the next. */
const MOST_MISNAMED = 3;

function misnamedNotice({ path, meant }: MisnamedFile): string {
  return `${codeSpan(path)} on the default branch is not read: rename it to ${codeSpan(meant)}.`;
}

/** A chat is a second screen: if it does not show the incident, the status comment says so. */
function threadNotices({ thread, policy }: IncidentObservation): readonly string[] {
  const trouble = thread?.trouble ?? null;
  if (trouble === null) return [];
  const { title, guide, channelsSetting, channelOf } = chatFacts(chatOf(thread));
  const channel = codeSpan(channelOf(policy.policy));
  switch (trouble.kind) {
    case "not-answering":
      return [
        `${title} has not answered since ${utc(trouble.since)}, so ${channel} may not know. It is told as soon as ${title} answers; tell people another way if it is urgent.`,
      ];
    case "gave-up":
      return [
        `${title} has not answered since ${utc(trouble.since)}, so ${channel} may not know. Please tell people another way.`,
      ];
    case "refused":
      return [
        `${title} does not let me post in ${channel} (${codeSpan(trouble.reason)}). Please tell people another way; ${guide} says what to mend.`,
      ];
    case "not-allowed":
      return [
        `Whoever runs Sevgate does not allow ${channel} for this repository, so nobody is told in ${title}. Ask for it in \`${channelsSetting}\`, or name another channel in the policy.`,
      ];
    case "held":
      return [
        `${plain(trouble.reason, 64)} has declared more incidents within an hour than are announced from outside the team, so ${channel} does not know of this one. Any command of the team, such as \`/ack\`, announces it.`,
      ];
    case "unsure":
      return [
        `${title} did not say whether it took the message for ${channel}, twice. Look there, and open a thread if there is none.`,
      ];
    default:
      return assertNever(trouble.kind);
  }
}

/** A closed incident is not looked at again by itself: what could not be read "just now" would stand there for good. */
function policyNotices({ policy: { trouble }, issue }: IncidentObservation): readonly string[] {
  if (trouble === null) return [];
  if (trouble.kind === "unreachable") {
    return issue.state === "open" ? ["The policy could not be read just now; the last one known stays in force."] : [];
  }
  return [`${unusable(trouble)} The last good policy stays in force until it is mended.`];
}

function onCallNotices({ onCall: { schedule, trouble }, issue }: IncidentObservation): readonly string[] {
  if (trouble === null) return [];
  if (trouble.kind === "unreachable") {
    const isInForce = schedule !== null && issue.state === "open";
    return isInForce ? ["The on-call file could not be read just now; the last one known stays in force."] : [];
  }
  const meanwhile =
    schedule === null
      ? "Nobody is on call until it is mended; `/page` calls somebody by name."
      : "The last good one stays in force until it is mended.";
  return [`${unusable(trouble)} ${meanwhile}`];
}

/** The file, and where its first problem is. */
function unusable(trouble: Extract<IncidentObservation["policy"]["trouble"], { readonly kind: "invalid" }>): string {
  const first = trouble.problems[0];
  const where =
    first === undefined
      ? ""
      : ` ${codeSpan(`${trouble.file}:${first.line}:${first.column}`)} ${plain(first.message, 200)}.`;
  return `${codeSpan(trouble.file)} on the default branch cannot be used.${where}`;
}

function facts({ history, timers, seen, escalation }: StatusView): readonly { name: string; value: string }[] {
  const list: { name: string; value: string }[] = [];
  const declaredAt = history.declared.at;
  const moment = (name: string, at: Instant, by: string | null, after = true) => {
    const since = after ? `, after ${inWords((at - declaredAt) as Millis)}` : "";
    list.push({
      name,
      value: `${utcOn(at, after ? declaredAt : at)}${by === null ? "" : ` by ${person(by)}`}${since}`,
    });
  };
  list.push({
    name: "Responder",
    value: responderOf(history),
  });
  for (const [role, login] of history.roles) {
    if (role !== "assignee") list.push({ name: plain(role, 64), value: person(login) });
  }
  list.push({
    name: "Declared",
    value: `${utc(declaredAt)}${history.declared.by === null ? "" : ` by ${person(history.declared.by)}`}`,
  });
  if (history.acknowledged !== null) moment("Acknowledged", history.acknowledged.at, history.acknowledged.by);
  // A resolution without a mitigation before it is both at once, and mentioned once.
  if (history.mitigated !== null && history.mitigated.at !== history.resolved?.at)
    moment("Mitigated", history.mitigated.at, history.mitigated.by);
  if (history.resolved !== null) moment("Resolved", history.resolved.at, history.resolved.by);
  if (history.cancelled !== null) moment("Cancelled", history.cancelled.at, history.cancelled.by);
  if (history.waived !== null)
    list.push({
      name: "Waived",
      value: `by ${person(history.waived.by ?? "somebody")}: ${plain(history.waived.reason, 200)}`,
    });
  list.push(...alertFacts(seen.alerts, declaredAt));
  list.push(...escalationFacts(seen, escalation, declaredAt));
  for (const timer of seen.issue.state === "open" ? timers : []) {
    const names = { acknowledge: "Acknowledge by", update: "Next update by", "post-mortem": "Post-mortem by" } as const;
    list.push({
      name: names[timer.name],
      value: `${utcOn(timer.due, declaredAt)}${timer.overdue ? " ⏰ overdue" : ""}`,
    });
  }
  return list;
}
