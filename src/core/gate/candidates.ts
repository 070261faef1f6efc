import type { Reference, Standing } from "../model.ts";
import { fromHere, sameTarget } from "../names.ts";
import type { EvidenceFacts, IncidentObservation, UnreadCandidates } from "../observation.ts";
import type { History } from "../record/history.ts";
import { mayBeMerged, moreTrusted, rankByTrust, type Trust } from "../trust/rank-by-trust.ts";
import { hasIncidentLine, namedPostMortems, namesIncident } from "./names-incident.ts";
import { isPlaceWanted } from "./post-mortem-place.ts";

/** How many candidates for evidence are looked at; people link one or two. */
export const MAX_CANDIDATES = 10;

/** A candidate for evidence: how it came to be looked at, and how far that can be trusted. */
export interface Candidate {
  readonly via: "command" | "own-text" | "incident-text" | "sub-issue";
  readonly target: Reference;
  readonly trust: Trust;
}

/** Candidates of one kind: those that are looked at, and those beyond the limit. */
export interface Candidates {
  readonly kept: readonly Candidate[];
  readonly cut: readonly Candidate[];
}

/** What links to an incident. */
export interface LinksToIncident {
  /** According to the record. */
  readonly links: History["links"];
  /** Pull requests that the record has seen merged, by number. */
  readonly proven: ReadonlySet<number>;
  /** From commands that are still to be judged. */
  readonly linkedNow: readonly LinkedNow[];
  /** From the index: hints. */
  readonly hints: readonly (Reference & { readonly kind: string; readonly standing: Standing })[];
  readonly subIssues: readonly Reference[];
}

/** A link that a command is making now. */
export interface LinkedNow {
  readonly evidence: "post-mortem" | "runbook-pr";
  readonly target: Reference;
}

/** The issues that may be the post-mortem, and the pull requests that may be its runbook. */
export function candidatesFor(
  seen: IncidentObservation,
  { links, proven, linkedNow, hints, subIssues }: LinksToIncident,
): Readonly<Record<"post-mortem" | "runbook-pr", Candidates>> {
  // Anybody anywhere can name the incident: from another repository it counts only where the policy wants it, and costs
  // nothing elsewhere.
  const isWanted = ({ target }: Pick<Candidate, "target">) => target.repository === null || isPlaceWanted(seen, target);
  const hinted = (kind: LinkedNow["evidence"]): readonly Candidate[] =>
    hints
      .filter((link) => link.kind === kind)
      .map((link): Candidate => ({ via: "own-text", target: fromHere(seen.repository, link), trust: link.standing }))
      .filter(isWanted);
  const linked = (kind: LinkedNow["evidence"]): readonly Candidate[] =>
    links
      .filter((link) => link.evidence === kind && (link.byCommand || isWanted(link)))
      .map(({ byCommand, target }) =>
        byCommand ? { via: "command", trust: "command", target } : { via: "own-text", trust: "untold", target },
      );
  const asked = (kind: LinkedNow["evidence"]): readonly Candidate[] =>
    linkedNow
      .filter((link) => link.evidence === kind)
      .map(({ target }) => ({ via: "command", trust: "command", target }));
  const merged = [...proven].map(
    (number): Candidate => ({ via: "own-text", trust: "merged", target: { repository: null, number } }),
  );
  const named = namedPostMortems(seen).map(
    (target): Candidate => ({ via: "incident-text", trust: "untold", target: fromHere(seen.repository, target) }),
  );
  // Adding one takes the right to label issues.
  const added = subIssues.map(
    (target): Candidate => ({ via: "sub-issue", trust: "team", target: fromHere(seen.repository, target) }),
  );
  return {
    "post-mortem": rank([...linked("post-mortem"), ...named, ...added, ...hinted("post-mortem")], asked("post-mortem")),
    "runbook-pr": rank([...linked("runbook-pr"), ...merged, ...hinted("runbook-pr")], asked("runbook-pr")),
  };
}

/**
 * Each target once: the most trusted of `known`, and everything commands ask for now. The latter come last: if one is
 * refused, the other ways to the same target still count.
 */
function rank(known: readonly Candidate[], asked: readonly Candidate[]): Candidates {
  const once: Candidate[] = [];
  for (const one of known) {
    const at = once.findIndex(({ target }) => sameTarget(target, one.target));
    const same = once[at];
    if (same === undefined) once.push(one);
    else once[at] = { ...same, trust: moreTrusted(same.trust, one.trust) };
  }
  const { kept, cut } = rankByTrust(once, MAX_CANDIDATES);
  const isIn = (list: readonly Candidate[], { target }: Candidate) =>
    list.some((one) => sameTarget(one.target, target));
  return { kept: [...kept, ...asked.filter((one) => !isIn(kept, one))], cut: cut.filter((one) => !isIn(asked, one)) };
}

/** Which candidates of each kind were not looked at. */
export function unreadCandidates(
  { policy }: Pick<IncidentObservation, "policy">,
  candidates: ReturnType<typeof candidatesFor>,
): Pick<IncidentObservation["unread"], "post-mortem" | "runbook-pr"> {
  const wantsMerged = policy.policy.runbooks["pull-request"] === "merged";
  return {
    "post-mortem": unreadOf(candidates["post-mortem"].cut, () => true),
    "runbook-pr": unreadOf(candidates["runbook-pr"].cut, ({ trust }) => !wantsMerged || mayBeMerged(trust)),
  };
}

/** @param mayCount whether one could satisfy the gate, for all that is known */
export function unreadOf<One>(cut: readonly One[], mayCount: (one: One) => boolean): UnreadCandidates {
  return { count: cut.length, mayCount: cut.some(mayCount) };
}

/**
 * Whether something that was looked at may count. What only the index knows is a hint: it counts if its own words say
 * so now, or a link or a command asks for it. A sub-issue that may not be looked at is not named either: GitHub shows
 * it to those who may see it.
 */
export function mayBelong(
  seen: IncidentObservation,
  one: EvidenceFacts,
  { links, linkedNow }: Pick<LinksToIncident, "links" | "linkedNow">,
): boolean {
  if ([...links, ...linkedNow].some(({ target }) => sameTarget(target, one.target))) return true;
  if (one.via === "sub-issue") return one.answer !== "cannot-read";
  return one.via !== "own-text" || saysSo(seen, one);
}

/** Whether an issue or pull request names the incident in its own words. */
function saysSo(seen: IncidentObservation, { kind, target, answer }: EvidenceFacts): boolean {
  if (typeof answer === "string") return false;
  if (kind === "issue") return hasIncidentLine(answer.body, target.repository, seen);
  return namesIncident(answer.pullRequest, seen);
}
