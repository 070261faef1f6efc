import { extendsOwner, LARGEST_POLICY_BYTES, POLICY_PATH, parsePolicy } from "../core/policy/parse.ts";
import { type ReadTextOptions, readText } from "./read-text.ts";

/** The severities of a policy on disk, or why they are not known. */
export type Severities =
  | { readonly kind: "known"; readonly names: readonly string[] }
  /** There is no such file. */
  | { readonly kind: "absent"; readonly why: string }
  /** It cannot be read, or is not a policy; one line. */
  | { readonly kind: "unusable"; readonly why: string };

/** Reads the names of a policy's severities, to compare others with them. */
export async function readSeverities(file: string, read?: ReadTextOptions["read"]): Promise<Severities> {
  const found = await readText(file, { usual: POLICY_PATH, largestBytes: LARGEST_POLICY_BYTES, read });
  if (found.kind === "unreadable") return { kind: found.isAbsent ? "absent" : "unusable", why: found.why };
  if (extendsOwner(found.text))
    return { kind: "unusable", why: "it extends the owner's policy, which is not on this disk" };
  const parsed = parsePolicy(found.text);
  if (parsed.kind === "valid") return { kind: "known", names: parsed.policy.severities.map(({ name }) => name) };
  return { kind: "unusable", why: `sevgate validate ${file} says what to fix in it` };
}
