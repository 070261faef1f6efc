import type { AlertLink } from "../alerts/alert-change.ts";
import { type AlertState, burningMembers } from "../alerts/alert-state.ts";
import type { KnownAlert } from "../alerts/known-alert.ts";
import { cutAtWord } from "../alerts/payload-fields.ts";
import { SOURCE_NAMES } from "../alerts/source-names.ts";
import { codeSpan, link, plain, titleText } from "../markdown/escape.ts";
import type { IssueFacts } from "../model.ts";
import { textDigest } from "../same-text.ts";
import { withoutAddresses } from "../trust/without-addresses.ts";
import { markerOf } from "../words/markers.ts";
import { roughly } from "../words/roughly.ts";
import { STORM_PREFIX } from "../words/storm.ts";
import { utc } from "../words/time.ts";

const MAX_TITLE_CHARACTERS = 200;
const MAX_SUMMARY_CHARACTERS = 1_000;
const MAX_LABELS = 20;

/** The id of a storm in a key. */
export function stormId(severity: string): string {
  return `${STORM_PREFIX}${severity}`;
}

/** The severity of a storm; `null`: the key is that of an alert. */
export function stormSeverity(id: string): string | null {
  return id.startsWith(STORM_PREFIX) ? id.slice(STORM_PREFIX.length) : null;
}

/** How the app finds the issue of an alert again if the answer to its creation gets lost. Only in its own issues. */
export function alertMarker(id: string): string {
  return markerOf(`alert:${id}`);
}

/** The issue an alert opens. Everything it says comes from outside; only the host of each URL is shown. */
export function alertIssue(
  { id, state }: KnownAlert,
  earlier: number | null,
): { readonly title: string; readonly body: string } {
  const labels = Object.entries(state.labels).slice(0, MAX_LABELS);
  const address = state.url === null ? null : addressLine(state.url);
  const lines = [
    alertMarker(id),
    origin(state),
    ...(state.summary.trim() === "" ? [] : ["", plain(withoutAddresses(state.summary), MAX_SUMMARY_CHARACTERS)]),
    ...Object.entries(state.notes ?? {}).flatMap(([name, note]) => [
      "",
      `${plain(name, 64)}: ${plain(withoutAddresses(note), MAX_SUMMARY_CHARACTERS)}`,
    ]),
    ...((state.links ?? []).length === 0 ? [] : ["", ...(state.links ?? []).map(linkLine)]),
    ...(address === null ? [] : ["", address]),
    ...(state.members === undefined ? [] : ["", ...membersSection(state)]),
    ...(labels.length === 0
      ? []
      : ["", ...labels.map(([name, value]) => `- ${plain(name, 64)}: ${plain(withoutAddresses(value), 200)}`)]),
    ...(earlier === null ? [] : ["", `It fired before: #${earlier}.`]),
  ];
  return { title: titleOf(state), body: `${lines.join("\n")}\n` };
}

/**
 * What has to change in the issue of an alert because its group has changed: the count in the title and the list in the
 * body, provided people have left them as they were. `null`: nothing.
 */
export function describedAgain(
  { state }: KnownAlert,
  issue: Pick<IssueFacts, "title" | "body">,
): { readonly title: string | null; readonly body: string | null } | null {
  if (state.members === undefined) return null;
  const title = titleOf(state);
  const own = [state.title, ...(state.titles ?? [])]
    .map(withoutAddresses)
    .flatMap((one) => [
      titleText(one, MAX_TITLE_CHARACTERS),
      titleText(cutAtWord(one, MAX_BASE_CHARACTERS), MAX_BASE_CHARACTERS),
    ]);
  const isOurs = title !== issue.title && own.includes(issue.title.replace(COUNT, ""));
  const changed = { title: isOurs ? title : null, body: withMembers(issue.body, membersSection(state)) };
  return changed.title === null && changed.body === null ? null : changed;
}

const COUNT = / \((?:more than )?\d{1,7} alerts\)$/;
/** With the digest of what was sent: whatever GitHub or people have made of it since, the same is not sent again. */
const MEMBERS_BEGIN = /<!-- sevgate:alert-members(?: (?<digest>[0-9a-f]{16}))? -->/;
const MEMBERS_END = markerOf("alert-members-end");
const MAX_MEMBERS = 20;
/** Room for the count. */
const MAX_BASE_CHARACTERS = MAX_TITLE_CHARACTERS - 24;

