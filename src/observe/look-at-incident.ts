import type { Key } from "../core/model.ts";
import type { IncidentObservation } from "../core/observation.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { observeIncident } from "./observe-incident.ts";
import type { ObserveParts } from "./observe-parts.ts";

/**
 * Looks at the incident that a pass is about.
 *
 * @throws TransientError when GitHub shows no such issue for the first time (`BelievedMissing`)
 */
export async function lookAtIncident(
  parts: ObserveParts,
  key: Extract<Key, { kind: "incident" }>,
): Promise<IncidentObservation | Elsewhere> {
  const seen = await observeIncident(parts, key);
  const isGone = "kind" in seen && seen.kind === "gone";
  parts.missing.check("issue", key.repository, key.number, isGone ? "missing" : seen);
  return seen;
}
