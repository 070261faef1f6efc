import type { Policy } from "./policy.ts";
import {
  DEEPEST_DOCUMENT_LEVELS,
  type DocumentProblem,
  formatProblem,
  LARGEST_DOCUMENT_BYTES,
  readDocument,
} from "./read-document.ts";
import { brokenRules } from "./rules.ts";
import { PolicyDocument } from "./schema.ts";

/** The largest policy file, in bytes of UTF-8. */
export const LARGEST_POLICY_BYTES = LARGEST_DOCUMENT_BYTES;
/** How deeply lists and maps of a policy may be nested. */
export const DEEPEST_POLICY_LEVELS = DEEPEST_DOCUMENT_LEVELS;

/** Something the author of a policy can mend. */
export type PolicyProblem = DocumentProblem;
export { formatProblem };

export type ParsedPolicy =
  | { readonly kind: "valid"; readonly policy: Policy }
  | { readonly kind: "invalid"; readonly problems: readonly PolicyProblem[] };

/**
 * Reads a policy file (`readDocument`). Never throws, whatever a user writes.
 *
 * An empty file, or one with only comments, is the built-in default.
 */
export function parsePolicy(text: string): ParsedPolicy {
  const read = readDocument(text, PolicyDocument, brokenRules);
  return read.kind === "valid" ? { kind: "valid", policy: read.value } : read;
}
