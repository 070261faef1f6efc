import { neededPermission, neededToLower } from "../commands/authorize.ts";
import { COMMAND_GROUPS, COMMAND_NAMES, COMMANDS, type CommandGroup, commandsOf } from "../commands/registry.ts";
import type { GateVerdict } from "../gate/verdict.ts";
import type { Saying } from "../judge/saying.ts";
import { codeSpan, person, plain } from "../markdown/escape.ts";
import { assertNever, PERMISSIONS, type Permission } from "../model.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import type { Policy } from "../policy/policy.ts";
import { documentLink } from "../words/documents.ts";
import { commentInDrill } from "../words/in-drill.ts";
import { fileLink, linkTo } from "../words/links.ts";
import { markerOf } from "../words/markers.ts";
import { count, inWords, utc } from "../words/time.ts";
import { drillReply } from "./drill-reply.ts";
import { onCallReply } from "./on-call-reply.ts";
import { pagedBySentence, pageSentence } from "./page.ts";
import { runbookLine } from "./runbooks.ts";
import { cannotRevertText, suspectsText } from "./suspects.ts";
import { timeRefusal } from "./time-refusal.ts";
import { unknownSeverity } from "./unknown-severity.ts";
import { acceptCommand, missingSentences, readersHave } from "./verdict.ts";
import { whoText } from "./who.ts";

/** What a reply may refer to. */
export interface ReplyContext {
  readonly gate: GateVerdict;
  readonly policy: Policy;
  /** Address of the incident, without a fragment. */
  readonly issueUrl: string;
  /** Where it says what the incident needs before it can close. */
  readonly whyUrl: string;
  /** Who has the incident; `null`: nobody. */
  readonly responder: string | null;
  /** Whether somebody said that it is over. */
  readonly isResolved: boolean;
  /** Names those who are paged next; `null`: the repository has no on-call file. */
  readonly schedule: OnCallSchedule | null;
  readonly isDrill: boolean;
}

type Reopened = Extract<Saying, { kind: "reopened" }>;

/** How many runbooks are listed when none matches. */
const MAX_RUNBOOKS = 10;

/** A whole comment for something said once: short, calm, with the next step, and its marker at the end. It mentions nobody except those it pages. */
export function reply(marker: string, saying: Saying, context: ReplyContext): string {
  return `${commentInDrill(context.isDrill, sentence(saying, context))}\n${markerOf(marker)}`;
}

function noAnswer({ to, command, isRefused }: Extract<Saying, { kind: "no-answer" }>): string {
  const instead = command === "postmortem" ? ", or open the issue yourself and link it: `/postmortem #NUMBER`" : "";
  return isRefused
    ? `${person(to)}: ask the Sevgate operator${instead}. GitHub refuses what \`/${command}\` needs, so nothing was done; the reason is in the log.`
    : `${person(to)}: comment \`/${command}\` again later${instead}. GitHub has not answered for a quarter of an hour, so nothing was done.`;
}

