import { chatFacts, chatOf } from "../chat/chats.ts";
import { codeSpan, link, person, plain } from "../markdown/escape.ts";
import { assertNever } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { MisnamedFile } from "../policy/misnamed-file.ts";
import { isBackInSearch, type Moment } from "../record/history.ts";
import { type KeyMoment, keyTimes } from "../record/key-times.ts";
import { documentLink } from "../words/documents.ts";
import { commentInDrill, inDrill } from "../words/in-drill.ts";
import { encodeSegment, fileLink } from "../words/links.ts";
import { STATUS_MARKER } from "../words/markers.ts";
import { PHASE_WORDS } from "../words/phase-words.ts";
import { count, utc, utcOn, weekday } from "../words/time.ts";
import { alertFacts, alertTroubles, declarerInWords, responderOf } from "./alert-facts.ts";
import { asksFor, beforeClosing, inWords } from "./before-closing.ts";
import { checklist } from "./checklist.ts";
import { correctionNote, sinceDeclared } from "./correction-note.ts";
import { endingLines, isEnded } from "./ending.ts";
import { escalationFacts, lockNotices, pagingNotices } from "./escalation-facts.ts";
import { firstSteps } from "./first-steps.ts";
import { itemFacts } from "./item-facts.ts";
import { leadLines } from "./lead.ts";
import { render, renderFirst } from "./liquid.ts";
import { runbookViews } from "./runbooks.ts";
import { similarIncidents } from "./similar-incidents.ts";
import type { StatusView } from "./status-view.ts";
import { TEMPLATES_PATH, templateNotice } from "./template-notice.ts";
import { datedLines, timelineMoments } from "./timeline.ts";
import { gateHeading } from "./verdict.ts";

/** What people see is cut at this length: GitHub allows 65,536 characters, and the sealed record needs its share. */
const MAX_TEXT_CHARACTERS = 28_000;

/** The status comment without its machine block. The same view gives the same text, so an unchanged one is not written. */
export function statusText(view: StatusView): string {
  const { seen, history, gate } = view;
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  const isOver = isEnded(view);
  const timeline = timelineMoments(view);
  const description = plain(severity?.description ?? "", 200);
  const all = facts(view);
  const urgent = isOver ? [] : urgentNotices(view);
  // Once it is over nothing is left to do here but what a source of alerts did not take.
  const faults = [...continuedFrom(seen), ...(isOver ? [] : fileNotices(seen)), ...alertTroubles(seen.alerts)];
  const closing = beforeClosing(gate);
  const runbooks = runbookViews(view);
  const values = {
    icon: inDrill(history.drill !== null, PHASE_WORDS[history.phase].icon),
    severity: plain(history.severity, 32),
    phase: phaseWords(view),
    description,
    notices: [...urgent, ...faults],
    urgent,
    faults,
    ending: isOver ? endingLines(view) : [],
    lead: isOver ? [] : leadLines(view),
    is_over: isOver,
    is_resolved: history.resolved !== null,
    first_steps: firstSteps(view, runbooks),
    before_closing: closing,
    similar: similarView(view),
    evidence: isOver && history.cancelled === null ? closing.lines : [],
    details: all.filter(({ name }) => (isOver && history.responder !== null) || !IN_LEAD.has(name)),
    footer: footer(view, description, isOver),
    // For templates of repositories that were made for earlier versions.
    facts: all,
    checklist: checklist(view),
    runbooks,
    gate: { heading: gateHeading(gate), lines: closing.lines },
    commands: "Commands: `/ack` `/status TEXT` `/mitigate` `/resolve` `/postmortem` `/severity P1` · `/help` lists all",
  };
  let shown = timeline;
  for (;;) {
    const rendered = beginsWithDrill(history, renderStatus(seen, { ...values, timeline: datedLines(shown) }));
    // A template from the repository must not be able to pose as the machine block.
    const text = `${STATUS_MARKER}\n${rendered.replaceAll("<!-- sevgate:record", "<!-- sevgate: record")}`;
    if (text.length <= MAX_TEXT_CHARACTERS || shown.length <= 1) return text.slice(0, MAX_TEXT_CHARACTERS);
    // The oldest lines are dropped first; their comments are still on the page.
    shown = shown.slice(Math.ceil(shown.length / 4));
  }
}

