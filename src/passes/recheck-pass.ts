import type { Trace } from "../base/trace.ts";
import type { Key } from "../core/model.ts";
import { observeRecheck } from "../observe/observe-recheck.ts";
import type { PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { mergePass } from "./merge-pass.ts";
import type { PassParts } from "./pass-parts.ts";

/** One pass over a request to look again: posts a new run, even if nothing has changed. */
export async function recheckPass(
  parts: PassParts & { readonly trace: Trace },
  key: Extract<Key, { kind: "recheck" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const asked = await observeRecheck(parts, key);
  if (asked.key === null) return { checkAgainIn: null, alsoLookAt: asked.alsoLookAt };
  // Whoever asks wants to know what is true now, not what was true a few minutes ago.
  const { seenIncidents, openItems } = parts;
  const fresh = { ...parts, seenIncidents: { ...seenIncidents, recall: async () => null }, openItems: openItems.anew };
  const { checkAgainIn, alsoLookAt } = await mergePass(fresh, asked.key, write, asked.anew);
  // The timer belongs to what was judged, not to the request.
  return { checkAgainIn: null, alsoLookAt: checkAgainIn === null ? alsoLookAt : [...alsoLookAt, asked.key] };
}
