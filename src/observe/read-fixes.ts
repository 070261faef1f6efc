import { namesIncident } from "../core/gate/names-incident.ts";
import { asksToRead } from "../core/gate/requirements/requirement-rules.ts";
import { fromHere } from "../core/names.ts";
import type { FixFacts, IncidentObservation, UnreadCandidates } from "../core/observation.ts";
import type { History } from "../core/record/history.ts";
import { mayBeMerged, rankByTrust } from "../core/trust/rank-by-trust.ts";
import { MAX_CANDIDATES, unreadOf } from "./candidates.ts";
import { findRevert, knownRevert } from "./find-revert.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** The pull requests that may be the fix, where the severity asks for one; and what was not looked at. */
export async function readFixes(
  { read, index }: ObserveParts,
  seen: IncidentObservation,
  history: History,
): Promise<{ readonly fixes: readonly FixFacts[]; readonly unread: UnreadCandidates }> {
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  if (severity === undefined || !asksToRead(severity["close-requires"], "fixes")) {
    return { fixes: [], unread: { count: 0, mayCount: false } };
  }
  const all = await index.linksFrom(seen.repository.id, seen.issue.number, "pull-request");
  // Of those that are trusted alike, the newest.
  const links = all
    .filter((link) => fromHere(seen.repository, link).repository === null)
    .map(({ number, standing }) => ({ number, trust: standing }))
    .toReversed();
  const { kept, cut } = rankByTrust(links, MAX_CANDIDATES);
  const found = await Promise.all(kept.map((link) => read.pullRequest(seen.repository, link.number)));
  const named = found.filter((one) => one !== "missing").filter((one) => namesIncident(one, seen));
  const reverts = await index.linksFrom(seen.repository.id, seen.issue.number, "revert");
  const candidates = [...[...history.fixesReverted.values()].map(knownRevert), ...reverts];
  const fixes = await Promise.all(
    named.map(async (pullRequest): Promise<FixFacts> => {
      if (!pullRequest.merged) return { pullRequest, revertedBy: null };
      const first = await findRevert(read, seen, { repository: null, number: pullRequest.number }, candidates);
      if (first.revert === null) return { pullRequest, revertedBy: null, revertsRead: first.isSure };
      // What was taken back and brought in again stands.
      const again = await findRevert(read, seen, { repository: null, number: first.revert.number }, candidates);
      return { pullRequest, revertedBy: again.revert === null ? first.revert : null };
    }),
  );
  return { fixes, unread: unreadOf(cut, ({ trust }) => mayBeMerged(trust)) };
}
