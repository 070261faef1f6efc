import * as z from "zod";
import type { Instant, Permission } from "../model.ts";
import { ChatName, FIRST_CHAT } from "./chats.ts";

const Chat = ChatName.default(FIRST_CHAT);
/** An id of the chat's, already checked by its way in. */
const Id = z.string().min(1).max(200);

/** What somebody asks for on the message of an incident: kept until a pass has judged it. */
export const ChatRequestBody = z.strictObject({
  chat: Chat,
  /** `lost`: on a message that is not the incident's, or no longer: it only asks where that is. */
  kind: z.enum(["acknowledge", "resolve", "lost"]),
  user: Id,
  /** The answer goes there, to them alone. */
  channel: Id,
});

export type ChatRequestBody = z.output<typeof ChatRequestBody>;

/** What somebody who declares an incident in a chat asks for. Texts are as people wrote them. */
export const DeclarationBody = z.strictObject({
  chat: Chat,
  kind: z.literal("declare"),
  user: Id,
  /** Where they asked: an id, and the channel's name. */
  channel: Id,
  channelTitle: z.string().max(80),
  title: z.string().min(1).max(200),
  severity: z.string().min(1).max(32),
  text: z.string().max(3_000),
});

export type DeclarationBody = z.output<typeof DeclarationBody>;

/** How a request is kept. The first chat is not named: a Sevgate from before there were others reads the row as well. */
export function keptRequest({ chat, ...asked }: ChatRequestBody | DeclarationBody): string {
  return JSON.stringify(chat === FIRST_CHAT ? asked : { chat, ...asked });
}

/** A request as a pass sees it. */
export interface ChatRequest extends ChatRequestBody {
  readonly id: string;
  /** When it arrived. */
  readonly at: Instant;
  /** Who that is on GitHub, according to the repository's on-call file; `null`: it does not say. */
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
  /** The button no longer belongs to the incident. `link` leads to its thread, if the person may see it. */
  z.strictObject({ kind: z.literal("elsewhere"), link: z.url().max(500).nullable() }),
  z.strictObject({ kind: z.literal("declared"), number: z.int().positive(), url: z.string() }),
  /** By now the policy of the repository names another channel, or the operator does not allow this one. */
  z.strictObject({ kind: z.literal("not-here") }),
  /** The repository's GitHub Action runs it, which no chat reaches. */
  z.strictObject({ kind: z.literal("run-elsewhere") }),
]);
export type ChatAnswer = z.output<typeof ChatAnswer>;

/** The right a person lacks. */
export function notAllowed(login: string, needs: Permission): ChatAnswer {
  return { kind: "not-allowed", login, needs };
}