function titleOf(state: AlertState): string {
  const count = burningMembers(state).length + (state.truncated ?? 0);
  const title = withoutAddresses(state.title);
  if (count <= 1) return titleText(title, MAX_TITLE_CHARACTERS);
  return `${titleText(cutAtWord(title, MAX_BASE_CHARACTERS), MAX_BASE_CHARACTERS)} (${roughly(count)} alerts)`;
}

/** The body with this section in place of its present one; `null`: it was sent before, or there is no place for it. */
function withMembers(body: string, section: readonly string[]): string | null {
  const begin = MEMBERS_BEGIN.exec(body);
  const to = body.indexOf(MEMBERS_END);
  if (begin === null || to < begin.index) return null;
  if (begin.groups?.["digest"] === MEMBERS_BEGIN.exec(section[0] ?? "")?.groups?.["digest"]) return null;
  return `${body.slice(0, begin.index)}${section.join("\n")}${body.slice(to + MEMBERS_END.length)}`;
}

/** The members that are firing, named, between two marks. With only one there is nothing to tell apart. */
function membersSection(state: AlertState): readonly string[] {
  const burning = burningMembers(state);
  const truncated = state.truncated ?? 0;
  const lines = burning.slice(0, MAX_MEMBERS).map(({ name, severity, startedAt }) => {
    const word = severity === null ? "" : `, ${plain(severity, 32)}`;
    return `- ${plain(name === "" ? "unnamed" : withoutAddresses(name), 120)}${word}, since ${utc(startedAt)}`;
  });
  const more = burning.length - lines.length;
  const shown =
    burning.length + truncated <= 1
      ? []
      : [
          `${roughly(burning.length + truncated)} alerts of the group fire:`,
          "",
          ...lines,
          ...(more > 0 ? [`- and ${roughly(more)} of others`] : []),
          ...(truncated > 0 ? [`- ${roughly(truncated)} left out by the source: how severe they are is not told`] : []),
        ];
  return [markerOf(`alert-members ${textDigest(shown.join("\n"))}`), ...shown, MEMBERS_END];
}

function linkLine({ name, url }: AlertLink): string {
  const { host } = new URL(url);
  const shown = link(host, url, [host]);
  return `- ${plain(withoutAddresses(name), 60)}: ${shown.includes("](") ? shown : codeSpan(url)}`;
}

function origin({ source, endpoint, firedAt, labels }: KnownAlert["state"]): string {
  if (source === "github-actions") {
    const since = firedAt === null ? "" : ` since ${utc(firedAt)}`;
    return `The workflow ${codeSpan(labels["workflow"] ?? "")} has failed on the default branch${since}.`;
  }
  const what = source === "pagerduty-events" ? "An event" : `An alert of ${SOURCE_NAMES[source]}`;
  return `${what}, at the endpoint ${codeSpan(endpoint)}${firedAt === null ? "" : `, firing since ${utc(firedAt)}`}.`;
}

/** The issue for alerts that are too many for issues of their own. */
export function stormIssue(
  severity: string,
  earlier: number | null,
): { readonly title: string; readonly body: string } {
  const name = severity === "" ? "" : ` of severity ${plain(severity, 32)}`;
  const lines = [
    alertMarker(stormId(severity)),
    `More alerts came than may open issues of their own in an hour. All further ones${name} are counted here.`,
    "",
    "Look for what they have in common first: one cause behind many alerts is the rule. The status comment shows how many " +
      "there are, how many still fire, and names some of them. How many issues alerts may open is `alerts.issues-per-hour` of the policy.",
    ...(earlier === null ? [] : ["", `The storm before: #${earlier}.`]),
  ];
  return {
    title: titleText(
      `Alert storm: many alerts at once${severity === "" ? "" : ` (${severity})`}`,
      MAX_TITLE_CHARACTERS,
    ),
    body: `${lines.join("\n")}\n`,
  };
}

/** A link whose text is its true host; what the source calls it is not shown. */
function addressLine(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { host } = new URL(url);
  const shown = link(`More on ${host}`, url, [host]);
  return shown.includes("](") ? shown : `More at ${codeSpan(url)}`;
}