function sentence(saying: Saying, context: ReplyContext): string {
  switch (saying.kind) {
    case "help":
      return help(saying.to, saying.has, context.policy);
    case "not-allowed":
      return `${person(saying.to)}: \`/${saying.command}\` needs the ${saying.needs} role here. Ask a maintainer to do it, or to give you that role.`;
    case "not-granted":
      return `Add \`${saying.command}\` to the line of ${codeSpan(saying.app)} in \`commands.bots\` of \`.github/sevgate.yml\`: the policy does not grant it \`/${saying.command}\`, so nothing was done.`;
    case "cannot-tell":
      return `${person(saying.to)}: comment \`/${saying.command}\` again in a few minutes. GitHub did not say what role you have, so nothing was done.`;
    case "no-answer":
      return noAnswer(saying);
    case "edited-too-soon":
      return `${person(saying.to)}: comment it again. That comment was edited before it was read, and commands count in new comments only.`;
    case "unknown-command":
      return unknownCommand(saying);
    case "last-answer":
      return `${sentence(saying.saying, context)}\n\nI answer no more slips for an hour${saying.isMarked ? "; 😕 marks them" : ""}.`;
    case "bad-argument":
      return `${plain(saying.why, 300)}: ${codeSpan(saying.usage)}.`;
    case "unknown-severity":
      return unknownSeverity(saying.given, context.policy);
    case "unknown-role":
      return `Choose one of ${list(saying.known)}: the policy has no role ${codeSpan(saying.given)}.`;
    case "cannot-assign":
      return `Choose someone with access to this repository: GitHub does not let me assign ${saying.logins.map(person).join(", ")} here.`;
    case "cannot-page":
      return `Page someone else, \`/page @LOGIN\`, or everyone, \`/page team\`: GitHub gives ${saying.logins.map(person).join(", ")} no role here that could take it, so a page would not help.`;
    case "no-such-box":
      return `Choose a box from 1 to ${saying.boxes}, counted from the top, runbook steps included: there is no box ${saying.given}.`;
    case "nobody-acknowledged":
      return "Nothing to hand back: nobody has acknowledged it. `/page secondary` pages the next person now, `/ack` takes it.";
    case "time-not-yet":
    case "time-to-come":
    case "time-out-of-order":
    case "time-long-before":
    case "time-which-day":
      return timeRefusal(saying);
    case "closed-incident":
      return `Reopen the issue, then comment it again: on a closed incident, \`/${saying.command}\` does nothing.`;
    case "waiver-asked": {
      const who =
        saying.missing === 1
          ? `another person with the ${saying.needs} role`
          : `${saying.missing} other people with the ${saying.needs} role`;
      const what = saying.lasts === null ? "a waiver for good" : `a waiver for ${inWords(saying.lasts)}`;
      return `Ask ${who} to comment \`/accept waiver\` here: until then ${what} does not count. Its reason: ${plain(saying.reason, 300)}`;
    }
    case "nothing-to-accept":
      return "Nothing here waits to be accepted: neither a waiver nor a linked post-mortem.";
    case "accept-which": {
      const commands = [...(saying.waiver ? ["`/accept waiver`"] : []), ...saying.targets.map(acceptCommand)];
      return `Say which one: ${commands.join(" or ")}. More than one thing waits to be accepted.`;
    }
    case "accept-own":
      return saying.what === "waiver"
        ? "Ask someone else to comment `/accept waiver`: nobody accepts their own waiver."
        : `Ask someone else to comment ${acceptCommand(saying.what)}: you wrote in ${linkTo(saying.what, null)}, and nobody accepts what they wrote.`;
    case "may-not-accept-waiver":
      return `${person(saying.to)}: ask someone with the ${saying.needs} role. Accepting a waiver takes it here, as \`/waive\` does.`;
    case "accept-incomplete":
      return `Complete ${linkTo(saying, null)} first, then comment ${acceptCommand(saying)}: the status comment lists what it lacks.`;
    case "accept-unread":
      return `Comment ${acceptCommand(saying)} again when it can be read: you or I cannot read ${linkTo(saying, null)} now.`;
    case "accept-sealed":
      return `Ask someone who can read ${linkTo(saying, null)} and did not write it, or read it again: then comment ${acceptCommand(saying)}. Why yours does not count is not said here, as it is in a private repository.`;
    case "accept-changed":
      return `${person(saying.to)}: read ${linkTo(saying, null)} again, then comment ${acceptCommand(saying)}. It was edited after your comment.`;
    case "post-mortem-changed":
      return `Read ${linkTo(saying.target, null)} again, and comment ${acceptCommand(saying.target)} if it still holds: it was changed since ${saying.by.map(person).join(" and ")} accepted it, and ${readersHave(saying.missing)} to accept it.`;
    case "items-without-post-mortem":
      return "Comment `/postmortem` first, and fill it in: action items are filed from a post-mortem, and none is linked.";
    case "items-incomplete":
      return `Complete ${linkTo(saying, null)} first, then comment \`/items\`: the status comment lists what it lacks.`;
    case "items-sealed":
      return `File the items of ${linkTo(saying, null)} by hand: it is in a private repository, and what it says is not known here.`;
    case "no-items":
      return `Add a line below “${plain(context.policy["action-items"].section, 80)}” in ${linkTo(saying, null)}, such as \`- [ ] Alert on the queue @LOGIN in 14d\`, then comment \`/items\`: no open one is there.`;
    case "items-elsewhere":
      return `Ask someone with the triage role in ${codeSpan(saying.repository)}: action items are filed there, beside the post-mortem, and you need that role to have it done.`;
    case "no-such-item":
      return `Check the number: ${linkTo(saying, null)} was not filed as an action item of this incident. The status comment lists those that were.`;
    case "item-is-done":
      return `Nothing to drop or to put off: ${linkTo(saying, null)} is done. Reopen it first if it is not.`;
    case "link-gone":
      return saying.what === "post-mortem"
        ? `Check the number, or comment \`/postmortem\` to create one: there is no issue ${linkTo(saying, null)}.`
        : `Check the number: there is no pull request ${linkTo(saying, null)} in this repository.`;
    case "link-elsewhere":
      return `Link one from ${codeSpan(saying.allowed)}: that is where the policy wants it.`;
    case "link-older":
      return `Does it cover this incident all the same? Comment ${codeSpan(`/runbook #${saying.number} REASON`)}: #${saying.number} was merged before this incident was opened.`;
    case "link-itself":
      return "Comment `/postmortem` to create a post-mortem: the incident cannot be its own.";
    case "too-many-links":
      return saying.what === "post-mortem"
        ? `Complete one of the ${saying.limit} post-mortems that are linked already: I look at no more.`
        : `Merge one of the ${saying.limit} runbook pull requests that are linked already: I look at no more.`;
    case "has-post-mortem":
      return `Fill in ${linkTo(saying, null)}, the post-mortem of this incident. To link another one: \`/postmortem #NUMBER\`.`;
    case "may-not-create":
      return `Ask someone with the triage role in ${codeSpan(saying.repository)}, or a maintainer: post-mortems belong there, and I can create one for you only if the app is installed there and you have that role.`;
    case "runbooks":
      return runbooks(saying, context);
    case "runbooks-unread":
      return saying.isForGood
        ? "Look for a runbook yourself: GitHub lists no more than 100,000 files of a repository, so I cannot."
        : "Comment `/runbook` again in a few minutes: GitHub did not give me the runbooks just now.";
    case "suspects":
      return suspectsText(saying.good, saying.suspects, saying.isCut);
    case "who":
      return whoText(saying.experts, saying.paths);
    case "no-such-commit":
      return `Write a SHA, or the tag of a release: GitHub knows no commit ${codeSpan(saying.ref)} here.`;
    case "revert-elsewhere":
      return "Write the number of a pull request of this repository, such as `/revert #35`: I can revert no others.";
    case "not-merged":
      return saying.isThere
        ? `Nothing to revert: #${saying.number} is not merged into the default branch.`
        : `Check the number: there is no pull request #${saying.number} in this repository.`;
    case "reverted-already":
      return `Review and merge #${saying.revert}: it reverts #${saying.number} already.`;
    case "cannot-revert":
      return cannotRevertText(saying);
    case "severity-restored":
      return `Another severity: \`/severity LEVEL\`. False alarm? \`/cancel REASON\`. An incident keeps its severity, so ${codeSpan(saying.label)} is back.`;
    case "may-not-lower": {
      const needs = neededToLower(context.policy.commands);
      const ask = saying.to === null ? "Ask" : `${person(saying.to)}: ask`;
      const what = saying.to === null ? `${codeSpan(saying.from)} is back` : `it stays ${codeSpan(saying.from)}`;
      return `${ask} someone with the ${needs} role to comment ${codeSpan(`/severity ${saying.severity}`)}. ${codeSpan(saying.severity)} asks for less before an incident may close, which takes that role here, as \`/waive\` does; ${what}.`;
    }
    case "app-may-not-lower":
      return `Add \`severity\` to the line of ${codeSpan(saying.app)} in \`commands.bots\` of \`.github/sevgate.yml\`, so that its label ${codeSpan(saying.severity)} counts. The policy does not grant it \`/severity\`: ${codeSpan(saying.from)} is back.`;
    case "drill-too-late":
    case "drill-stays":
    case "may-not-drill":
      return drillReply(saying, context.policy);
    case "labels-tidied":
      return `The most severe label counts: ${codeSpan(saying.kept)} stays, ${list(saying.removed)} ${saying.removed.length === 1 ? "is" : "are"} removed. Another severity: \`/severity LEVEL\`.`;
    case "reopened":
      return reopened(saying.why, saying.left, context);
    case "closed-ungated":
      return [
        `**This incident stays closed without what it needs**, marked \`incident:closed-ungated\`. ${isEither(context.gate) ? "One of these" : "This"} removes the mark:`,
        "",
        ...missingList(context),
        "",
        `A maintainer can also reopen the issue and \`/waive REASON\`. ${saying.limit === 0 ? "The policy reopens nothing here." : `It was reopened ${count(saying.limit, "time")} in the last 24 hours already.`} ${whyLink(context)}`,
      ].join("\n");
    case "no-on-call-file":
      return `Mention people yourself: this repository does not say who is on call, so nobody can be paged. It would say so in ${documentLink("on-call", "`.github/sevgate/on-call.yml`")}.`;
    case "on-call":
      return onCallReply(saying);
    case "page-yourself":
      return "That would page you: `/page team` pages everyone, `/page @LOGIN` someone else.";
    case "nobody-on-call":
      return `Page someone by name, ${codeSpan("/page @LOGIN")}, or everyone, \`/page team\`: nobody is ${plain(saying.role, 64)} now.`;
    case "not-on-call-file":
      return `Choose ${list(saying.named)}${saying.named.length === 10 ? " or another person of the on-call file" : ""}: the on-call file does not name ${person(saying.login)}, so they were not paged.`;
    case "page":
      return pageSentence(saying, context.schedule);
    case "paged-by":
      return pagedBySentence(saying, context.responder);
    case "raised-by-alert":
      return raisedByAlert(saying);
    case "alert-over":
      return `Is it over? Comment \`/resolve\`: the alert (${codeSpan(saying.endpoint)}) has been over since ${utc(saying.since)}, and the incident stays open until then.`;
    case "reminder":
      return reminder(saying.timer, utc(saying.due));
    case "several":
      return several(saying.parts, context);
    default:
      return assertNever(saying);
  }
}

