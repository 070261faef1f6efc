import { TransientError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import { answerLine } from "../core/chat/answer-line.ts";
import { SlackAnswer, SlackRequestBody } from "../core/chat/chat-request.ts";
import { slackCard } from "../core/chat/slack/slack-card.ts";
import type { Key } from "../core/model.ts";
import { readJson } from "../core/read-json.ts";
import type { Lease } from "../queue/lease.ts";
import type { ThreadStore } from "../store/thread-store.ts";
import { PerhapsSentError, type Slack } from "../systems/slack/ports.ts";
import { SlackRefusedError } from "../systems/slack/slack-refused-error.ts";

/**
 * Tells those who asked for something in Slack what became of it, each alone and once. `false`: Slack did not take all
 * of it, and is to be asked again.
 */
export async function answerRequests(
  parts: { readonly slack: Slack; readonly threads: ThreadStore; readonly lease: Lease; readonly trace: Trace },
  { repository, number }: Extract<Key, { kind: "thread" }>,
): Promise<boolean> {
  const { slack, threads, lease, trace } = parts;
  let told = true;
  for (const { id, body, answer: kept } of await threads.requests(repository.id, number)) {
    const request = readJson(SlackRequestBody, body);
    const answer = readJson(SlackAnswer, kept);
    if (request === null || answer === null) continue;
    const hint = answerLine(answer, request.user);
    try {
      await lease.assertHeld();
      if (hint !== null) {
        const card = slackCard({ kind: "lines", lines: [hint] });
        await trace.take(`answer:${answer.kind}`, "request", () => slack.hint(request.channel, request.user, card));
      }
    } catch (error) {
      const isOver = error instanceof PerhapsSentError || error instanceof SlackRefusedError;
      if (!isOver && !(error instanceof TransientError)) throw error;
      // A hint that may be there is not worth a second one.
      if (!isOver) {
        told = false;
        continue;
      }
    }
    await threads.closeRequest(id);
  }
  return told;
}
