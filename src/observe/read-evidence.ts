import { TerminalError } from "../base/errors.ts";
import { type Candidate, candidatesFor, mayBelong, unreadCandidates } from "../core/gate/candidates.ts";
import { draftEvidence, isPlaceWanted } from "../core/gate/post-mortem-place.ts";
import type { PullRequestFacts, Reference } from "../core/model.ts";
import { fromHere } from "../core/names.ts";
import type { EvidenceFacts, IncidentObservation } from "../core/observation.ts";
import type { WantedEvidence } from "../core/wanted.ts";
import { findDraft } from "./find-draft.ts";
import { findRevert, knownRevert, type RevertCandidate } from "./find-revert.ts";
import { standingOf } from "./known-people.ts";
import { readPostMortemPlace } from "./read-post-mortem-place.ts";
import type { Reader, Reading } from "./reading.ts";

/** How many transfers of one issue are followed. */
const MAX_HOPS = 3;

/**
 * What may satisfy the gate: whatever commands, the record, the incident's text, its sub-issues and the index link to
 * it.
 */
export const readEvidence: Reader = async (reading, bare, { evidence: wanted }) => {
  if (wanted === null) return {};
  const { read, index } = reading;
  const { repository, issue } = bare;
  const [postMortemPlace, hints, subIssues] = await Promise.all([
    readPostMortemPlace(reading, bare, wanted.draftSince !== null),
    index.linksFrom(repository.id, issue.number),
    issue.subIssueCount > 0 ? read.subIssues(repository, issue.number) : [],
  ]);
  const seen = { ...bare, postMortemPlace };
  const candidates = candidatesFor(seen, { ...wanted, hints, subIssues });
  const reverts = hints.filter((link) => link.kind === "revert");
  const [issues, pullRequests, draft] = await Promise.all([
    Promise.all(candidates["post-mortem"].kept.map((one) => readIssueEvidence(reading, seen, one))),
    Promise.all(
      candidates["runbook-pr"].kept.map((one) => readPullRequestEvidence(reading, seen, wanted, one, reverts)),
    ),
    findDraft(reading, seen, wanted.draftSince),
  ]);
  const found = [...issues, ...pullRequests].filter((one) => mayBelong(seen, one, wanted));
  return {
    evidence: [...found, ...(draft === null ? [] : [draftEvidence(seen, draft)])],
    unread: { ...seen.unread, ...unreadCandidates(seen, candidates) },
    draftedPostMortem: draft,
    postMortemPlace,
  };
};

/** Reads an issue that may be the post-mortem, wherever it is now. A place that may not be looked at is not asked. */
async function readIssueEvidence(reading: Reading, seen: IncidentObservation, one: Candidate): Promise<EvidenceFacts> {
  const { read, places } = reading;
  const base = { kind: "issue", ...one, sealedBy: null } as const;
  let target = one.target;
  let movedTo: Reference | null = null;
  for (let hops = 0; hops <= MAX_HOPS; hops += 1) {
    const { repository, access, rules } = await places(target.repository);
    const isWanted = isPlaceWanted(seen, target);
    if (hops > 0 && !isWanted) {
      return { ...base, answer: "moved", movedTo: repository !== null && access === "open" ? target : null };
    }
    if (hops > 0) movedTo = target;
    if (repository === null || access === "closed") return { ...base, movedTo, answer: "cannot-read" };
    const sealedBy = access === "sealed" ? rules : null;
    try {
      const answer = await read.issue(repository, target.number);
      if (answer === "missing") return { ...base, movedTo, sealedBy, answer };
      if (!("movedTo" in answer)) {
        const isTold = one.via !== "own-text" || one.trust !== "untold";
        const trust = isTold ? one.trust : await standingOf(reading, seen.repository, answer.author);
        return { ...base, trust, movedTo, sealedBy, answer };
      }
      // It is not said where an issue of a private repository went.
      if (access === "sealed") return { ...base, movedTo, sealedBy, answer: "moved" };
      target = fromHere(seen.repository, answer.movedTo);
    } catch (error) {
      if (error instanceof TerminalError) return { ...base, movedTo, answer: "cannot-read" };
      throw error;
    }
  }
  return { ...base, answer: "moved", movedTo: null };
}

async function readPullRequestEvidence(
  { read, files: filesOf }: Reading,
  seen: IncidentObservation,
  { proven, disproven }: Pick<WantedEvidence, "proven" | "disproven">,
  one: Candidate,
  reverts: readonly RevertCandidate[],
): Promise<EvidenceFacts> {
  const { repository } = seen;
  const via = one.via === "command" ? ("command" as const) : ("own-text" as const);
  // What the record knows to be reverted stays reverted if the index is lost.
  const disproof = disproven.get(one.target.number);
  const candidates = disproof === undefined ? reverts : [knownRevert(disproof), ...reverts];
  const { revert: revertedBy, isSure } = await findRevert(read, seen, one.target, candidates);
  const base = { kind: "pull-request", via, target: one.target, trust: one.trust, revertsRead: isSure } as const;
  if (proven.has(one.target.number)) {
    return { ...base, answer: { pullRequest: merged(seen, one.target.number), files: "known-merged" }, revertedBy };
  }
  const pullRequest = await read.pullRequest(repository, one.target.number);
  if (pullRequest === "missing") return { ...base, answer: "missing", revertedBy };
  const { files } = await filesOf.of(repository, pullRequest);
  return { ...base, answer: { pullRequest, files }, revertedBy };
}

/** A pull request the record has seen merged: nothing that matters about it can change, so it is not read again. */
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
