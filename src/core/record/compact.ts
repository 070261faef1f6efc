import type { Entry } from "./entry.ts";
import type { IncidentRecord } from "./record.ts";

/** Keeps the encoded record under half of GitHub's 65,536 characters a comment, so that the text has the other half. */
export const MAX_RECORD_CHARACTERS = 24_000;

/** Entries the state does not depend on, the least missed first. The last update and reminders are kept apart. */
const DROPPABLE: readonly Entry["kind"][] = ["answered", "refused", "noted", "updated", "reminded"];

/**
 * Drops the oldest entries that do not bear on the state until the record is short enough.
 *
 * Folding before and after gives the same state. Comments whose receipts are dropped stay judged (`judgedUpTo`).
 */
export function compact(record: IncidentRecord): IncidentRecord {
  let entries = record.entries;
  let judgedUpTo = record.judgedUpTo;
  for (const kind of DROPPABLE) {
    while (JSON.stringify(entries).length > MAX_RECORD_CHARACTERS) {
      const oldest = entries.findIndex((entry, at) => entry.kind === kind && !isLatest(entries, at));
      if (oldest === -1) break;
      const dropped = entries[oldest]!;
      if ("source" in dropped && dropped.source !== null) judgedUpTo = Math.max(judgedUpTo, dropped.source.comment);
      entries = entries.toSpliced(oldest, 1);
    }
  }
  return entries === record.entries ? record : { ...record, entries, judgedUpTo };
}

/** The latest status update and the latest reminder of each timer carry state. */
function isLatest(entries: readonly Entry[], at: number): boolean {
  const entry = entries[at]!;
  if (entry.kind === "updated") return !entries.slice(at + 1).some((later) => later.kind === "updated");
  if (entry.kind === "reminded") {
    return !entries.slice(at + 1).some((later) => later.kind === "reminded" && later.timer === entry.timer);
  }
  return false;
}
