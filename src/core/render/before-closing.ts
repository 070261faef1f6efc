import type { GateVerdict, Verdict } from "../gate/verdict.ts";
import type { Requirement } from "../policy/policy.ts";
import { showChoice } from "../policy/show-value.ts";
import { verdictLines } from "./verdict.ts";

/** What an incident needs before it can close. */
export interface BeforeClosing {
  /** In a few words, such as `Before it can close: a post-mortem or a merged runbook`. */
  readonly summary: string;
  /** One for each requirement, with the next step. */
  readonly lines: readonly string[];
}

export function beforeClosing(gate: GateVerdict): BeforeClosing {
  return { summary: summaryOf(gate), lines: verdictLines(gate) };
}

function summaryOf(gate: GateVerdict): string {
  if (gate.waivedBy !== null) return "It can close: what it needs was waived";
  if (gate.status === "met") return "It can close: everything it needs is there";
  const needs = inWords(gate.tree);
  return `Before it can close: ${needs}${gate.status === "unknown" ? " (could not be judged yet)" : ""}`;
}

const NAMES: Readonly<Record<Requirement, string>> = {
  acknowledged: "somebody acknowledges",
  "post-mortem": "a post-mortem",
  "runbook-pr": "a merged runbook",
  "fix-merged": "a merged fix",
  "action-items-filed": "filed action items",
  "key-times": "its key times",
};

/** Whether the tree asks for a requirement anywhere. */
export function asksFor(verdict: Verdict, requirement: Requirement): boolean {
  return verdict.kind === "requirement"
    ? verdict.finding.requirement === requirement
    : verdict.of.some((part) => asksFor(part, requirement));
}

/** What is asked for, whether or not it is there: `a post-mortem or a merged runbook`. */
export function inWords(verdict: Verdict, isInside = false): string {
  if (verdict.kind === "requirement") return NAMES[verdict.finding.requirement];
  const parts = verdict.of.map((part) => inWords(part, verdict.of.length > 1));
  if (parts.length === 0) return "nothing";
  const all = showChoice(parts, verdict.kind === "any-of" ? "or" : "and");
  return isInside && parts.length > 1 ? `(${all})` : all;
}
