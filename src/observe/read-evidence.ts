import { TerminalError } from "../base/errors.ts";
import { hasIncidentLine, namedPostMortems, namesIncident } from "../core/gate/names-incident.ts";
import { isPlaceWanted } from "../core/gate/post-mortem-place.ts";
import type { PullRequestFacts, Reference } from "../core/model.ts";
import { fromHere, sameTarget } from "../core/names.ts";
import type { EvidenceFacts, IncidentObservation } from "../core/observation.ts";
import type { History } from "../core/record/history.ts";
import { mayBeMerged, type Trust } from "../core/trust/rank-by-trust.ts";
import { type Candidate, rankCandidates, unreadOf } from "./candidates.ts";
import type { createEvidencePlaces } from "./evidence-places.ts";
import { findRevert, knownRevert, type RevertCandidate } from "./find-revert.ts";
import { standingOf } from "./known-people.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** Transfers of one issue that are followed. */
const MAX_HOPS = 3;

/** What may satisfy the gate: what commands, the record, the incident's text, its sub-issues and the index link to it. */
export async function readEvidence(
  parts: ObserveParts,
  seen: IncidentObservation,
  history: History,
  linkedNow: readonly { readonly evidence: "post-mortem" | "runbook-pr"; readonly target: Reference }[],
  places: ReturnType<typeof createEvidencePlaces>,
): Promise<{
  readonly evidence: readonly EvidenceFacts[];
  readonly unread: Pick<IncidentObservation["unread"], "post-mortem" | "runbook-pr">;
}> {
  const { read, index } = parts;
  const { repository, issue } = seen;
  const found = await index.linksFrom(repository.id, issue.number);
  type Link = { readonly trust: Trust; readonly target: Reference };
  // Anybody anywhere can name the incident: from another repository that counts where the policy wants it, and costs
  // nothing elsewhere.
  const fromIndex = (kind: "post-mortem" | "runbook-pr"): readonly (Link & { readonly via: "own-text" })[] =>
    found
      .filter((link) => link.kind === kind)
      .map((link) => ({ via: "own-text" as const, target: fromHere(seen.repository, link), trust: link.standing }))
      .filter(({ target }) => target.repository === null || isPlaceWanted(seen, target));
  const linked = (evidence: "post-mortem" | "runbook-pr") =>
    history.links
      .filter((link) => link.evidence === evidence)
      .filter((link) => link.byCommand || link.target.repository === null || isPlaceWanted(seen, link.target))
      .map(({ byCommand, target }) => ({
        via: byCommand ? ("command" as const) : ("own-text" as const),
        trust: byCommand ? ("command" as const) : ("untold" as const),
        target,
      }));
  const asked = (evidence: "post-mortem" | "runbook-pr") =>
    linkedNow
      .filter((link) => link.evidence === evidence)
      .map(({ target }) => ({ via: "command" as const, trust: "command" as const, target }));
  const proven = [...history.proven].map((number) => ({
    via: "own-text" as const,
    trust: "merged" as const,
    target: { repository: null, number },
  }));
  const subIssues = issue.subIssueCount > 0 ? await read.subIssues(repository, issue.number) : [];

  // What commands ask for comes last: when one is refused, the other ways to the same issue still count.
  const issues = rankCandidates(
    [
      ...linked("post-mortem"),
      ...namedPostMortems(seen).map((target) => ({
        via: "incident-text" as const,
        trust: "untold" as const,
        target: fromHere(seen.repository, target),
      })),
      // Whoever adds one may label issues.
      ...subIssues.map((target) => ({
        via: "sub-issue" as const,
        trust: "team" as const,
        target: fromHere(seen.repository, target),
      })),
      ...fromIndex("post-mortem"),
    ],
    asked("post-mortem"),
  );
  const pullRequests = rankCandidates(
    [...linked("runbook-pr"), ...proven, ...fromIndex("runbook-pr")],
    asked("runbook-pr"),
  );
  const reverts = found.filter((link) => link.kind === "revert");

  const read1 = issues.kept.map((one) => readIssueEvidence(parts, seen, one, places));
  const read2 = pullRequests.kept.map((one) => readPullRequestEvidence(parts, seen, history, one, reverts));
  const evidence = await Promise.all([...read1, ...read2]);
  const wantsMerged = seen.policy.policy.runbooks["pull-request"] === "merged";
  const unread = {
    "post-mortem": unreadOf(issues.cut, () => true),
    "runbook-pr": unreadOf(pullRequests.cut, ({ trust }) => !wantsMerged || mayBeMerged(trust)),
  };
  // What only the index knows is a hint: it counts when its own words say so now, or a command asks for it.
  const known = (one: EvidenceFacts) =>
    [...history.links, ...linkedNow].some((link) => sameTarget(link.target, one.target));
  // A sub-issue that may not be looked at is not named either: GitHub shows it to those who may see it.
  const said = evidence.filter((one) => {
    if (one.via === "sub-issue" && one.answer === "cannot-read") return known(one);
    return one.via !== "own-text" || known(one) || saysSo(seen, one);
  });
  return { evidence: said, unread };
}

