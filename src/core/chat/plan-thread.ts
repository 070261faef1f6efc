import type { EntryOf } from "../record/entry.ts";
import { channelName } from "./allowed-channels.ts";
import { type ChatContent, rootContent } from "./chat-content.ts";
import { chatOf } from "./chats.ts";
import { leftContent } from "./left-content.ts";
import { nothingSentTo, type ThreadSent, type ThreadView } from "./thread-state.ts";

/** How often a message may be sent without an answer that says what became of it: once, and once more. */
const MAX_UNSURE = 2;
/**
 * How many incidents from outside the team are announced in an hour: of one person, and of a repository. Whoever may open
 * issues may declare one by a form, and must not be able to drown the channel.
 */
export const OUTSIDE_ANNOUNCEMENTS = { ofAuthor: 3, ofRepository: 10 } as const;
/** How often the thread of one incident may be begun anew: a policy that changes to and fro must not fill channels. */
export const MAX_MOVES = 5;
/** Ids of replies that are remembered as told, newest last. */
const MAX_TOLD = 1_000;

/** The next step towards what the chat should show. */
export type ThreadStep =
  /** `again`: it was sent before, and nobody knows what became of it: the chat has to answer something harmless first. */
  | { readonly kind: "post-root"; readonly content: ChatContent; readonly again: boolean }
  /** The policy names another channel by now, or its name means another one: the thread goes on there. */
  | { readonly kind: "move-root"; readonly content: ChatContent; readonly again: boolean }
  | { readonly kind: "ask-link" }
  /** The message that headed the thread before loses its actions. */
  | { readonly kind: "leave"; readonly content: ChatContent }
  | { readonly kind: "update-root"; readonly content: ChatContent }
  | {
      readonly kind: "reply";
      readonly ids: readonly string[];
      readonly content: ChatContent;
      readonly broadcast: boolean;
      readonly again: boolean;
    }
  /** The root message was sent twice, and no answer told where it is. */
  | { readonly kind: "stay-unsure" };

/**
 * The next step, or `null` when the chat shows what it should. First the root message, where the policy says now, then its
 * link, then its changes, then what is to be told, all of it in one reply: after an outage there is one message and no
 * burst.
 *
 * What was left is told so before anything else is left: no message keeps actions that nobody listens to.
 *
 * @param digest what tells the chat's cards apart: changed words of Sevgate's are a change as well
 * @param means      the id of the channel that the policy's name was last seen to mean; `null`: not known
 * @param mayShowInLeft whether the operator allows the incident where its thread was before
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
  // What may have arrived is sent again as it was, so that nothing of it can be there three times.
  const due = view.replies.filter((reply) => (begun === null ? !told.includes(reply.id) : begun.includes(reply.id)));
  if (due.length === 0) return null;
  return {
    kind: "reply",
    ids: due.map((reply) => reply.id),
    content: { kind: "lines", lines: due.map((reply) => reply.line) },
    broadcast: due.some((reply) => reply.broadcast),
    again: begun !== null,
  };
}

/** Whether the thread may be begun anew: nobody needs that of an incident that is over. */
export function mayMove(view: ThreadView, sent: ThreadSent): boolean {
  return view.isOpen && sent.moves < MAX_MOVES;
}

function isElsewhere(view: ThreadView, root: NonNullable<ThreadSent["root"]>, means: string | null): boolean {
  const wanted = channelName(view.channel);
  if (wanted === root.channel) return false;
  return channelName(root.name) !== wanted || (means !== null && means !== root.channel);
}

/** What a pass goes on from: replies that were sent twice in vain, or fell out of the view meanwhile, count as told. */
export function settled(view: ThreadView, sent: ThreadSent): ThreadSent {
  const begun = sent.attempt?.replies ?? null;
  if (sent.attempt === null || begun === null) return sent;
  const isShown = view.replies.some((reply) => begun.includes(reply.id));
  return isShown && sent.attempt.unsure < MAX_UNSURE ? sent : withTold(sent, begun);
}

/**
 * What was sent, as far as the record tells: for an index that was lost. Nothing is told twice; a reply may be left out. `null`:
 * it was announced in another chat.
 */
export function adopted(announced: EntryOf<"announced">, view: ThreadView): ThreadSent | null {
  if (chatOf(announced) !== view.chat) return null;
  const { channel, ts, name, link } = announced;
  const root = { channel, ts, name, link, linkAsked: true, digest: "" };
  return { ...nothingSentTo(view.chat), root, told: view.replies.map((reply) => reply.id) };
}

/** What is known to be sent once `ids` are told, or are taken to be. */
export function withTold(sent: ThreadSent, ids: readonly string[]): ThreadSent {
  return { ...sent, attempt: null, told: [...sent.told, ...ids].slice(-MAX_TOLD) };
}

/** The same before a message leaves: should its answer never be known, the next pass knows that it may be there. */
export function withAttempt(sent: ThreadSent, replies: readonly string[] | null): ThreadSent {
  const before =
    sent.attempt !== null && (sent.attempt.replies === null) === (replies === null) ? sent.attempt.unsure : 0;
  return { ...sent, attempt: { replies: replies === null ? null : [...replies], unsure: before + 1 } };
}

/**
 * The same when the message surely did not arrive, or its answer never came. Replies that were sent twice without an
 * answer are taken to be there: one too few is better than one too many.
 */
export function withoutAnswer(sent: ThreadSent, arrived: "no" | "perhaps"): ThreadSent {
  const { attempt } = sent;
  if (attempt === null) return sent;
  if (arrived === "no") {
    return { ...sent, attempt: attempt.unsure === 1 ? null : { ...attempt, unsure: attempt.unsure - 1 } };
  }
  return attempt.replies !== null && attempt.unsure >= MAX_UNSURE ? withTold(sent, attempt.replies) : sent;
}
