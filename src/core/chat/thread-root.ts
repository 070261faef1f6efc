import * as z from "zod";
import { oneLine } from "../markdown/escape.ts";
import type { Instant } from "../model.ts";
import type { Phase } from "../record/history.ts";
import { PHASE_WORDS } from "../words/phase-words.ts";
import { ChatLine, joinLines, line, link, NO_PARTS, text, time, words } from "./chat-line.ts";

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
      text: "It counts as over. The issue closes as soon as the close gate allows.",
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
  isOpen: z.boolean(),
  responder: z.string().nullable(),
  /** Logins of those who are on call now, by role; empty: nobody, or no on-call file. */
  onCall: z.array(z.string()).readonly(),
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

/** The head of a thread, with the actions that make sense now. The same facts give the same head. */
export function threadRoot(facts: RootFacts): IncidentRoot {
  const isActive = facts.isOpen && !["resolved", "cancelled", "closed-ungated"].includes(facts.phase);
  const actions: readonly ThreadAction[] = [
    ...(isActive && facts.phase === "declared" ? (["acknowledge"] as const) : []),
    ...(isActive ? (["resolve"] as const) : []),
    "open",
  ];
  return { kind: "incident", ...facts, title: oneLine(facts.title), actions };
}

/** The same without any actions: nobody is listening any more. */
export function withoutActions(root: ThreadRoot): ThreadRoot {
  return root.kind === "incident" ? { ...root, actions: [] } : { ...root, actions: "none" };
}

/** Longest title shown. */
const MAX_TITLE = 150;

/** What it is about, as a heading: severity and title. */
export function rootHeading({ phase, severity, title }: IncidentRoot): ChatLine {
  return line`${words(PHASE_WORDS[phase].icon)} ${text(severity, MAX_TITLE)} · ${text(title, MAX_TITLE)}`;
}

/** What is known about it, each fact under its name. */
export function rootFields(root: IncidentRoot): readonly { readonly name: string; readonly line: ChatLine }[] {
  const { severity, responder, onCall, declaredAt, declaredBy, url, repository, number } = root;
  const state = !root.isOpen && root.phase === "resolved" ? "closed" : stateOf(root);
  const names = onCall.slice(0, 5).map((login) => line`${text(login, 64)}`);
  const by = declaredBy === null ? NO_PARTS : line` by ${text(declaredBy, 64)}`;
  return [
    { name: "Status", line: line`${words(state)}` },
    { name: "Severity", line: line`${text(severity, 32)}` },
    { name: "Responder", line: responder === null ? line`nobody yet` : line`${text(responder, 64)}` },
    { name: "On call", line: names.length === 0 ? line`not known` : joinLines(names, ", ") },
    { name: "Declared", line: line`${time(declaredAt)}${by}` },
    { name: "Issue", line: line`${link(url, `${repository}#${number}`)}` },
  ];
}

/** Where it is, and what the thread is for. */
export function rootContext({ repository }: IncidentRoot): ChatLine {
  return line`${text(repository, 140)} · what happens is told in this thread`;
}

/** An incident in one line: for notifications, and for lists. */
export function rootLine(root: ThreadRoot): ChatLine {
  if (root.kind === "made") return root.line;
  const { phase, severity, responder, repository, number } = root;
  const title = link(root.url, root.title, MAX_TITLE);
  const has = responder === null ? NO_PARTS : line` · ${text(responder, 64)}`;
  const icon = words(PHASE_WORDS[phase].icon);
  const state = words(stateOf(root));
  return line`${icon} ${text(severity, 32)} · ${title} · ${state}${has} · ${text(repository, 140)}#${number}`;
}

function stateOf({ phase, isOpen }: IncidentRoot): string {
  return phase === "resolved" && isOpen ? "resolved, waiting for what was learnt" : PHASE_WORDS[phase].word;
}
