import * as z from "zod";
import { oneLine } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { Phase } from "../record/history.ts";
import { inDrill } from "../words/in-drill.ts";
import { PHASE_WORDS } from "../words/phase-words.ts";
import { ChatLine, joinLines, line, link, NO_PARTS, strong, text, time, words } from "./chat-line.ts";

const At = z
  .int()
  .nonnegative()
  .transform((ms): Instant => ms as Instant);
const Phases = z.enum(Object.keys(PHASE_WORDS) as [Phase, ...Phase[]]);

/** What people can do on the message of an incident: `open` leads to the issue, the others ask a pass for something. */
export const ThreadAction = z.enum(["acknowledge", "resolve", "open"]);
export type ThreadAction = z.output<typeof ThreadAction>;

/** What each action is called, and what is asked before it is done; `null`: nothing. */
export const ACTION_WORDS = {
  acknowledge: { label: "Acknowledge", confirm: null },
  resolve: {
    label: "Resolve",
    confirm: {
      title: "Resolve the incident?",
      text: "It counts as over. The issue closes as soon as it has what it needs.",
      yes: "Resolve",
      no: "Not yet",
    },
  },
  open: { label: "Open issue", confirm: null },
} as const satisfies Record<ThreadAction, object>;

const Facts = z.strictObject({
  severity: z.string(),
  /** One line, as somebody wrote it. */
  title: z.string(),
  url: z.string(),
  /** `owner/name`. */
  repository: z.string(),
  repositoryId: z.int(),
  number: z.int(),
  phase: Phases,
  isDrill: z.boolean().default(false),
  isOpen: z.boolean(),
  responder: z.string().nullable(),
  /** Since when the responder has it; `null`: not known, or nobody has it. */
  since: At.nullable().default(null),
  /** Whether somebody had it before, so that nobody has it again. */
  wasTaken: z.boolean().default(false),
  /** Who is on call now, such as `alice (primary)`; empty: nobody, or no on-call file. */
  onCall: z.array(z.string()).readonly(),
  /** Who is paged next, such as `bob (secondary)`, and when; `null`: nobody. */
  next: z.strictObject({ who: z.string(), at: At }).nullable().default(null),
  /** What the team last said about it; `null`: nothing yet. */
  news: z.strictObject({ text: z.string(), at: At, by: z.string().nullable() }).nullable().default(null),
  declaredAt: At,
  declaredBy: z.string().nullable(),
});

/** What is known about an incident at the head of its thread. */
export type RootFacts = Readonly<z.output<typeof Facts>>;

/** What the one message of an incident shows: facts, from which each chat makes its card. */
const IncidentRoot = Facts.extend({
  kind: z.literal("incident"),
  /** The actions that make sense now. */
  actions: z.array(ThreadAction).readonly(),
});

/** The card itself, as an earlier version kept it (kept-thread.ts). */
const MadeRoot = z.strictObject({
  kind: z.literal("made"),
  card: z.unknown(),
  /** The incident in one line. */
  line: ChatLine,
  /** `as-made`: it keeps its actions; `none`: it loses them. */
  actions: z.enum(["as-made", "none"]),
});

export const ThreadRoot = z.discriminatedUnion("kind", [IncidentRoot, MadeRoot]);
export type ThreadRoot = z.output<typeof ThreadRoot>;
export type IncidentRoot = z.output<typeof IncidentRoot>;
export type MadeRoot = z.output<typeof MadeRoot>;

/**
 * The head of a thread, with the actions that make sense now: what nobody has acknowledged is not resolved by a slip of
 * the thumb. The same facts give the same head.
 */
export function threadRoot(facts: RootFacts): IncidentRoot {
  const isActive = facts.isOpen && !["resolved", "cancelled", "closed-ungated"].includes(facts.phase);
  const actions: readonly ThreadAction[] = [
    ...(isActive ? [facts.phase === "declared" ? ("acknowledge" as const) : ("resolve" as const)] : []),
    "open",
  ];
  return { kind: "incident", ...facts, title: withoutSeverity(oneLine(facts.title), facts.severity), actions };
}

/** The same without any actions: nobody is listening any more. */
export function withoutActions(root: ThreadRoot): ThreadRoot {
  return root.kind === "incident" ? { ...root, actions: [] } : { ...root, actions: "none" };
}

