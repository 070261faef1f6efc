import type { KeyTimesFinding } from "../gate/requirements/key-times.ts";
import type { PostMortemFinding, PostMortemLack } from "../gate/requirements/post-mortem.ts";
import type { Finding } from "../gate/requirements/requirement-rules.ts";
import type { RunbookFinding, RunbookLack } from "../gate/requirements/runbook-pr.ts";
import type { GateVerdict, Verdict } from "../gate/verdict.ts";
import type { VerdictStatus } from "../gate/verdict-status.ts";
import { codeSpan, person, plain } from "../markdown/escape.ts";
import type { Emptiness } from "../markdown/own-text.ts";
import type { Permission, Reference } from "../model.ts";
import { showChoice } from "../policy/show-value.ts";
import { linkTo } from "../words/links.ts";
import { count } from "../words/time.ts";

const MARK: Readonly<Record<VerdictStatus, string>> = { met: "✅", unmet: "❌", unknown: "❔" };

/** The heading of the verdict in the status comment. */
export function gateHeading(gate: GateVerdict): string {
  if (gate.waivedBy !== null) return "Closing: waived";
  switch (gate.status) {
    case "met":
      return "Closing: ready";
    case "unmet":
      return gate.tree.kind === "any-of" && gate.tree.of.length > 1
        ? "Closing: needs one of these"
        : "Closing: needs all of these";
    case "unknown":
      return "Closing: could not be judged yet";
  }
}

/**
 * Where a text is read: `null`: on the incident, where a command works; else a link to the incident, on which to write
 * it.
 */
type Place = string | null;

/** "comment `/postmortem`", so that it works where it is read. Elsewhere: "on [#6](…), comment `/postmortem`". */
function comment(command: string, place: Place): string {
  return place === null ? `comment ${command}` : `on ${place}, comment ${command}`;
}

/** The same at the beginning of a sentence. */
function commentAtStart(command: string, place: Place): string {
  return place === null ? `Comment ${command}` : `**On ${place}**, comment ${command}`;
}

/**
 * The verdict as a list, one line for each requirement, with the exact next step for what is missing, as it is read on
 * the incident.
 */
export function verdictLines(gate: GateVerdict): readonly string[] {
  if (gate.waivedBy !== null) return [`- ${MARK.met} Waived by ${person(gate.waivedBy)}: no evidence was asked for.`];
  return [...waitingWaiver(gate, null).map((sentence) => `- ⏳ ${sentence}`), ...treeLines(gate.tree)];
}

function treeLines(root: Verdict): readonly string[] {
  if (root.kind !== "requirement") {
    return root.of.length === 0
      ? [`- ${MARK.met} Nothing: this severity closes freely.`]
      : shown(root).flatMap((part) => lines(part, 0));
  }
  return lines(root, 0);
}

/**
 * The same in one sentence for a refusal or a check: what is missing, shortest way first. Empty when nothing is.
 *
 * @param place a link to the incident where this is read elsewhere; `null`: it is read there
 */
export function missingSentences(gate: GateVerdict, place: Place = null): readonly string[] {
  return gate.waivedBy !== null ? [] : [...missing(gate.tree, place), ...waitingWaiver(gate, place)];
}

function waitingWaiver({ waiverAsked }: GateVerdict, place: Place): readonly string[] {
  if (waiverAsked === null) return [];
  const { by, missing: people, needs } = waiverAsked;
  const who = by === null ? "" : ` by ${person(by)}`;
  return [
    `**Waiver**${who}: ${othersHave(people, needs)} to accept it before it counts. ${commentAtStart("`/accept waiver`", place)}.`,
  ];
}

/** `1 other person with the maintain role has`. */
function othersHave(people: number, needs: Permission): string {
  return people === 1
    ? `1 other person with the ${needs} role has`
    : `${people} other people with the ${needs} role have`;
}

function missing(verdict: Verdict, place: Place): readonly string[] {
  if (verdict.status === "met") return [];
  if (verdict.kind === "requirement") return [requirementSentence(verdict.finding, place)];
  return verdict.of.flatMap((part) => missing(part, place));
}

