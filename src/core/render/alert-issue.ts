import type { AlertSource } from "../alerts/alert-change.ts";
import type { KnownAlert } from "../alerts/known-alert.ts";
import { codeSpan, link, plain, titleText } from "../markdown/escape.ts";
import { withoutAddresses } from "../trust/without-addresses.ts";
import { markerOf } from "./replies.ts";
import { utc } from "./time.ts";

const MAX_TITLE_CHARACTERS = 200;
const MAX_SUMMARY_CHARACTERS = 1_000;
const MAX_LABELS = 20;

/** How people call a source. */
export const SOURCE_NAMES: Readonly<Record<AlertSource, string>> = {
  "better-stack": "Better Stack",
  alertmanager: "Alertmanager",
  grafana: "Grafana",
  pagerduty: "PagerDuty",
  "pagerduty-events": "an event",
  "github-actions": "GitHub Actions",
  sevgate: "Sevgate",
};

/** The name of a storm as a key: not one of an alert, which is hexadecimal. */
export function stormId(severity: string): string {
  return `storm:${severity}`;
}

/** The severity a storm is of; `null`: the key is that of an alert. */
export function stormSeverity(id: string): string | null {
  return id.startsWith("storm:") ? id.slice("storm:".length) : null;
}

/** How the app finds the issue of an alert again, should the answer to its creation get lost. Only in its own issues. */
export function alertMarker(id: string): string {
  return markerOf(`alert:${id}`);
}

/** The issue an alert opens. Everything it says comes from outside; of addresses in it the host alone is shown. */
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
    ...(address === null ? [] : ["", address]),
    ...(labels.length === 0
      ? []
      : ["", ...labels.map(([name, value]) => `- ${plain(name, 64)}: ${plain(withoutAddresses(value), 200)}`)]),
    ...(earlier === null ? [] : ["", `It fired before: #${earlier}.`]),
  ];
  return { title: titleText(withoutAddresses(state.title), MAX_TITLE_CHARACTERS), body: `${lines.join("\n")}\n` };
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
      "there are and how many still fire. How many issues alerts may open is `alerts.issues-per-hour` of the policy.",
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

/** A link whose text is its true host: what the source calls it is not shown. */
function addressLine(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { host } = new URL(url);
  const shown = link(`More on ${host}`, url, [host]);
  return shown.includes("](") ? shown : `More at ${codeSpan(url)}`;
}
