import { sameTarget } from "../names.ts";
import { type Closer, closersOf } from "./closers.ts";
import type { Judged } from "./judged.ts";
import type { IncidentView, MergeObservation, Unread } from "./merge-observation.ts";

/** An incident this merge would close, with everything that would close it. */
export interface ClosedByMerge {
  readonly incident: IncidentView;
  readonly closers: readonly Closer[];
}

/** What the check says, before it is put into words. */
export interface CloseGateFinding {
  /** Would close an incident that is not ready. */
  readonly held: readonly ClosedByMerge[];
  /** Would close an incident whose gate could not be judged. */
  readonly unsure: readonly ClosedByMerge[];
  readonly ready: readonly ClosedByMerge[];
  /** Already closed: closing them again changes nothing. */
  readonly closed: readonly ClosedByMerge[];
  /** References that were not looked at from here. */
  readonly notVisible: readonly Closer[];
  /** What may close an incident and was not read. */
  readonly unread: readonly Unread[];
}

/** Judges what a merge would close. Pure. */
export function judgeMerge(seen: MergeObservation): CloseGateFinding {
  const closers = closersOf(seen);
  const open: ClosedByMerge[] = [];
  const closed: ClosedByMerge[] = [];
  const notVisible: Closer[] = [];
  for (const target of seen.targets) {
    if (target.kind === "no-incident") continue;
    const reference = target.kind === "incident" ? target.incident.target : target.target;
    const own = closers.filter((closer) => sameTarget(closer.target, reference));
    if (own.length === 0) continue;
    if (target.kind === "not-visible") notVisible.push(...own);
    else (target.incident.isOpen ? open : closed).push({ incident: target.incident, closers: own });
  }
  const by = (status: "met" | "unmet" | "unknown") => open.filter((one) => one.incident.gate.status === status);
  // Whether a keyword closes anything depends on the branch; on any but the default one, what was not read closes
  // nothing.
  const isBranchTold = seen.unread.every(({ kind }) => kind !== "default-branch" && kind !== "branch");
  const unread = isBranchTold && !seen.toDefaultBranch ? [] : seen.unread;
  const held = isBranchTold ? by("unmet") : [];
  const unsure = isBranchTold ? by("unknown") : [...by("unmet"), ...by("unknown")];
  return { held, unsure, ready: by("met"), closed, notVisible, unread };
}

/** What a check on this merge is about. */
export function judgedOf({ pullRequest, group }: Pick<MergeObservation, "pullRequest" | "group">): Judged {
  if (group !== null) return { kind: "merge-group", ...group };
  return { kind: "pull-requests", numbers: pullRequest === null ? [] : [pullRequest] };
}

/** Whether something is still unknown: then the check stays in progress, unless it is red already. */
export function isUnsure({ unsure, unread }: CloseGateFinding): boolean {
  return unsure.length > 0 || unread.length > 0;
}
