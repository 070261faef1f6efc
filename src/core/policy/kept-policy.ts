import { defaultPolicy } from "./default-policy.ts";
import { parsePolicy } from "./parse.ts";
import type { Policy } from "./policy.ts";

/**
 * The policy whose text was kept as the last good one. What parsed once may not parse with a newer Sevgate: then the
 * built-in policy applies, with the gate on. The same if none was kept (`null`).
 */
export function keptPolicy(kept: { readonly text: string } | null): Policy {
  const parsed = kept === null ? null : parsePolicy(kept.text);
  return parsed?.kind === "valid" ? parsed.policy : defaultPolicy();
}
