import { createHash } from "node:crypto";
import { TerminalError } from "../../src/base/errors.ts";
import type { GitCommit, GitEntry } from "../../src/core/model.ts";
import { treeSha } from "../../src/core/regressions/git-tree.ts";
import type { CommitState, RepositoryState } from "./state.ts";

/** A SHA for this text, such as everything in git has. */
export function gitSha(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

export function blobSha(text: string): string {
  return gitSha(`blob ${Buffer.byteLength(text)}\0${text}`);
}

/** Every file of a commit. */
export function filesOf(state: RepositoryState, sha: string): Map<string, Omit<GitEntry, "name">> {
  const commits = ancestry(state, sha);
  const from = commits.findIndex(({ tree }) => tree !== undefined);
  const files = new Map<string, Omit<GitEntry, "name">>();
  const tree = commits[from]?.tree;
  if (tree !== undefined) flatten(state, tree, "", files);
  for (const { changes } of commits.slice(0, from < 0 ? undefined : from).toReversed()) {
    for (const [path, text] of Object.entries(changes)) {
      if (text === null) files.delete(path);
      else {
        state.blobs.set(blobSha(text), text);
        files.set(path, { mode: "100644", type: "blob", sha: blobSha(text) });
      }
    }
  }
  return files;
}

export function flatten(
  state: RepositoryState,
  tree: string,
  under: string,
  files: Map<string, Omit<GitEntry, "name">>,
): void {
  for (const { name, ...entry } of state.trees.get(tree) ?? []) {
    if (entry.type === "tree") flatten(state, entry.sha, `${under}${name}/`, files);
    else files.set(`${under}${name}`, entry);
  }
}

/** Keeps the folders of these files, and returns the name of the whole tree. */
export function keepTree(state: RepositoryState, files: ReadonlyMap<string, Omit<GitEntry, "name">>): string {
  const here: GitEntry[] = [];
  const folders = new Map<string, Map<string, Omit<GitEntry, "name">>>();
  for (const [path, entry] of files) {
    const slash = path.indexOf("/");
    if (slash < 0) here.push({ name: path, ...entry });
    else {
      const folder = folders.get(path.slice(0, slash)) ?? new Map<string, Omit<GitEntry, "name">>();
      folders.set(path.slice(0, slash), folder.set(path.slice(slash + 1), entry));
    }
  }
  for (const [name, inside] of folders) {
    here.push({ name, mode: "040000", type: "tree", sha: keepTree(state, inside) });
  }
  const sha = treeSha(here);
  state.trees.set(sha, here);
  return sha;
}

export function gitCommit(state: RepositoryState, sha: string): GitCommit {
  const { parent, second, message, author, at, authoredAt = at } = commitOf(state, sha);
  return {
    sha,
    tree: keepTree(state, filesOf(state, sha)),
    parents: [parent, second ?? null].filter((one) => one !== null),
    message,
    authorEmail: `${author ?? "ghost"}@example.com`,
    authoredAt,
  };
}

/** The text of a file at a commit; `null`: there is none. */
export function textAt(state: RepositoryState, sha: string, path: string): string | null {
  const entry = filesOf(state, sha).get(path);
  return entry === undefined ? null : (state.blobs.get(entry.sha) ?? null);
}

/** What has to be changed to get from one commit to another. */
export function changesBetween(state: RepositoryState, from: string, to: string): Record<string, string | null> {
  const [before, after] = [filesOf(state, from), filesOf(state, to)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const changed = paths.filter((path) => before.get(path)?.sha !== after.get(path)?.sha);
  return Object.fromEntries(changed.map((path) => [path, textAt(state, to, path)]));
}

export function commitOf(state: RepositoryState, sha: string): CommitState {
  const commit = state.commits.get(sha);
  if (commit === undefined) throw new TerminalError(`There is no commit ${sha} (404).`, { status: 404 });
  return commit;
}

/** The commit a branch or a SHA names. */
export function tip(state: RepositoryState, ref: string): string {
  if (/^[0-9a-f]{40}$/.test(ref)) return ref;
  return state.branches.get(ref) ?? state.headSha;
}

/** The commit and its ancestors, newest first. */
export function ancestry(state: RepositoryState, sha: string): CommitState[] {
  const commits: CommitState[] = [];
  for (let next: string | null = sha; next !== null; ) {
    const commit: CommitState = commitOf(state, next);
    commits.push(commit);
    next = commit.parent;
  }
  return commits;
}

export function applyFiles(state: RepositoryState, files: Readonly<Record<string, string | null>>): void {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) state.files.delete(path);
    else {
      state.files.set(path, text);
      state.blobs.set(blobSha(text), text);
    }
  }
}
