import { channelsOf, pagingTrouble, wantedPages } from "../escalation/page-outbox.ts";
import type { History } from "../history.ts";
import type { EscalationState } from "../judge/judge-escalation.ts";
import { codeSpan, person, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { whoIsOn } from "../oncall/who-is-on.ts";
import { rolesInWords } from "./page.ts";
import { utcOn } from "./time.ts";

/** Who is on call, and what the escalation does next: rows of the status comment while somebody is looked for. */
export function escalationFacts(
  seen: Pick<IncidentObservation, "at" | "onCall">,
  escalation: EscalationState,
  declaredAt: Instant,
): readonly { readonly name: string; readonly value: string }[] {
  const { schedule } = seen.onCall;
  if (schedule === null || escalation.kind === "quiet") return [];
  const on = whoIsOn(schedule, seen.at).map(
    ({ role, login }) => `${login === null ? "nobody" : person(login)} (${plain(role, 64)})`,
  );
  return [
    { name: "On call", value: on.join(", ") },
    { name: "Escalation", value: stateInWords(escalation, declaredAt) },
  ];
}

const CHANNEL_NAMES = { "better-stack": "Better Stack", pagerduty: "PagerDuty" } as const;

/** The channels that did not take a page nobody has answered, and what was used instead. */
export function pagingNotices(
  seen: Pick<IncidentObservation, "sentPages" | "policy" | "issue">,
  history: History,
): readonly string[] {
  const wanted = wantedPages(history, seen.issue.state === "open");
  const channels = channelsOf(seen.policy.policy, history.severity);
  return pagingTrouble(wanted, seen.sentPages, channels).map(({ channel, why, instead }) => {
    const then =
      instead === null
        ? "Nothing else took it: please call people yourself."
        : `${CHANNEL_NAMES[instead]} was used instead.`;
    return `${CHANNEL_NAMES[channel]} did not take the page (${plain(why, 100)}). ${then}`;
  });
}

function stateInWords(escalation: Exclude<EscalationState, { kind: "quiet" }>, declaredAt: Instant): string {
  if (escalation.kind === "held") {
    return "waits until somebody of the team confirms the incident: comment any command, such as `/ack`";
  }
  const { next, isStale, reachedNobody } = escalation;
  if (isStale) return "too old to page anybody by itself: `/page` does";
  const then = next === null ? "" : `${rolesInWords(next.adds)} at ${utcOn(next.at, declaredAt)}`;
  if (reachedNobody)
    return `nobody could be paged: ${codeSpan("/page @login")} calls somebody${then === "" ? "" : `; next: ${then}`}`;
  return then === "" ? "everybody was paged" : `next: ${then}`;
}
