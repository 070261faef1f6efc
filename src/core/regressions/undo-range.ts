import type { GitCommit } from "../model.ts";

/** What a merged pull request became on its branch, in the terms `git revert` needs. */
export type UndoRange =
  /** A merge commit, with everything that came in with it. */
  | { readonly kind: "merge"; readonly sha: string; readonly before: string }
  /** One commit: squashed, or a rebased one. */
  | { readonly kind: "commit"; readonly sha: string; readonly before: string }
  /** Several commits, one on top of the other by a rebase; `before` is the parent of the first. */
  | { readonly kind: "range"; readonly sha: string; readonly before: string };

/**
 * Which commits a merged pull request became; `null`: that cannot be determined.
 *
 * A merge commit has two parents. A rebase keeps the message, author and time of each commit (git-rebase), and leaves
 * merge commits out; a squash has a time of its own. GitHub's `merge_commit_sha` is the last commit of a rebase (GitHub
 * REST, "Get a pull request").
 *
 * @param merged the commit GitHub calls its merge commit
 * @param own    the commits of the pull request, oldest first; `isWhole: false`: not all of them
 * @param last   the newest commits of the branch, from `merged` back
 */
export function undoRange(
  merged: GitCommit,
  own: { readonly commits: readonly GitCommit[]; readonly isWhole: boolean },
  last: readonly GitCommit[],
): UndoRange | null {
  const { sha, parents } = merged;
  const [before] = parents;
  if (before === undefined) return null;
  if (parents.length > 1) return parents.length === 2 ? { kind: "merge", sha, before } : null;
  if (own.isWhole && own.commits.length <= 1) return { kind: "commit", sha, before };
  const rebased = own.commits.filter((commit) => commit.parents.length < 2);
  if (!own.isWhole) return null;
  const isOneOf = (copy: GitCommit) => rebased.some((commit) => isCopy(copy, commit));
  // One commit, unless what it is based on came with it.
  if (!isOneOf(merged)) return last.some(isOneOf) ? null : { kind: "commit", sha, before };
  let expected = sha;
  for (const [at, commit] of rebased.toReversed().entries()) {
    const copy = last[at];
    if (copy === undefined || copy.sha !== expected || copy.parents.length !== 1 || !isCopy(copy, commit)) return null;
    expected = copy.parents[0] ?? "";
  }
  return { kind: "range", sha, before: expected };
}

function isCopy(a: GitCommit, b: GitCommit): boolean {
  return a.message.trim() === b.message.trim() && a.authoredAt === b.authoredAt && a.authorEmail === b.authorEmail;
}
