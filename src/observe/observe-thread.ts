import type { Instant, Key, Repository } from "../core/model.ts";
import { type AllowedChannel, isAllowed } from "../core/slack/allowed-channels.ts";
import { nextThreadStep } from "../core/slack/plan-thread.ts";
import { readKept } from "../core/slack/read-kept.ts";
import { NOTHING_SENT, ThreadSent, ThreadView } from "../core/slack/thread-state.ts";
import type { GitHubReader } from "../github/ports.ts";
import type { Clock } from "../queue/clock.ts";
import type { ThreadStore } from "../queue/thread-store.ts";

/** What a pass over a thread goes by. */
export interface ThreadObservation {
  readonly at: Instant;
  readonly repository: Repository;
  readonly number: number;
  readonly view: ThreadView;
  readonly sent: ThreadSent;
  /** Of what was sent, as it was read. */
  readonly revision: number;
  /** Whether the operator allows the channel for this repository, as visible as it is now. */
  readonly isAllowed: boolean;
}

/**
 * Reads what Slack should show and what was sent. GitHub is asked only when something is to be sent, and only whether
 * the repository is private: what was public yesterday may not be today. `null`: nothing to do.
 */
export async function observeThread(
  parts: {
    readonly read: Pick<GitHubReader, "repository">;
    readonly threads: ThreadStore;
    readonly clock: Clock;
    readonly channels: readonly AllowedChannel[];
  },
  { repository, number }: Extract<Key, { kind: "thread" }>,
): Promise<ThreadObservation | null> {
  const known = await parts.threads.thread(repository.id, number);
  const view = readKept(ThreadView, known?.view ?? null);
  if (known === null || view === null) return null;
  const sent = readSent(known.sent);
  const seen = { at: parts.clock.now(), repository, number, view, sent, revision: known.revision };
  if (nextThreadStep(view, sent) === null) return { ...seen, isAllowed: true };
  const facts = await parts.read.repository(repository);
  if (facts === "missing") return null;
  const names = sent.root === null ? [view.channel] : [sent.root.channel, sent.root.name];
  return { ...seen, isAllowed: isAllowed(parts.channels, names, repository, facts.isPrivate) };
}

/** What was sent, as it is kept; nothing, when it cannot be read. */
export function readSent(kept: string | null): ThreadSent {
  return readKept(ThreadSent, kept) ?? NOTHING_SENT;
}
