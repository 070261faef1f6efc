import type { GitEntry } from "../model.ts";
import { treeSha } from "./git-tree.ts";

/** The most entries of the tree that is requested; GitHub does not say how many it accepts. */
const MOST_ENTRIES = 1_000;
/** How many paths are named. */
const MOST_NAMED = 5;

/** One entry of "Create a tree", on top of `base_tree`; `sha: null` removes the path. */
export interface TreeChange extends Pick<GitEntry, "mode" | "type"> {
  readonly path: string;
  readonly sha: string | null;
}

/** The result of undoing a change. */
export type Undone =
  /** Folders that have to be read first, by their SHA. */
  | { readonly kind: "needs"; readonly trees: readonly string[] }
  /** What the change touched has been changed again since; the first few paths, and how many there are. */
  | { readonly kind: "changed"; readonly paths: readonly string[]; readonly count: number }
  | { readonly kind: "too-many" }
  /** Nothing is left to undo. */
  | { readonly kind: "nothing" }
  /** `changes` on top of the present tree make the tree `sha`; so do `folders`, each complete, inner ones first. */
  | {
      readonly kind: "done";
      readonly sha: string;
      readonly changes: readonly TreeChange[];
      readonly folders: readonly { readonly sha: string; readonly entries: readonly GitEntry[] }[];
    };

/**
 * Undoes a change: what it touched becomes what it was `before`, and everything else stays as it is `now`.
 *
 * Only done if everything the change touched is still as the change left it (`merged`), in content, mode and kind.
 * Whatever else could still be undone needs git, which compares lines and looks for renames, and people who read. A
 * folder of the change that has since gone counts as changed: its files may live on elsewhere.
 *
 * @param trees the folders read so far, by SHA
 */
export function undoTree(
  given: { readonly merged: string; readonly before: string; readonly now: string },
  trees: ReadonlyMap<string, readonly GitEntry[]>,
): Undone {
  const needs = new Set<string>();
  const changed: string[] = [];
  const undone: string[] = [];
  const changes: TreeChange[] = [];
  const folders: { readonly sha: string; readonly entries: readonly GitEntry[] }[] = [];

  function list(sha: string | null): ReadonlyMap<string, GitEntry> {
    const entries = sha === null ? [] : trees.get(sha);
    if (entries === undefined) needs.add(sha ?? "");
    return new Map((entries ?? []).map((entry) => [entry.name, entry]));
  }

  /** The folder after the change is undone; `null`: it is gone. */
  function folder(path: string, merged: string | null, before: string | null, now: string | null): string | null {
    const was = [list(merged), list(before), list(now)] as const;
    if ([merged, before, now].some((sha) => sha !== null && needs.has(sha))) return now;
    if (merged !== null && now === null) changed.push(path);
    const [mergedHas, beforeHas, nowHas] = was;
    const result = new Map(nowHas);
    for (const name of new Set([...mergedHas.keys(), ...beforeHas.keys()])) {
      const one = mergedHas.get(name);
      const old = beforeHas.get(name);
      const here = nowHas.get(name);
      if (isSame(one, old)) continue;
      const at = path === "" ? name : `${path}/${name}`;
      if (isSame(old, here)) {
        undone.push(at);
        continue;
      }
      if ([one, old, here].every((entry) => entry === undefined || entry.type === "tree")) {
        const sha = folder(at, one?.sha ?? null, old?.sha ?? null, here?.sha ?? null);
        if (sha === null) result.delete(name);
        else result.set(name, { name, mode: "040000", type: "tree", sha });
        continue;
      }
      if (!isSame(one, here)) {
        changed.push(at);
        continue;
      }
      if (old === undefined) result.delete(name);
      else result.set(name, old);
      const { mode, type } = old ?? (one as GitEntry);
      changes.push({ path: at, mode, type, sha: old?.sha ?? null });
    }
    // Git keeps no empty folder, except the outermost.
    if (result.size === 0 && path !== "") return null;
    const entries = [...result.values()];
    const sha = treeSha(entries);
    folders.push({ sha, entries });
    return sha;
  }

  const sha = folder("", given.merged, given.before, given.now);
  if (needs.size > 0) return { kind: "needs", trees: [...needs] };
  if (changed.length === 0 && changes.length === 0) return { kind: "nothing" };
  // A partial undo is for people who read: a file may have been moved rather than removed.
  const others = [...changed, ...undone];
  if (others.length > 0) return { kind: "changed", paths: others.slice(0, MOST_NAMED), count: others.length };
  if (changes.length > MOST_ENTRIES) return { kind: "too-many" };
  return { kind: "done", sha: sha ?? treeSha([]), changes, folders };
}

function isSame(a: GitEntry | undefined, b: GitEntry | undefined): boolean {
  return a?.sha === b?.sha && a?.mode === b?.mode;
}
