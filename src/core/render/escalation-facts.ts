import { chatOf, chatTitle } from "../chat/chats.ts";
import type { NextCall } from "../escalation/escalate.ts";
import { channelsOf, pagingTrouble, wantedPages } from "../escalation/page-outbox.ts";
import type { EscalationState } from "../judge/judge-escalation.ts";
import { person, plain } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import { whoIsOn } from "../oncall/who-is-on.ts";
import { showChoice } from "../policy/show-value.ts";
import type { History } from "../record/history.ts";
import { utcOn } from "../words/time.ts";
import { nextPeople, peopleInWords, rolesInWords } from "./page.ts";

/** Who is on call, and what the escalation does next: rows of the status comment while somebody is being called. */
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
    { name: "Escalation", value: stateInWords(seen, escalation, declaredAt) },
  ];
}

const CHANNEL_NAMES = { "better-stack": "Better Stack", pagerduty: "PagerDuty" } as const;

/** The channels that did not take an unanswered page, and what was used instead. */
export function pagingNotices(
  seen: Pick<IncidentObservation, "sentPages" | "policy" | "issue">,
  history: History,
): readonly string[] {
  const wanted = wantedPages(history, seen.issue.state === "open");
  const channels = channelsOf(seen.policy.policy, history.severity);
  return pagingTrouble(wanted, seen.sentPages, channels).map(({ channel, why, instead }) => {
    const then =
      instead === null
        ? "Nothing else took it: please page people yourself."
        : `${CHANNEL_NAMES[instead]} was used instead.`;
    return `${CHANNEL_NAMES[channel]} did not take the page (${plain(why, 100)}). ${then}`;
  });
}

/** While the issue is locked, nothing can be said on it (A-044): what still goes on, and how to be heard again. */
export function lockNotices(
  { issue, thread, policy }: Pick<IncidentObservation, "issue" | "thread" | "policy">,
  history: History,
): readonly string[] {
  if (!history.isLocked || !issue.locked) return [];
  const channels = channelsOf(policy.policy, history.severity).map((channel) => CHANNEL_NAMES[channel]);
  const ways = ["assignment", ...(thread === null ? [] : [chatTitle(chatOf(thread))]), ...channels];
  return [
    `This issue is locked, so GitHub takes no comments of mine: pages go by ${showChoice(ways, "and")}, and commands count without an answer. Unlock it, and I comment again.`,
  ];
}

/** Whom the escalation pages next and when, or what it waits for; `null`: nobody is looked for. */
export function nextPage(
  seen: Pick<IncidentObservation, "at" | "onCall">,
  escalation: EscalationState,
  declaredAt: Instant,
): string | null {
  return seen.onCall.schedule === null || escalation.kind === "quiet"
    ? null
    : stateInWords(seen, escalation, declaredAt);
}

function stateInWords(
  seen: Pick<IncidentObservation, "onCall">,
  escalation: Exclude<EscalationState, { kind: "quiet" }>,
  declaredAt: Instant,
): string {
  if (escalation.kind === "held") {
    return "nobody is paged before somebody on the team confirms the incident: any command does, such as `/ack`";
  }
  const { next, isStale, reachedNobody } = escalation;
  if (isStale) return "too old to page anyone by itself: `/page @LOGIN` does";
  const then = next === null ? "" : `${whoIsPaged(seen, next)} at ${utcOn(next.at, declaredAt)}`;
  if (reachedNobody) return `nobody could be paged: \`/page @LOGIN\` pages someone${then === "" ? "" : `; ${then}`}`;
  return then === "" ? "nobody else is paged by itself: `/page @LOGIN` pages someone" : then;
}

/** By name where the file says who that will be: `bob (secondary) is paged`. */
function whoIsPaged({ onCall }: Pick<IncidentObservation, "onCall">, next: NextCall): string {
  const people = nextPeople(onCall.schedule, next);
  if (people.length === 0) return `nobody is ${rolesInWords(next.adds)} then, so whoever comes after is paged`;
  return `${peopleInWords(people)} ${people.length === 1 ? "is" : "are"} paged`;
}
