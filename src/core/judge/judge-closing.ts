import type { GateVerdict, Verdict } from "../gate/verdict.ts";
import type { Instant, Person, Reference, TimelineFacts } from "../model.ts";
import { permissionKey, sameTarget } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import { isOwnAccount } from "../own.ts";
import type { CloseHow, Entry, EntryOf } from "../record/entry.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { DAY_MS } from "../time-units.ts";
import { sayOnce } from "./edge.ts";
import { type Judged, NOTHING } from "./judged.ts";
import { mayAct, personOf, type Standing } from "./may-act.ts";

/** The same, of an incident that stays closed meanwhile: its waiver has ended. */
const UNKNOWN_WHILE_CLOSED_AGAIN_MS = 30 * 60_000;
/** How soon a verdict that could not be reached is tried again. */
const UNKNOWN_AGAIN_MS = 60_000;
const ASK_MS = 1_000;
/**
 * How long GitHub is asked who reopened. After that it counts as the team: rather a page too many than an incident
 * asleep.
 */
const REOPENER_UNTOLD_AFTER_MS = 120_000;
const REOPENER_AGAIN_MS = 30_000;
/** How long to wait for a timeline that is behind its issue. */
const TIMELINE_LAG_MS = 60_000;
const TIMELINE_AGAIN_MS = 5_000;
/** How often a day an issue closed without the right to do so is reopened at once, with an explanation. */
const HURRIED_REOPENINGS = 3;
/**
 * After that, no sooner than this after the last time: a war between two apps must not use up the requests of
 * incidents.
 */
const UNHURRIED_AFTER_MS = 30 * 60_000;

/** What should happen to the issue's own state. */
export type Closing =
  | { readonly kind: "leave" }
  /** Closed by somebody who may not, and to be reopened a little later: until then the incident goes on. */
  | { readonly kind: "wait" }
  | { readonly kind: "close"; readonly reason: "completed" | "not_planned" }
  | { readonly kind: "reopen"; readonly entry: Extract<Entry, { kind: "reopened" }>; readonly isNew: boolean };

export type JudgedClosing = Judged & { readonly closing: Closing };

/**
 * Judges whether the issue may be closed, should be closed, or should be reopened.
 *
 * Only the closing is held, never a fix. Unknown neither reopens nor closes (docs/architecture.md, "Three answers").
 */
export function judgeClosing(seen: IncidentObservation, known: Known, gate: GateVerdict): JudgedClosing {
  return seen.issue.state === "open" ? judgeOpen(seen, known.history, gate) : judgeClosed(seen, known, gate);
}

function judgeOpen(seen: IncidentObservation, history: History, gate: GateVerdict): JudgedClosing {
  // An answer older than the close it should show is a stale answer, not a person reopening.
  if (history.closed !== null && seen.issue.updatedAt >= history.closed.closedAt) {
    const reopened = reopeningOf(seen, history.closed);
    const may = reopened === null ? "cannot-tell" : mayAct(seen, reopened.actor, "unack");
    if (may === "cannot-tell" && seen.at - seen.issue.updatedAt < REOPENER_UNTOLD_AFTER_MS) {
      return leave({ ...NOTHING, lookAgainAt: (seen.at + REOPENER_AGAIN_MS) as Instant });
    }
    const resumed: Entry = { kind: "resumed", at: reopened?.at ?? seen.at, by: reopened?.actor?.login ?? null };
    const entry = may === "refused" ? { ...resumed, restored: true as const } : resumed;
    return leave({ ...NOTHING, entries: [entry] });
  }
  if (history.closed !== null) return leave(NOTHING);
  if (history.cancelled !== null) return { ...NOTHING, closing: { kind: "close", reason: "not_planned" } };
  if (history.resolved !== null && gate.status === "met") {
    return { ...NOTHING, closing: { kind: "close", reason: "completed" } };
  }
  return leave(NOTHING);
}

