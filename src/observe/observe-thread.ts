import type { Clock } from "../base/clock.ts";
import { type AllowedChannel, channelName, isAllowed } from "../core/chat/allowed-channels.ts";
import { readThreadSent, readThreadView } from "../core/chat/kept-thread.ts";
import { nextThreadStep } from "../core/chat/plan-thread.ts";
import type { ThreadSent, ThreadView } from "../core/chat/thread-state.ts";
import type { Instant, Key, Repository } from "../core/model.ts";
import type { ThreadReader } from "../store/thread-store.ts";
import type { WatchedChat } from "../systems/chat.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/** What a pass over a thread works from. */
export interface ThreadObservation {
  readonly at: Instant;
  readonly repository: Repository;
  readonly number: number;
  readonly view: ThreadView;
  readonly sent: ThreadSent;
  /** The revision of what was sent, as it was read. */
  readonly revision: number;
  /** The id of the channel that the policy's name was last seen to mean; `null`: not known. */
  readonly means: string | null;
  /**
   * Whether the operator allows, for this repository at its present visibility: the channel of the thread, the policy's
   * channel, and that of a message which is still to be left.
   */
  readonly isAllowed: { readonly here: boolean; readonly byPolicy: boolean; readonly left: boolean };
}

/**
 * Reads what the chat should show and what was sent. GitHub is asked only when something is to be sent, and only whether
 * the repository is private: what was public yesterday may not be today. `null`: nothing to do.
 */
export async function observeThread(
  parts: {
    readonly read: Pick<GitHubReader, "repository">;
    readonly chat: WatchedChat["chat"];
    readonly threads: ThreadReader;
    readonly clock: Clock;
    readonly channels: readonly AllowedChannel[];
  },
  { repository, number }: Extract<Key, { kind: "thread" }>,
): Promise<ThreadObservation | null> {
  const known = await parts.threads.thread(repository.id, number);
  const view = readThreadView(known?.view ?? null);
  // From another chat: the next pass over the incident says what this one should show.
  if (known === null || view?.chat !== parts.chat.name) return null;
  const sent = readThreadSent(known.sent, view.chat);
  const seen = { at: parts.clock.now(), repository, number, view, sent, revision: known.revision };
  if (nextThreadStep(view, sent, parts.chat.digest) === null) {
    return { ...seen, means: null, isAllowed: { here: true, byPolicy: true, left: true } };
  }
  const facts = await parts.read.repository(repository);
  if (facts === "missing") return null;
  const allows = (names: readonly string[]) => isAllowed(parts.channels, names, repository, facts.isPrivate);
  const byPolicy = allows([view.channel]);
  const here = sent.root === null ? byPolicy : allows([sent.root.channel, sent.root.name]);
  const left = sent.left === null || allows([sent.left.channel, sent.left.name]);
  const means = await meantBy(parts.threads, repository, view);
  return { ...seen, means, isAllowed: { here, byPolicy, left } };
}

/** Where the repository's newest message under that name went: by now the name may mean a different channel. */
async function meantBy(
  threads: ThreadReader,
  repository: Repository,
  { chat, channel }: ThreadView,
): Promise<string | null> {
  const name = channelName(channel);
  const kept = await threads.openThreads(repository.id);
  const roots = kept.flatMap(({ sent }) => readThreadSent(sent, chat).root ?? []);
  const named = roots.filter((root) => channelName(root.name) === name);
  return named.toSorted((a, b) => Number(b.ts) - Number(a.ts))[0]?.channel ?? null;
}
