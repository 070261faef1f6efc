import { z } from "zod";
import type { OnCallPerson } from "../oncall/schedule.ts";
import type { Policy } from "../policy/policy.ts";

/** What differs from chat to chat in the words and files of people. */
interface ChatFacts {
  /** How people call it. */
  readonly title: string;
  /** The page that says how it is set up and mended. */
  readonly guide: string;
  /** The setting in which the operator allows channels. */
  readonly channelsSetting: string;
  /** The channel the policy names: `#name` or an id. */
  readonly channelOf: (policy: Policy) => string;
  /** Who somebody is there, by the on-call file; `null`: it does not say. */
  readonly idOf: (person: OnCallPerson) => string | null;
}

/** The chats that Sevgate can tell of incidents. Another one begins with an entry here (docs/development.md). */
const CHATS = {
  slack: {
    title: "Slack",
    guide: "docs/slack.md",
    channelsSetting: "SLACK_CHANNELS",
    channelOf: (policy) => policy.slack.channel,
    idOf: (person) => person.slack,
  },
} as const satisfies Record<string, ChatFacts>;

export const ChatName = z.enum(Object.keys(CHATS) as [keyof typeof CHATS]);
export type ChatName = z.output<typeof ChatName>;

/** What is kept without the name of a chat was kept when there was no other, or for this one. */
export const FIRST_CHAT: ChatName = "slack";

/** What differs from chat to chat. */
export function chatFacts(name: ChatName): ChatFacts {
  return CHATS[name];
}

/** How people call a chat, by a name as it is kept: one of a newer version has only that. */
export function chatTitle(kept: string): string {
  const known = ChatName.safeParse(kept).data;
  return known === undefined ? kept : CHATS[known].title;
}

/** The chat that something kept is about; of nothing, the first. */
export function chatOf<Name extends string = ChatName>(
  kept: { readonly chat?: Name | undefined } | undefined,
): Name | ChatName {
  return kept?.chat ?? FIRST_CHAT;
}