function judgeClosed(seen: IncidentObservation, { record, history }: Known, gate: GateVerdict): JudgedClosing {
  const closedAt = seen.issue.closedAt ?? seen.at;

  // GitHub keeps whole seconds: the same closing time may be a stale answer, or another close in the same second.
  const reopening = record.entries.findLast((entry) => entry.kind === "reopened");
  const known = reopening?.closedAt === closedAt ? reopening : undefined;
  const isOldAnswer = known !== undefined && seen.issue.updatedAt < Math.floor(known.at / 1_000) * 1_000;

  if (history.closed?.closedAt === closedAt) {
    if (history.closed.how === "ungated") {
      const how = history.waived === null ? "person" : "waived";
      return gate.status === "met" ? leave(accept(seen, closedAt, how, gate)) : leave(NOTHING);
    }
    if (history.closed.how === "waived" && history.waiverEnded !== null)
      return judgeAfterWaiver(seen, closedAt, gate, history.waiverEnded);
    const rearm = gate.status === "unmet" && evidenceDisappeared(seen, history, gate);
    return rearm ? reopen(seen, history, closedAt, "re-armed") : leave(NOTHING);
  }

  const converted = conversionOf(seen);
  if (converted !== null) return judgeConversion(seen, history, gate, converted);
  if (isTimelineBehind(seen)) return leave({ ...NOTHING, lookAgainAt: (seen.at + TIMELINE_AGAIN_MS) as Instant });

  const said = isOldAnswer ? ({ kind: "gated" } as const) : whatCloseSays(seen, history, gate);
  if (said.kind === "accepted") return leave(accept(seen, closedAt, said.how, gate));
  // Already counted, but the pass died before it reopened.
  if (known !== undefined) return { ...NOTHING, closing: { kind: "reopen", entry: known, isNew: false } };
  if (said.kind === "not-allowed") return reopen(seen, history, closedAt, said.why);
  if (said.kind === "cannot-tell" || gate.status === "unknown") return askAgain(seen);
  const graceEnds = (closedAt + seen.policy.policy.closing.grace) as Instant;
  if (seen.at >= graceEnds) return reopen(seen, history, closedAt, "gate");
  // The grace period is not for people who may not close it at all.
  const closer = closerOf(seen);
  const isOutsiders = closer?.isBot === false && ofTheTeam(seen, closer) === "refused";
  if (isOutsiders) return reopen(seen, history, closedAt, "gate");
  return leave({ ...NOTHING, lookAgainAt: graceEnds });
}

/**
 * The time of the waiver is over. The issue opens again, which is nobody's close undone: it counts towards no limit. If
 * everything is there by now, it stays closed with that.
 */
function judgeAfterWaiver(
  seen: IncidentObservation,
  closedAt: Instant,
  gate: GateVerdict,
  ended: Instant,
): JudgedClosing {
  // A discussion cannot be opened again; only the timeline says that it is one.
  if (seen.issue.locked && (seen.timeline === null || conversionOf(seen) !== null)) return leave(NOTHING);
  // What nobody can read must not make a waiver last for good.
  if (gate.status === "unknown" && seen.at - ended < DAY_MS) {
    return leave({ ...NOTHING, lookAgainAt: (seen.at + UNKNOWN_WHILE_CLOSED_AGAIN_MS) as Instant });
  }
  if (gate.status === "met") {
    const { entries } = accept(seen, closedAt, "resolved", gate);
    return leave({ ...NOTHING, entries: entries.map((entry) => ({ ...entry, at: seen.at, by: null })) });
  }
  const entry: EntryOf<"reopened"> = { kind: "reopened", at: seen.at, by: null, why: "waiver-ended", closedAt };
  return { ...NOTHING, entries: [entry], closing: { kind: "reopen", entry, isNew: true } };
}

/**
 * An issue that was converted to a discussion is closed and locked, and cannot be reopened: the incident ends
 * there, whoever did it. The record keeps whether the policy allows such an end.
 */
function judgeConversion(
  seen: IncidentObservation,
  history: History,
  gate: GateVerdict,
  converted: TimelineFacts,
): JudgedClosing {
  const isMet = gate.status === "met" && history.cancelled === null;
  const calledOff = seen.policy.policy.closing["not-planned"] === "cancels" && history.cancelled === null;
  const may = calledOff && !isMet ? mayAct(seen, converted.actor, "cancel") : "refused";
  if (may === "cannot-tell") return askAgain(seen);
  const isUngated = !isMet && history.cancelled === null && may === "refused";
  const entry: Entry = {
    kind: "closed",
    at: converted.at,
    by: converted.actor?.login ?? null,
    how: "discussion",
    closedAt: seen.issue.closedAt ?? seen.at,
    // Nothing that disappears later reopens it.
    evidence: [],
    ...(isMet ? { as: "resolved" as const } : isUngated ? { as: "ungated" as const } : {}),
  };
  return leave({ ...NOTHING, entries: [entry] });
}