/** The marker of the first is that of the comment, and comes last. */
function several(parts: Extract<Saying, { kind: "several" }>["parts"], context: ReplyContext): string {
  const markers = parts.slice(1).map(({ marker }) => `\n${markerOf(marker)}`);
  const sentences = parts.flatMap(({ saying }) => (saying === null ? [] : [sentence(saying, context)]));
  return `${sentences.join("\n\n")}${markers.join("")}`;
}

function unknownCommand({ word, instead, slip }: Extract<Saying, { kind: "unknown-command" }>): string {
  const command = codeSpan(instead);
  switch (slip) {
    case "swallowed":
      return `Comment ${command} again, with an empty line above it and below it: to Markdown that line was part of what stands around it, so nothing was done.`;
    case "look-alike":
      return `Comment ${command} again: the slash or a letter there only looked like it, or there was a space behind the slash, so nothing was done.`;
    default:
      return `Did you mean ${command}? Comment it again, or \`/help\` for the list: there is no ${codeSpan(`/${word}`)}.`;
  }
}

function reopened(why: Reopened["why"], left: Reopened["left"], context: ReplyContext): string {
  const missing = missingList(context);
  const isChoice = isEither(context.gate);
  const needs = isChoice ? "one of these" : "this";
  const last = left === 0 ? " If it is closed once more like this, it stays closed and is marked." : "";
  const then = context.isResolved ? "Then it closes by itself." : "Then `/resolve` closes it.";
  const next = `${then}${last} False alarm? \`/cancel REASON\`. ${whyLink(context)}`;
  switch (why) {
    case "gate":
      return [`**Reopened. It needs ${needs} before it can close:**`, "", ...missing, "", next].join("\n");
    case "re-armed":
      return [
        `**Reopened: what it closed with is no longer there. It needs ${needs} before it can close:**`,
        "",
        ...missing,
        "",
        next,
      ].join("\n");
    case "waiver-ended":
      return [
        `**Reopened: the time of its waiver is over. It needs ${needs} before it can close:**`,
        "",
        ...missing,
        "",
        `Then it closes by itself. Not yet? \`/waive 7d REASON\`. Nobody is paged. ${whyLink(context)}`,
      ].join("\n");
    case "may-not-cancel":
      return `**Reopened: canceling it takes the ${needed("cancel", context)} role here**, as \`/cancel\` does. False alarm? Say so in a comment, and someone on the team can \`/cancel REASON\`.`;
    case "bot-not-listed":
      return "**Reopened: an app closed it to which the policy does not grant `/cancel`.** Let the app leave incidents alone, or give it `cancel` in `commands.bots`. False alarm? `/cancel REASON`.";
    case "may-not-resolve": {
      const first = `**Reopened: ending it takes the ${needed("resolve", context)} role here**, as \`/resolve\` does. Is it over? Say so in a comment, and someone on the team can \`/resolve\` it.`;
      return missing.length === 0
        ? first
        : [first, "", `It needs ${needs} before it can close:`, "", ...missing].join("\n");
    }
  }
}

