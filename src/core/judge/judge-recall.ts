import { shorten } from "../markdown/escape.ts";
import type { IncidentObservation } from "../observation.ts";
import type { RecalledFacts } from "../recall/recall.ts";
import type { EntryOf } from "../record/entry.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { DAY_MS, MINUTE_MS } from "../time-units.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** For how long after the declaration similar incidents are looked for: later people have read what there is. */
const WORTH_RECALLING_MS = 30 * MINUTE_MS;
/** Incidents that were not touched for longer are not looked at. */
export const RECALLED_FOR_MS = 365 * DAY_MS;

/** Names similar incidents once, if there are any. The incident, and whoever is paged for it, never wait for it. */
export function judgeRecall(seen: IncidentObservation, { history }: Known): Judged {
  if (seen.recall === null || seen.recall.length === 0 || history.recalled !== null) return NOTHING;
  return { ...NOTHING, entries: [{ kind: "recalled", at: seen.at, by: null, incidents: seen.recall.map(kept) }] };
}

/** Whether similar incidents are still to be looked for: of one that is young, not over, and that people know of already. */
export function wantsRecall(seen: IncidentObservation, history: History): boolean {
  return (
    seen.policy.policy.recall &&
    seen.recall === null &&
    seen.record.kind === "found" &&
    history.recalled === null &&
    [history.resolved, history.cancelled, history.closed].every((one) => one === null) &&
    seen.issue.state === "open" &&
    seen.at - history.declared.at < WORTH_RECALLING_MS
  );
}

/** As the record keeps it. */
function kept({ number, title, reasons, lesson }: RecalledFacts): EntryOf<"recalled">["incidents"][number] {
  return {
    number,
    title: shorten(title, 120),
    reasons: reasons.map(({ kind, names }) => ({ kind, names: names.map((name) => shorten(name, 100)) })),
    postMortem: lesson?.postMortem ?? null,
    cause: lesson?.cause ?? null,
    open: [...(lesson?.open ?? [])],
    openItems: Math.min(lesson?.openItems ?? 0, 9_999),
  };
}