/** The event by which the issue became a discussion; `null`: it is not one, as far as GitHub shows. */
function conversionOf({ timeline }: IncidentObservation): TimelineFacts | null {
  const last = timeline?.findLast(({ kind }) => kind === "converted_to_discussion" || kind === "reopened");
  return last?.kind === "converted_to_discussion" ? last : null;
}

/** Whether an issue is closed and locked, as a conversion leaves it, but its timeline does not show yet who did it. */
function isTimelineBehind({ issue, timeline, at }: IncidentObservation): boolean {
  if (!issue.locked || timeline === null || issue.closedAt === null || at - issue.closedAt > TIMELINE_LAG_MS)
    return false;
  // GitHub keeps whole seconds.
  const since = Math.floor(issue.closedAt / 1_000) * 1_000;
  return !timeline.some((event) => event.kind === "closed" && event.at >= since);
}

/** Why a close by somebody without the right does not end an incident. */
type NotAllowed = Exclude<EntryOf<"reopened">["why"], "gate" | "re-armed" | "waiver-ended">;

/** What a close says; `gated`: only what the gate decides about. */
type CloseSays =
  | { readonly kind: "accepted"; readonly how: CloseHow }
  | { readonly kind: "gated" }
  | { readonly kind: "cannot-tell" }
  | { readonly kind: "not-allowed"; readonly why: NotAllowed };

/**
 * A close says what a command would, and needs the right to it: *not planned* and *duplicate* say `/cancel`,
 * *completed* says `/resolve`. What the team has already said by command needs no right a second time.
 */
function whatCloseSays(seen: IncidentObservation, history: History, gate: GateVerdict): CloseSays {
  if (history.cancelled !== null) return { kind: "accepted", how: "cancelled" };
  const closer = closerOf(seen);
  const isSaid = gate.status === "met" && history.resolved !== null;
  const calledOff = howCalledOff(seen);
  if (calledOff !== null) {
    const may = mayAct(seen, closer, "cancel");
    if (may === "allowed") return { kind: "accepted", how: calledOff };
    if (!isSaid) {
      return may === "cannot-tell"
        ? { kind: "cannot-tell" }
        : { kind: "not-allowed", why: closer?.isBot === true ? "bot-not-listed" : "may-not-cancel" };
    }
  }
  if (gate.status !== "met") return { kind: "gated" };
  if (isSaid) return { kind: "accepted", how: history.waived === null ? "resolved" : "waived" };
  // Merge queues and other apps close what a merged pull request names: the evidence is there, and was checked before.
  if (closer === null || closer.isBot) return { kind: "accepted", how: "person" };
  const may = mayAct(seen, closer, "resolve");
  if (may === "refused") return { kind: "not-allowed", why: "may-not-resolve" };
  return may === "allowed" ? { kind: "accepted", how: "person" } : { kind: "cannot-tell" };
}

/** GitHub's close reason, if the policy accepts it as the end of an incident without evidence. */
function howCalledOff({ issue, policy }: IncidentObservation): "not-planned" | "duplicate" | null {
  const { closing } = policy.policy;
  if (issue.closeReason === "not_planned" && closing["not-planned"] === "cancels") return "not-planned";
  return issue.closeReason === "duplicate" && closing.duplicate === "allowed" ? "duplicate" : null;
}

/** Who closed the issue; `null`: GitHub does not say, or the account is gone. */
function closerOf({ issue, timeline }: IncidentObservation): Person | null {
  return issue.closedBy ?? timeline?.findLast((event) => event.kind === "closed")?.actor ?? null;
}

/** The event by which a closed incident was reopened; `null`: GitHub does not show it (yet). */
function reopeningOf({ timeline }: IncidentObservation, closed: EntryOf<"closed">): TimelineFacts | null {
  // GitHub keeps whole seconds.
  const since = Math.floor(closed.closedAt / 1_000) * 1_000;
  return timeline?.findLast((event) => event.kind === "reopened" && event.at >= since) ?? null;
}

/**
 * The people whose rights decide what a close or reopening of the issue means, by login. Most closes need none, because
 * the gate holds them anyway.
 */
