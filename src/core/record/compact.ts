import { DAY_MS } from "../time-units.ts";
import type { Entry } from "./entry.ts";
import { fold, type History } from "./history.ts";
import type { IncidentRecord } from "./record.ts";

/**
 * The longest entries of a record, as JSON in UTF-8. Sealed they are a third longer: together with the text above them
 * they stay under GitHub's 65,536 characters per comment.
 */
export const MAX_ENTRIES_BYTES = 24_000;

/** The entries people miss least, in that order: they are dropped first. */
const LEAST_MISSED: readonly Entry["kind"][] = ["answered", "refused", "ticked", "noted", "updated", "reminded"];

/**
 * Drops the oldest entries that do not affect the state until the record is short enough; if that is not enough, the
 * words of the oldest are dropped, and what happened stays.
 *
 * Folding before and after gives the same state. Comments whose receipts are dropped stay judged (`judgedUpTo`).
 *
 * @param waitsFrom a comment with a waiting command: the receipts of younger ones are kept, or it would count as judged
 */
export function compact(record: IncidentRecord, waitsFrom: number | null = null): IncidentRecord {
  const entries = [...record.entries];
  const bytes = entries.map(bytesOf);
  let total = bytes.reduce((sum, one) => sum + one, 0);
  if (total <= MAX_ENTRIES_BYTES) return record;

  const state = stateOf(entries);
  // The newest comment may contain a command that is still waiting to be judged: its receipts tell which ones were.
  const newest = entries.reduce((latest, entry) => Math.max(latest, commentOf(entry)), 0);
  const keptFrom = Math.min(newest, waitsFrom ?? newest);
  let judgedUpTo = record.judgedUpTo;
  for (const kind of [...LEAST_MISSED, null]) {
    for (let at = 0; at < entries.length && total > MAX_ENTRIES_BYTES; ) {
      const entry = entries[at]!;
      const isCandidate =
        entry.kind !== "declared" &&
        (kind === null || entry.kind === kind) &&
        (commentOf(entry) === 0 || commentOf(entry) < keptFrom);
      if (!isCandidate || stateOf(entries.toSpliced(at, 1)) !== state) {
        at += 1;
        continue;
      }
      judgedUpTo = Math.max(judgedUpTo, commentOf(entry));
      total -= bytes[at]!;
      entries.splice(at, 1);
      bytes.splice(at, 1);
    }
  }
  for (let at = 0; at < entries.length && total > MAX_ENTRIES_BYTES; at += 1) {
    const shorter = withoutWords(entries[at]!);
    total += bytesOf(shorter) - bytes[at]!;
    entries[at] = shorter;
  }
  return { ...record, entries, judgedUpTo };
}

/** More than the longest entry takes: dropping it left the record this much shorter at most. */
const LONGEST_ENTRY_BYTES = 4_000;

/**
 * Whether entries may be missing that were dropped to make the record short enough. Where none came from a comment, only its
 * length tells: it stays about as long as it may be.
 */
export function isShortened({ entries, judgedUpTo }: Pick<IncidentRecord, "entries" | "judgedUpTo">): boolean {
  if (judgedUpTo > 0) return true;
  return entries.reduce((sum, entry) => sum + bytesOf(entry), 0) > MAX_ENTRIES_BYTES - LONGEST_ENTRY_BYTES;
}

/** Its length in the record, including the comma after it. */
function bytesOf(entry: Entry): number {
  return Buffer.byteLength(JSON.stringify(entry)) + 1;
}

/** The comment an entry was judged from; 0: none. */
function commentOf(entry: Entry): number {
  return "source" in entry && entry.source !== null ? entry.source.comment : 0;
}

/** The state in a form that can be compared. */
function stateOf(entries: readonly Entry[]): string {
  const history: History = fold(entries);
  // Only the last reminder of each timer can still be the one that was already given.
  const reminded = new Map(history.reminded.map((entry) => [entry.timer, entry.due]));
  // Reopenings are counted over a day, and the last one is explained.
  const now = Math.max(...entries.map((entry) => entry.at));
  const reopenings = history.reopenings.filter((one, at, all) => at === all.length - 1 || now - one.at < DAY_MS);
  return JSON.stringify({ ...history, reminded, reopenings }, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}

/**
 * The reason for a waiver stays: it marks the incident for ever. So does that for a link, without which it may not count,
 * and that for dropping an action item.
 */
function withoutWords(entry: Entry): Entry {
  if (entry.kind === "recalled") {
    return { ...entry, incidents: entry.incidents.map((one) => ({ ...one, cause: null, open: [] })) };
  }
  if ("text" in entry) return { ...entry, text: "" };
  const isKept = entry.kind === "waived" || entry.kind === "linked" || entry.kind === "item-dropped";
  return "reason" in entry && !isKept ? { ...entry, reason: "" } : entry;
}
