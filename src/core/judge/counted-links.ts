import { isPlaceWanted } from "../gate/post-mortem-place.ts";
import type { IncidentObservation } from "../observation.ts";
import type { History, Link } from "../record/history.ts";

/** How many links of one kind an incident accepts: more would not be looked at. */
export const MAX_LINKS = 10;

/** The links that count against the limit: those made by commands, and those from where the policy wants such evidence. */
export function countedLinks(seen: IncidentObservation, history: History, evidence: Link["evidence"]): readonly Link[] {
  return history.links.filter(
    (one) =>
      one.evidence === evidence && (one.byCommand || evidence === "runbook-pr" || isPlaceWanted(seen, one.target)),
  );
}
