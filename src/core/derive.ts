import { type GateVerdict, judgeGate } from "./gate/verdict.ts";
import { beginRecord, severitiesOn } from "./judge/begin-record.ts";
import type { Edge } from "./judge/edge.ts";
import { hear } from "./judge/hear.ts";
import { judgeAcceptance } from "./judge/judge-acceptance.ts";
import { type Closing, type JudgedClosing, judgeClosing } from "./judge/judge-closing.ts";
import { judgeConfirmation } from "./judge/judge-confirmation.ts";
import { type EscalationState, judgeEscalation } from "./judge/judge-escalation.ts";
import { judgeItems } from "./judge/judge-items.ts";
import { LABEL_SETTLE_MS, labelsSettled } from "./judge/judge-labels.ts";
import { judgeReminders } from "./judge/judge-reminders.ts";
import type { JudgedRequests } from "./judge/judge-requests.ts";
import { withTicks } from "./judge/judge-ticks.ts";
import { judgeWaiver } from "./judge/judge-waiver.ts";
import { NOTHING } from "./judge/judged.ts";
import { type Found, Judging } from "./judge/judging.ts";
import type { Instant } from "./model.ts";
import type { IncidentObservation } from "./observation.ts";
import type { Entry } from "./record/entry.ts";
import type { History } from "./record/history.ts";
import { Known } from "./record/known.ts";
import type { IncidentRecord } from "./record/record.ts";
import { nextDue, type Timer, timersOf } from "./timers.ts";

/** What an observation adds up to. */
export interface Incident {
  /** The record as it should be saved: what was there, plus what this pass judged. */
  readonly record: IncidentRecord;
  readonly history: History;
  /** What the record said when it was read, or last saved in this pass; `null`: none is saved yet. */
  readonly before: History | null;
  readonly gate: GateVerdict;
  readonly timers: readonly Timer[];
  /** What each judge found, in the order they were asked: the new entries of `record`, and `edges`, by who found them. */
  readonly found: readonly Found[];
  /** Done once, before the record is saved. */
  readonly edges: readonly Edge[];
  readonly closing: Closing;
  /** It is not known yet what the severity labels mean: they are left as they are. */
  readonly labelsOnHold: boolean;
  /** Nor what the label of drills means. */
  readonly drillOnHold: boolean;
  readonly escalation: EscalationState;
  /** Answers to what people asked for in a chat; requests that are waiting have none yet. */
  readonly answers: JudgedRequests["answers"];
  /** When a pass is due without any hint; `null`: never by itself. */
  readonly lookAgainAt: Instant | null;
  /** The oldest comment with a command that is waiting although younger ones were judged; `null`: none is. */
  readonly waitsFrom: number | null;
}

/**
 * Judges everything that is new in an observation, in the order people would: what the labels say, what evidence there
 * is, the commands, whether the issue may be closed, what is overdue. `null`: it is not an incident.
 *
 * Pure. Deriving again after the plan was applied adds nothing (test/core/plan/fixpoint.test.ts).
 */
export function derive(seen: IncidentObservation): Incident | null {
  const begun = beginRecord(seen);
  if (begun === null) return null;
  const begin = withTicks(seen, new Known(begun));
  const judging = new Judging(begin, newIn(seen, begun));
  const { labels, drill, commands, requests } = hear(seen, judging);

  judging.take("items", judgeItems(seen, judging.known));
  judging.take("waiver", judgeWaiver(seen, judging.known));

  const gateBefore = judgeGate(seen, judging.known.history);
  const closing: JudgedClosing = commands.holdsClosing
    ? { ...NOTHING, closing: { kind: "leave" } }
    : judgeClosing(seen, judging.known, gateBefore);
  judging.take("closing", closing);

  judging.take("confirmation", judgeConfirmation(seen, judging.known));
  const isOver = seen.issue.state === "closed" && closing.closing.kind !== "wait";
  const called = judging.take("escalation", judgeEscalation(seen, judging.known, isOver || drill.holdsPages));

  const { history } = judging.known;
  const gate = judgeGate(seen, history);
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  const timers = timersOf(history, severity, gate.status, seen.at);
  judging.take("acceptance", judgeAcceptance(seen, judging.known, gate));
  judging.take("reminders", judgeReminders(seen, judging.known, timers));

  const isOpen = seen.issue.state === "open";
  const swapping = isOpen && severitiesOn(seen.issue, seen.policy.policy.severities).length !== 1;
  const settlesAt = swapping && !labelsSettled(seen) ? ((seen.issue.updatedAt + LABEL_SETTLE_MS) as Instant) : null;
  return {
    record: judging.known.record,
    history,
    before: seen.record.kind === "found" ? begin.history : null,
    gate,
    timers,
    found: judging.found,
    edges: lastWord(judging.edges),
    closing: closing.closing,
    labelsOnHold: labels.isOnHold,
    drillOnHold: drill.labelOnHold,
    escalation: called.escalation,
    answers: requests.answers,
    lookAgainAt: earliest([...judging.moments, settlesAt, isOpen ? nextDue(timers) : null]),
    waitsFrom: commands.waitsFrom,
  };
}

/** The entries of a record that was made again, or begun. */
function newIn({ record }: IncidentObservation, begun: IncidentRecord): readonly Entry[] {
  const known = record.kind === "found" ? record.record : record.kind === "lost" ? record.copy : null;
  return begun.entries.slice(known?.entries.length ?? 0);
}

/** Several commands in one pass may assign and unassign the same person: the last one counts. */
function lastWord(edges: readonly Edge[]): readonly Edge[] {
  return edges.filter((edge, at) => {
    if (edge.kind !== "assign" && edge.kind !== "unassign") return true;
    const person = edge.login.toLowerCase();
    const later = edges.slice(at + 1);
    return !later.some(
      (other) => (other.kind === "assign" || other.kind === "unassign") && other.login.toLowerCase() === person,
    );
  });
}

function earliest(moments: readonly (Instant | null)[]): Instant | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : (Math.min(...known) as Instant);
}
