import type { IncidentObservation } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import type { Timer } from "../timers.ts";
import { type Edge, sayOnce } from "./edge.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** One reminder for each missed deadline, however long it stays missed. */
export function judgeReminders(seen: IncidentObservation, { history }: Known, timers: readonly Timer[]): Judged {
  if (seen.issue.state === "closed") return NOTHING;
  const { reminded } = history;
  const entries: Entry[] = [];
  const edges: Edge[] = [];
  for (const { name, due, overdue } of timers) {
    if (!overdue || reminded.some((one) => one.timer === name && one.due === due)) continue;
    entries.push({ kind: "reminded", at: seen.at, by: null, timer: name, due });
    edges.push(sayOnce(`reminder-${name}-${due}`, { kind: "reminder", timer: name, due }));
  }
  return { ...NOTHING, entries, edges };
}
