import { sameTarget } from "../names.ts";
import type { EvidenceFacts, IncidentObservation, UnreadCandidates } from "../observation.ts";
import type { History } from "../record/history.ts";
import { combine, type VerdictStatus } from "./verdict-status.ts";

type Kind = EvidenceFacts["kind"];
type EvidenceOf<One extends Kind> = Extract<EvidenceFacts, { kind: One }>;

/** What is linked to the incident, of one kind, each once; what a command has linked, or is about to, comes first. */
export function linkedEvidence<One extends Kind>(
  seen: IncidentObservation,
  history: History,
  kind: One,
): readonly EvidenceOf<One>[] {
  const commandedFirst = evidenceOf(seen, kind).toSorted(
    (a, b) => Number(b.via === "command") - Number(a.via === "command"),
  );
  const linked = commandedFirst.filter((one) => isLinked(seen, history, one));
  return linked.filter((one, at) => linked.findIndex(({ target }) => sameTarget(target, one.target)) === at);
}

/** Everything of one kind that was looked at: one for each way to it. */
export function evidenceOf<One extends Kind>({ evidence }: IncidentObservation, kind: One): readonly EvidenceOf<One>[] {
  return evidence.filter((one): one is EvidenceOf<One> => one.kind === kind);
}

/** What was looked at for a command that may yet be refused counts once the command has been obeyed. */
function isLinked(seen: IncidentObservation, history: History, { kind, target }: EvidenceFacts): boolean {
  const ways = evidenceOf(seen, kind).filter((one) => sameTarget(one.target, target));
  if (ways.some((way) => way.via !== "command")) return true;
  const evidence = kind === "issue" ? "post-mortem" : "runbook-pr";
  return history.links.some((link) => link.evidence === evidence && sameTarget(link.target, target));
}

/** Met ones first, then the one that lacks least: the next step shown is the shortest. */
export function leastLacking<Finding extends { readonly lacks: readonly unknown[] }>(
  findings: readonly Finding[],
): readonly Finding[] {
  return findings.toSorted((a, b) => a.lacks.length - b.lacks.length);
}

/**
 * What candidates add up to. What was not looked at is unknown if it may count, and never nothing.
 *
 * `isCut`: there were more than are looked at; once one counts, the rest make no difference.
 */
export function together(
  found: readonly { readonly status: VerdictStatus }[],
  unread: UnreadCandidates,
): { readonly status: VerdictStatus; readonly isCut: boolean } {
  const status = combine("any-of", [
    ...found.map((one) => one.status),
    ...(unread.mayCount ? ["unknown" as const] : []),
  ]);
  return { status, isCut: unread.count > 0 && status !== "met" };
}
