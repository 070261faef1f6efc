import type { ChangedFile } from "../model.ts";
import type { OpenItem } from "./debt.ts";

/** An open action item, and the files that the fixes of its incident changed, as far as is known. */
export interface WatchedItem extends OpenItem {
  readonly fixed: readonly string[];
}

/** An open action item that some files belong to. */
export interface TouchedItem {
  readonly open: OpenItem;
  /** Why: the first such file, and whether the item names it or the fix of its incident changed it. */
  readonly path: string;
  readonly because: "named" | "fixed";
}

/**
 * The open action items to which changed files belong, in the order given: they name the file or a folder above it, or
 * the fix of their incident changed it. A path with a `*` names nothing.
 */
export function touchedItems(
  files: readonly Pick<ChangedFile, "path">[],
  items: readonly WatchedItem[],
): readonly TouchedItem[] {
  if (items.length === 0) return [];
  const named = new Set(items.flatMap(({ item }) => item.paths.map(bare)));
  const longest = Math.max(0, ...[...named].map(({ length }) => length));
  // The first file below each folder that is named, and each such file itself. Whoever names a file in a pull request does
  // not decide how much is looked at: no more of it than of what items name.
  const first = new Map<string, string>();
  for (const { path } of files) {
    for (let end = path.indexOf("/"); end >= 0 && end <= longest; end = path.indexOf("/", end + 1)) {
      const above = path.slice(0, end);
      if (named.has(above) && !first.has(above)) first.set(above, path);
    }
    if (named.has(path) && !first.has(path)) first.set(path, path);
  }
  const changed = new Set(files.map(({ path }) => path));
  return items.flatMap((open): readonly TouchedItem[] => {
    const found = open.item.paths.map((path) => first.get(bare(path))).find((path) => path !== undefined);
    if (found !== undefined) return [{ open, path: found, because: "named" }];
    const fixed = open.fixed.find((path) => changed.has(path));
    return fixed === undefined ? [] : [{ open, path: fixed, because: "fixed" }];
  });
}

/** Without what people write at its ends: `./src/`, `/src`. */
function bare(path: string): string {
  const from = path.startsWith("./") ? 2 : path.startsWith("/") ? 1 : 0;
  return path.slice(from, path.endsWith("/") ? -1 : undefined);
}
