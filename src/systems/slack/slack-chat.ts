import { slackCard } from "../../core/chat/slack/slack-card.ts";
import { digestOf } from "../../core/chat/thread-state.ts";
import type { Chat } from "../chat.ts";
import type { Slack } from "./ports.ts";

/** Slack as the chat that passes know. */
export function createSlackChat(slack: Slack): Chat {
  return {
    name: "slack",
    post: ({ channel, below, broadcast, content }) =>
      slack.post({ channel, threadTs: below, broadcast, content: slackCard(content) }),
    update: (place, content) => slack.update(place, slackCard(content)),
    link: (place) => slack.link(place),
    ping: () => slack.ping(),
    hint: (channel, user, line) => slack.hint(channel, user, slackCard({ kind: "lines", lines: [line] })),
    waitBefore: (channel) => slack.waitBefore(channel),
    digest: (content) => digestOf(slackCard(content)),
  };
}
