import { TransientError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import { answerLine } from "../core/chat/answer-line.ts";
import { ChatAnswer, ChatRequestBody } from "../core/chat/chat-request.ts";
import { readThreadView } from "../core/chat/kept-thread.ts";
import type { Key } from "../core/model.ts";
import { readJson } from "../core/read-json.ts";
import type { Lease } from "../queue/lease.ts";
import type { ThreadStore } from "../store/thread-store.ts";
import { type Chat, ChatRefusedError, PerhapsSentError } from "../systems/chat.ts";

/**
 * Tells people who asked for something in a chat what became of it, each privately and once. `false`: the chat did not
 * accept all of it, and is to be tried again.
 */
export async function answerRequests(
  parts: {
    readonly chat: Pick<Chat, "name" | "hint">;
    readonly threads: ThreadStore;
    readonly lease: Lease;
    readonly trace: Trace;
  },
  { repository, number }: Extract<Key, { kind: "thread" }>,
): Promise<boolean> {
  const { chat, threads, lease, trace } = parts;
  let told = true;
  const requests = await threads.requests(repository.id, number);
  const isDrill = requests.length > 0 && isInDrill((await threads.thread(repository.id, number))?.view ?? null);
  for (const { id, body, answer: kept } of requests) {
    const request = readJson(ChatRequestBody, body);
    const answer = readJson(ChatAnswer, kept);
    if (request === null || answer === null || request.chat !== chat.name) continue;
    const hint = answerLine(answer, request.user, chat.name, isDrill);
    try {
      await lease.assertHeld();
      if (hint !== null) {
        const tell = () => chat.hint(request.channel, request.user, hint);
        await trace.take(`answer:${answer.kind}`, "request", tell);
      }
    } catch (error) {
      const isOver = error instanceof PerhapsSentError || error instanceof ChatRefusedError;
      if (!isOver && !(error instanceof TransientError)) throw error;
      // A message that may have arrived is not worth a second one.
      if (!isOver) {
        told = false;
        continue;
      }
    }
    await threads.closeRequest(id);
  }
  return told;
}

/** Whether the thread is that of a drill, by what it should show. */
function isInDrill(view: string | null): boolean {
  const root = readThreadView(view)?.root;
  return root?.kind === "incident" && root.isDrill;
}