/** `[Why](…)`: the line of the policy that asks for it, else the page about policies. */
function whyLink({ whyUrl }: ReplyContext): string {
  return `[Why](${whyUrl})`;
}

function needed(command: "cancel" | "resolve", { policy }: ReplyContext): Permission {
  return neededPermission(command, policy.commands);
}

function isEither(gate: GateVerdict): boolean {
  return gate.tree.kind === "any-of" && missingSentences(gate).length > 1;
}

function missingList({ gate }: ReplyContext): readonly string[] {
  return missingSentences(gate).map((one) => `- ${one}`);
}

function reminder(timer: "acknowledge" | "update" | "post-mortem", due: string): string {
  switch (timer) {
    case "acknowledge":
      return `Comment \`/ack\` to take this incident: somebody should have acknowledged it by ${due}, and nobody has.`;
    case "update":
      return `Post an update, a line is enough: \`/status TEXT\`. It was due by ${due}.`;
    case "post-mortem":
      return `Complete the post-mortem, which was due by ${due}: the status comment lists what is missing.`;
  }
}

function runbooks(saying: Extract<Saying, { kind: "runbooks" }>, { issueUrl }: ReplyContext): string {
  const { paths, matching } = saying;
  if (paths.length === 0) {
    return "Write one for this incident, in a pull request that names it: this repository has no runbook yet.";
  }
  if (matching.length > 0) {
    const lines = matching.map((one) => `- ${runbookLine(one, issueUrl)} (${one.because.map(codeSpan).join(", ")})`);
    return ["Runbooks that may fit, best first, with what they share with this incident:", "", ...lines].join("\n");
  }
  const shown = paths.slice(0, MAX_RUNBOOKS);
  const rest = paths.length - shown.length;
  const more = rest > 0 ? ["", `and ${rest} more.`] : [];
  return [
    "No runbook fits this incident. The ones there are:",
    "",
    ...shown.map((path) => `- ${fileLink(path, issueUrl)}`),
    ...more,
  ].join("\n");
}

