import { createHash } from "node:crypto";

const BOX = "[ ] ";
/** The issue that a task line begins with behind its box: `[ ] #41 Add an alert`. */
const FILED_AS = /^(?:[\w-]{1,39}\/[\w.-]{1,100})?#\d{1,10} /;

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
    .split(BOX)
    .map((part, at) => (at === 0 ? part : part.replace(FILED_AS, "")))
    .join(BOX);
  return createHash("sha256").update(substance).digest("hex").slice(0, 32);
}
