import { MAX_CANDIDATES, unreadOf } from "../core/gate/candidates.ts";
import { namesIncident } from "../core/gate/names-incident.ts";
import { fromHere } from "../core/names.ts";
import type { FixFacts } from "../core/observation.ts";
import { mayBeMerged, rankByTrust } from "../core/trust/rank-by-trust.ts";
import { findRevert, knownRevert } from "./find-revert.ts";
import type { Reader } from "./reading.ts";

/** The pull requests that may be the fix, and which were not looked at. */
export const readFixes: Reader = async ({ read, index }, seen, { fixes: wanted }) => {
  if (wanted === null) return {};
  const { repository, issue } = seen;
  const all = await index.linksFrom(repository.id, issue.number, "pull-request");
  // Among equally trusted ones, the newest.
  const links = all
    .filter((link) => fromHere(repository, link).repository === null)
    .map(({ number, standing }) => ({ number, trust: standing }))
    .toReversed();
  const { kept, cut } = rankByTrust(links, MAX_CANDIDATES);
  const found = await Promise.all(kept.map((link) => read.pullRequest(repository, link.number)));
  const named = found.filter((one) => one !== "missing").filter((one) => namesIncident(one, seen));
  const reverts = await index.linksFrom(repository.id, issue.number, "revert");
  const candidates = [...wanted.reverts.map(knownRevert), ...reverts];
  const fixes = await Promise.all(
    named.map(async (pullRequest): Promise<FixFacts> => {
      if (!pullRequest.merged) return { pullRequest, revertedBy: null, revertsRead: true };
      const first = await findRevert(read, seen, { repository: null, number: pullRequest.number }, candidates);
      if (first.revert === null) return { pullRequest, revertedBy: null, revertsRead: first.isSure };
      // What was reverted and brought back counts.
      const again = await findRevert(read, seen, { repository: null, number: first.revert.number }, candidates);
      return { pullRequest, revertedBy: again.revert === null ? first.revert : null, revertsRead: true };
    }),
  );
  const unread = unreadOf(cut, ({ trust }) => mayBeMerged(trust));
  return { fixes, unread: { ...seen.unread, "fix-merged": unread } };
};