export function closersInQuestion(seen: IncidentObservation, { history }: Known, gate: GateVerdict): readonly string[] {
  const { issue, policy } = seen;
  if (issue.state === "open") {
    const actor = history.closed === null ? null : reopeningOf(seen, history.closed)?.actor;
    return actor == null || actor.isBot ? [] : [actor.login];
  }
  if (history.cancelled !== null) return [];
  const recent = reopeningsToday(seen, history);
  const isNearTheEnd = recent.length + 1 >= policy.policy.closing["max-reopens-per-day"];
  const earlier = isNearTheEnd ? recent.flatMap(({ closer }) => (closer == null ? [] : [personOf(closer)])) : [];
  const isJudged = history.closed?.closedAt === issue.closedAt;
  const matters =
    !isJudged &&
    (howCalledOff(seen) !== null || gate.status === "met" || isNearTheEnd || policy.policy.closing.grace > 0);
  const converter = isJudged ? null : (conversionOf(seen)?.actor ?? null);
  const closer = converter ?? (matters ? closerOf(seen) : null);
  const people = [...earlier, ...(closer === null ? [] : [closer])].filter(({ isBot }) => !isBot);
  return [...new Set(people.map(({ login }) => login))];
}

function accept(seen: IncidentObservation, closedAt: Instant, how: CloseHow, gate: GateVerdict): Judged {
  const by = seen.issue.closedBy;
  const entry: Entry = {
    kind: "closed",
    at: closedAt,
    by: by === null || isOwnAccount(seen.app, by) ? null : by.login,
    how,
    closedAt,
    evidence: gate.satisfiedBy.slice(0, 20).map((target) => ({ ...target })),
  };
  return { ...NOTHING, entries: [entry] };
}

function reopen(
  seen: IncidentObservation,
  history: History,
  closedAt: Instant,
  why: EntryOf<"reopened">["why"],
): JudgedClosing {
  const limit = seen.policy.policy.closing["max-reopens-per-day"];
  const closer = why === "re-armed" ? null : closerOf(seen);
  const recent = reopeningsToday(seen, history);
  const entry = (reason: typeof why): EntryOf<"reopened"> => ({
    kind: "reopened",
    at: seen.at,
    by: null,
    why: reason,
    closedAt,
    ...(closer === null ? {} : { closer: closer.login }),
  });
  const now = (reason: typeof why): JudgedClosing => {
    const counted = entry(reason);
    return { ...NOTHING, entries: [counted], closing: { kind: "reopen", entry: counted, isNew: true } };
  };

  const may = why === "re-armed" ? "allowed" : isTheGates(why) ? ofTheTeam(seen, closer) : "refused";
  if (may === "refused") {
    // Nobody without rights can use up what the team has, or end an incident by persistence.
    const others = recent.filter((one) => wasOfTheTeam(seen, one) === "refused");
    const next = (others.length < HURRIED_REOPENINGS ? 0 : others.at(-1)!.at + UNHURRIED_AFTER_MS) as Instant;
    if (seen.at < next) return { ...NOTHING, closing: { kind: "wait" }, lookAgainAt: next };
    return now(why === "gate" && closer?.isBot === false ? "may-not-resolve" : why);
  }
  if (recent.length < limit) return now(why);
  if (may === "cannot-tell") return askAgain(seen);
  const counts = recent.map((one) => wasOfTheTeam(seen, one));
  if (counts.filter((one) => one === "allowed").length >= limit) {
    const ungated: Entry = {
      kind: "closed",
      at: seen.at,
      by: seen.issue.closedBy?.login ?? null,
      how: "ungated",
      closedAt,
      evidence: [],
    };
    const saying = { kind: "closed-ungated", limit } as const;
    return leave({ ...NOTHING, entries: [ungated], edges: [sayOnce(`ungated-${closedAt}`, saying)] });
  }
  return counts.filter((one) => one !== "refused").length < limit ? now(why) : askAgain(seen);
}

/**
 * What the explanation of the last reopening needs to know: how many closes the team has left today before an incident
 * stays closed, marked; `null`: it was not the team's. `false`: it has been explained often enough today.
 */
