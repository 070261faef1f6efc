import type { SlackView } from "../../core/chat/slack/declare-form.ts";
import type { SlackMessage } from "../../core/chat/slack/message.ts";
import type { ChatPlace } from "../chat.ts";

/**
 * Everything Sevgate does in Slack, in Slack's words. No call is repeated by the client.
 *
 * Every call may throw `TransientError` (not reached, 429 with `retryAfterMs`), `PerhapsSentError` (time-out, 5xx), or
 * `SlackRefusedError` with Slack's word for why.
 */
export interface Slack {
  /** "chat.postMessage". `channel`: an id, or a name without `#`; `threadTs`: the root's, never a reply's. */
  post(message: {
    readonly channel: string;
    readonly threadTs: string | null;
    readonly broadcast: boolean;
    readonly content: SlackMessage;
  }): Promise<ChatPlace>;
  /** "chat.update". The same content again is success. */
  update(place: ChatPlace, content: SlackMessage): Promise<void>;
  /** "chat.getPermalink"; `null`: none that can be trusted. */
  link(place: ChatPlace): Promise<string | null>;
  /** "auth.test": changes nothing. Throws when Slack cannot be reached, or does not know the token. */
  ping(): Promise<void>;
  /** "chat.postEphemeral": visible to one person, and gone with the next reload. */
  hint(channel: string, userId: string, content: SlackMessage): Promise<void>;
  /** "views.open". `triggerId` is valid for 3 s. */
  openView(triggerId: string, view: SlackView): Promise<void>;
  /** How long to wait before the next message into the channel, ms; 0: not at all. Says it, and never waits. */
  waitBefore(channel: string): number;
}
