import type { PullRequestFacts, Reference } from "../model.ts";
import type { FixFacts, IncidentObservation, UnreadCandidates } from "../observation.ts";
import type { Requirement, Requires } from "../policy/policy.ts";
import type { History } from "../record/history.ts";
import {
  isMergedBefore,
  judgePostMortems,
  judgeRunbooks,
  type PostMortemFinding,
  type RunbookFinding,
} from "./evidence.ts";
import type { VerdictStatus } from "./verdict-status.ts";

/** What was found for one requirement. Rendered in `core/render/verdict.ts`. */
export type Finding =
  | { readonly requirement: "acknowledged"; readonly by: string | null; readonly met: boolean }
  /** `isCut`: there were more than are looked at. */
  | { readonly requirement: "post-mortem"; readonly found: readonly PostMortemFinding[]; readonly isCut: boolean }
  | { readonly requirement: "runbook-pr"; readonly found: readonly RunbookFinding[]; readonly isCut: boolean }
  /** `early`: merged before the incident was opened. */
  | {
      readonly requirement: "fix-merged";
      readonly merged: readonly number[];
      readonly early: readonly number[];
      readonly isCut: boolean;
    }
  | {
      readonly requirement: "action-items-filed";
      readonly filed: number;
      readonly unfiled: number;
      readonly inPostMortem: boolean;
      /** The post-mortem is in a private repository: of its items nothing is told. Left out: it is not. */
      readonly isSealed?: true;
    };

/** Whether an incident may close, and why not: one tree for the close gate, the check, `/resolve` and every display. */
export type Verdict =
  | { readonly kind: "requirement"; readonly status: VerdictStatus; readonly finding: Finding }
  | { readonly kind: "any-of" | "all-of"; readonly status: VerdictStatus; readonly of: readonly Verdict[] };

/** The verdict with what overrules it. */
export interface GateVerdict {
  /** `met` when the tree is met or the incident was waived or cancelled. */
  readonly status: VerdictStatus;
  readonly tree: Verdict;
  readonly waivedBy: string | null;
  /** What meets the tree now: kept with a close, so that its disappearance is noticed. */
  readonly satisfiedBy: readonly Reference[];
}

/** Judges the gate of an incident. Pure: the same observation and history give the same verdict. */
export function judgeGate(seen: IncidentObservation, history: History): GateVerdict {
  const severity = seen.policy.policy.severities.find((candidate) => candidate.name === history.severity);
  // A severity the policy no longer knows keeps the strictest gate the policy has: unknown never opens.
  const requires = severity?.["close-requires"] ?? seen.policy.policy.severities[0]!["close-requires"];
  const tree = judge(requires, seen, history);
  const waived = history.waived !== null;
  return {
    status: waived ? "met" : tree.status,
    tree,
    waivedBy: waived ? (history.waived?.by ?? null) : null,
    satisfiedBy: satisfying(tree),
  };
}

function judge(requires: Requires, seen: IncidentObservation, history: History): Verdict {
  if (requires.kind === "requirement") return judgeRequirement(requires.name, seen, history);
  const of = requires.of.map((part) => judge(part, seen, history));
  return { kind: requires.kind, status: combine(requires.kind, of), of };
}

/** Three-valued logic (Kleene): `unknown` stays unknown unless the other parts decide without it. */
function combine(kind: "any-of" | "all-of", of: readonly Verdict[]): VerdictStatus {
  const [decisive, neutral] = kind === "any-of" ? (["met", "unmet"] as const) : (["unmet", "met"] as const);
  if (of.some((part) => part.status === decisive)) return decisive;
  if (of.some((part) => part.status === "unknown")) return "unknown";
  return neutral;
}

