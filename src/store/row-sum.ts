import { crc32 } from "node:zlib";

/**
 * The checksum that each row of the embedded database carries beside its columns: SQLite has none for its pages, so a bit that
 * flips on the disk would change a value unnoticed.
 *
 * @param values of all other columns, in order
 */
export function rowSum(...values: readonly unknown[]): number {
  let text = "";
  for (const value of values) text += value === null ? "\u0000\u001f" : `${String(value)}\u001f`;
  return crc32(text);
}
