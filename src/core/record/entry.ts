import * as z from "zod";
import type { Instant, Millis } from "../model.ts";

/** The end of the year 9999: with what is added to it for a deadline it still is a date. */
const LAST_INSTANT = 253_402_300_799_999;
const At = z
  .int()
  .nonnegative()
  .max(LAST_INSTANT)
  .transform((ms): Instant => ms as Instant);
const Login = z.string().min(1).max(64);
const Text = z.string().max(500);
const SeverityName = z.string().min(1).max(32);
const Role = z.string().min(1).max(64);
/** Hexadecimal digits. */
const Digest = z.string().regex(/^[0-9a-f]{16,64}$/);
/** Of a line of a post-mortem (core/items/item-line.ts). */
const LineDigest = z.string().regex(/^[0-9a-f]{16}$/);
const Target = z.strictObject({ repository: z.string().max(140).nullable(), number: z.int().positive() });
/** The command that caused it: a comment and the line in it. Nothing is ever judged twice under one source. */
const Source = z.strictObject({ comment: z.int().positive(), line: z.int().nonnegative() });
/** The name of a chat (core/chat/chats.ts); written by a newer version, it may be one this version does not know. */
const Chat = z.string().regex(/^[a-z][a-z-]{0,19}$/);
/** The chat in which somebody did it, with the request's id there: nothing is ever judged twice under one id. */
const Via = z
  .record(Chat, z.string().min(1).max(120))
  .refine((via) => Object.keys(via).length === 1, "of one chat, and no other");

/** The longest a waiver that ends may last, ms: as long as any duration of the policy. */
const MAX_WAIVED_MS = 365 * 86_400_000;

/** The most people whose `/accept` a policy may ask for: of a waiver, or of a post-mortem. */
export const MOST_APPROVALS = 5;

/** The most people one page calls. */
export const MAX_PAGED = 20;

const event = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({
    kind: z.literal(kind),
    at: At,
    /** Who did it; `null`: GitHub did not say, or the account is gone. */
    by: Login.nullable(),
    ...shape,
  });

/**
 * How an incident came to an end. `ungated`: people closed it more often than the gate reopens in a day. `discussion`:
 * its issue was converted to one, which nobody can undo.
 */
const CloseHow = z.enum([
  "resolved",
  "person",
  "not-planned",
  "duplicate",
  "cancelled",
  "waived",
  "ungated",
  "discussion",
]);
export type CloseHow = z.output<typeof CloseHow>;

const KeyTime = z.enum(["started", "detected", "acknowledged", "mitigated", "resolved"]);
/** A time in the life of an incident that people can put right. */
export type KeyTime = z.output<typeof KeyTime>;
/** All of them, in the order in which they happen. */
export const KEY_TIMES = KeyTime.options;

const Timer = z.enum(["acknowledge", "update", "post-mortem"]);
export type TimerName = z.output<typeof Timer>;

/**
 * One thing that happened, as the record keeps it: ids, enums, instants and bounded strings.
 *
 * The state of an incident is the fold of its entries (core/record/history.ts). Entries are only ever appended; the
 * oldest that no longer affect the state are dropped when the record grows too long (core/record/compact.ts).
 */
