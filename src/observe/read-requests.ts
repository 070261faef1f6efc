import { type SlackRequest, SlackRequestBody } from "../core/chat/chat-request.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { readJson } from "../core/read-json.ts";
import type { ThreadStore } from "../store/thread-store.ts";

/** What people asked for in Slack, each put down to whoever that is on GitHub by the on-call file. */
export async function readRequests(threads: ThreadStore, seen: IncidentObservation): Promise<readonly SlackRequest[]> {
  const people = [...(seen.onCall.schedule?.people.values() ?? [])];
  const loginOf = (user: string) => people.find(({ slack }) => slack === user)?.login ?? null;
  const kept = await threads.requests(seen.repository.id, seen.issue.number);
  return kept.flatMap(({ id, body, answer, at }) => {
    const request = readJson(SlackRequestBody, body);
    return request === null || answer !== null ? [] : [{ ...request, id, at, login: loginOf(request.user) }];
  });
}
