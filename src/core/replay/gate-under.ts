import { asksFor, closeRequires } from "../gate/asks-for.ts";
import { type GateVerdict, judgeGate } from "../gate/verdict.ts";
import type { VerdictStatus } from "../gate/verdict-status.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { AskedWaiver, History } from "../record/history.ts";
import type { IncidentRecord } from "../record/record.ts";
import { evidenceAt, evidenceMoments } from "./evidence-at.ts";
import type { SeverityUnder } from "./severity-under.ts";
import { historyAt } from "./stretches.ts";

/** An incident, and the rules by which it is judged again: those of `seen`. */
export interface Judged {
  readonly seen: IncidentObservation;
  readonly record: IncidentRecord;
  readonly under: SeverityUnder;
  /** How many more characters of post-mortems may be read again for its earlier moments. */
  readonly rereading: { left: number };
}

/** The same for a whole incident: people write a few thousand, and a moment or two matters. */
export const MOST_READ_AGAIN = 30_000;

/** Whether an incident could have closed, and by what. */
export interface CloseVerdict {
  readonly status: VerdictStatus;
  /** `evidence`: by what its severity asks for. The others close it whatever is there. */
  readonly by: "evidence" | "waiver" | "cancellation" | "not-planned" | "duplicate";
  /** What was found of its evidence. */
  readonly gate: GateVerdict;
}

/** How it could close under these rules, with everything that is there now. */
export function closeUnder(judged: Judged, history: History): CloseVerdict {
  const gate = gateUnder(judged, history, judged.seen);
  const free = (by: CloseVerdict["by"]): CloseVerdict => ({ status: "met", by, gate });
  const { closing } = judged.seen.policy.policy;
  const cancels = closing["not-planned"] === "cancels";
  const { closed, cancelled } = history;
  if (closed?.how === "not-planned" && cancels) return free("not-planned");
  if (closed?.how === "duplicate" && closing.duplicate === "allowed") return free("duplicate");
  // Nobody can open a discussion again; converting calls it off where closing as not planned does.
  if (closed?.how === "discussion" && closed.as === undefined && cancels) return free("not-planned");
  const isByCommand = cancelled !== null && (closed === null || closed.how === "cancelled");
  if (isByCommand) return free("cancellation");
  return { status: gate.status, by: gate.waivedBy !== null || isWaived(judged, history) ? "waiver" : "evidence", gate };
}

/** The verdict on a moment of the incident, as far as what is there now tells; what is too long to read again is unknown. */
export function statusAt(judged: Judged, at: Instant, history: History = historyAt(judged.record, at)): VerdictStatus {
  const seen = evidenceAt(judged.seen, history, at);
  const characters = charactersOf(judged, history, seen);
  if (characters > judged.rereading.left) return "unknown";
  judged.rereading.left -= characters;
  return gateUnder(judged, history, seen).status;
}

/** How much others have written that the verdict reads. */
function charactersOf({ under }: Judged, history: History, { policy, evidence }: IncidentObservation): number {
  const asked = closeRequires(policy.policy, under(history.severity) ?? history.severity);
  if (!asksFor(asked, "post-mortem") && !asksFor(asked, "action-items-filed")) return 0;
  const bodies = evidence.map(({ kind, answer }) =>
    kind === "issue" && typeof answer !== "string" ? answer.body.length : 0,
  );
  return bodies.reduce((sum, one) => sum + one, 0);
}

function gateUnder(judged: Judged, history: History, seen: IncidentObservation): GateVerdict {
  const severity = judged.under(history.severity) ?? history.severity;
  if (history.waived === null || isWaived(judged, history)) return judgeGate(seen, { ...history, severity });
  const { approvals } = seen.policy.policy.waive;
  const { at, by, reason } = history.waived;
  const waiverAsked: AskedWaiver = { at, by, reason, lasts: null, approvals, acceptedBy: acceptedBy(judged.record) };
  return judgeGate(seen, { ...history, severity, waived: null, waiverAsked });
}

/** Whether the waiver of the record would have counted. */
function isWaived({ seen, record }: Judged, { waived }: History): boolean {
  return waived !== null && acceptedBy(record).length >= seen.policy.policy.waive.approvals;
}

/** Who accepted the waiver that counts last; empty: it needed nobody. */
function acceptedBy({ entries }: IncidentRecord): readonly string[] {
  let asked: { readonly approvals: number; readonly by: readonly string[] } | null = null;
  let counts: readonly string[] = [];
  for (const entry of entries) {
    if (entry.kind === "waived") {
      const { approvals = 0 } = entry;
      asked = approvals === 0 ? null : { approvals, by: [] };
      if (approvals === 0) counts = [];
    }
    if (entry.kind !== "waiver-accepted" || asked === null || entry.by === null) continue;
    asked = { ...asked, by: [...asked.by, entry.by] };
    if (asked.by.length >= asked.approvals) counts = asked.by;
  }
  return counts;
}

/** When an incident that was over, but still open, could close. */
export interface CloseTime {
  /** `null`: not before it closed. */
  readonly at: Instant | null;
  /** Whether nothing before that may have been enough: what a text said then is not known. */
  readonly isSure: boolean;
}

/** More moments than these are not looked at: each is a whole verdict. */
const MOST_MOMENTS = 40;
/** What may change the verdict. */
const MATTERS: ReadonlySet<Entry["kind"]> = new Set([
  "acknowledged",
  "handed-over",
  "mitigated",
  "alerted",
  "severity-changed",
  "linked",
  "proven",
  "disproven",
  "fix-reverted",
  "waived",
  "waiver-accepted",
  "post-mortem-accepted",
  "time-corrected",
]);
/** What people had to wait less for was no wait. */
const LEAST_WAIT_MS = 60_000;

/** From when people first ended it until it closed; `null`: it is open, or closed at once. */
export function waitOf({ entries }: IncidentRecord, { closed }: History): { from: Instant; to: Instant } | null {
  if (closed === null) return null;
  const to = closed.closedAt;
  const last = entries.findLastIndex(({ kind }) => kind === "resumed");
  const tries = entries.slice(last + 1).flatMap((entry) => {
    if (entry.kind === "resolved") return [entry.at];
    return entry.kind === "reopened" && entry.why === "gate" ? [entry.closedAt] : [];
  });
  if (tries.length === 0) return null;
  const from = Math.min(...tries) as Instant;
  return to - from < LEAST_WAIT_MS ? null : { from, to };
}

/** When it could first have closed by what was there, between the moment people ended it and its close. */
export function closeTimeOf(judged: Judged, { from, to }: { from: Instant; to: Instant }): CloseTime {
  const entries = judged.record.entries.flatMap(({ kind, at }) => (MATTERS.has(kind) ? [at] : []));
  const later = [...entries, ...evidenceMoments(judged.seen)].filter((at) => at > from && at < to);
  const moments = [from, ...new Set(later)].toSorted((a, b) => a - b);
  let isSure = moments.length <= MOST_MOMENTS;
  for (const at of moments.slice(0, MOST_MOMENTS)) {
    const status = statusAt(judged, at);
    if (status === "met") return { at, isSure };
    if (status === "unknown") isSure = false;
  }
  return { at: null, isSure };
}
