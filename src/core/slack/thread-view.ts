import type { Incident } from "../derive.ts";
import { fullName, type IncidentObservation } from "../observation.ts";
import { incidentLine, type RootFacts, rootMessage } from "./root-message.ts";
import { threadReply } from "./thread-reply.ts";
import type { ThreadView } from "./thread-state.ts";

/** A thread is told at most this much at once: of what happened while Slack was away, the latest. */
const MAX_REPLIES = 30;

/** What Slack should show of an incident, as its pass has just seen and judged it. */
export function threadView(seen: IncidentObservation, incident: Incident): ThreadView {
  const { issue, policy } = seen;
  const { history, record } = incident;
  const facts: RootFacts = {
    severity: history.severity,
    title: issue.title,
    url: issue.url,
    repository: fullName(seen.repository),
    repositoryId: seen.repository.id,
    number: issue.number,
    phase: history.phase,
    isOpen: issue.state === "open",
    responder: history.responder,
    onCall: [],
    declaredAt: history.declared.at,
    declaredBy: history.declared.by,
  };
  const slackIds = new Map<string, string>();
  const replies = record.entries.flatMap((entry) => {
    const reply = threadReply(entry, { issueUrl: issue.url, declaredAt: history.declared.at, slackIds });
    return reply === null ? [] : [reply];
  });
  return {
    channel: policy.policy.slack.channel,
    isOpen: facts.isOpen,
    root: rootMessage(facts),
    line: incidentLine(facts),
    replies: replies.slice(-MAX_REPLIES),
  };
}
