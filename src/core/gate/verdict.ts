import { neededPermission } from "../commands/authorize.ts";
import type { Permission, Reference } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Requires } from "../policy/policy.ts";
import type { History } from "../record/history.ts";
import { closeRequires } from "./asks-for.ts";
import type { Judgement } from "./requirements/requirement-rule.ts";
import { type Finding, REQUIREMENT_RULES } from "./requirements/requirement-rules.ts";
import { combine, type VerdictStatus } from "./verdict-status.ts";

/** Whether an incident may close, and why not: one tree for the close gate, the check, `/resolve` and every display. */
export type Verdict =
  | ({ readonly kind: "requirement" } & Judgement<Finding>)
  | { readonly kind: "any-of" | "all-of"; readonly status: VerdictStatus; readonly of: readonly Verdict[] };

/** A waiver that waits for other people's `/accept`. */
export interface WaitingWaiver {
  /** Login; `null`: the account is gone. */
  readonly by: string | null;
  /** How many more people have to accept it. */
  readonly missing: number;
  /** The role they need. */
  readonly needs: Permission;
}

/** The verdict, and what overrules it. */
export interface GateVerdict {
  /** `met` when the tree is met or the incident was waived or cancelled. */
  readonly status: VerdictStatus;
  readonly tree: Verdict;
  readonly waivedBy: string | null;
  /** A waiver that does not count yet; `null`: none is waiting, or one counts. */
  readonly waiverAsked: WaitingWaiver | null;
  /** What meets the tree now; kept with a close, so that its disappearance is noticed. */
  readonly satisfiedBy: readonly Reference[];
}

/** Judges the gate of an incident. Pure: the same observation and history give the same verdict. */
export function judgeGate(seen: IncidentObservation, history: History): GateVerdict {
  const tree = judge(closeRequires(seen.policy.policy, history.severity), seen, history);
  const waived = history.waived !== null;
  return {
    status: waived ? "met" : tree.status,
    tree,
    waivedBy: waived ? (history.waived?.by ?? null) : null,
    waiverAsked: waived || tree.status === "met" ? null : waitingWaiver(seen, history),
    satisfiedBy: satisfying(tree),
  };
}

function waitingWaiver({ policy }: IncidentObservation, { waiverAsked }: History): WaitingWaiver | null {
  if (waiverAsked === null) return null;
  const { by, approvals, acceptedBy } = waiverAsked;
  return { by, missing: approvals - acceptedBy.length, needs: neededPermission("waive", policy.policy.commands) };
}

function judge(requires: Requires, seen: IncidentObservation, history: History): Verdict {
  if (requires.kind === "requirement") {
    return { kind: "requirement", ...REQUIREMENT_RULES[requires.name].judge(seen, history) };
  }
  const of = requires.of.map((part) => judge(part, seen, history));
  const status = combine(
    requires.kind,
    of.map((part) => part.status),
  );
  return { kind: requires.kind, status, of };
}

function satisfying(tree: Verdict): readonly Reference[] {
  return tree.kind === "requirement" ? tree.satisfiedBy : tree.of.flatMap(satisfying);
}
