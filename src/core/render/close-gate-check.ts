import { codeSpan, plain } from "../markdown/escape.ts";
import type { Closer } from "../merge/closers.ts";
import type { ClosedByMerge, CloseGateFinding } from "../merge/judge-merge.ts";
import type { MergeObservation, Unread } from "../merge/merge-observation.ts";
import { inDrill } from "../words/in-drill.ts";
import { linkTo } from "../words/links.ts";
import { count } from "../words/time.ts";
import { missingSentences } from "./verdict.ts";

/** A check in progress has no button. */
const LOOK_NOW = "To have it look now, push or edit the description.";
/** How many edits are shown for one incident. */
const MAX_EDITS = 10;
/** How many incidents are named in the title. */
const MAX_NAMES = 3;
/** GitHub allows 255 characters in a title; a title it cut would look changed on every pass. */
const MAX_NAMES_CHARACTERS = 200;

/** The one line people see in the list of checks. */
export function closeGateTitle(finding: CloseGateFinding): string {
  return inDrill(isAboutDrills(finding), titleOf(finding));
}

/** Whether there is nothing real in what the title names. */
function isAboutDrills({ held, unsure, unread, ready, closed }: CloseGateFinding): boolean {
  const named = [held, unsure, unread, ready, closed].find((list) => list.length > 0) ?? [];
  return named.length > 0 && named.every((one) => "incident" in one && one.incident.isDrill);
}

function titleOf(finding: CloseGateFinding): string {
  if (finding.held.length > 0) return `Would close ${names(finding.held)} too early`;
  if (finding.unsure.length > 0) return `Cannot judge ${names(finding.unsure)} yet; trying again`;
  if (finding.unread.length > 0) return "Cannot tell yet whether it closes an incident; looking again";
  if (finding.ready.length > 0) return `May close ${names(finding.ready)}`;
  if (finding.closed.length > 0)
    return `${names(finding.closed)} ${finding.closed.length === 1 ? "is" : "are"} closed already`;
  return "Closes no incident";
}

/** What would close which incident, what that lacks, and the edit that lets the merge through. */
export function closeGateSummary(finding: CloseGateFinding, seen: MergeObservation): string {
  const parts: string[] = [];
  for (const one of finding.held) parts.push(...held(one));
  for (const one of finding.unsure) {
    parts.push(
      `### ${heading(one)}`,
      `GitHub did not let Sevgate read everything it needs. It tries again by itself. ${LOOK_NOW}`,
    );
  }
  if (finding.unread.length > 0) parts.push(...unreadSentences(finding.unread));
  for (const one of finding.ready)
    parts.push(`### ${heading(one)}`, "It has what it needs to close: merging may close it.");
  for (const one of finding.closed)
    parts.push(`### ${heading(one)}`, "It is closed already: merging changes nothing about it.");
  if (finding.notVisible.length > 0) {
    const places = [...new Set(finding.notVisible.map(({ target }) => codeSpan(linkTo(target, null))))];
    const more = places.length > MAX_EDITS ? ` and ${count(places.length - MAX_EDITS, "issue")} more` : "";
    parts.push(
      `Not looked at from here: ${places.slice(0, MAX_EDITS).join(", ")}${more}. ` +
        "Only public repositories with the app installed are. An incident elsewhere is held by the gate of its own repository.",
    );
  }
  if (parts.length === 0) {
    parts.push(
      seen.toDefaultBranch
        ? "Nothing in the title, the description or the commits closes an incident."
        : `This goes to ${codeSpan(seen.base)}, not to the default branch: GitHub closes no issue by it.`,
    );
  }
  if (seen.linked === "unsupported") {
    parts.push("_This server does not tell which issues are linked in the sidebar; such a link is not seen here._");
  }
  return parts.join("\n\n");
}

