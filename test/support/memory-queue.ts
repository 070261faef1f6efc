import { keyId } from "../../src/core/key.ts";
import type { Instant, Key } from "../../src/core/model.ts";

/** Keys that wait and timers that run, by identity: the queue's promises without its machinery. */
export class MemoryQueue {
  readonly waiting = new Map<string, Key>();
  readonly timers = new Map<string, { readonly key: Key; readonly at: Instant }>();

  add(keys: readonly Key[]): void {
    for (const key of keys) this.waiting.set(keyId(key), key);
  }

  lookAgainAt(key: Key, at: Instant | null): void {
    if (at === null) this.timers.delete(keyId(key));
    else this.timers.set(keyId(key), { key, at });
  }

  take(): Key | null {
    const next = this.waiting.entries().next();
    if (next.done === true) return null;
    this.waiting.delete(next.value[0]);
    return next.value[1];
  }

  /** The moment of the next timer; `null`: none runs. */
  nextTimer(): Instant | null {
    const moments = [...this.timers.values()].map((timer) => timer.at);
    return moments.length === 0 ? null : (Math.min(...moments) as Instant);
  }

  /** Timers due by `now` become waiting keys. */
  fire(now: Instant): void {
    for (const [id, timer] of this.timers) {
      if (timer.at > now) continue;
      this.timers.delete(id);
      this.waiting.set(id, timer.key);
    }
  }
}
