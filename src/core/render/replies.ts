import { neededPermission, neededToLower } from "../commands/authorize.ts";
import { COMMAND_NAMES, COMMANDS } from "../commands/registry.ts";
import type { GateVerdict } from "../gate/verdict.ts";
import type { Saying } from "../judge/saying.ts";
import { codeSpan, person, plain } from "../markdown/escape.ts";
import { assertNever, PERMISSIONS, type Permission } from "../model.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import type { Policy } from "../policy/policy.ts";
import { fileLink, linkTo } from "../words/links.ts";
import { markerOf } from "../words/markers.ts";
import { count, utc } from "../words/time.ts";
import { onCallReply } from "./on-call-reply.ts";
import { pagedBySentence, pageSentence } from "./page.ts";
import { runbookLine } from "./runbooks.ts";
import { cannotRevertText, suspectsText } from "./suspects.ts";
import { unknownSeverity } from "./unknown-severity.ts";
import { missingSentences } from "./verdict.ts";
import { whoText } from "./who.ts";

/** What a reply may refer to. */
export interface ReplyContext {
  readonly gate: GateVerdict;
  readonly policy: Policy;
  /** Address of the incident, without a fragment. */
  readonly issueUrl: string;
  /** Names those who are paged next; `null`: the repository has no on-call file. */
  readonly schedule: OnCallSchedule | null;
}

type Reopened = Extract<Saying, { kind: "reopened" }>;

/** How many runbooks are listed when none matches. */
const MAX_RUNBOOKS = 10;

/** A whole comment for something said once: short, calm, with the next step, and its marker at the end. It mentions nobody except those it pages. */
export function reply(marker: string, saying: Saying, context: ReplyContext): string {
  return `${sentence(saying, context)}\n${markerOf(marker)}`;
}

function noAnswer({ to, command, isRefused }: Extract<Saying, { kind: "no-answer" }>): string {
  const why = isRefused
    ? `GitHub refuses what \`/${command}\` needs, so I left it undone. Whoever runs me finds the reason in the log.`
    : `GitHub has not answered what \`/${command}\` needs for a quarter of an hour, so I left it undone. Please comment it again later.`;
  const instead =
    command === "postmortem" ? " Or open the issue yourself, and link it with `/postmortem` and its number." : "";
  return `${person(to)}: ${why}${instead}`;
}

