import { idsInChat } from "../chat/chat-people.ts";
import { type ChatName, chatFacts } from "../chat/chats.ts";
import { type RootFacts, threadRoot, withoutSeverity } from "../chat/thread-root.ts";
import type { ThreadView } from "../chat/thread-state.ts";
import type { Incident } from "../derive.ts";
import { contentClassOf, declarerOf } from "../judge/judge-confirmation.ts";
import { oneLine } from "../markdown/escape.ts";
import { fullName } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { whoIsOn } from "../oncall/who-is-on.ts";
import { type History, isBackInSearch } from "../record/history.ts";
import { hasItSince } from "../record/key-times.ts";
import { latestNews } from "../record/latest-news.ts";
import { declaringAlert } from "./alert-facts.ts";
import { nextPeople } from "./page.ts";
import { threadReply } from "./thread-reply.ts";

/** Whoever has a role now, such as `alice (primary)`, in the order of the file. */
function onCallNow({ onCall, at }: IncidentObservation): readonly string[] {
  if (onCall.schedule === null) return [];
  return whoIsOn(onCall.schedule, at).flatMap(({ role, login }) => (login === null ? [] : [`${login} (${role})`]));
}

/** Whom the escalation pages next, in plain text; `null`: nobody. */
function nextOf({ onCall }: IncidentObservation, { escalation }: Incident): RootFacts["next"] {
  if (escalation.kind !== "running" || escalation.next === null || onCall.schedule === null) return null;
  const { at } = escalation.next;
  const who = nextPeople(onCall.schedule, escalation.next).map(({ role, login }) =>
    login === null ? role : `${login} (${role})`,
  );
  return { who: who.join(", "), at };
}

/** Who has to make do with what is left over of the announcements; the issue's author if nobody knows who declared it. */
function outsiderOf(seen: IncidentObservation, history: History): string {
  // What GitHub shows for a deleted account.
  return declarerOf(seen, history)?.login ?? "ghost";
}

/** A thread is told at most this much at once: of what happened while the chat was away, the latest. */
const MAX_REPLIES = 30;

/** What the chat should show of an incident, as its pass has just seen and judged it. */
export function threadView(seen: IncidentObservation, incident: Incident, chat: ChatName): ThreadView {
  const { issue, policy } = seen;
  const { history, record } = incident;
  const alert = declaringAlert(history.declared.by, seen.alerts);
  const facts: RootFacts = {
    severity: history.severity,
    title: policy.policy.severities.reduce((title, { name }) => withoutSeverity(title, name), oneLine(issue.title)),
    url: issue.url,
    repository: fullName(seen.repository),
    repositoryId: seen.repository.id,
    number: issue.number,
    phase: history.phase,
    isDrill: history.drill !== null,
    // Closed on GitHub and not judged yet, it may be opened again.
    isOpen: issue.state === "open" || (history.closed === null && history.cancelled === null),
    responder: history.responder,
    since: hasItSince(history),
    wasTaken: isBackInSearch(history),
    onCall: onCallNow(seen),
    next: nextOf(seen, incident),
    news: latestNews(record.entries),
    declaredAt: history.declared.at,
    declaredBy: alert === null ? history.declared.by : `${alert.source} ${alert.endpoint}`,
  };
  const root = threadRoot(facts);
  const ids = idsInChat(seen.onCall.schedule, chat);
  const replies = record.entries.flatMap((entry) => {
    const reply = threadReply(entry, {
      issueUrl: issue.url,
      declaredAt: history.declared.at,
      idsInChat: ids,
      severity: history.severity,
      title: root.title,
      isDrill: facts.isDrill,
      isUnanswered: ({ at, step, episode }) =>
        history.pages.some((page) => page.at === at && page.step === step && page.episode === episode),
      runbookTitles: seen.runbookTexts,
    });
    return reply === null ? [] : [reply];
  });
  return {
    chat,
    channel: chatFacts(chat).channelOf(policy.policy),
    isOpen: issue.state === "open",
    outsider: contentClassOf(seen, history) !== "incident" ? outsiderOf(seen, history) : null,
    root,
    replies: replies.slice(-MAX_REPLIES),
  };
}