export function howToExplain(
  seen: IncidentObservation,
  history: History,
  last: EntryOf<"reopened">,
): { readonly left: number | null } | false {
  if (last.why === "waiver-ended") return { left: null };
  const today = reopeningsToday(seen, history);
  // From the record and the policy alone: a later pass, which asks for nobody's rights, has to say the same.
  const isOthers = (one: EntryOf<"reopened">) => wasOfTheTeam({ ...seen, permissions: new Map() }, one) === "refused";
  if (isOthers(last)) return today.filter(isOthers).length <= HURRIED_REOPENINGS ? { left: null } : false;
  const counted = today.filter((one) => wasOfTheTeam(seen, one) !== "refused").length;
  return { left: Math.max(0, seen.policy.policy.closing["max-reopens-per-day"] - counted) };
}

function reopeningsToday(seen: IncidentObservation, history: History): readonly EntryOf<"reopened">[] {
  return history.reopenings.filter((one) => one.why !== "waiver-ended" && seen.at - one.at < DAY_MS);
}

/** Whether the gate itself is why it was reopened; for the other reasons nobody's rights have to be asked for again. */
function isTheGates(why: EntryOf<"reopened">["why"]): why is "gate" | "re-armed" {
  return why === "gate" || why === "re-armed";
}

/** Whether a reopening today counts towards the team's limit. */
function wasOfTheTeam(seen: IncidentObservation, { why, closer }: EntryOf<"reopened">): Standing {
  if (!isTheGates(why)) return "refused";
  return closer == null ? "allowed" : ofTheTeam(seen, personOf(closer));
}

/** Whether a close was the team's. If GitHub does not name anybody, nobody is accused. */
function ofTheTeam(seen: IncidentObservation, closer: Person | null): Standing {
  return closer === null ? "allowed" : mayAct(seen, closer, "resolve");
}

function askAgain(seen: IncidentObservation): JudgedClosing {
  // What was judged in this very pass may have made somebody's rights matter: the next pass asks for them.
  const closer = closerOf(seen);
  const isAsked = closer === null || closer.isBot || seen.permissions.has(permissionKey(closer.login));
  return leave({ ...NOTHING, lookAgainAt: (seen.at + (isAsked ? UNKNOWN_AGAIN_MS : ASK_MS)) as Instant });
}

/**
 * Whether something that satisfied the gate at closing no longer does, because of a change made after the close. A
 * policy that became stricter does not reopen old incidents.
 */
function evidenceDisappeared(seen: IncidentObservation, history: History, gate: GateVerdict): boolean {
  const closed = history.closed;
  if (closed === null) return false;
  return closed.evidence.some((target) => {
    if (gate.satisfiedBy.some((still) => sameTarget(still, target))) return false;
    return changedSince(seen, gate, target, closed.closedAt);
  });
}

function changedSince(seen: IncidentObservation, gate: GateVerdict, target: Reference, since: Instant): boolean {
  const isRevertedFix = seen.fixes.some(
    ({ pullRequest, revertedBy }) =>
      revertedBy !== null && sameTarget({ repository: null, number: pullRequest.number }, target),
  );
  if (isRevertedFix) return true;
  return seen.evidence.some((evidence) => {
    if (!sameTarget(evidence.target, target)) return false;
    if (evidence.answer === "missing") return true;
    if (evidence.kind === "issue") {
      // What was moved is not gone, and what may not be looked at now may be unchanged.
      if (evidence.answer === "cannot-read" || evidence.answer === "moved") return false;
      return evidence.answer.updatedAt >= since && !lacksFormOnly(gate.tree, target);
    }
    return evidence.revertedBy !== null;
  });
}

/**
 * Whether a transferred post-mortem lacks only the label: GitHub removes it if the new place does not have that label. Or
 * one that was changed lacks only that somebody accepts it anew: people are asked to (`judgeAcceptance`), and whoever
 * improves a text later opens no incident by that.
 */
function lacksFormOnly(tree: Verdict, target: Reference): boolean {
  if (tree.kind !== "requirement") return tree.of.some((part) => lacksFormOnly(part, target));
  const { finding } = tree;
  if (finding.requirement !== "post-mortem") return false;
  const found = finding.found.find((one) => sameTarget(one.target, target));
  if (found === undefined) return false;
  if (found.lacks.every((lack) => lack.kind === "not-accepted")) return true;
  return found.movedTo !== null && found.lacks.every((lack) => lack.kind === "no-label");
}

function leave(judged: Judged): JudgedClosing {
  return { ...judged, closing: { kind: "leave" } };
}
