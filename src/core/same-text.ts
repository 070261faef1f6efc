import { createHash } from "node:crypto";
import { withoutEnd } from "./without-end.ts";

/** Whether two texts are the same to people: line endings, and blanks before them, do not count. */
export function sameText(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

/** A digest that is equal for equal texts, in the sense of `sameText`. 16 hexadecimal digits. */
export function textDigest(text: string): string {
  return createHash("sha256").update(plain(text)).digest("hex").slice(0, 16);
}

function plain(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => withoutEnd(line, " \t"))
    .join("\n")
    .trim();
}
