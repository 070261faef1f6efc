import * as z from "zod";
import type { OnCallPerson } from "../oncall/schedule.ts";
import type { Policy } from "../policy/policy.ts";
import { documentLink } from "../words/documents.ts";

/** What differs between chats in what people read and in their files. */
interface ChatFacts {
  /** What people call it. */
  readonly title: string;
  /** A link to the page that explains how to set it up and fix it, to stand in a sentence. */
  readonly guide: string;
  /** The setting in which the operator allows channels. */
  readonly channelsSetting: string;
  /** The channel the policy names: `#name` or an id. */
  readonly channelOf: (policy: Policy) => string;
  /** Who somebody is there, according to the on-call file; `null`: it does not say. */
  readonly idOf: (person: OnCallPerson) => string | null;
}

/** The chats Sevgate can report incidents to. Adding one begins with an entry here (docs/development.md). */
const CHATS = {
  slack: {
    title: "Slack",
    guide: documentLink("slack", "this page"),
    channelsSetting: "SLACK_CHANNELS",
    channelOf: (policy) => policy.slack.channel,
    idOf: (person) => person.slack,
  },
} as const satisfies Record<string, ChatFacts>;

export const ChatName = z.enum(Object.keys(CHATS) as [keyof typeof CHATS]);
export type ChatName = z.output<typeof ChatName>;

/** Whatever is kept without the name of a chat is for this one: it may be from when there was no other. */
export const FIRST_CHAT: ChatName = "slack";

/** What differs from chat to chat. */
export function chatFacts(name: ChatName): ChatFacts {
  return CHATS[name];
}

/** What people call a chat, given the name that was kept: for one from a newer version, that is all there is. */
export function chatTitle(kept: string): string {
  const known = ChatName.safeParse(kept).data;
  return known === undefined ? kept : CHATS[known].title;
}

/** The chat that something kept is about; the first one if it does not say. */
export function chatOf<Name extends string = ChatName>(
  kept: { readonly chat?: Name | undefined } | null | undefined,
): Name | ChatName {
  return kept?.chat ?? FIRST_CHAT;
}
