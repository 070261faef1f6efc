import { loginInChat } from "../core/chat/chat-people.ts";
import { type ChatRequest, ChatRequestBody } from "../core/chat/chat-request.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { readJson } from "../core/read-json.ts";
import type { ThreadStore } from "../store/thread-store.ts";

/** What people asked for in a chat, each put down to whoever that is on GitHub by the on-call file. */
export async function readRequests(threads: ThreadStore, seen: IncidentObservation): Promise<readonly ChatRequest[]> {
  const kept = await threads.requests(seen.repository.id, seen.issue.number);
  return kept.flatMap(({ id, body, answer, at }) => {
    const request = readJson(ChatRequestBody, body);
    if (request === null || answer !== null) return [];
    return [{ ...request, id, at, login: loginInChat(seen.onCall.schedule, request.chat, request.user) }];
  });
}
