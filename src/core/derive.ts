import { type GateVerdict, judgeGate } from "./gate/verdict.ts";
import { beginRecord, severitiesOn } from "./judge/begin-record.ts";
import type { Edge } from "./judge/edge.ts";
import { judgeAlerts } from "./judge/judge-alerts.ts";
import { type Closing, type JudgedClosing, judgeClosing } from "./judge/judge-closing.ts";
import { judgeCommands } from "./judge/judge-commands.ts";
import { judgeConfirmation } from "./judge/judge-confirmation.ts";
import { type EscalationState, judgeEscalation } from "./judge/judge-escalation.ts";
import { judgeLabels, LABEL_SETTLE_MS, labelsSettled } from "./judge/judge-labels.ts";
import { judgeLinks } from "./judge/judge-links.ts";
import { judgeLock } from "./judge/judge-lock.ts";
import { judgeReminders } from "./judge/judge-reminders.ts";
import { type JudgedRequests, judgeRequests } from "./judge/judge-requests.ts";
import { judgeRunbookList } from "./judge/judge-runbook-list.ts";
import { judgeSuspect } from "./judge/judge-suspect.ts";
import { judgeThread } from "./judge/judge-thread.ts";
import { withTicks } from "./judge/judge-ticks.ts";
import { type Judged, NOTHING } from "./judge/judged.ts";
import type { Instant } from "./model.ts";
import type { IncidentObservation } from "./observation.ts";
import type { Entry } from "./record/entry.ts";
import type { History } from "./record/history.ts";
import { Known } from "./record/known.ts";
import type { IncidentRecord } from "./record/record.ts";
import { nextDue, type Timer, timersOf } from "./timers.ts";

/** Who finds what is new in an observation, in the order they are asked. `record`: what the record begins with. */
export type JudgeName =
  | "record"
  | "labels"
  | "links"
  | "runbook-list"
  | "suspect"
  | "thread"
  | "lock"
  | "commands"
  | "requests"
  | "alerts"
  | "closing"
  | "confirmation"
  | "escalation"
  | "reminders";

/** What one judge found new. */
export interface Found {
  readonly judge: JudgeName;
  readonly entries: readonly Entry[];
  readonly edges: readonly Edge[];
}

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
  const edges: Edge[] = [];
  const moments: (Instant | null)[] = [];
  let known = withTicks(seen, new Known(begun));
  const before = known.history;

  const found: Found[] = [{ judge: "record", entries: newIn(seen, begun), edges: [] }];

  const take = (judge: JudgeName, judged: Judged) => {
    known = known.with(judged.entries);
    found.push({ judge, entries: judged.entries, edges: judged.edges });
    edges.push(...judged.edges);
    moments.push(judged.lookAgainAt ?? null);
  };
  const labels = judgeLabels(seen, known);
  take("labels", labels);
  take("links", judgeLinks(seen, known));
  take("runbook-list", judgeRunbookList(seen, known));
  take("suspect", judgeSuspect(seen, known));
  take("thread", judgeThread(seen, known));
  take("lock", judgeLock(seen, known));
  const commands = judgeCommands(seen, known);
  take("commands", commands);
  const requests = judgeRequests(seen, known);
  take("requests", requests);
  take("alerts", judgeAlerts(seen, known));

  const gateBefore = judgeGate(seen, known.history);
  const closing: JudgedClosing = commands.holdsClosing
    ? { ...NOTHING, closing: { kind: "leave" } }
    : judgeClosing(seen, known, gateBefore);
  take("closing", closing);

  take("confirmation", judgeConfirmation(seen, known));
  const isOver = seen.issue.state === "closed" && closing.closing.kind !== "wait";
  const called = judgeEscalation(seen, known, isOver);
  take("escalation", called);

  const { history } = known;
  const gate = judgeGate(seen, history);
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  const timers = timersOf(history, severity, gate.status, seen.at);
  take("reminders", judgeReminders(seen, known, timers));

  const isOpen = seen.issue.state === "open";
  const swapping = isOpen && severitiesOn(seen.issue, seen.policy.policy.severities).length !== 1;
  if (swapping && !labelsSettled(seen)) moments.push((seen.issue.updatedAt + LABEL_SETTLE_MS) as Instant);
  moments.push(isOpen ? nextDue(timers) : null);
  return {
    record: known.record,
    history,
    before: seen.record.kind === "found" ? before : null,
    gate,
    timers,
    found,
    edges: lastWord(edges),
    closing: closing.closing,
    labelsOnHold: labels.isOnHold === true,
    escalation: called.escalation,
    answers: requests.answers,
    lookAgainAt: earliest(moments),
    waitsFrom: commands.waitsFrom ?? null,
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