function sentence(saying: Saying, context: ReplyContext): string {
  switch (saying.kind) {
    case "help":
      return help(saying.to, saying.has, context.policy);
    case "not-allowed":
      return `${person(saying.to)}: \`/${saying.command}\` needs the right ${codeSpan(saying.needs)} in this repository. Ask a maintainer to do it, or to give you that right.`;
    case "not-granted":
      return `The policy does not grant \`/${saying.command}\` to ${codeSpan(saying.app)}, so I did nothing. Whoever maintains \`.github/sevgate.yml\` can add \`${saying.command}\` to its line in \`commands.bots\`.`;
    case "cannot-tell":
      return `${person(saying.to)}: GitHub did not tell me your rights, so I left \`/${saying.command}\` undone. Please comment it again in a few minutes.`;
    case "no-answer":
      return noAnswer(saying);
    case "edited-too-soon":
      return `${person(saying.to)}: that comment was edited before I read it. Commands count in new comments only; please comment it again.`;
    case "unknown-command":
      return unknownCommand(saying);
    case "enough-hints":
      return `${person(saying.to)}: I have answered ${count(saying.limit, "mistyped command")} of yours within an hour, so I say nothing more about further ones for now. Commands that are right are obeyed as ever; \`/help\` lists them.`;
    case "bad-argument":
      return `${plain(saying.why, 300)} Write it as ${codeSpan(saying.usage)}.`;
    case "unknown-severity":
      return unknownSeverity(saying.given, context.policy);
    case "unknown-role":
      return `The policy has no role ${codeSpan(saying.given)}. It knows ${list(saying.known)}.`;
    case "cannot-assign":
      return `GitHub does not let me assign ${saying.logins.map(person).join(", ")} here. Choose somebody with access to this repository.`;
    case "no-such-box":
      return `There is no box ${saying.given}: the checklist has ${saying.boxes}, counted from the top, steps of runbooks included.`;
    case "nobody-acknowledged":
      return "Nobody has acknowledged this incident yet, so there is nothing to hand back. `/ack` takes it.";
    case "closed-incident":
      return `This incident is closed, so \`/${saying.command}\` does nothing. Reopen the issue first if it is not over.`;
    case "link-gone":
      return saying.what === "post-mortem"
        ? `I cannot find the issue ${linkTo(saying, null)}. Check the number, or comment \`/postmortem\` and I create one.`
        : `I cannot find the pull request ${linkTo(saying, null)} in this repository. Check the number.`;
    case "link-elsewhere":
      return `The policy wants it in ${codeSpan(saying.allowed)}. Link one from there.`;
    case "link-older":
      return `#${saying.number} was merged before this incident was opened. Does it cover it all the same? Comment ${codeSpan(`/runbook #${saying.number}`)} and why, in a few words behind the number.`;
    case "link-itself":
      return "The incident cannot be its own evidence. Comment `/postmortem` and I create a post-mortem for it.";
    case "too-many-links":
      return saying.what === "post-mortem"
        ? `${saying.limit} post-mortems are linked already, and I look at no more. Complete one of those.`
        : `${saying.limit} runbook pull requests are linked already, and I look at no more. Merge one of those.`;
    case "has-post-mortem":
      return `This incident has a post-mortem: ${linkTo(saying, null)}. To link another one, comment \`/postmortem #number\`.`;
    case "may-not-create":
      return `Post-mortems belong in ${codeSpan(saying.repository)}, and I cannot make one there for you: the app has to be installed there, and you need the right *triage* there. Ask somebody who has it, or a maintainer.`;
    case "runbooks":
      return runbooks(saying, context);
    case "runbooks-unread":
      return saying.isForGood
        ? "GitHub lists no more than 100,000 files of a repository, so I cannot look for runbooks here."
        : "GitHub did not give me the runbooks just now. Please comment `/runbook` again in a few minutes.";
    case "suspects":
      return suspectsText(saying.good, saying.suspects, saying.isCut);
    case "who":
      return whoText(saying.experts, saying.paths);
    case "no-such-commit":
      return `GitHub knows no commit ${codeSpan(saying.ref)} here. Write its SHA, or the tag of a release.`;
    case "revert-elsewhere":
      return "I can take back pull requests of this repository only. Write its number, such as `/revert #35`.";
    case "not-merged":
      return saying.isThere
        ? `#${saying.number} is not merged into the default branch, so there is nothing to take back.`
        : `I cannot find the pull request #${saying.number} in this repository. Check the number.`;
    case "reverted-already":
      return `#${saying.number} is taken back by #${saying.revert} already. Review and merge that one.`;
    case "cannot-revert":
      return cannotRevertText(saying);
    case "severity-restored":
      return `An incident keeps its severity, so I put ${codeSpan(saying.label)} back. Was it a false alarm? Comment \`/cancel\` with the reason. Another severity: \`/severity\` and its name.`;
    case "may-not-lower": {
      const needs = codeSpan(neededToLower(context.policy.commands));
      const what =
        saying.to === null
          ? `I put ${codeSpan(saying.from)} back`
          : `${person(saying.to)}: it stays ${codeSpan(saying.from)}`;
      return `${what}: ${codeSpan(saying.severity)} asks for less before an incident may close, so that going there takes the right ${needs} in this repository, as \`/waive\` does. Ask somebody who has it to comment ${codeSpan(`/severity ${saying.severity}`)}.`;
    }
    case "app-may-not-lower":
      return `I put ${codeSpan(saying.from)} back: the policy does not grant \`/severity\` to ${codeSpan(saying.app)}, so that its label ${codeSpan(saying.severity)} lowers nothing. Whoever maintains \`.github/sevgate.yml\` can add \`severity\` to its line in \`commands.bots\`.`;
    case "labels-tidied":
      return `There were several severity labels. The most severe counts: I kept ${codeSpan(saying.kept)} and took off ${list(saying.removed)}.`;
    case "reopened":
      return reopened(saying.why, saying.left, context);
    case "closed-ungated":
      return [
        `This incident was closed again without what the policy asks for, and I have reopened it ${count(saying.limit, "time")} today already, so it stays closed. It is marked \`incident:closed-ungated\`.`,
        "",
        ...missingList(context),
        "",
        "The mark goes when that is there, or when a maintainer reopens the issue and comments `/waive` with the reason.",
      ].join("\n");
    case "no-on-call-file":
      return "This repository does not say who is on call, so I can page nobody. Write `.github/sevgate/on-call.yml`, or mention them yourself.";
    case "on-call":
      return onCallReply(saying);
    case "nobody-on-call":
      return `Nobody is ${plain(saying.role, 64)} now. Page somebody by name with ${codeSpan("/page @login")}, or everybody with \`/page team\`.`;
    case "not-on-call-file":
      return `The on-call file does not name ${person(saying.login)}, so I do not page them. It names ${list(saying.named)}${saying.named.length === 10 ? " and perhaps more" : ""}.`;
    case "page":
      return pageSentence(saying, context.schedule);
    case "paged-by":
      return pagedBySentence(saying);
    case "raised-by-alert":
      return raisedByAlert(saying);
    case "alert-over":
      return `The alert (${codeSpan(saying.endpoint)}) has been over since ${utc(saying.since)}. The incident stays open until somebody comments \`/resolve\`.`;
    case "reminder":
      return reminder(saying.timer, utc(saying.due));
    case "several":
      return several(saying.parts, context);
    default:
      return assertNever(saying);
  }
}

