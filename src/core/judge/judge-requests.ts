import { type ChatAnswer, type ChatRequest, notAllowed } from "../chat/chat-request.ts";
import { authorize } from "../commands/authorize.ts";
import type { Instant } from "../model.ts";
import { permissionKey } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import type { Edge } from "./edge.ts";
import type { Judged } from "./judged.ts";
import { askAgainAt, orLater } from "./or-later.ts";

/** What was judged, and what the people who asked are told. */
export interface JudgedRequests extends Judged {
  readonly answers: readonly { readonly id: string; readonly answer: ChatAnswer }[];
}

/**
 * Judges what people asked for in a chat: each once, in order, by the rights they have on GitHub now. What is obeyed
 * leaves the same receipt as a command; what is not leaves only an answer.
 */
export function judgeRequests(seen: IncidentObservation, known: Known): JudgedRequests {
  const entries: Entry[] = [];
  const edges: Edge[] = [];
  const answers: { id: string; answer: ChatAnswer }[] = [];
  let lookAgainAt: Instant | null = null;
  let before = known;
  for (const request of seen.requests) {
    const judged = judgeRequest(seen, before, request);
    if (judged === "later") {
      lookAgainAt = askAgainAt(seen.at);
      break;
    }
    entries.push(...judged.entries);
    before = before.with(judged.entries);
    edges.push(...judged.edges);
    answers.push({ id: request.id, answer: judged.answer });
  }
  return { entries, edges, answers, lookAgainAt };
}

/**
 * The thread's link, for people who may know it: those in the same channel, or readers of the repository, whose status
 * comment shows it.
 */
function linkFor({ thread, permissions }: IncidentObservation, { channel, login }: ChatRequest): string | null {
  const root = thread?.root ?? null;
  const has = login === null ? "cannot-tell" : (permissions.get(permissionKey(login)) ?? "cannot-tell");
  const isReader = has !== "cannot-tell" && has !== "none";
  return root !== null && (root.channel === channel || isReader) ? root.link : null;
}

type One = Pick<Judged, "entries" | "edges"> & { readonly answer: ChatAnswer };

function judgeRequest(seen: IncidentObservation, known: Known, request: ChatRequest): One | "later" {
  const say = (answer: ChatAnswer): One => ({ entries: [], edges: [], answer });
  const { login } = request;
  if (request.kind === "lost") return say({ kind: "elsewhere", link: linkFor(seen, request) });
  // After a pass that died once it had saved the record, the same is judged again: the receipt tells.
  if (known.record.entries.some((entry) => "via" in entry && entry.via?.[request.chat] === request.id))
    return say({ kind: "done" });
  if (login === null) return say({ kind: "unmapped" });

  const permission = seen.permissions.get(permissionKey(login)) ?? "cannot-tell";
  const command = request.kind === "acknowledge" ? "ack" : "resolve";
  const may = authorize(command, { id: 0, login, isBot: false }, permission, seen.policy.policy.commands);
  if (may.kind === "cannot-tell") {
    return orLater(seen, request.at) ?? say({ kind: "cannot-tell" });
  }
  if (may.kind === "refused") return say(notAllowed(login, may.needs));
  if (may.kind === "ignored") return say({ kind: "unmapped" });
  const { history } = known;
  // As for commands, a close that has not been accepted yet is not an end.
  if (seen.issue.state === "closed" && history.closed !== null) return say({ kind: "closed" });
  const base = { at: request.at, by: login, source: null, via: { [request.chat]: request.id } };
  if (request.kind === "resolve") {
    if (history.resolved !== null) return say({ kind: "already" });
    return { entries: [{ kind: "resolved", ...base, text: "" }], edges: [], answer: { kind: "done" } };
  }
  if (history.responder?.toLowerCase() === login.toLowerCase()) return say({ kind: "already" });
  const edges: readonly Edge[] = [{ kind: "assign", login }];
  return { entries: [{ kind: "acknowledged", ...base }], edges, answer: { kind: "done" } };
}