/** What is no longer needed is not shown: a choice that is met shows what met it. */
function shown(verdict: Extract<Verdict, { kind: "any-of" | "all-of" }>): readonly Verdict[] {
  const isChosen = verdict.kind === "any-of" && verdict.status === "met";
  return isChosen ? verdict.of.filter((part) => part.status === "met") : verdict.of;
}

function lines(verdict: Verdict, depth: number): readonly string[] {
  const indent = "  ".repeat(depth);
  if (verdict.kind === "requirement")
    return [`${indent}- ${MARK[verdict.status]} ${requirementSentence(verdict.finding)}`];
  const heading = verdict.kind === "any-of" ? "One of these:" : "All of these:";
  return [`${indent}- ${MARK[verdict.status]} ${heading}`, ...shown(verdict).flatMap((part) => lines(part, depth + 1))];
}

/**
 * What was found for one requirement, in a sentence of Markdown, with the next step for what is missing.
 *
 * @param place as for `missingSentences`
 */
export function requirementSentence(finding: Finding, place: Place = null): string {
  const isCut = "isCut" in finding && finding.isCut;
  return isCut ? `${whatWasFound(finding, place)} ${notAll(finding.requirement, place)}` : whatWasFound(finding, place);
}

/** Said about candidates that were too many; the most trusted ones were looked at. */
function notAll(requirement: "post-mortem" | "runbook-pr" | "fix-merged", place: Place): string {
  switch (requirement) {
    case "post-mortem":
      return `Not all were looked at: too many name this incident. ${commentAtStart("`/postmortem #NUMBER`", place)} to say which one counts.`;
    case "runbook-pr":
      return `Not all were looked at: too many name this incident. ${commentAtStart("`/runbook #NUMBER`", place)} to say which one counts.`;
    case "fix-merged":
      return "Not all were looked at: too many pull requests name this incident.";
  }
}

function whatWasFound(finding: Finding, place: Place): string {
  switch (finding.requirement) {
    case "acknowledged":
      return finding.met
        ? `Acknowledged${finding.by === null ? "" : ` by ${person(finding.by)}`}.`
        : `Nobody has acknowledged it. ${commentAtStart("`/ack`", place)} to take it.`;
    case "post-mortem":
      return postMortemSentence(finding.found[0], place);
    case "runbook-pr":
      return runbookSentence(finding.found[0], place);
    case "fix-merged":
      return finding.merged.length > 0
        ? `The fix is merged: ${finding.merged.map((number) => `#${number}`).join(", ")}.`
        : finding.early.length > 0
          ? `${finding.early.map((number) => `#${number}`).join(", ")} ${finding.early.length === 1 ? "was" : "were"} merged before this incident was opened. Write its number in the fix (\`Refs\`, not \`Fixes\`) and merge it.`
          : "No merged pull request names this incident. Write its number in the fix (`Refs`, not `Fixes`) and merge it.";
    case "action-items-filed":
      if (finding.isSealed) {
        return finding.filed > 0 ? "The post-mortem is complete." : "The post-mortem is not complete.";
      }
      if (!finding.inPostMortem) return "No post-mortem with action items is linked yet.";
      if (finding.unfiled > 0) {
        return `${count(finding.unfiled, "action item")} of the post-mortem ${finding.unfiled === 1 ? "names" : "name"} no issue. ${commentAtStart("`/items`", place)} to file ${finding.unfiled === 1 ? "it" : "them"}, or add the issue's number behind each.`;
      }
      return finding.filed > 0
        ? `Every action item is filed as an issue (${finding.filed}).`
        : "The post-mortem has no action items yet.";
    case "key-times":
      return keyTimesSentence(finding, place);
  }
}

