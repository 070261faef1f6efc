import type { EntryOf } from "../record/entry.ts";
import { channelName } from "./allowed-channels.ts";
import { type ChatContent, rootContent } from "./chat-content.ts";
import { chatOf } from "./chats.ts";
import { leftContent } from "./left-content.ts";
import { nothingSentTo, type ThreadSent, type ThreadView } from "./thread-state.ts";

/** How often a message may be sent without an answer saying what became of it: once, and once more. */
const MAX_UNSURE = 2;
/**
 * How many incidents from outside the team are announced in an hour, per person and per repository. Anybody who may
 * open issues can declare one with a form, and must not be able to flood the channel.
 */
export const OUTSIDE_ANNOUNCEMENTS = { ofAuthor: 3, ofRepository: 10 } as const;
/**
 * How often the thread of one incident may be started again: a policy that changes back and forth must not flood
 * channels.
 */
export const MAX_MOVES = 5;
/** How many ids of posted replies are remembered, newest last. */
const MAX_TOLD = 1_000;

/** The next step towards what the chat should show. */
export type ThreadStep =
  /** `again`: it was sent before, and nobody knows what became of it: the chat first has to answer something harmless. */
  | { readonly kind: "post-root"; readonly content: ChatContent; readonly again: boolean }
  /** By now the policy names another channel, or the name means a different one: the thread continues there. */
  | { readonly kind: "move-root"; readonly content: ChatContent; readonly again: boolean }
  | { readonly kind: "ask-link" }
  /** The message that previously headed the thread loses its actions. */
  | { readonly kind: "leave"; readonly content: ChatContent }
  | { readonly kind: "update-root"; readonly content: ChatContent }
  | {
      readonly kind: "reply";
      readonly ids: readonly string[];
      readonly content: ChatContent;
      readonly broadcast: boolean;
      readonly again: boolean;
    }
  /** The root message was sent twice, and no answer said where it is. */
  | { readonly kind: "stay-unsure" };

/**
 * The next step, or `null` when the chat shows what it should. First the root message, where the policy now wants it,
 * then its link, then its changes, then the pages, then the other news, each in one reply: after an outage there are two
 * messages at most and no burst.
 *
 * A message that was left behind is updated before another one is: no message keeps actions that nobody listens to.
 *
 * @param digest tells the chat's cards apart: a change in Sevgate's own words is a change as well
 * @param means      the id of the channel that the policy's name was last seen to mean; `null`: not known
 * @param mayShowInLeft whether the operator allows the incident in the place where its thread was before
 */
export function nextThreadStep(
  view: ThreadView,
  sent: ThreadSent,
  digest: (content: ChatContent) => string,
  means: string | null = null,
  mayShowInLeft = true,
): ThreadStep | null {
  const { root, attempt, told, left } = settled(view, sent);
  const unsure = attempt?.replies === null ? attempt.unsure : 0;
  const content = rootContent(view.root);
  if (root === null) {
    if (!view.isOpen) return null;
    if (unsure >= MAX_UNSURE) return { kind: "stay-unsure" };
    return { kind: "post-root", content, again: unsure > 0 };
  }
  if (left !== null) return { kind: "leave", content: leftContent(mayShowInLeft ? view : null) };
  if (mayMove(view, sent) && unsure < MAX_UNSURE && isElsewhere(view, root, means)) {
    return { kind: "move-root", content, again: unsure > 0 };
  }
  if (!root.linkAsked) return { kind: "ask-link" };
  if (root.digest !== digest(content)) return { kind: "update-root", content };
  const begun = attempt?.replies ?? null;
  // What may have arrived is sent again unchanged, so that no part of it can be there three times.
  const all = view.replies.filter((reply) => (begun === null ? !told.includes(reply.id) : begun.includes(reply.id)));
  const pages = all.filter(({ wakes }) => wakes);
  // A phone shows the beginning of a message: what wakes somebody goes first, and alone.
  const due = begun === null && pages.length > 0 ? pages : all;
  if (due.length === 0) return null;
  return {
    kind: "reply",
    ids: due.map((reply) => reply.id),
    content: { kind: "lines", lines: due.map((reply) => reply.line) },
    broadcast: due.some((reply) => reply.broadcast),
    again: begun !== null,
  };
}

/** Whether the thread may be started again: nobody needs that for an incident that is over. */
export function mayMove(view: ThreadView, sent: ThreadSent): boolean {
  return view.isOpen && sent.moves < MAX_MOVES;
}

function isElsewhere(view: ThreadView, root: NonNullable<ThreadSent["root"]>, means: string | null): boolean {
  const wanted = channelName(view.channel);
  if (wanted === root.channel) return false;
  return channelName(root.name) !== wanted || (means !== null && means !== root.channel);
}

/**
 * What a pass continues from: replies that were sent twice in vain, or have dropped out of the view since, count as
 * posted.
 */
export function settled(view: ThreadView, sent: ThreadSent): ThreadSent {
  const begun = sent.attempt?.replies ?? null;
  if (sent.attempt === null || begun === null) return sent;
  const isShown = view.replies.some((reply) => begun.includes(reply.id));
  return isShown && sent.attempt.unsure < MAX_UNSURE ? sent : withTold(sent, begun);
}

/**
 * What was sent, as far as the record tells, after the index was lost. Nothing is posted twice; a reply may be left
 * out. `null`: it was announced in another chat.
 */
export function adopted(announced: EntryOf<"announced">, view: ThreadView): ThreadSent | null {
  if (chatOf(announced) !== view.chat) return null;
  const { channel, ts, name, link } = announced;
  const root = { channel, ts, name, link, linkAsked: true, digest: "" };
  return { ...nothingSentTo(view.chat), root, told: view.replies.map((reply) => reply.id) };
}

/** What is known to have been sent once `ids` are posted, or assumed to be. */
export function withTold(sent: ThreadSent, ids: readonly string[]): ThreadSent {
  return { ...sent, attempt: null, told: [...sent.told, ...ids].slice(-MAX_TOLD) };
}

/** The same just before a message is sent: if its answer never arrives, the next pass knows that it may be there. */
export function withAttempt(sent: ThreadSent, replies: readonly string[] | null): ThreadSent {
  const before =
    sent.attempt !== null && (sent.attempt.replies === null) === (replies === null) ? sent.attempt.unsure : 0;
  return { ...sent, attempt: { replies: replies === null ? null : [...replies], unsure: before + 1 } };
}

/**
 * The same when the message certainly did not arrive, or its answer never came. Replies that were sent twice without an
 * answer are assumed to be there: one too few is better than one too many.
 */
export function withoutAnswer(sent: ThreadSent, arrived: "no" | "perhaps"): ThreadSent {
  const { attempt } = sent;
  if (attempt === null) return sent;
  if (arrived === "no") {
    return { ...sent, attempt: attempt.unsure === 1 ? null : { ...attempt, unsure: attempt.unsure - 1 } };
  }
  return attempt.replies !== null && attempt.unsure >= MAX_UNSURE ? withTold(sent, attempt.replies) : sent;
}