export const Entry = z.discriminatedUnion("kind", [
  event("declared", { severity: SeverityName }),
  // Without a source: it was read from the state label when a record had to be made again.
  event("acknowledged", { source: Source.nullable(), via: Via.optional() }),
  event("unacknowledged", { source: Source }),
  /** `/handoff`: responsibility passes to `login`, who need not have said anything. */
  event("handed-over", { login: Login, source: Source }),
  event("mitigated", { text: Text, source: Source.nullable() }),
  event("resolved", { text: Text, source: Source.nullable(), via: Via.optional() }),
  event("severity-changed", {
    from: SeverityName,
    to: SeverityName,
    reason: Text,
    /** `null`: by changing the label. */
    source: Source.nullable(),
    /** The endpoint of the alert that asked for it; left out: people did. */
    alert: z.string().max(32).optional(),
    /** To a more severe level, by the policy at that time: the escalation starts again. Left out: it was not. */
    raised: z.boolean().optional(),
  }),
  event("assigned", { login: Login, role: z.string().max(64).nullable(), source: Source }),
  event("updated", { text: Text, source: Source }),
  event("noted", { text: Text, source: Source }),
  /** `/done`: boxes of the status comment, by their ids. The ticks themselves are in the record beside the entries. */
  event("ticked", { items: z.array(z.string().min(1).max(40)).min(1).max(20), source: Source }),
  event("linked", {
    evidence: z.enum(["post-mortem", "runbook-pr"]),
    target: Target,
    /** `null`: found in the text of an issue or pull request. */
    source: Source.nullable(),
    /** Why it counts although it is older than the incident; left out: nobody said. */
    reason: Text.optional(),
  }),
  /** A runbook pull request was seen merged with all conditions met; what is merged stays merged. */
  event("proven", { target: Target }),
  event("disproven", { target: Target, revertedBy: z.int().positive() }),
  /** The state to go back to, named with `/good`. */
  event("known-good", {
    sha: z.string().min(7).max(64),
    name: z.string().min(1).max(100),
    committedAt: At,
    source: Source,
  }),
  /** The likeliest cause at the declaration, if the policy wants reverts first; `null`: nothing was merged since. */
  event("suspected", { pullRequest: z.int().positive().nullable(), good: z.string().max(150).nullable() }),
  /** `/revert`: `revert` is the pull request that reverts `pullRequest`. */
  event("revert-opened", {
    pullRequest: z.int().positive(),
    revert: z.int().positive(),
    reason: Text,
    source: Source,
  }),
  /** A fix that counted was reverted by a merged pull request. */
  event("fix-reverted", { target: Target, revertedBy: z.int().positive() }),
  /**
   * The runbooks that matched, best first; empty: none did. Their words are identified by blob, so that steps keep
   * their ids.
   */
  event("runbooks-matched", {
    runbooks: z
      .array(
        z.strictObject({ path: z.string().min(1).max(300), sha: z.string().min(7).max(64), changedAt: At.nullable() }),
      )
      .max(3),
  }),
  event("cancelled", { reason: Text, source: Source }),
  event("waived", {
    reason: Text,
    source: Source,
    /** How long it counts, ms, from the moment it does; left out: for good. */
    lasts: z
      .int()
      .positive()
      .max(MAX_WAIVED_MS)
      .transform((ms): Millis => ms as Millis)
      .optional(),
    /** How many other people have to accept it before it counts, by the policy at that time; left out: nobody. */
    approvals: z.int().min(1).max(MOST_APPROVALS).optional(),
  }),
  /** `/accept`: of the waiver that was last asked for. */
  event("waiver-accepted", { source: Source }),
  /** The time of the waiver was over; `at` is when. */
  event("waiver-ended", {}),
  /** `/accept`: of a post-mortem as it was then. `digest`: of its text (core/gate/substance.ts). */
  event("post-mortem-accepted", { target: Target, digest: Digest, source: Source }),
  /** A post-mortem said something else than when it was accepted, and people were asked to look again. */
  event("post-mortem-changed", { target: Target, digest: Digest }),
  event("refused", { command: z.string().max(32), source: Source }),
  /** A command that only asks: `/help`, `/runbook`, an unknown command near a known one. */
  event("answered", { command: z.string().max(32), source: Source }),
  /** `/items`: these lines of a post-mortem, by `ItemLine.digest`, are to be filed as issues. */
  event("items-asked", {
    postMortem: Target,
    lines: z.array(LineDigest).min(1).max(100),
    source: Source,
  }),
  /** Lines of a post-mortem have become issues of its repository, by number. */
  event("items-filed", {
    postMortem: Target,
    items: z
      .array(z.strictObject({ number: z.int().positive(), line: LineDigest }))
      .min(1)
      .max(100),
  }),
  /** `/drop`: an action item will not be done. */
  event("item-dropped", { target: Target, reason: Text, source: Source }),
  /** The issue of an action item was closed as completed. */
  event("item-done", { target: Target }),
  /** An action item that was done or dropped is open again. */
  event("item-reopened", { target: Target }),
  event("closed", {
    how: CloseHow,
    /** GitHub's own closing time, which tells one close from the next. */
    closedAt: At,
    /** What satisfied the gate then; if it disappears, the incident is reopened. */
    evidence: z.array(Target).max(20),
    /**
     * For a `discussion`: `resolved` with what the policy asks for; `ungated` without it, by somebody who could not
     * have cancelled it either. Left out: cancelled.
     */
    as: z.enum(["resolved", "ungated"]).optional(),
  }),
  event("reopened", {
    /**
     * `gate`: closed without what the policy asks for; `re-armed`: what it asks for has gone again; `waiver-ended`: the
     * time of its waiver was over; the others: closed by somebody who may not say that it is over.
     */
    why: z.enum(["gate", "re-armed", "waiver-ended", "may-not-cancel", "may-not-resolve", "bot-not-listed"]),
    closedAt: At,
    /** Who had closed it; `null` or left out: GitHub did not say, or nobody did. */
    closer: Login.nullable().optional(),
  }),
  /** A person reopened a closed incident. `restored`: a person without rights, so whoever had it still has it. */
  event("resumed", { restored: z.literal(true).optional() }),
  /** While an issue is locked, GitHub accepts no comment from an app. Only for an open issue. */
  event("locked", {}),
  event("unlocked", {}),
  event("reminded", { timer: Timer, due: At }),
  /** Nothing was heard after the acknowledgement for the `ack-timeout` of its severity; `at` is when that time was up. */
  event("ack-timed-out", {}),
  /** Whoever declared it may only open issues: nobody is paged until somebody with rights says something. */
  event("unconfirmed", {}),
  /**
   * It is a drill (docs/drills.md), by the label of the policy or by `/drill`; `on` `false`: the label was taken off
   * before anybody was paged. `source` `null`: by the label.
   */
  event("drill", { on: z.boolean(), source: Source.nullable() }),
  /** Whoever declared it may also label issues; `by` `null`: GitHub does not tell, and people are called all the same. */
  event("confirmed", {}),
  /**
   * People were called: by a step of the escalation (`by` is `null` then), or by `/page`.
   *
   * `targets`: whom it reached on GitHub, each with what they were called as (`primary`, `team`, …); `null`: by name.
   * `nobody`: what it would have called, had there been anybody. `unreachable`: people a mention
   * would not reach.
   */
  event("paged", {
    /** When the episode it belongs to began (core/escalation/); `null`: none was running. */
    episode: At.nullable(),
    /** 0-based, repetitions keep counting; `null`: by command. */
    step: z.int().min(0).max(999).nullable(),
    /** 0: a step as the file has it; else which repetition it is, from 1. */
    round: z.int().min(0).max(99),
    targets: z.array(z.strictObject({ login: Login, role: Role.nullable() })).max(MAX_PAGED),
    nobody: z.array(Role).max(20),
    unreachable: z.array(Login).max(MAX_PAGED),
    text: Text,
    source: Source.nullable(),
  }),
  /** The incident was announced in a chat: its one root message, below which everything else is posted. */
  event("announced", {
    /** Left out: in the chat of the first versions (`FIRST_CHAT`). */
    chat: Chat.optional(),
    channel: z.string().min(1).max(200),
    /** The chat's own id of the message. */
    ts: z.string().min(1).max(100),
    /** The channel as named in the policy then. */
    name: z.string().min(1).max(81),
    link: z.url().max(500).nullable(),
  }),
  /**
   * What an alert of another system means for the incident (core/judge/judge-alerts.ts). `by`: the person's login, if
   * the on-call file has their e-mail address.
   */
  event("alerted", {
    what: z.enum(["fired-again", "acknowledged", "recovered", "joined"]),
    /** The endpoint through which it came. */
    endpoint: z.string().max(32),
    /** When it happened at the source: nothing is judged twice under the same one. */
    since: At,
    /** Who did it, by their name at the source, never an e-mail address; for `joined`, how many and which. */
    name: z.string().max(254).nullable(),
  }),
  /** `/time`: when something really was. It changes the time and nothing else. */
  event("time-corrected", {
    time: KeyTime,
    to: At,
    /** What it was before; `null`: not known. */
    was: At.nullable(),
    reason: Text,
    source: Source,
  }),
  /** `/snooze`: nobody is reminded of an action item before `until`. */
  event("item-snoozed", { target: Target, until: At, reason: Text, source: Source }),
  /** The record could not be trusted and was made again from what else is known. */
  event("rebuilt", { why: z.enum(["edited", "rolled-back", "unknown-key", "deleted"]) }),
]);
export type Entry = z.output<typeof Entry>;
export type EntryOf<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>;
