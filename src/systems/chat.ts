import { TerminalError, TransientError } from "../base/errors.ts";
import type { AllowedChannel } from "../core/chat/allowed-channels.ts";
import type { ChatContent } from "../core/chat/chat-content.ts";
import type { ChatLine } from "../core/chat/chat-line.ts";
import type { ChatName } from "../core/chat/chats.ts";
import type { ThreadStore } from "../store/thread-store.ts";

/** A message in a chat. */
export interface ChatPlace {
  /** The channel's id. */
  readonly channel: string;
  /** The message's id in it. Of two in one channel the newer has the larger number, if ids are numbers. */
  readonly ts: string;
}

/** Nobody knows whether the message arrived: its answer was lost, or said that something went wrong halfway. */
export class PerhapsSentError extends TransientError {}

/** The chat said no. */
export class ChatRefusedError extends TerminalError {
  /** Its word for why, such as `channel_not_found`. */
  readonly reason: string;
  /** Whether that is because the message or the channel no longer exists for us. */
  readonly isGone: boolean;

  constructor(message: string, why: { readonly reason: string; readonly isGone: boolean }) {
    super(message);
    this.reason = why.reason;
    this.isGone = why.isGone;
  }
}

/**
 * Everything passes do in a chat. `systems/<chat>/` makes its own cards from what is to be shown (core/chat/<chat>/)
 * and sends them; no call is repeated.
 *
 * Every call that waits may throw `TransientError` (not reached, or too fast, with `retryAfterMs`), `PerhapsSentError`, or
 * `ChatRefusedError`.
 */
export interface Chat {
  readonly name: ChatName;
  /**
   * `channel`: an id, or a name with or without `#`. `below`: the id of the root message; `null`: this is the root
   * message.
   */
  post(message: {
    readonly channel: string;
    readonly below: string | null;
    /** Show a reply in the channel as well. */
    readonly broadcast: boolean;
    readonly content: ChatContent;
  }): Promise<ChatPlace>;
  /** Changes a message. The same content again is success. */
  update(place: ChatPlace, content: ChatContent): Promise<void>;
  /** The message's URL for people; `null`: none that can be trusted. Refused if the message is gone. */
  link(place: ChatPlace): Promise<string | null>;
  /** Changes nothing. Throws when the chat cannot be reached, or does not know us. */
  ping(): Promise<void>;
  /** Tells one person privately. */
  hint(channel: string, user: string, line: ChatLine): Promise<void>;
  /** How long to wait before the next message into the channel, ms; 0: not at all. Says it, and never waits. */
  waitBefore(channel: string): number;
  /** Tells cards apart by what they show. Pure. */
  readonly digest: (content: ChatContent) => string;
}

/** Everything that passes need from the chat that is set up. */
export interface ChatParts {
  readonly chat: Chat;
  readonly threads: ThreadStore;
  /** The channels the operator allows; empty: none, and nothing is sent. */
  readonly channels: readonly AllowedChannel[];
}

/** The part of it that is needed to know what it should show. */
export interface WatchedChat {
  readonly chat: Pick<Chat, "name" | "digest">;
  readonly threads: ThreadStore;
}