/** Four tables, and in one line what the asker may not do. */
function help(to: string, has: Permission, policy: Policy): string {
  const groups = Object.entries(COMMAND_GROUPS) as [CommandGroup, string][];
  const tables = groups.flatMap(([group, title]) => [
    `| ${title} | What it does |`,
    "| --- | --- |",
    ...commandsOf(group).map((name) => `| ${codeSpan(COMMANDS[name].usage)} | ${COMMANDS[name].summary} |`),
    "",
  ]);
  const mayNot = mayNotLine(to, has, policy);
  return [
    ...tables,
    ...(mayNot === null ? [] : [mayNot, ""]),
    `Write a command as the first word of a line of a new comment; 👍 marks it as done. ${documentLink("commands", "Examples")}`,
  ].join("\n");
}

/** `null`: they may do everything. */
function mayNotLine(to: string, has: Permission, { commands }: Policy): string | null {
  const roles = PERMISSIONS.filter((role) => PERMISSIONS.indexOf(role) > PERMISSIONS.indexOf(has));
  const lacking = roles.flatMap((role) => {
    const names = COMMAND_NAMES.filter((name) => neededPermission(name, commands) === role);
    return names.length === 0 ? [] : [`${names.map((name) => codeSpan(`/${name}`)).join(", ")} (${role})`];
  });
  if (lacking.length === 0) return null;
  const role = has === "none" ? "no role" : `the ${has} role`;
  return `${person(to)} has ${role} here, which is not enough for ${lacking.join("; ")}.`;
}

function list(names: readonly string[]): string {
  return names.map((name) => codeSpan(name)).join(", ");
}

function raisedByAlert({
  endpoint,
  from,
  to,
  members,
  isAcknowledged,
}: Extract<Saying, { kind: "raised-by-alert" }>): string {
  const who = members.length === 0 ? "" : `: ${members.map((name) => plain(name, 120)).join("; ")}`;
  const next = isAcknowledged ? "" : "Comment `/ack` to take it: nobody has acknowledged this incident yet. ";
  return (
    `${next}The severity is ${plain(to, 32)} now (${plain(from, 32)} before), as the alert ${codeSpan(endpoint)} became more severe${who}. ` +
    `${codeSpan(`/severity ${from}`)} sets it back.`
  );
}