function keyTimesSentence({ missing }: KeyTimesFinding, place: Place): string {
  if (missing.length === 0) return "**Key times** are all there.";
  const names = showChoice(
    missing.map(({ time }) => time),
    "and",
  );
  const commands = showChoice(
    missing.map(({ time, by }) => (by === "time" ? `\`/time ${time} HH:MM\`` : `\`/${by}\``)),
    "and",
  );
  return `**Key times**: ${names} ${missing.length === 1 ? "is" : "are"} missing. ${commentAtStart(commands, place)}${missing.length === 1 ? "" : ", each on a line of its own"}.`;
}

function postMortemSentence(finding: PostMortemFinding | undefined, place: Place): string {
  if (finding === undefined) {
    return place === null
      ? "**Post-mortem**: none is linked. Comment `/postmortem` to create it, or `/postmortem #NUMBER` to link one."
      : `**Post-mortem**: none is linked. **On ${place}**, comment \`/postmortem\`: it is created there. \`/postmortem #NUMBER\` links one.`;
  }
  const now = finding.movedTo === null ? "" : `, now ${linkTo(finding.movedTo, finding.url)},`;
  const name = `**Post-mortem** ${linkTo(finding.target, now === "" ? finding.url : null)}${now}`;
  if (finding.status === "met") return `${name} is complete.`;
  const toFill = sectionsIn(finding, "section-empty");
  const empty = finding.lacks.flatMap((lack) => (lack.kind === "section-empty" ? [filling(lack)] : []));
  const toAdd = sectionsIn(finding, "section-missing");
  const steps = [
    ...(toFill.length > 0 ? [`fill in ${showChoice(empty, "and")}`] : []),
    ...(toAdd.length > 0 ? [`add the ${toAdd.length === 1 ? "section" : "sections"} ${listed(toAdd)}`] : []),
    ...finding.lacks.flatMap((lack) => postMortemStep(lack, [...toFill, ...toAdd], finding.target, place)),
  ];
  return `${name}: ${steps.join("; ")}.`;
}

function sectionsIn(finding: PostMortemFinding, kind: "section-empty" | "section-missing"): readonly string[] {
  return finding.lacks.flatMap((lack) => (lack.kind === kind ? [lack.section] : []));
}

/** The section, and why it counts as empty although a reader sees something there. */
function filling(lack: Extract<PostMortemLack, { kind: "section-empty" }>): string {
  const why =
    lack.above === null
      ? HOLDS[lack.holds]
      : `line ${lack.above} is a heading, as dashes stand directly below it: put an empty line between them`;
  return why === null ? quoted(lack.section) : `${quoted(lack.section)} (${why})`;
}

const HOLDS: Readonly<Record<Emptiness, string | null>> = {
  nothing: null,
  signs: "there are only signs",
  labels: "there are only headings and labels",
  template: "there are only the template's own words",
  placeholder: "there is only a placeholder",
};

/** `“A”, “B” and “C”`. */
function listed(names: readonly string[]): string {
  return showChoice(names.map(quoted), "and");
}

function quoted(name: string): string {
  return `“${plain(name, 80)}”`;
}

/** What accepts a post-mortem, as it is typed on the incident. */
export function acceptCommand({ repository, number }: Reference): string {
  return codeSpan(`/accept ${repository ?? ""}#${number}`);
}

/** `1 person who did not write it has`. */
export function readersHave(people: number): string {
  return people === 1 ? "1 person who did not write it has" : `${people} people who did not write it have`;
}

