import { createHash } from "node:crypto";
import type { GitEntry } from "../model.ts";

/**
 * The name git gives to a folder with these entries.
 *
 * Source: git's format of tree objects: `mode SP name NUL id` each, in the order of their names' bytes, where a folder's
 * name counts as if a slash followed it.
 */
export function treeSha(entries: readonly GitEntry[]): string {
  const sorted = entries
    .map((entry) => ({ entry, key: Buffer.from(entry.type === "tree" ? `${entry.name}/` : entry.name) }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  const parts = sorted.flatMap(({ entry }) => [
    Buffer.from(`${entry.mode.replace(/^0+/, "")} ${entry.name}\0`),
    Buffer.from(entry.sha, "hex"),
  ]);
  const body = Buffer.concat(parts);
  const algorithm = entries.some(({ sha }) => sha.length === 64) ? "sha256" : "sha1";
  return createHash(algorithm).update(`tree ${body.length}\0`).update(body).digest("hex");
}
