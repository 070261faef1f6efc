import type { Logger } from "pino";
import { answerRequests } from "../apply/answer-requests.ts";
import { bringThread } from "../apply/bring-thread.ts";
import type { Clock } from "../base/clock.ts";
import type { Trace } from "../base/trace.ts";
import type { Key } from "../core/model.ts";
import { observeThread } from "../observe/observe-thread.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { ChatParts } from "../systems/chat.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { followUps } from "./follow-ups.ts";

/**
 * One pass over the thread of an incident in a chat: people who asked there get their answers, and the thread is made
 * to show what the last pass over the incident kept for it. GitHub is hardly asked, and the incident never waits for
 * this.
 */
export async function threadPass(
  parts: {
    /** `null`: none is set up. */
    readonly chat: ChatParts | null;
    readonly read: Pick<GitHubReader, "repository">;
    readonly clock: Clock;
    readonly log: Logger;
    readonly trace: Trace;
  },
  key: Extract<Key, { kind: "thread" }>,
  lease: Lease,
): Promise<PassResult> {
  const { chat, read, clock, log, trace } = parts;
  if (chat === null) return NOTHING_MORE;
  const told = await answerRequests({ ...chat, lease, trace }, key);
  const seen = await observeThread({ ...chat, read, clock }, key);
  const result = seen === null ? NOTHING_MORE : await bringThread({ ...chat, clock, log, trace, lease }, seen);
  return told ? result : followUps.soon(result);
}
