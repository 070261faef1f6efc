import type { GateVerdict } from "../gate/verdict.ts";
import type { EscalationState } from "../judge/judge-escalation.ts";
import type { IncidentObservation } from "../observation.ts";
import type { History } from "../record/history.ts";
import type { IncidentRecord } from "../record/record.ts";
import type { Timer } from "../timers.ts";

/** An item of the acknowledgement checklist. */
export interface ChecklistItem {
  /** Stable across versions: ticks are kept by it. */
  readonly id: string;
  readonly text: string;
  readonly checked: boolean;
}

/** What the status comment shows. */
export interface StatusView {
  readonly seen: IncidentObservation;
  readonly record: IncidentRecord;
  readonly history: History;
  readonly gate: GateVerdict;
  readonly timers: readonly Timer[];
  readonly escalation: EscalationState;
}