/** Longest title shown. */
const MAX_TITLE = 150;

/** Longest update shown; the thread has the whole. */
const MAX_NEWS = 300;

/** `P0: Checkout fails`, as people and forms write it, without what stands before it anyway. */
export function withoutSeverity(title: string, severity: string): string {
  const rest = title.slice(severity.length);
  if (title.slice(0, severity.length).toLowerCase() !== severity.toLowerCase()) return title;
  const words = /^\s*[:·|–—-]\s*(?<words>\S.*)$/.exec(rest)?.groups?.["words"];
  return words ?? title;
}

/** What it is about, as a heading: severity and title. */
export function rootHeading({ phase, isDrill, severity, title }: IncidentRoot): ChatLine {
  return line`${words(inDrill(isDrill, PHASE_WORDS[phase].icon))} ${text(severity, MAX_TITLE)} · ${text(title, MAX_TITLE)}`;
}

/** Below the heading: who has it and what comes next, then what is known now. */
export function rootNow(root: IncidentRoot): readonly ChatLine[] {
  const { news } = root;
  const isOver = !root.isOpen || root.phase === "cancelled";
  if (news === null) return isOver ? [rootState(root)] : [rootState(root), line`Now: no update yet`];
  const by = news.by === null ? NO_PARTS : line`${text(news.by, 64)}, `;
  return [rootState(root), line`Now: ${text(news.text, MAX_NEWS)} (${by}${time(news.at)})`];
}

function rootState({ phase, isOpen, responder, since, wasTaken, next }: IncidentRoot): ChatLine {
  const from = since === null ? NO_PARTS : line` since ${time(since)}`;
  const has = responder === null ? NO_PARTS : line` · ${text(responder, 64)} has it${from}`;
  switch (phase) {
    case "declared": {
      const then = next === null ? NO_PARTS : line` · next: ${text(next.who, 200)} at ${time(next.at)}`;
      return line`${strong(wasTaken ? "Nobody has it" : "Nobody has acknowledged it", MAX_TITLE)}${then}`;
    }
    case "acknowledged":
      return responder === null
        ? line`${strong("Acknowledged", MAX_TITLE)}`
        : line`${strong(responder, 64)} has it${from}`;
    case "mitigated":
      return line`${strong("Mitigated", MAX_TITLE)}${has}`;
    case "resolved":
      return isOpen
        ? line`${strong("Resolved", MAX_TITLE)}, not closed yet${has}`
        : line`${strong("Closed", MAX_TITLE)}`;
    case "cancelled":
      return line`${strong("Cancelled", MAX_TITLE)}, a false alarm`;
    case "closed-ungated":
      return line`${strong("Closed", MAX_TITLE)} without what the policy asks for`;
  }
}

/** Where it is, since when, and who is on call. */
export function rootContext(root: IncidentRoot): ChatLine {
  const { url, repository, number, declaredAt, declaredBy, onCall, isOpen } = root;
  const by = declaredBy === null ? NO_PARTS : line` by ${text(declaredBy, 64)}`;
  const names = isOpen ? onCall.slice(0, 5).map((name) => line`${text(name, 100)}`) : [];
  const people = names.length === 0 ? NO_PARTS : line` · on call: ${joinLines(names, ", ")}`;
  return line`${link(url, `${repository}#${number}`)} · declared ${time(declaredAt)}${by}${people}`;
}

/** An incident in one line: for notifications, and for lists. */
export function rootLine(root: ThreadRoot): ChatLine {
  if (root.kind === "made") return root.line;
  const { phase, isDrill, severity, responder, repository, number } = root;
  const title = link(root.url, root.title, MAX_TITLE);
  const has = responder === null ? NO_PARTS : line` · ${text(responder, 64)}`;
  const icon = words(inDrill(isDrill, PHASE_WORDS[phase].icon));
  const state = words(stateOf(root));
  return line`${icon} ${text(severity, 32)} · ${title} · ${state}${has} · ${text(repository, 140)}#${number}`;
}

function stateOf({ phase, isOpen }: IncidentRoot): string {
  return phase === "resolved" && !isOpen ? "closed" : PHASE_WORDS[phase].word;
}
