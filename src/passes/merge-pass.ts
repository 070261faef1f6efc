import { applyCheck } from "../apply/apply-check.ts";
import type { Trace } from "../base/trace.ts";
import { judgeTouched } from "../core/merge/judge-touched.ts";
import type { Key } from "../core/model.ts";
import { type CheckAction, type MadeAnew, planChecks } from "../core/plan/plan-checks.ts";
import { observePullRequest } from "../observe/observe-merge.ts";
import { observeMergeGroup } from "../observe/observe-merge-group.ts";
import { readReplay } from "../observe/read-replay.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { followUps } from "./follow-ups.ts";
import type { PassParts } from "./pass-parts.ts";
import { remember } from "./remember.ts";

type MergeKey = Extract<Key, { kind: "pull-request" | "merge-group" }>;

/**
 * One pass over a pull request or merge group: makes the checks on its head say what is true
 * (core/plan/plan-checks.ts).
 */
export async function mergePass(
  parts: PassParts & { readonly trace: Trace },
  key: MergeKey,
  write: GitHubWriter,
  anew: MadeAnew = null,
): Promise<PassResult> {
  const pullRequest = key.kind === "pull-request" ? await observePullRequest(parts, key) : null;
  const seen = key.kind === "merge-group" ? await observeMergeGroup(parts, key) : pullRequest?.merge;
  await remember(parts);
  if (seen === undefined) return NOTHING_MORE;
  const made: number[] = [];
  const post = async (checks: readonly CheckAction[]) => {
    for (const action of checks) {
      const { name, status, conclusion } = action.content;
      const why = `plan:checks:${conclusion ?? status}`;
      const apply = () => applyCheck(write, seen.repository, action);
      made.push((await parts.trace.take(`${action.kind}:${name}`, why, apply)).id);
    }
  };
  const others = pullRequest?.others ?? [];
  // What holds a merge comes first: past incidents take a while to read, and only inform.
  await post(planChecks(seen, others, anew).filter(({ content }) => content.name !== "sevgate/policy"));
  const replay = pullRequest === null ? null : await readReplay(parts, seen, pullRequest.author);
  const [told, ...othersTold] = [seen, ...others].map((one) => ({ ...one, replay }));
  await post(planChecks(told!, othersTold, anew).filter(({ content }) => content.name === "sevgate/policy"));
  if (seen.pullRequest !== null) {
    parts.openItems.noteTouched(seen.repository, seen.pullRequest, judgeTouched(seen).touched.length > 0);
  }
  const known = new Set([...seen.checks.map(({ id }) => id), ...made]);
  // A pass over another pull request with this head may have posted one in the meantime, without having seen this one.
  const now = made.length === 0 ? [] : await parts.read.checkRuns(seen.repository, seen.headSha);
  const besidesOthers = now.some(({ id }) => !known.has(id));
  return followUps.ofMerge(parts.toldOfMerges, key, seen, pullRequest, { count: made.length, besidesOthers });
}
