import type { KnownAlert } from "../core/alerts/known-alert.ts";
import { pageRowId } from "../core/alerts/own-page.ts";
import { loginInChat } from "../core/chat/chat-people.ts";
import { type ChatRequest, ChatRequestBody } from "../core/chat/chat-request.ts";
import { readThreadSent } from "../core/chat/kept-thread.ts";
import type { Repository } from "../core/model.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { readJson } from "../core/read-json.ts";
import type { KnownIncident } from "../store/index-store.ts";
import type { ThreadReader } from "../store/thread-store.ts";
import type { ObserveParts } from "./observe-parts.ts";

import type { Rules } from "./policy-source.ts";

/** What is kept about an incident besides GitHub: its alerts, its pages, its thread, and what people asked for there. */
export type StoredFacts = Pick<
  IncidentObservation,
  "alerts" | "pageReports" | "sentPages" | "thread" | "requests" | "labelsThere"
>;

/** @param known what the index knows about the incident */
export async function readStored(
  parts: ObserveParts,
  repository: Repository,
  number: number,
  known: KnownIncident | null,
  { onCall }: Rules,
): Promise<StoredFacts> {
  const { chat } = parts;
  const [alerts, pageReports, sentPages, thread, requests, knownRepository] = await Promise.all([
    parts.alerts.ofIncident(repository.id, number),
    readPageReports(parts, repository, number, known),
    parts.pages?.sentPages(repository.id, number) ?? [],
    chat === null ? null : chat.threads.thread(repository.id, number),
    chat === null ? [] : chat.threads.requests(repository.id, number),
    parts.index.repository(repository.id),
  ]);
  return {
    alerts,
    pageReports,
    sentPages,
    labelsThere: knownRepository?.labelsThere ?? [],
    thread: chat === null ? null : readThreadSent(thread?.sent ?? null, chat.chat.name),
    requests: requests.flatMap((one) => openRequest(one, onCall)),
  };
}

/** An unanswered request from a chat, attributed to the GitHub account that the on-call file gives for that person. */
function openRequest(
  { id, body, answer, at }: Awaited<ReturnType<ThreadReader["requests"]>>[number],
  { schedule }: IncidentObservation["onCall"],
): readonly ChatRequest[] {
  const request = readJson(ChatRequestBody, body);
  if (request === null || answer !== null) return [];
  return [{ ...request, id, at, login: loginInChat(schedule, request.chat, request.user) }];
}

/** Only for an incident whose record has a page: others cost no question. */
async function readPageReports(
  { alerts }: ObserveParts,
  repository: Repository,
  number: number,
  known: KnownIncident | null,
): Promise<readonly KnownAlert[]> {
  if (known?.record?.includes('"paged"') !== true) return [];
  const rows = await Promise.all(
    ["better-stack", "pagerduty"].map((source) => alerts.alert(repository.id, pageRowId(source, number))),
  );
  return rows.filter((row) => row !== null);
}
