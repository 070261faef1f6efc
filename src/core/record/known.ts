import type { Entry } from "./entry.ts";
import { fold, type History } from "./history.ts";
import type { IncidentRecord } from "./record.ts";

/**
 * What is known about an incident: its record, and the history that the record tells. Every judge gets both.
 *
 * The record is folded when its history is first asked for, and not again until it grows.
 */
export class Known {
  readonly record: IncidentRecord;
  #history: History | null = null;

  /** @param record begins with a declaration, as every record does; else its history throws (`fold`) */
  constructor(record: IncidentRecord) {
    this.record = record;
  }

  get history(): History {
    this.#history ??= fold(this.record.entries);
    return this.#history;
  }

  /** With what was judged since, including any ticks; itself if that is nothing. */
  with(entries: readonly Entry[]): Known {
    if (entries.length === 0) return this;
    const ticked = entries.flatMap((entry) => (entry.kind === "ticked" ? entry.items : []));
    const ticks = ticked.length === 0 ? this.record.ticks : [...new Set([...this.record.ticks, ...ticked])].sort();
    return new Known({ ...this.record, ticks, entries: [...this.record.entries, ...entries] });
  }

  /** With these ticks instead of its own, by id. Ticks are not part of the history. */
  withTicks(ticks: readonly string[]): Known {
    const known = new Known({ ...this.record, ticks: [...ticks] });
    known.#history = this.#history;
    return known;
  }
}