/** A template of the repository may leave out the icon. */
function beginsWithDrill({ drill }: StatusView["history"], rendered: string): string {
  return commentInDrill(drill !== null && !/^[#\s*_]*Drill\b/.test(rendered), rendered);
}

/** Facts that the first lines say already. */
const IN_LEAD: ReadonlySet<string> = new Set(["Responder", "Escalation"]);

/** Where to read more: nothing that has to be known now. */
function footer({ seen, history }: StatusView, description: string, isOver: boolean): string {
  const boxes = isOver
    ? []
    : [`${documentLink("commands", "`/help`")} lists commands, \`/done 2\` ticks the second box`];
  const meaning = description === "" ? [] : [`${plain(history.severity, 32)} means: ${description}`];
  return [...boxes, `policy: ${policyLink(seen)}`, ...meaning].join(" · ");
}

/** The file that is in force, on the default branch of the repository it is in. */
function policyLink({ policy: { source }, issue, repository }: IncidentObservation): string {
  if (source === null) return documentLink("policy", "built in");
  const { host, origin } = new URL(issue.url);
  // `owner/.github/.github/sevgate.yml` is the owner's; `.github/sevgate.yml` this repository's own.
  const isOwners = source.startsWith(`${repository.owner}/`);
  if (!isOwners) return fileLink(source, issue.url);
  const [owner = "", name = "", ...path] = source.split("/");
  const address = [owner, name, "blob", "HEAD", ...path].map(encodeSegment).join("/");
  return link(source, `${origin}/${address}`, [host]);
}

/** Uses the built-in template, and gives the reason, if the repository's own causes too much work with these values. */
function renderStatus(
  { templates }: IncidentObservation,
  values: { readonly notices: readonly string[]; readonly faults: readonly string[]; readonly [name: string]: unknown },
): string {
  const { text, problem } = renderFirst(templates.status, values);
  if (problem === null) return text;
  const notice = templateNotice({ file: `${TEMPLATES_PATH}/status.md`, message: problem });
  const { notices, faults } = values;
  const known = { ...values, notices: [...notices, notice], faults: [...faults, notice] };
  return render([templates.status.at(-1)!], known);
}

/** Similar incidents of the past, folded; `null`: there are none. */
function similarView({
  history,
  seen,
}: StatusView): { readonly summary: string; readonly lines: readonly string[] } | null {
  const lines = similarIncidents(history, seen.issue.url, null);
  return lines.length === 0 ? null : { summary: `${count(lines.length, "similar incident")} before`, lines };
}

/** How it stands, in the heading. */
function phaseWords(view: StatusView): string {
  const { history, timers, seen, gate } = view;
  const { responder, phase } = history;
  const has = responder === null ? "" : `${person(responder)} has it`;
  switch (phase) {
    case "declared": {
      const isLate = timers.some((timer) => timer.name === "acknowledge" && timer.overdue);
      const state = isBackInSearch(history) ? "nobody has it" : "nobody has acknowledged it";
      return isLate ? `${state} · overdue` : state;
    }
    case "acknowledged":
      return has === "" ? "acknowledged" : has;
    case "mitigated":
      return has === "" ? "mitigated" : `mitigated · ${has}`;
    case "resolved": {
      if (seen.issue.state === "closed" && history.closed !== null)
        return history.waived === null ? "closed" : "closed, evidence waived";
      if (gate.status === "met") return "resolved";
      const due = timers.find(({ name }) => name === "post-mortem");
      const late = due?.overdue === true ? " · overdue" : "";
      return due === undefined
        ? `resolved · needs ${inWords(gate.tree)}`
        : asksFor(gate.tree, "post-mortem")
          ? `resolved · post-mortem due ${weekday(due.due)}${late}`
          : `resolved · needs ${inWords(gate.tree)} by ${weekday(due.due)}${late}`;
    }
    case "cancelled":
    case "closed-ungated":
      return PHASE_WORDS[phase].word;
  }
}

/** Why somebody may not hear of it: needed before the first steps. */
function urgentNotices({ seen, history }: StatusView): readonly string[] {
  return [
    ...onCallNotices(seen),
    ...threadNotices(seen),
    ...crowdNotices(seen.issue),
    ...lockNotices(seen, history),
    ...pagingNotices(seen, history),
  ];
}

/** After a move between server and action, where GitHub does not let the new app edit the old one's comment. */
function continuedFrom({ status, issue }: IncidentObservation): readonly string[] {
  const before = status?.continues ?? null;
  if (before === null) return [];
  const there = `[an earlier status comment](${issue.url}#issuecomment-${before})`;
  return [`This goes on from ${there}, of before Sevgate moved. That one is not kept up to date any more.`];
}

/** What is wrong with files: it can wait until the first steps are done. */
function fileNotices(seen: IncidentObservation): readonly string[] {
  return [
    ...policyNotices(seen),
    ...seen.misnamed.slice(0, MOST_MISNAMED).map(misnamedNotice),
    ...seen.templates.problems.map(templateNotice),
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

/** People fix one, and then see the next. */
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
        `${title} has not answered since ${utc(trouble.since)}, so ${channel} may not know. It is brought up to date as soon as ${title} answers; notify people another way if it is urgent.`,
      ];
    case "gave-up":
      return [
        `${title} has not answered since ${utc(trouble.since)}, so ${channel} may not know. Please notify people another way.`,
      ];
    case "refused":
      return [
        `${title} does not let me post in ${channel} (${codeSpan(trouble.reason)}). Please notify people another way; ${guide} says what to fix.`,
      ];
    case "not-allowed":
      return [
        `The Sevgate operator does not allow ${channel} for this repository, so nobody is notified in ${title}. Ask for it in \`${channelsSetting}\`, or name another channel in the policy.`,
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
  return [`${unusable(trouble)} The last good policy stays in force until it is fixed.`];
}

function onCallNotices({ onCall: { schedule, trouble }, issue }: IncidentObservation): readonly string[] {
  if (trouble === null) return [];
  if (trouble.kind === "unreachable") {
    const isInForce = schedule !== null && issue.state === "open";
    return isInForce ? ["The on-call file could not be read just now; the last one known stays in force."] : [];
  }
  const meanwhile =
    schedule === null
      ? "Nobody is on call until it is fixed; `/page` pages someone."
      : "The last good one stays in force until it is fixed.";
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

function facts({ history, timers, seen, gate, escalation }: StatusView): readonly { name: string; value: string }[] {
  const list: { name: string; value: string }[] = [];
  const declaredAt = history.declared.at;
  const declarer = declarerInWords(history.declared.by, seen.alerts);
  const times = keyTimes(history);
  const moment = (name: string, { at, by }: Moment, note = "") => {
    const who = by === null ? "" : ` by ${person(by)}`;
    list.push({ name, value: `${utcOn(at, declaredAt)}${who}, ${sinceDeclared(at, declaredAt)}${note}` });
  };
  const keyTime = (name: string, time: KeyMoment | null) => {
    if (time !== null) moment(name, time, correctionNote(time));
  };
  list.push({
    name: "Responder",
    value: responderOf(history),
  });
  for (const [role, login] of history.roles) {
    if (role !== "assignee") list.push({ name: plain(role, 64), value: person(login) });
  }
  keyTime("Started", times.started);
  keyTime("Detected", times.detected);
  list.push({
    name: "Declared",
    value: `${utc(declaredAt)}${declarer === null ? "" : ` by ${declarer}`}`,
  });
  keyTime("Acknowledged", times.acknowledged);
  // A resolution without a mitigation before it is both at once, and mentioned once.
  if (times.mitigated?.at !== times.resolved?.at) keyTime("Mitigated", times.mitigated);
  keyTime("Resolved", times.resolved);
  if (history.cancelled !== null) moment("Cancelled", history.cancelled);
  if (history.waived !== null)
    list.push({
      name: "Waived",
      value: `by ${person(history.waived.by ?? "somebody")}${history.waived.until === null ? "" : ` until ${utc(history.waived.until)}`}: ${plain(history.waived.reason, 200)}`,
    });
  list.push(...itemFacts({ seen, history, gate }));
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
