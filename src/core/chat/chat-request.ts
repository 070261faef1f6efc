import { z } from "zod";
import type { Instant, Permission } from "../model.ts";

/** What a press of a button asks for: kept until a pass has judged it. */
export const SlackRequestBody = z.strictObject({
  /** `lost`: the button of a message that is not the incident's, or no longer: it asks for nothing but where that is. */
  kind: z.enum(["acknowledge", "resolve", "lost"]),
  /** Who pressed it: a Slack id. */
  user: z.string().regex(/^[UW][A-Z0-9]{1,20}$/),
  /** Where, an id: the answer goes there, to them alone. */
  channel: z.string().regex(/^[A-Z0-9]{1,20}$/),
});

export type SlackRequestBody = z.output<typeof SlackRequestBody>;

/** What the form behind `/incident declare` asks for. Texts as people wrote them. */
export const DeclarationBody = z.strictObject({
  kind: z.literal("declare"),
  user: z.string().regex(/^[UW][A-Z0-9]{1,20}$/),
  /** Where the command was written: an id, and what the channel is called. */
  channel: z.string().regex(/^[A-Z0-9]{1,20}$/),
  channelTitle: z.string().max(80),
  title: z.string().min(1).max(200),
  severity: z.string().min(1).max(32),
  text: z.string().max(3_000),
});

/** A request as a pass sees it. */
export interface SlackRequest extends SlackRequestBody {
  readonly id: string;
  /** When it arrived. */
  readonly at: Instant;
  /** Who that is on GitHub, by the on-call file of the repository; `null`: it does not say. */
  readonly login: string | null;
}

/** What became of a request; told to whoever made it. */
export const SlackAnswer = z.discriminatedUnion("kind", [
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
export type SlackAnswer = z.output<typeof SlackAnswer>;

/** The right a person lacks. */
export function notAllowed(login: string, needs: Permission): SlackAnswer {
  return { kind: "not-allowed", login, needs };
}
