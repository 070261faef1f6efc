import { createHash } from "node:crypto";

/** The issue that a task line begins with: `[ ] #41 Add an alert`. */
const FILED_AS = /(\[ \] )(?:[\w-]{1,39}\/[\w.-]{1,100})?#\d{1,10} /g;

/**
 * A digest of what a text says, 32 hexadecimal digits: the same after white space was changed, boxes were ticked or action
 * items were filed. A review that was asked for holds as long as it stays the same.
 */
export function substanceDigest(text: string): string {
  const substance = text
    .replaceAll(/\[[xX]\]/g, "[ ]")
    .split(/\s+/)
    .join(" ")
    .trim()
    .replaceAll(FILED_AS, "$1");
  return createHash("sha256").update(substance).digest("hex").slice(0, 32);
}
