import { ChatRefusedError } from "../chat.ts";

/**
 * Slack's words for a message or channel that no longer exists for us (chat.postMessage, chat.update,
 * chat.getPermalink).
 */
const GONE: ReadonlySet<string> = new Set([
  "message_not_found",
  "thread_not_found",
  "channel_not_found",
  "is_archived",
  "not_in_channel",
]);

/** Slack said no. `reason` is its word for why, such as `channel_not_found` (docs.slack.dev, each method's "Errors"). */
export class SlackRefusedError extends ChatRefusedError {
  constructor(method: string, reason: string) {
    super(`${method}: Slack refused: ${reason}`, { reason, isGone: GONE.has(reason) });
  }
}
