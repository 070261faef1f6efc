import { LARGEST_POLICY_BYTES, parsePolicy } from "../core/policy/parse.ts";
import { errorCode } from "../error-code.ts";
import { readBounded, whyUnreadable } from "./read-bounded.ts";
import { DEFAULT_POLICY_FILE } from "./validate.ts";

/** The severities of a policy on disk, or why they are not known. */
export type Severities =
  | { readonly kind: "known"; readonly names: readonly string[] }
  /** There is no such file. */
  | { readonly kind: "absent"; readonly why: string }
  /** It cannot be read, or is no policy; one line. */
  | { readonly kind: "unusable"; readonly why: string };

/** Reads the names of a policy's severities, for those who compare with them. */
export async function readSeverities(
  file: string,
  read: (file: string) => Promise<Uint8Array> = (name) => readBounded(name, LARGEST_POLICY_BYTES),
): Promise<Severities> {
  let bytes: Uint8Array;
  try {
    bytes = await read(file);
  } catch (error) {
    const kind = errorCode(error) === "ENOENT" ? "absent" : "unusable";
    return { kind, why: whyUnreadable(file, DEFAULT_POLICY_FILE, error) };
  }
  const parsed = parsePolicy(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  if (parsed.kind === "valid") return { kind: "known", names: parsed.policy.severities.map(({ name }) => name) };
  return { kind: "unusable", why: `sevgate validate ${file} says what to mend in it` };
}