function postMortemStep(
  lack: PostMortemLack,
  sections: readonly string[],
  target: Reference,
  place: Place,
): readonly string[] {
  switch (lack.kind) {
    case "gone":
      return [`it is not there (any more); ${comment("`/postmortem #NUMBER`", place)} to link another`];
    case "cannot-read":
      return [
        lack.there === lack.here
          ? "GitHub does not let Sevgate read it; let the app read issues here"
          : `it is not looked at from here; ${letIn(lack)}`,
      ];
    case "not-complete":
      return [
        `it is not complete. What it lacks is not shown here: the policy of ${codeSpan(lack.there)} says what it needs`,
      ];
    case "moved": {
      const to = lack.to === null ? "another repository" : linkTo(lack.to, null);
      return [`it was moved to ${to}, and the policy wants it in ${codeSpan(lack.allowed)}; link one from there`];
    }
    case "is-the-incident":
      return [`the incident cannot be its own post-mortem; ${comment("`/postmortem`", place)} to create one`];
    case "wrong-repository":
      return [`the policy wants it in ${codeSpan(lack.allowed)}`];
    case "no-label":
      return [`give it the label ${codeSpan(lack.label)}`];
    case "not-linked":
      return [`it no longer names this incident; ${comment("`/postmortem #NUMBER`", place)} to link it`];
    case "older":
      return [
        `it is older than this incident; if it covers it all the same, ${comment("`/postmortem #NUMBER`", place)} to link it`,
      ];
    case "section-missing":
    case "section-empty":
      return [];
    case "section-no-heading":
      return [`make line ${lack.line} a heading: ${codeSpan(`## ${lack.section}`)}`];
    case "not-accepted": {
      const changed =
        lack.changed.length === 0
          ? "it is complete; "
          : `it was changed since ${showChoice(lack.changed.map(person), "and")} accepted it; `;
      return [`${changed}${readersHave(lack.missing)} to accept it: ${comment(acceptCommand(target), place)}`];
    }
    case "cut":
      return [
        `only the first ${lack.lines.toLocaleString("en")} lines are read: shorten it, or move what is missing up`,
      ];
    case "too-few-action-items": {
      // An empty section for them has already been named.
      if (lack.have === 0 && sections.some((section) => /action items?/i.test(section))) return [];
      const blank = lack.blank === 0 ? "" : ` (${lack.blank} there ${lack.blank === 1 ? "says" : "say"} nothing yet)`;
      return [`add ${count(lack.need - lack.have, "action item")}, written as \`- [ ]\`${blank}`];
    }
  }
}

/** How to make post-mortems of another repository readable. Worded the same whether it is private or does not exist. */
function letIn({ there, here }: { readonly there: string; readonly here: string }): string {
  const line = `\`evidence-for: [${here}]\``;
  return `install the app in \`${there}\` and, if that is private, write the line ${line} into its \`.github/sevgate.yml\``;
}

function runbookSentence(finding: RunbookFinding | undefined, place: Place): string {
  if (finding === undefined) {
    return `**Runbook**: no pull request that adds or updates one names this incident. Open one, or ${comment("`/runbook #NUMBER`", place)} to link it.`;
  }
  const name = `**Runbook** ${linkTo(finding.target, finding.url)}`;
  if (finding.status === "met") return `${name} counts.`;
  return `${name}: ${finding.lacks.map((lack) => runbookLack(lack, place)).join("; ")}.`;
}

function runbookLack(lack: RunbookLack, place: Place): string {
  switch (lack.kind) {
    case "gone":
      return "it is not there (any more)";
    case "not-named":
      return `it does not name this incident; add the number to its description, or ${comment("`/runbook #NUMBER`", place)}`;
    case "no-runbook-file":
      return `it changes no file under ${lack.paths.map((path) => codeSpan(path)).join(" or ") || "a runbook path"}`;
    case "files-cut":
      return (
        `it changes more than the ${lack.listed} files that GitHub lists, and no runbook is among those; ` +
        `put the runbook into a pull request of its own, or ${comment("`/runbook #NUMBER`", place)} to link another one`
      );
    case "not-merged":
      return "it is not merged yet";
    case "merged-before":
      return `it was merged before this incident was opened; if it covers it all the same, ${comment("`/runbook #NUMBER REASON`", place)}`;
    case "closed-unmerged":
      return "it was closed without being merged";
    case "wrong-base":
      return `it goes to ${codeSpan(lack.base)}, not to ${codeSpan(lack.defaultBranch)}`;
    case "reverted":
      return `it was reverted by #${lack.by}`;
    case "reverts-unread":
      return "it may have been reverted: not all that say so were looked at";
  }
}