/** What was not read, and what to do about it. */
function unreadSentences(unread: readonly Unread[]): readonly string[] {
  const sentences = unread.map((one) => `- ${unreadSentence(one)}`);
  const shown = [...new Set(sentences)].slice(0, MAX_EDITS);
  return [
    "**Not everything could be read**, and what was not read may close an incident:",
    shown.join("\n"),
    `Sevgate looks again by itself. ${LOOK_NOW}`,
  ];
}

function unreadSentence(unread: Unread): string {
  switch (unread.kind) {
    case "commits":
      if (unread.read === 0)
        return "The messages of its commits are too long to be read. Shorten them (amend or squash).";
      return `It has more than the ${count(unread.read, "commit")} that Sevgate reads. Squash some, or split it.`;
    case "commit-message":
      return `The message of commit ${codeSpan(unread.sha.slice(0, 10))} is too long to be read. Shorten it (amend or squash).`;
    case "issues":
      return `It names more issues to close than the ${unread.read} that Sevgate looks at. Name fewer, or split it.`;
    case "issues-later":
      return "It names many issues to close, and not all were looked at yet. That takes a few minutes.";
    case "branch":
      return "GitHub does not tell yet which pull requests are in this merge group, and which branch it goes to.";
    case "pull-requests":
      return "GitHub does not tell yet which pull requests some of the commits in this merge group belong to.";
    case "same-head":
      return `This commit is the head of more than ${unread.read} pull requests. Close some, or push a commit of its own.`;
    case "default-branch":
      return "GitHub gives two answers to which branch is the default one: it has just changed.";
  }
}

function held(one: ClosedByMerge): readonly string[] {
  const missing = missingSentences(one.incident.gate, linkTo(one.incident.target, one.incident.url));
  const either = one.incident.gate.tree.kind === "any-of" && missing.length > 1;
  return [
    `### ${heading(one)}`,
    "The fix may merge now, as long as it does not close the incident.",
    "**To merge now**",
    edits(one.closers)
      .map((line) => `- ${line}`)
      .join("\n"),
    `**To close the incident with it**${either ? ", one of these" : ""}`,
    missing.map((sentence) => `- ${sentence}`).join("\n"),
  ];
}

/** Each edit once. A long list helps nobody, and GitHub cuts a summary at 65,535 characters. */
function edits(closers: readonly Closer[]): readonly string[] {
  const lines = [...new Set(closers.map(edit))];
  const rest = lines.length - MAX_EDITS;
  return rest > 0 ? [...lines.slice(0, MAX_EDITS), `and ${count(rest, "place")} more`] : lines;
}

function heading({ incident }: ClosedByMerge): string {
  return `${inDrill(incident.isDrill, plain(incident.severity, 32))} incident ${linkTo(incident.target, incident.url)}: ${plain(incident.title, 120)}`;
}

function edit({ source, matched, instead }: Closer): string {
  if (matched === null || instead === null) {
    return "In the sidebar, under **Development**: remove the link to the incident, then press **Re-check**.";
  }
  const change = `${codeSpan(matched)} → ${codeSpan(instead)}`;
  const of = source.pullRequest === null ? "" : ` of #${source.pullRequest}`;
  switch (source.kind) {
    case "title":
      return `In the title${of}: ${change}`;
    case "body":
      // GitHub may keep the link that the keyword created.
      return `In the description${of}: ${change}. If the issue stays under **Development** in the sidebar, unlink it there.`;
    case "commit":
      return `In the message of commit ${codeSpan(source.sha?.slice(0, 10) ?? "")}: ${change} (amend or squash)`;
    case "sidebar":
      return change;
  }
}

function names(closed: readonly ClosedByMerge[]): string {
  const all = closed.map(({ incident }) => linkTo(incident.target, null));
  const rest = all.length - MAX_NAMES;
  const shown = rest > 0 ? `${all.slice(0, MAX_NAMES).join(", ")} and ${rest} more` : all.join(", ");
  return shown.length <= MAX_NAMES_CHARACTERS ? shown : count(all.length, "incident");
}