/** The marker of the first is that of the comment. */
function several(parts: Extract<Saying, { kind: "several" }>["parts"], context: ReplyContext): string {
  const markers = parts.slice(1).map(({ marker }) => `${markerOf(marker)}\n`);
  const sentences = parts.flatMap(({ saying }) => (saying === null ? [] : [sentence(saying, context)]));
  return `${markers.join("")}${sentences.join("\n\n")}`;
}

function unknownCommand({ word, instead, slip }: Extract<Saying, { kind: "unknown-command" }>): string {
  const command = codeSpan(instead);
  switch (slip) {
    case "swallowed":
      return `I did nothing about ${command}: to Markdown that line is part of what stands around it. Comment it again, with an empty line above it and below it.`;
    case "look-alike":
      return `I did nothing about ${command}: the slash or a letter there only looks like it, or there is a space behind the slash. Comment ${command} again.`;
    default:
      return `There is no ${codeSpan(`/${word}`)}. Did you mean ${command}? Comment it again, or \`/help\` for the list.`;
  }
}

function reopened(why: Reopened["why"], left: Reopened["left"], context: ReplyContext): string {
  const missing = missingList(context);
  const next = `When it is there, \`/resolve\` closes the incident. A false alarm: \`/cancel\` with the reason.`;
  switch (why) {
    case "gate":
    case "re-armed": {
      const first =
        why === "gate"
          ? "I reopened this incident: it may be closed when the team has learnt from it. Still missing:"
          : "I reopened this incident: what the team had learnt from it is no longer there. Missing now:";
      const last = left === 0 ? " If it is closed once more like this, I leave it closed and mark it." : "";
      return [first, "", ...missing, "", `${next}${last}`].join("\n");
    }
    case "may-not-cancel":
      return `I reopened this incident: calling it off takes the right ${right("cancel", context)} in this repository, as \`/cancel\` does. Is it a false alarm? Say so in a comment, and somebody of the team can \`/cancel\` it with the reason.`;
    case "bot-not-listed":
      return "I reopened this incident: an app closed it to which the policy does not grant `/cancel`. Let the app leave incidents alone, or give it `cancel` in `commands.bots`. Is it a false alarm? `/cancel` with the reason.";
    case "may-not-resolve": {
      const first = `I reopened this incident: ending it takes the right ${right("resolve", context)} in this repository, as \`/resolve\` does. Is it over? Say so in a comment, and somebody of the team can \`/resolve\` it.`;
      return missing.length === 0 ? first : [first, "", "Still missing:", "", ...missing].join("\n");
    }
  }
}

function right(command: "cancel" | "resolve", { policy }: ReplyContext): string {
  return codeSpan(neededPermission(command, policy.commands));
}

function missingList({ gate }: ReplyContext): readonly string[] {
  const sentences = missingSentences(gate);
  const either = gate.tree.kind === "any-of" && sentences.length > 1 ? ["One of these is enough:", ""] : [];
  return [...either, ...sentences.map((one) => `- ${one}`)];
}

function reminder(timer: "acknowledge" | "update" | "post-mortem", due: string): string {
  switch (timer) {
    case "acknowledge":
      return `Nobody has acknowledged this incident; it should have been by ${due}. Comment \`/ack\` to take responsibility.`;
    case "update":
      return `An update was due by ${due}. A line is enough: \`/status\` and what is known.`;
    case "post-mortem":
      return `The post-mortem was due by ${due}. The list in the status comment says what is still missing.`;
  }
}

function runbooks(saying: Extract<Saying, { kind: "runbooks" }>, { issueUrl }: ReplyContext): string {
  const { paths, matching } = saying;
  if (paths.length === 0) {
    return "No runbook is in this repository yet. Writing one for this incident, in a pull request that names it, counts as what was learnt.";
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

function help(to: string, has: Permission, policy: Policy): string {
  const rows = COMMAND_NAMES.map((name) => {
    const needs = neededPermission(name, policy.commands);
    const may = PERMISSIONS.indexOf(has) >= PERMISSIONS.indexOf(needs);
    const spec = COMMANDS[name];
    return `| ${may ? "✅" : "—"} | ${codeSpan(spec.usage)} | ${spec.summary} | ${needs === "none" ? "anyone" : needs} |`;
  });
  return [
    `What ${person(to)} may do here (✅), with the right ${codeSpan(has)}:`,
    "",
    "| | command | does | needs |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    "A command is the first word of a line of a new comment. I react with 👍 when it is done.",
  ].join("\n");
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
  const next = isAcknowledged ? "" : " Nobody has acknowledged it yet: comment `/ack`.";
  return (
    `The alert (${codeSpan(endpoint)}) became more severe${who}. The severity is ${plain(to, 32)} now; it was ${plain(from, 32)}.` +
    `${next} ${codeSpan(`/severity ${from}`)} sets it back.`
  );
}
