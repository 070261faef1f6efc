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

/** The most a policy file may hold, in bytes of UTF-8. */
export const LARGEST_POLICY_BYTES = LARGEST_DOCUMENT_BYTES;
/** How deep lists and maps of a policy may lie within each other. */
export const DEEPEST_POLICY_LEVELS = DEEPEST_DOCUMENT_LEVELS;

/** Something the author of a policy can put right. */
export type PolicyProblem = DocumentProblem;
export { formatProblem };

export type ParsedPolicy =
  | { readonly kind: "valid"; readonly policy: Policy }
  | { readonly kind: "invalid"; readonly problems: readonly PolicyProblem[] };

/**
 * Reads a policy file (`readDocument`). Never throws for what a user can write.
 *
 * An empty file, or one with comments only, is the built-in default.
 */
export function parsePolicy(text: string): ParsedPolicy {
  const read = readDocument(text, PolicyDocument, brokenRules);
  return read.kind === "valid" ? { kind: "valid", policy: read.value } : read;
}
