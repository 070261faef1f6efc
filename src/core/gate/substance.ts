import { createHash } from "node:crypto";

/**
 * A digest of what a text says, 32 hexadecimal digits: the same after white space was changed or boxes were ticked. A
 * review that was asked for holds as long as it stays the same.
 */
export function substanceDigest(text: string): string {
  const substance = text
    .replaceAll(/\[[xX]\]/g, "[ ]")
    .split(/\s+/)
    .join(" ")
    .trim();
  return createHash("sha256").update(substance).digest("hex").slice(0, 32);
}
