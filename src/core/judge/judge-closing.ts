import type { GateVerdict } from "../gate/verdict.ts";
import { fold, type History, sameTarget } from "../history.ts";
import type { Instant, IssueFacts, Reference } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { CloseHow, Entry } from "../record/entry.ts";
import type { IncidentRecord } from "../record/record.ts";
import { type Judged, NOTHING } from "./judged.ts";

const DAY_MS = 86_400_000;
/** How soon a verdict that could not be reached is tried again. */
const UNKNOWN_AGAIN_MS = 60_000;

/** What should become of the issue's own state. */
export type Closing =
  | { readonly kind: "leave" }
  | { readonly kind: "close"; readonly reason: "completed" | "not_planned" }
  | { readonly kind: "reopen"; readonly entry: Extract<Entry, { kind: "reopened" }>; readonly isNew: boolean };

export type JudgedClosing = Judged & { readonly closing: Closing };

/**
 * Judges whether the issue may be closed, should be, or should be open again.
 *
 * Only the closing is held, never a fix. Unknown neither reopens nor closes (docs/architecture.md, "Three answers").
 */
export function judgeClosing(seen: IncidentObservation, record: IncidentRecord, gate: GateVerdict): JudgedClosing {
  const history = fold(record.entries);
  return seen.issue.state === "open" ? judgeOpen(seen, history, gate) : judgeClosed(seen, record, history, gate);
}

function judgeOpen(seen: IncidentObservation, history: History, gate: GateVerdict): JudgedClosing {
  // An answer older than the close it should show is an old answer, not a person who reopened.
  if (history.closed !== null && seen.issue.updatedAt >= history.closed.closedAt) {
    const reopened = seen.timeline?.findLast((event) => event.kind === "reopened");
    const resumed: Entry = { kind: "resumed", at: reopened?.at ?? seen.at, by: reopened?.actor?.login ?? null };
    return { entries: [resumed], edges: [], closing: { kind: "leave" } };
  }
  if (history.closed !== null) return leave(NOTHING);
  if (history.cancelled !== null) return { ...NOTHING, closing: { kind: "close", reason: "not_planned" } };
  if (history.resolved !== null && gate.status === "met") {
    return { ...NOTHING, closing: { kind: "close", reason: "completed" } };
  }
  return leave(NOTHING);
}

function judgeClosed(
  seen: IncidentObservation,
  record: IncidentRecord,
  history: History,
  gate: GateVerdict,
): JudgedClosing {
  const closedAt = seen.issue.closedAt ?? seen.at;

  // GitHub keeps whole seconds: the same closing time may be an old answer, or another close in the same second.
  const reopening = record.entries.findLast((entry) => entry.kind === "reopened");
  const known = reopening?.closedAt === closedAt ? reopening : undefined;
  const isOldAnswer = known !== undefined && seen.issue.updatedAt < Math.floor(known.at / 1_000) * 1_000;

  if (history.closed?.closedAt === closedAt) {
    if (history.closed.how === "ungated") {
      return gate.status === "met" ? leave(accept(seen, closedAt, "person", gate)) : leave(NOTHING);
    }
    const rearm = gate.status === "unmet" && evidenceDisappeared(seen, history, gate);
    return rearm ? reopen(seen, history, closedAt, "re-armed") : leave(NOTHING);
  }

  const how = isOldAnswer ? null : closeHow(seen, history, gate);
  if (how !== null) return leave(accept(seen, closedAt, how, gate));
  // Counted before, but the pass died before it reopened.
  if (known !== undefined) return { ...NOTHING, closing: { kind: "reopen", entry: known, isNew: false } };
  if (gate.status === "unknown") {
    return leave({ ...NOTHING, lookAgainAt: (seen.at + UNKNOWN_AGAIN_MS) as Instant });
  }
  const graceEnds = (closedAt + seen.policy.policy.closing.grace) as Instant;
  if (seen.at < graceEnds) return leave({ ...NOTHING, lookAgainAt: graceEnds });
  return reopen(seen, history, closedAt, "gate");
}

/** How a close is accepted; `null`: the gate has a say. */
function closeHow(seen: IncidentObservation, history: History, gate: GateVerdict): CloseHow | null {
  const policy = seen.policy.policy.closing;
  const reason = seen.issue.closeReason;
  if (history.cancelled !== null) return "cancelled";
  if (reason === "not_planned" && policy["not-planned"] === "cancels") return "not-planned";
  if (reason === "duplicate" && policy.duplicate === "allowed") return "duplicate";
  if (gate.status !== "met") return null;
  if (gate.waivedBy !== null || history.waived !== null) return "waived";
  return history.resolved !== null ? "resolved" : "person";
}

function accept(seen: IncidentObservation, closedAt: Instant, how: CloseHow, gate: GateVerdict): Judged {
  const by = seen.issue.closedBy;
  const entry: Entry = {
    kind: "closed",
    at: closedAt,
    by: by === null || by.login === seen.app.botLogin ? null : by.login,
    how,
    closedAt,
    evidence: gate.satisfiedBy.slice(0, 20).map((target) => ({ ...target })),
  };
  return { entries: [entry], edges: [] };
}

function reopen(
  seen: IncidentObservation,
  history: History,
  closedAt: Instant,
  why: "gate" | "re-armed",
): JudgedClosing {
  const limit = seen.policy.policy.closing["max-reopens-per-day"];
  const recent = history.reopenings.filter((one) => seen.at - one.at < DAY_MS).length;
  if (recent >= limit) {
    const entry: Entry = {
      kind: "closed",
      at: seen.at,
      by: seen.issue.closedBy?.login ?? null,
      how: "ungated",
      closedAt,
      evidence: [],
    };
    const saying = { kind: "closed-ungated", limit } as const;
    return leave({ entries: [entry], edges: [{ kind: "say", marker: `ungated-${closedAt}`, saying }] });
  }
  const entry: Extract<Entry, { kind: "reopened" }> = { kind: "reopened", at: seen.at, by: null, why, closedAt };
  return { entries: [entry], edges: [], closing: { kind: "reopen", entry, isNew: true } };
}

/**
 * Whether something that satisfied the gate at closing does no longer, by a change made after the close. A policy
 * that became stricter does not open old incidents again.
 */
function evidenceDisappeared(seen: IncidentObservation, history: History, gate: GateVerdict): boolean {
  const closed = history.closed;
  if (closed === null) return false;
  return closed.evidence.some((target) => {
    if (gate.satisfiedBy.some((still) => sameTarget(still, target))) return false;
    return changedSince(seen, target, closed.closedAt);
  });
}

function changedSince(seen: IncidentObservation, target: Reference, since: Instant): boolean {
  const isRevertedFix = seen.fixes.some(
    ({ pullRequest, revertedBy }) =>
      revertedBy !== null && sameTarget({ repository: null, number: pullRequest.number }, target),
  );
  if (isRevertedFix) return true;
  return seen.evidence.some((evidence) => {
    if (!sameTarget(evidence.target, target)) return false;
    if (evidence.answer === "missing") return true;
    if (evidence.kind === "issue") {
      return evidence.answer !== "cannot-read" && (evidence.answer as IssueFacts).updatedAt >= since;
    }
    return evidence.revertedBy !== null;
  });
}

function leave(judged: Judged): JudgedClosing {
  return { ...judged, closing: { kind: "leave" } };
}
