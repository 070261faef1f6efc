import { judgePostMortems } from "../gate/requirements/post-mortem.ts";
import type { GateVerdict } from "../gate/verdict.ts";
import { sameTarget } from "../names.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import { type Edge, sayOnce } from "./edge.ts";
import { type Judged, NOTHING } from "./judged.ts";

/**
 * Whether a post-mortem says something else than when it was accepted. Whoever accepted it is asked to look again: once,
 * until somebody accepts it anew, and only if the incident lacks something because of that.
 */
export function judgeAcceptance(seen: IncidentObservation, { record, history }: Known, gate: GateVerdict): Judged {
  if (gate.status === "met" || history.cancelled !== null || history.accepted.length === 0) return NOTHING;
  const entries: Entry[] = [];
  const edges: Edge[] = [];
  for (const { target, lacks, review } of judgePostMortems(seen, history)) {
    const [only, ...more] = lacks;
    if (review === null || only?.kind !== "not-accepted" || only.changed.length === 0 || more.length > 0) continue;
    if (history.toldChanged.some((one) => sameTarget(one, target))) continue;
    const last = record.entries.findLast(
      (entry) => entry.kind === "post-mortem-accepted" && sameTarget(entry.target, target),
    );
    if (last?.kind !== "post-mortem-accepted") continue;
    const { comment, line } = last.source;
    entries.push({ kind: "post-mortem-changed", at: seen.at, by: null, target: { ...target }, digest: review.digest });
    const saying = { kind: "post-mortem-changed", target, by: only.changed, missing: only.missing } as const;
    edges.push(sayOnce(`accept-again-${comment}-${line}`, saying));
  }
  return { ...NOTHING, entries, edges };
}
