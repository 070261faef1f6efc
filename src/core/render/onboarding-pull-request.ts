import { neededPermission } from "../commands/authorize.ts";
import { COMMAND_NAMES, COMMANDS, type CommandName } from "../commands/registry.ts";
import { codeSpan, link } from "../markdown/escape.ts";
import { PERMISSIONS } from "../model.ts";
import type { Policy } from "../policy/policy.ts";
import { documentLink } from "../words/documents.ts";
import { markerOf } from "../words/markers.ts";

/** The title of the pull request, and the message of its commit. */
export const ONBOARDING_TITLE = "Add the incident policy and issue forms of Sevgate";

/** The check that holds merges. */
const CHECK = "sevgate/close-gate";
/** How many labels are named. */
const MOST_NAMED = 8;

/** What was found in a repository that has no policy yet. Of other repositories it says nothing. */
export interface OnboardingFound {
  /** The policy in force, which is the built-in one. */
  readonly policy: Policy;
  readonly labelCount: number;
  /** Labels that look like severities, most severe first. */
  readonly severityLike: readonly string[];
  /** How many open issues carry them, for those that were counted, and where they are listed. */
  readonly wouldBecome: readonly { readonly label: string; readonly open: number; readonly url: string | null }[];
  /** Whether a ruleset requires the check on the default branch, or could. */
  readonly check: "required" | "can-be-required" | "not-in-plan" | "untold";
  readonly added: readonly string[];
  /** Files of ours that are there already. */
  readonly kept: readonly string[];
}

/** The text of the pull request: what it adds, what was found, and how to say no. It mentions nobody. */
export function onboardingBody(found: OnboardingFound): string {
  const labels = found.policy.severities.map(({ label }) => codeSpan(label));
  return [
    `Sevgate is installed here, and this repository has no policy yet. Until it has one, the built-in rules count: an issue with the label ${listed(labels, "or")} is an incident, and stays open until the team has learned something from it. This pull request writes the same rules into files, for you to change. **Merged as it is, it changes no rule.**`,
    "#### What it adds",
    ...(found.added.length === 0
      ? []
      : [found.added.map((path) => `- ${codeSpan(path)}: ${purposeOf(path)}`).join("\n")]),
    ...(found.kept.length === 0
      ? []
      : [`There already, and left as it is: ${listed(found.kept.map(codeSpan), "and")}.`]),
    "#### What was found here",
    [labelLine(found), issueLine(found), checkLine(found)].map((line) => `- ${line}`).join("\n"),
    "#### Who may do what",
    rightsTable(found.policy),
    `${codeSpan("commands.permission")} in the policy changes it. Nobody is paged until ${codeSpan(".github/sevgate/on-call.yml")} says who is on call.`,
    "#### Yes, or no",
    `Change what you like on this branch, and merge it; the check ${codeSpan("sevgate/policy")} says what each change means. To say no, close it: no other one is opened here. ${documentLink("onboarding", "More about this pull request")}`,
    markerOf("onboarding"),
  ].join("\n\n");
}

function purposeOf(path: string): string {
  if (path === ".github/sevgate.yml") return "the rules, with a comment on each";
  if (path.endsWith("post-mortem.md")) return "the template of a post-mortem";
  return "a form that opens an incident";
}

function labelLine({ labelCount, severityLike }: OnboardingFound): string {
  const labels = labelCount === 1 ? "1 label" : `${labelCount} labels`;
  if (severityLike.length === 0) return `**Labels:** of ${labels}, none of your own looks like a severity.`;
  const named = severityLike.slice(0, MOST_NAMED).map(codeSpan);
  const more = severityLike.length > MOST_NAMED ? `, and ${severityLike.length - MOST_NAMED} more` : "";
  return `**Labels:** of ${labels}, these look like severities: ${named.join(", ")}${more}. To use one, write it in the policy under ${codeSpan("label:")}, and in the form of that severity.`;
}

function issueLine({ wouldBecome }: OnboardingFound): string {
  const some = wouldBecome.filter(({ open }) => open > 0);
  if (some.length === 0) return "**Issues:** no open issue becomes an incident.";
  const counts = some.map(({ label, open, url }) => {
    const count = open === 1 ? "1 open issue" : `${open} open issues`;
    const shown = url === null ? count : link(count, url, [new URL(url).host]);
    return `${shown} with ${codeSpan(label)}`;
  });
  return `**Issues:** none becomes an incident by merging this as it is. With these labels in the policy, ${listed(counts, "and")} would, at once.`;
}

function checkLine({ check }: OnboardingFound): string {
  const name = `**Merges:** ${codeSpan(CHECK)}`;
  switch (check) {
    case "required":
      return `${name} is required here already: no merge closes an incident too early.`;
    case "can-be-required":
      return `${name} says on each pull request whether merging it would close an incident too early. It holds merges once a ruleset of the default branch requires it, with Sevgate as its source.`;
    case "not-in-plan":
      return `${name} says on each pull request whether merging it would close an incident too early. GitHub has no rulesets for private repositories on this plan, so it cannot be required. An incident that is closed too early is opened again all the same.`;
    case "untold":
      return `${name} says on each pull request whether merging it would close an incident too early. GitHub does not say whether it can be required: Sevgate may not read the rulesets here.`;
    default:
      return check satisfies never;
  }
}

function rightsTable({ commands }: Policy): string {
  const needs = (name: CommandName) => neededPermission(name, commands);
  const rows = PERMISSIONS.flatMap((role) => {
    const names = COMMAND_NAMES.filter((name) => needs(name) === role);
    if (names.length === 0) return [];
    const shown = names.map((name) => codeSpan(COMMANDS[name].usage.split(" ")[0] ?? "")).join(" ");
    return [`| ${role === "none" ? "anybody" : `${role}, or more`} | ${shown} |`];
  });
  return ["| Role here | Commands, in a comment on an incident |", "| --- | --- |", ...rows].join("\n");
}

function listed(parts: readonly string[], word: "and" | "or"): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} ${word} ${last}`;
}
