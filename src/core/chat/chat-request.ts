import { z } from "zod";
import type { Instant, Permission } from "../model.ts";
import { ChatName, FIRST_CHAT } from "./chats.ts";

const Chat = ChatName.default(FIRST_CHAT);
/** An id of the chat's: its way in has looked at it. */
const Id = z.string().min(1).max(200);

/** What somebody asks for at the message of an incident: kept until a pass has judged it. */
export const ChatRequestBody = z.strictObject({
  chat: Chat,
  /** `lost`: at a message that is not the incident's, or no longer: it asks for nothing but where that is. */
  kind: z.enum(["acknowledge", "resolve", "lost"]),
  user: Id,
  /** The answer goes there, to them alone. */
  channel: Id,
});

export type ChatRequestBody = z.output<typeof ChatRequestBody>;

/** What somebody asks for who declares an incident in a chat. Texts as people wrote them. */
export const DeclarationBody = z.strictObject({
  chat: Chat,
  kind: z.literal("declare"),
  user: Id,
  /** Where they asked: an id, and what the channel is called. */
  channel: Id,
  channelTitle: z.string().max(80),
  title: z.string().min(1).max(200),
  severity: z.string().min(1).max(32),
  text: z.string().max(3_000),
});

/** A request as a pass sees it. */
export interface ChatRequest extends ChatRequestBody {
  readonly id: string;
  /** When it arrived. */
  readonly at: Instant;
  /** Who that is on GitHub, by the on-call file of the repository; `null`: it does not say. */
  readonly login: string | null;
}

/** What became of a request; told to whoever made it. */
export const ChatAnswer = z.discriminatedUnion("kind", [
  /** The thread shows it. */
  z.strictObject({ kind: z.literal("done") }),
  z.strictObject({ kind: z.literal("unmapped") }),
  z.strictObject({ kind: z.literal("not-allowed"), login: z.string(), needs: z.string() }),
  z.strictObject({ kind: z.literal("cannot-tell") }),
  z.strictObject({ kind: z.literal("already") }),
  z.strictObject({ kind: z.literal("closed") }),
  /** The button is not the incident's any more. `link`: to its thread, where the person may see it. */
  z.strictObject({ kind: z.literal("elsewhere"), link: z.url().max(500).nullable() }),
  z.strictObject({ kind: z.literal("declared"), number: z.int().positive(), url: z.string() }),
  /** The policy of the repository names another channel by now, or the operator does not allow this one. */
  z.strictObject({ kind: z.literal("not-here") }),
]);
export type ChatAnswer = z.output<typeof ChatAnswer>;

/** The right a person lacks. */
export function notAllowed(login: string, needs: Permission): ChatAnswer {
  return { kind: "not-allowed", login, needs };
}
