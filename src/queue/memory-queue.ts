import type { Instant } from "../core/model.ts";
import { LocalQueue, type LocalQueueParts } from "./local-queue.ts";
import type { AsideRow, Choice, KeptQueue, QueueRows, TimerRow, WorkRow } from "./queue-rows.ts";

/**
 * The queue of one process, in memory: for what ends with the process, and for tests.
 *
 * @param kept what an earlier queue left, as after a restart; left out: nothing
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
  /** How to take back what was changed since the commit began. */
  #undo: (() => void)[] = [];

  async commit<T>(change: (rows: QueueRows) => T): Promise<T> {
    this.#undo = [];
    let result: T;
    try {
      result = change(this);
    } catch (error) {
      for (const takeBack of this.#undo.toReversed()) takeBack();
      throw error;
    }
    await new Promise((done) => setImmediate(done));
    return result;
  }

  async look<T>(read: (rows: QueueRows) => T): Promise<T> {
    return await this.commit(read);
  }

  work(id: string): WorkRow | null {
    return this.#work.get(id) ?? null;
  }

  putWork(row: WorkRow): void {
    this.#put(this.#work, row.id, row);
  }

  removeWork(id: string): void {
    this.#put(this.#work, id, undefined);
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

  putTimer(row: TimerRow): void {
    this.#put(this.#timers, row.id, row);
  }

  removeTimer(id: string): void {
    this.#put(this.#timers, id, undefined);
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
    this.#put(this.#aside, row.id, row);
  }

  takeBack(id: string): void {
    this.#put(this.#aside, id, undefined);
  }

  count(): { readonly work: number; readonly setAside: number } {
    return { work: this.#work.size, setAside: this.#aside.size };
  }

  #put<Row>(rows: Map<string, Row>, id: string, row: Row | undefined): void {
    const known = rows.get(id);
    this.#undo.push(() => replace(rows, id, known));
    replace(rows, id, row);
  }
}

function replace<Row>(rows: Map<string, Row>, id: string, row: Row | undefined): void {
  if (row === undefined) rows.delete(id);
  else rows.set(id, row);
}

function isBefore(one: WorkRow, other: WorkRow): boolean {
  return one.rank > other.rank || (one.rank === other.rank && one.place < other.place);
}
