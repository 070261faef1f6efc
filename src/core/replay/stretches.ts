import type { Instant } from "../model.ts";
import type { Entry } from "../record/entry.ts";
import type { History } from "../record/history.ts";
import { Known } from "../record/known.ts";
import type { IncidentRecord } from "../record/record.ts";

/** A time in which nothing happened to an incident that deadlines, pages or its end depend on. */
export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
  readonly history: History;
}

/** What may start or end a deadline or the search for somebody. */
const TURNS: ReadonlySet<Entry["kind"]> = new Set([
  "acknowledged",
  "unacknowledged",
  "handed-over",
  "mitigated",
  "resolved",
  "severity-changed",
  "updated",
  "cancelled",
  "waived",
  "waiver-accepted",
  "waiver-ended",
  "closed",
  "reopened",
  "resumed",
  "unconfirmed",
  "confirmed",
  "alerted",
  "ack-timed-out",
]);

/**
 * The stretches of an incident, from its declaration until `end`, in order and without holes. Empty ones are left out.
 *
 * @param record begins with a declaration, as every record does
 */
export function stretchesOf({ entries, ...record }: IncidentRecord, end: Instant): readonly Stretch[] {
  const first = entries.findIndex(({ kind }) => kind === "declared");
  const turns = entries.flatMap(({ kind }, at) => (at > first && TURNS.has(kind) ? [at] : []));
  const begins = [first, ...turns];
  const stretches: Stretch[] = [];
  let from = entries[first]!.at;
  for (const place of begins.keys()) {
    const next = begins[place + 1];
    // Entries are in the order in which they were judged: one may be about an earlier moment than the one before it.
    const to = Math.max(from, next === undefined ? end : Math.min(end, entries[next]!.at)) as Instant;
    if (to > from) {
      const { history } = new Known({ ...record, entries: entries.slice(0, next ?? entries.length) });
      stretches.push({ from, to, history });
    }
    from = to;
  }
  return stretches;
}

/** What was known at a moment: everything judged by then. */
export function historyAt({ entries, ...record }: IncidentRecord, at: Instant): History {
  const known = entries.filter((entry) => entry.kind === "declared" || entry.at <= at);
  return new Known({ ...record, entries: known }).history;
}
