import { wordsOf } from "../alerts/alert-rule.ts";
import { type AlertState, burningMembers } from "../alerts/alert-state.ts";
import type { AlertsOfIncident } from "../alerts/known-alert.ts";
import { SOURCE_NAMES } from "../alerts/source-names.ts";
import type { Telling } from "../alerts/what-to-tell.ts";
import { codeSpan, link, person, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import { isAppLogin } from "../names.ts";
import type { History } from "../record/history.ts";
import { withoutAddresses } from "../trust/without-addresses.ts";
import { roughly } from "../words/roughly.ts";
import { utcOn } from "../words/time.ts";

const MAX_NAME_CHARACTERS = 80;
const MAX_WORDS = 4;

/**
 * What the status comment says about the alerts of an incident. Numbers are rough, because each change to the text is a
 * write.
 */
export function alertFacts(
  alerts: AlertsOfIncident | null,
  day: Instant,
): readonly { readonly name: string; readonly value: string }[] {
  if (alerts === null) return [];
  const { listed, named, firing, acknowledged, resolved } = alerts;
  const total = firing + acknowledged + resolved;
  const only = listed[0];
  if (only === undefined) return [];
  if (total === 1) return [{ name: "Alert", value: one(only.state, day) }];
  const burning = firing + acknowledged;
  const still = burning === 0 ? "all are over" : burning === total ? "all fire" : `${roughly(burning)} still fire`;
  const names = named.map((title) => `“${plain(withoutAddresses(title), MAX_NAME_CHARACTERS)}”`).join(", ");
  const among = names === "" ? "" : `, ${burning > named.length ? "among them" : "namely"} ${names}`;
  return [{ name: "Alerts", value: `${roughly(total)}; ${still}${among}` }];
}

function one(state: AlertState, day: Instant): string {
  const word = { firing: "firing", acknowledged: "firing, acknowledged there", resolved: "over" }[state.status];
  const since = state.status === "resolved" ? state.resolvedAt : state.firedAt;
  const times = state.times > 1 ? `, ${roughly(state.times)} times so far` : "";
  const host = state.url !== null && URL.canParse(state.url) ? new URL(state.url).host : null;
  const address = host === null || state.url === null ? "" : ` · ${link(host, state.url, [host])}`;
  const place = `${SOURCE_NAMES[state.source]} ${codeSpan(state.labels["workflow"] ?? state.endpoint)}`;
  return `${place}: ${word}${state.status === "resolved" ? "" : groupInWords(state)}${since === null ? "" : ` since ${utcOn(since, day)}`}${times}${address}`;
}

/** How many alerts of a group are firing, and how severe their source says they are. */
function groupInWords(state: AlertState): string {
  const count = burningMembers(state).length + (state.truncated ?? 0);
  if (count <= 1) return "";
  const words = wordsOf(state).flatMap((word) => (word === null ? [] : [plain(word, 32)]));
  return `, ${roughly(count)} alerts${words.length === 0 ? "" : ` (${words.slice(0, MAX_WORDS).join(", ")})`},`;
}

/** The source and the endpoint of the alert that declared an incident; `null`: somebody else did. */
export function declaringAlert(
  by: string | null,
  alerts: AlertsOfIncident | null,
): { readonly source: string; readonly endpoint: string } | null {
  const first = alerts?.listed[0]?.state;
  if (by === null || !isAppLogin(by) || first === undefined) return null;
  return { source: SOURCE_NAMES[first.source], endpoint: first.endpoint };
}

/** Who declared it, for use after `by`: a person, or the source of an alert; `null`: nobody knows. */
export function declarerInWords(by: string | null, alerts: AlertsOfIncident | null): string | null {
  const alert = declaringAlert(by, alerts);
  if (alert !== null) return `${alert.source} ${codeSpan(alert.endpoint)}`;
  return by === null ? null : person(by);
}

/** Who is responsible: a person here, or somebody not known here who acknowledged at the source. */
export function responderOf(history: History): string {
  if (history.responder !== null) return person(history.responder);
  const elsewhere = somebodyElsewhere(history);
  return elsewhere === null ? "nobody yet: comment `/ack`" : `${elsewhere}; \`/ack\` takes over`;
}

/** Somebody not known here who acknowledged where the alert comes from; `null`: nobody did. */
export function somebodyElsewhere({ acknowledged, alerted }: History): string | null {
  const there = alerted.acknowledged;
  if (acknowledged === null || there === null) return null;
  return `${plain(withoutAddresses(there.name ?? "somebody"), 100)}, who acknowledged the alert at ${codeSpan(there.endpoint)}`;
}

/** What people need to know because a source could not be told. */
export function alertTroubles(alerts: AlertsOfIncident | null): readonly string[] {
  return [...new Set((alerts?.listed ?? []).flatMap(({ trouble }) => trouble ?? []))].slice(0, 3);
}

/** Why a source does not know, in one sentence with the next step; `why` is in our own words. */
export function sourceTrouble({ source, state }: Telling, kind: "failed" | "refused", why: string): string {
  const what = state === "acknowledged" ? "acknowledged" : "resolved";
  const name = SOURCE_NAMES[source];
  return kind === "refused"
    ? `${name} did not take it that this is ${what} (${plain(why, 100)}). Do it there; the Sevgate operator has to look at its API token.`
    : `${name} does not know yet that this is ${what} (${plain(why, 100)}). It is tried again every few minutes.`;
}
