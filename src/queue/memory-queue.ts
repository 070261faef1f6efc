import type { Instant } from "../core/model.ts";
import { LocalQueue, type LocalQueueParts } from "./local-queue.ts";
import type { AsideRow, Choice, KeptQueue, QueueRows, TimerRow, WorkRow } from "./queue-rows.ts";

/**
 * The queue of one process, in memory: for what ends with the process, and for tests.
 *
 * @param kept what an earlier queue has left, as after a restart; left out: nothing
 */
export function createMemoryQueue(
  parts: Omit<LocalQueueParts, "kept"> & { readonly kept?: MemoryQueueRows },
): LocalQueue {
  return new LocalQueue({ ...parts, kept: parts.kept ?? new MemoryQueueRows() });
}

/** The rows of a queue in memory. */
export class MemoryQueueRows implements QueueRows, KeptQueue {
  readonly #work = new Map<string, WorkRow>();
  readonly #timers = new Map<string, TimerRow>();
  readonly #aside = new Map<string, AsideRow>();

  async commit<T>(change: (rows: QueueRows) => T): Promise<T> {
    const result = change(this);
    await new Promise((done) => setImmediate(done));
    return result;
  }

  work(id: string): WorkRow | null {
    return this.#work.get(id) ?? null;
  }

  putWork(row: WorkRow): void {
    this.#work.set(row.id, row);
  }

  removeWork(id: string): void {
    this.#work.delete(id);
  }

  next({ leastRank, notOf, most }: Choice): readonly WorkRow[] {
    const first: WorkRow[] = [];
    for (const row of this.#work.values()) {
      if (leastRank !== null && row.rank < leastRank) continue;
      if (notOf.includes(row.key.repository.installationId)) continue;
      const at = first.findIndex((other) => isBefore(row, other));
      if (at === -1 && first.length === most) continue;
      first.splice(at === -1 ? first.length : at, 0, row);
      if (first.length > most) first.pop();
    }
    return first;
  }

  highestPlace(): number {
    let highest = 0;
    for (const { place } of this.#work.values()) highest = Math.max(highest, place);
    return highest;
  }

  putTimer(row: TimerRow): void {
    this.#timers.set(row.id, row);
  }

  removeTimer(id: string): void {
    this.#timers.delete(id);
  }

  dueTimers(by: Instant, most: number): readonly TimerRow[] {
    const due = [...this.#timers.values()].filter(({ at }) => at <= by);
    return due.toSorted((a, b) => a.at - b.at).slice(0, most);
  }

  nextTimerAt(): Instant | null {
    let next: Instant | null = null;
    for (const { at } of this.#timers.values()) if (next === null || at < next) next = at;
    return next;
  }

  putAside(row: AsideRow): void {
    this.#aside.set(row.id, row);
  }

  takeBack(id: string): void {
    this.#aside.delete(id);
  }

  count(): { readonly work: number; readonly setAside: number } {
    return { work: this.#work.size, setAside: this.#aside.size };
  }
}

function isBefore(one: WorkRow, other: WorkRow): boolean {
  return one.rank > other.rank || (one.rank === other.rank && one.place < other.place);
}
