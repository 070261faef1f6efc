import type { IncidentObservation } from "../observation.ts";
import type { Known } from "../record/known.ts";
import { type Judged, NOTHING } from "./judged.ts";

/**
 * Says once that an open issue is locked: GitHub accepts no comment from an app there, so pages and answers
 * have to go other ways. And once that it no longer is.
 */
export function judgeLock({ at, issue }: IncidentObservation, { history }: Known): Judged {
  if (issue.state === "closed" || issue.locked === history.isLocked) return NOTHING;
  return { ...NOTHING, entries: [{ kind: issue.locked ? "locked" : "unlocked", at, by: null }] };
}
