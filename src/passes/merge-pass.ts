import { applyCheck } from "../apply/apply-check.ts";
import type { Key } from "../core/model.ts";
import { type MadeAnew, planChecks } from "../core/plan/plan-checks.ts";
import { observePullRequest } from "../observe/observe-merge.ts";
import { observeMergeGroup } from "../observe/observe-merge-group.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import { observeRecheck } from "../observe/observe-recheck.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { followUps } from "./follow-ups.ts";

type MergeKey = Extract<Key, { kind: "pull-request" | "merge-group" }>;

/** Brings the checks on the head of a pull request or merge group to what is true (core/pull-request/). */
export async function reconcileMerge(
  parts: ObserveParts,
  key: MergeKey,
  write: GitHubWriter,
  anew: MadeAnew = null,
): Promise<PassResult> {
  const pullRequest = key.kind === "pull-request" ? await observePullRequest(parts, key) : null;
  const seen = key.kind === "merge-group" ? await observeMergeGroup(parts, key) : pullRequest?.merge;
  if (seen === undefined) return NOTHING_MORE;
  const made: number[] = [];
  for (const action of planChecks(seen, pullRequest?.others, anew)) {
    made.push((await applyCheck(write, seen.repository, action)).id);
  }
  const known = new Set([...seen.checks.map(({ id }) => id), ...made]);
  // A pass over another pull request with this head may have made one meanwhile, and not have seen this one.
  const now = made.length === 0 ? [] : await parts.read.checkRuns(seen.repository, seen.headSha);
  const besidesOthers = now.some(({ id }) => !known.has(id));
  return followUps.ofMerge(parts.toldOfMerges, key, seen, pullRequest, { count: made.length, besidesOthers });
}

/** Grants a wish to look again: a new run, also when nothing has changed. */
export async function reconcileRecheck(
  parts: ObserveParts,
  key: Extract<Key, { kind: "recheck" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const asked = await observeRecheck(parts, key);
  if (asked.key === null) return { checkAgainIn: null, alsoLookAt: asked.alsoLookAt };
  // Whoever asks wants to know what is true now, not what was a few minutes ago.
  const fresh = { ...parts, seenIncidents: { ...parts.seenIncidents, recall: async () => null } };
  const { checkAgainIn, alsoLookAt } = await reconcileMerge(fresh, asked.key, write, asked.anew);
  // The timer belongs to what was judged, not to the wish.
  return { checkAgainIn: null, alsoLookAt: checkAgainIn === null ? alsoLookAt : [...alsoLookAt, asked.key] };
}
