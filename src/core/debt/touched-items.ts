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
  // The first file below each folder, and each file itself: every path is looked up once.
  const first = new Map<string, string>();
  for (const { path } of files) {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = path.slice(0, end);
      if (!first.has(above)) first.set(above, path);
    }
  }
  const changed = new Set(files.map(({ path }) => path));
  return items.flatMap((open): readonly TouchedItem[] => {
    const named = open.item.paths.map((path) => first.get(bare(path))).find((path) => path !== undefined);
    if (named !== undefined) return [{ open, path: named, because: "named" }];
    const fixed = open.fixed.find((path) => changed.has(path));
    return fixed === undefined ? [] : [{ open, path: fixed, because: "fixed" }];
  });
}

/** Without what people write at its ends: `./src/`, `/src`. */
function bare(path: string): string {
  const from = path.startsWith("./") ? 2 : path.startsWith("/") ? 1 : 0;
  return path.slice(from, path.endsWith("/") ? -1 : undefined);
}