function judgeRequirement(name: Requirement, seen: IncidentObservation, history: History): Verdict {
  switch (name) {
    case "acknowledged": {
      const met = history.acknowledged !== null;
      return verdict(met ? "met" : "unmet", { requirement: name, by: history.responder, met });
    }
    case "post-mortem": {
      const found = judgePostMortems(seen, history);
      const status = statusOf(found, seen.unread[name]);
      return verdict(status, { requirement: name, found, isCut: isCut(status, seen.unread[name]) });
    }
    case "runbook-pr": {
      const found = judgeRunbooks(seen, history);
      const status = statusOf(found, seen.unread[name]);
      return verdict(status, { requirement: name, found, isCut: isCut(status, seen.unread[name]) });
    }
    case "fix-merged": {
      const standing = standingFixes(seen);
      const early = standing.filter((fix) => isMergedBefore(fix, seen.issue)).map(({ number }) => number);
      const merged = standing.map(({ number }) => number).filter((number) => !early.includes(number));
      const isUnsure = seen.unread[name].mayCount || seen.fixes.some((fix) => isUnsureFix(fix));
      const status = merged.length > 0 ? "met" : isUnsure ? "unknown" : "unmet";
      return verdict(status, { requirement: name, merged, early, isCut: isCut(status, seen.unread[name]) });
    }
    case "action-items-filed": {
      const found = judgePostMortems(seen, history);
      const best = found.find((candidate) => candidate.status === "met") ?? found[0];
      const filed = best?.filedItems ?? 0;
      const unfiled = best?.unfiledItems ?? 0;
      const met = filed > 0 && unfiled === 0;
      const unknown = statusOf(found, seen.unread["post-mortem"]) === "unknown";
      return verdict(met ? "met" : unknown ? "unknown" : "unmet", {
        requirement: name,
        filed,
        unfiled,
        inPostMortem: best !== undefined,
        ...(best?.isSealed === true ? { isSealed: true as const } : {}),
      });
    }
  }
}

/**
 * The merged fixes that still stand. A pull request that takes one of them back names the incident, too, and is none;
 * one that takes back what broke it is.
 */
function standingFixes(seen: IncidentObservation): readonly PullRequestFacts[] {
  const takesBack = new Set(seen.fixes.flatMap(({ revertedBy }) => (revertedBy === null ? [] : [revertedBy.number])));
  return seen.fixes
    .filter((one) => {
      const { pullRequest: fix, revertedBy } = one;
      const isMerged = fix.merged && fix.baseRef === fix.defaultBranch;
      return isMerged && revertedBy === null && !takesBack.has(fix.number) && !isUnsureFix(one);
    })
    .map(({ pullRequest }) => pullRequest);
}

/** One that would stand, but for what was not looked at. */
function isUnsureFix({ pullRequest: fix, revertedBy, revertsRead }: FixFacts): boolean {
  return revertsRead === false && revertedBy === null && fix.merged && fix.baseRef === fix.defaultBranch;
}

/** Once one counts, the others make no difference. */
function isCut(status: VerdictStatus, { count }: UnreadCandidates): boolean {
  return count > 0 && status !== "met";
}

function verdict(status: VerdictStatus, finding: Finding): Verdict {
  return { kind: "requirement", status, finding };
}

/** What was not looked at is unknown where it may count, and never nothing. */
function statusOf(found: readonly { readonly status: VerdictStatus }[], { mayCount }: UnreadCandidates): VerdictStatus {
  const unread = mayCount ? [{ status: "unknown" as const }] : [];
  return combine(
    "any-of",
    [...found, ...unread].map((one) => ({ kind: "any-of", status: one.status, of: [] })),
  );
}

function satisfying(tree: Verdict): readonly Reference[] {
  if (tree.kind !== "requirement") return tree.of.flatMap(satisfying);
  const finding = tree.finding;
  if (finding.requirement === "fix-merged") return finding.merged.map((number) => ({ repository: null, number }));
  if (finding.requirement !== "post-mortem" && finding.requirement !== "runbook-pr") return [];
  return finding.found.filter((one) => one.status === "met").map((one) => one.target);
}
