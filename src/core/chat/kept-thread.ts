import * as z from "zod";
import { readJson } from "../read-json.ts";
import { type ChatName, chatOf, FIRST_CHAT } from "./chats.ts";
import { nothingSentTo, ThreadSent, ThreadView } from "./thread-state.ts";

/**
 * A view in the previous form, with the card and its lines ready-made. A pass over the incident keeps the new form;
 * version 0.2 will no longer read this one.
 */
const MadeView = z
  .strictObject({
    channel: z.string().min(1).max(81),
    isOpen: z.boolean(),
    root: z.object({ text: z.string().min(1), blocks: z.array(z.unknown()) }),
    outsider: z.string().nullable().default(null),
    line: z.string().min(1),
    replies: z.array(z.strictObject({ id: z.string(), text: z.string().min(1), broadcast: z.boolean() })),
  })
  .transform(({ root, line, replies, ...view }): ThreadView => {
    const made = (marked: string) => [{ kind: "made" as const, made: marked }];
    return {
      chat: FIRST_CHAT,
      ...view,
      root: { kind: "made", card: root, line: made(line), actions: "as-made" },
      replies: replies.map(({ text, ...reply }) => ({ ...reply, line: made(text), wakes: false })),
    };
  });

/** What a chat should show, as it was kept; `null`: no pass has said so yet, or it cannot be read. */
export function readThreadView(kept: string | null): ThreadView | null {
  return readJson(ThreadView, kept) ?? readJson(MadeView, kept);
}

/** What was sent to a chat, as it was kept; nothing if it cannot be read or went to another chat. */
export function readThreadSent(kept: string | null, chat: ChatName): ThreadSent {
  const sent = readJson(ThreadSent, kept);
  return sent !== null && chatOf(sent) === chat ? sent : nothingSentTo(chat);
}
