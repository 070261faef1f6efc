import type { IncidentObservation } from "../observation.ts";
import { fold } from "../record/history.ts";
import type { IncidentRecord } from "../record/record.ts";
import { type Judged, NOTHING } from "./judged.ts";

/**
 * Says once that an open issue is locked: GitHub takes no comment of an app there, so pages and answers have to go
 * other ways. And once that it is not any more.
 */
export function judgeLock({ at, issue }: IncidentObservation, record: IncidentRecord): Judged {
  if (issue.state === "closed" || issue.locked === fold(record.entries).isLocked) return NOTHING;
  return { entries: [{ kind: issue.locked ? "locked" : "unlocked", at, by: null }], edges: [] };
}
