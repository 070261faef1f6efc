import { keyId } from "../src/core/key.ts";
import type { Instant, Key } from "../src/core/model.ts";
import { BY_TIMER, type Cause, UNKNOWN_CAUSE } from "../src/queue/cause.ts";

/** Waiting keys and running timers, by identity: the queue's promises without its machinery. */
export class MemoryQueue {
  readonly waiting = new Map<string, Key>();
  readonly timers = new Map<string, { readonly key: Key; readonly at: Instant; readonly cause: Cause }>();
  readonly #causes = new Map<string, Cause>();

  add(keys: readonly Key[], cause: Cause = UNKNOWN_CAUSE): void {
    for (const key of keys) {
      if (!this.waiting.has(keyId(key))) this.#causes.set(keyId(key), cause);
      this.waiting.set(keyId(key), key);
    }
  }

  /** Why the key is waiting, or was waiting when it was last taken. */
  causeOf(key: Key): Cause {
    return this.#causes.get(keyId(key)) ?? UNKNOWN_CAUSE;
  }

  lookAgainAt(key: Key, at: Instant | null, cause: Cause = BY_TIMER): void {
    if (at === null) this.timers.delete(keyId(key));
    else this.timers.set(keyId(key), { key, at, cause });
  }

  take(): Key | null {
    const next = this.waiting.entries().next();
    if (next.done === true) return null;
    this.waiting.delete(next.value[0]);
    return next.value[1];
  }

  /** The moment of the next timer; `null`: none is running. */
  nextTimer(): Instant | null {
    const moments = [...this.timers.values()].map((timer) => timer.at);
    return moments.length === 0 ? null : (Math.min(...moments) as Instant);
  }

  /** Timers due by `now` become waiting keys. */
  fire(now: Instant): void {
    for (const [id, timer] of this.timers) {
      if (timer.at > now) continue;
      this.timers.delete(id);
      this.add([timer.key], timer.cause);
    }
  }
}
