import type { PostMortemFinding, PostMortemLack } from "../gate/requirements/post-mortem.ts";
import type { Finding } from "../gate/requirements/requirement-rules.ts";
import type { RunbookFinding, RunbookLack } from "../gate/requirements/runbook-pr.ts";
import type { GateVerdict, Verdict } from "../gate/verdict.ts";
import { codeSpan, plain } from "../markdown/escape.ts";
import { showChoice } from "../policy/show-value.ts";
import { linkTo } from "../words/links.ts";
import { count } from "../words/time.ts";

/** A policy can ask for many sections. */
const MOST_LACKS = 4;

/**
 * What an incident of the past lacks, a phrase of Markdown for each thing: the facts of `missingSentences`, without what
 * to do about them, for nobody is to do it now. Empty: nothing.
 */
export function lackingWords({ tree, waiverAsked }: GateVerdict): readonly string[] {
  const waiver =
    waiverAsked === null
      ? []
      : [`the waiver needs ${count(waiverAsked.missing, "more person").replace(/persons$/, "people")} to accept it`];
  return [...lackingIn(tree), ...waiver];
}

function lackingIn(verdict: Verdict): readonly string[] {
  if (verdict.status === "met") return [];
  return verdict.kind === "requirement" ? [factOf(verdict.finding)] : verdict.of.flatMap(lackingIn);
}

function factOf(finding: Finding): string {
  const cut = "isCut" in finding && finding.isCut ? ", and not all were looked at" : "";
  return `${shortFact(finding)}${cut}`;
}

function shortFact(finding: Finding): string {
  switch (finding.requirement) {
    case "acknowledged":
      return "nobody acknowledged it";
    case "post-mortem":
      return postMortemFact(finding.found[0]);
    case "runbook-pr":
      return runbookFact(finding.found[0]);
    case "fix-merged":
      return finding.early.length > 0
        ? `${showChoice(
            finding.early.map((number) => `#${number}`),
            "and",
          )} ${finding.early.length === 1 ? "was" : "were"} merged before it was opened`
        : "no merged pull request is known to name it";
    case "action-items-filed":
      if (finding.isSealed) return "the post-mortem is not complete";
      if (!finding.inPostMortem) return "no post-mortem with action items is linked";
      return finding.unfiled > 0
        ? `${count(finding.unfiled, "action item")} of the post-mortem ${finding.unfiled === 1 ? "names" : "name"} no issue`
        : "the post-mortem has no action items";
    case "key-times": {
      const names = finding.missing.map(({ time }) => time);
      return `the ${names.length === 1 ? "time" : "times"} ${showChoice(names, "and")} ${names.length === 1 ? "is" : "are"} missing`;
    }
  }
}

/** The first of them, and how many more there are. */
function few(lacks: readonly string[]): string {
  const more = lacks.length - MOST_LACKS;
  return showChoice([...lacks.slice(0, MOST_LACKS), ...(more > 0 ? [`lacks ${more} more`] : [])], "and");
}

function postMortemFact(finding: PostMortemFinding | undefined): string {
  if (finding === undefined) return "no post-mortem is linked";
  return `the post-mortem ${linkTo(finding.target, finding.url)} ${few(finding.lacks.map(postMortemLack))}`;
}

function postMortemLack(lack: PostMortemLack): string {
  switch (lack.kind) {
    case "gone":
      return "is not there any more";
    case "cannot-read":
      return "cannot be read from here";
    case "not-complete":
      return "is not complete";
    case "moved":
      return "was moved to where the policy wants none";
    case "is-the-incident":
      return "is the incident itself";
    case "wrong-repository":
      return `is not in ${codeSpan(lack.allowed)}`;
    case "no-label":
      return `lacks the label ${codeSpan(lack.label)}`;
    case "not-linked":
      return "does not name it";
    case "older":
      return "is older";
    case "section-missing":
    case "section-no-heading":
      return `has no section “${plain(lack.section, 80)}”`;
    case "section-empty":
      return `says nothing in “${plain(lack.section, 80)}”`;
    case "too-few-action-items":
      return `has ${lack.have} of ${count(lack.need, "action item")}`;
    case "not-accepted":
      return `needs ${lack.missing} more to accept it`;
    case "cut":
      return "is too long to be read whole";
  }
}

function runbookFact(finding: RunbookFinding | undefined): string {
  if (finding === undefined) return "no runbook pull request names it";
  return `the runbook pull request ${linkTo(finding.target, finding.url)} ${few(finding.lacks.map(runbookLack))}`;
}

function runbookLack(lack: RunbookLack): string {
  switch (lack.kind) {
    case "gone":
      return "is not there any more";
    case "not-named":
      return "does not name it";
    case "no-runbook-file":
      return "changes no runbook";
    case "files-cut":
      return "changes too many files to be read whole";
    case "not-merged":
      return "is not merged";
    case "merged-before":
      return "was merged before it was opened";
    case "closed-unmerged":
      return "was closed without a merge";
    case "wrong-base":
      return `goes to ${codeSpan(lack.base)}`;
    case "reverted":
      return `was reverted by #${lack.by}`;
    case "reverts-unread":
      return "may have been reverted";
  }
}
