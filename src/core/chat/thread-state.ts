import { createHash } from "node:crypto";
import * as z from "zod";
import type { Instant } from "../model.ts";
import { ChatLine } from "./chat-line.ts";
import { ChatName, FIRST_CHAT } from "./chats.ts";
import { ThreadRoot } from "./thread-root.ts";

const At = z
  .int()
  .nonnegative()
  .transform((ms): Instant => ms as Instant);

/**
 * What a chat should show of an incident: level-triggered, so the last one counts and earlier ones need not be shown.
 * Made by the incident's pass and kept in the index; the thread's pass brings the chat up to date. It says what to
 * show, not how any chat writes it: the card is made when it is sent.
 */
export const ThreadView = z.strictObject({
  chat: ChatName,
  /** As named in the policy: `#name` or an id. */
  channel: z.string().min(1).max(81),
  /** Whether a thread may still be started: nobody needs one for an incident that is over. */
  isOpen: z.boolean(),
  root: ThreadRoot,
  /**
   * Who declared it from outside the team, as far as anybody knows, until somebody on the team has confirmed it: not
   * all of those are announced.
   */
  outsider: z.string().nullable().default(null),
  /**
   * The latest news for the thread, oldest first. `broadcast`: shown in the channel as well. `wakes`: it pages people,
   * and is a message of its own.
   */
  replies: z.array(
    z.strictObject({ id: z.string(), line: ChatLine, broadcast: z.boolean(), wakes: z.boolean().default(false) }),
  ),
});

export type ThreadView = z.output<typeof ThreadView>;

/** Why the thread is not as it should be, for people. */
const Trouble = z.strictObject({
  /**
   * - `not-answering`: the chat has not answered for a while, and is asked again.
   * - `gave-up`: it has not for an hour; it is asked now and then while the incident is open.
   * - `refused`: it said no; `reason` is its word for why, e.g. `channel_not_found`.
   * - `not-allowed`: the operator does not allow the channel for this repository.
   * - `held`: somebody from outside the team declared too many within an hour; `reason` is their login.
   * - `unsure`: it took the message twice without saying so; a third one would be one too many.
   */
  kind: z.enum(["not-answering", "gave-up", "refused", "not-allowed", "held", "unsure"]),
  since: At,
  reason: z.string().max(100),
});

export type ThreadTrouble = z.output<typeof Trouble>;

/** What was sent to the chat so far. */
export const ThreadSent = z.strictObject({
  /** Left out: to `FIRST_CHAT`, the way versions before other chats read it. */
  chat: ChatName.optional(),
  root: z
    .strictObject({
      channel: z.string().min(1),
      /** The chat's own id of the message. */
      ts: z.string().min(1),
      /** The channel as named in the policy when the message was sent. */
      name: z.string().min(1),
      /** `null`: not requested yet, or the chat gives none. */
      link: z.string().nullable(),
      linkAsked: z.boolean(),
      /** The digest of the card as it is there; empty: not known. */
      digest: z.string(),
    })
    .nullable(),
  /** Ids of the replies that are there, or assumed to be. */
  told: z.array(z.string()),
  /** A message on its way: written down before it is sent, removed when its answer is known. */
  attempt: z
    .strictObject({
      /** `null`: the root message. */
      replies: z.array(z.string()).nullable(),
      /** How often it was sent without an answer saying what became of it. */
      unsure: z.int().positive(),
    })
    .nullable(),
  /** A root message that no longer heads the thread, and has not been updated to say so. */
  left: z
    .strictObject({
      channel: z.string().min(1),
      ts: z.string().min(1),
      /** The channel as named in the policy then; empty: not known. */
      name: z.string().default(""),
    })
    .nullable()
    .default(null),
  /** How often the thread was started again. */
  moves: z.int().nonnegative().default(0),
  failingSince: At.nullable(),
  trouble: Trouble.nullable(),
});

export type ThreadSent = z.output<typeof ThreadSent>;

/** Nothing was sent, to `FIRST_CHAT`. */
export const NOTHING_SENT: ThreadSent = {
  root: null,
  told: [],
  attempt: null,
  left: null,
  moves: 0,
  failingSince: null,
  trouble: null,
};

/** Nothing was sent to that chat. */
export function nothingSentTo(chat: ChatName): ThreadSent {
  return chat === FIRST_CHAT ? NOTHING_SENT : { chat, ...NOTHING_SENT };
}

/** Tells cards apart by what they show. */
export function digestOf(card: object): string {
  return createHash("sha256").update(JSON.stringify(card)).digest("base64url").slice(0, 22);
}