/** Whether an issue or pull request names the incident in its own words. */
function saysSo(seen: IncidentObservation, { kind, target, answer }: EvidenceFacts): boolean {
  if (typeof answer === "string") return false;
  if (kind === "issue") return hasIncidentLine(answer.body, target.repository, seen);
  return namesIncident(answer.pullRequest, seen);
}

/** Reads an issue that may be the post-mortem, where it is now. A place that may not be looked at is not asked. */
async function readIssueEvidence(
  parts: ObserveParts,
  seen: IncidentObservation,
  one: Candidate,
  places: ReturnType<typeof createEvidencePlaces>,
): Promise<EvidenceFacts> {
  const { read } = parts;
  const base = { kind: "issue", ...one } as const;
  let target = one.target;
  let moved: { readonly movedTo?: Reference | null } = {};
  for (let hops = 0; hops <= MAX_HOPS; hops += 1) {
    const { repository, access, rules } = await places(target.repository);
    const isWanted = isPlaceWanted(seen, target);
    if (hops > 0 && !isWanted) {
      return { ...base, answer: "moved", movedTo: repository !== null && access === "open" ? target : null };
    }
    if (hops > 0) moved = { movedTo: target };
    if (repository === null || access === "closed") return { ...base, ...moved, answer: "cannot-read" };
    const sealed = access === "sealed" && rules !== null ? { sealedBy: rules } : {};
    try {
      const answer = await read.issue(repository, target.number);
      if (answer === "missing") return { ...base, ...moved, ...sealed, answer };
      if (!("movedTo" in answer)) {
        const isTold = one.via !== "own-text" || one.trust !== "untold";
        const trust = isTold ? one.trust : await standingOf(parts, seen.repository, answer.author);
        return { ...base, trust, ...moved, ...sealed, answer };
      }
      // Where an issue of a private repository went is not told.
      if (access === "sealed") return { ...base, ...moved, ...sealed, answer: "moved" };
      target = fromHere(seen.repository, answer.movedTo);
    } catch (error) {
      if (error instanceof TerminalError) return { ...base, ...moved, answer: "cannot-read" };
      throw error;
    }
  }
  return { ...base, answer: "moved", movedTo: null };
}

async function readPullRequestEvidence(
  parts: ObserveParts,
  seen: IncidentObservation,
  history: History,
  one: Candidate,
  reverts: readonly RevertCandidate[],
): Promise<EvidenceFacts> {
  const { read } = parts;
  const { repository } = seen;
  const via = one.via === "command" ? ("command" as const) : ("own-text" as const);
  // What the record knows to be reverted stays so when the index is lost.
  const disproof = history.disproven.get(one.target.number);
  const candidates = disproof === undefined ? reverts : [knownRevert(disproof), ...reverts];
  const { revert: revertedBy, isSure } = await findRevert(read, seen, one.target, candidates);
  const base = { kind: "pull-request", via, target: one.target, trust: one.trust, revertsRead: isSure } as const;
  if (history.proven.has(one.target.number)) {
    return { ...base, answer: { pullRequest: merged(seen, one.target.number), files: "known-merged" }, revertedBy };
  }
  const pullRequest = await read.pullRequest(repository, one.target.number);
  if (pullRequest === "missing") return { ...base, answer: "missing", revertedBy };
  const files = await parts.files.of(repository, pullRequest);
  return { ...base, answer: { pullRequest, files }, revertedBy };
}

/** A pull request the record has seen merged: nothing about it that matters can change, so it is not read again. */
function merged(seen: IncidentObservation, number: number): PullRequestFacts {
  return {
    number,
    nodeId: "",
    url: seen.issue.url.replace(/\/issues\/\d+$/, `/pull/${number}`),
    title: "",
    body: "",
    state: "closed",
    merged: true,
    mergedAt: null,
    draft: false,
    author: null,
    headSha: "",
    mergeSha: null,
    baseRef: "",
    defaultBranch: "",
  };
}
