import type { IncidentObservation } from "../observation.ts";
import type { Known } from "../record/known.ts";
import { type Judged, NOTHING } from "./judged.ts";

/**
 * Whether the time of a waiver is over: it no longer counts from then on, whether or not the issue has to be opened
 * again because of that (`judgeClosing`). The incident stays resolved, so nobody is paged.
 */
export function judgeWaiver(seen: IncidentObservation, { history }: Known): Judged {
  const until = history.waived?.until ?? null;
  if (until === null) return NOTHING;
  if (seen.at < until) return { ...NOTHING, lookAgainAt: until };
  return { ...NOTHING, entries: [{ kind: "waiver-ended", at: until, by: null }] };
}
