import { backoff } from "../../../src/base/backoff.ts";
import { TerminalError, TransientError } from "../../../src/base/errors.ts";
import { keyId } from "../../../src/core/key.ts";
import type { Instant, Key, Millis } from "../../../src/core/model.ts";
import type { PassResult, Priority } from "../../../src/queue/queue.ts";
import type { IndexStore } from "../../../src/store/index-store.ts";
import { MemoryIndex } from "../../../src/store/memory-index.ts";
import type { VirtualClock } from "../../../testkit/virtual-clock.ts";
import { indexOver, Killed, type Wire } from "./wire.ts";

export type Pass = (key: Key, signal: AbortSignal) => Promise<PassResult>;

/** What outlives a process. */
export interface Engine {
  /** A process opens its store. Whatever the last one left running waits again. */
  open(wire: Wire): Promise<OpenedStore>;
  /** Virtual time passes in the database as well, and timers become due there. */
  elapse(ms: number): Promise<void>;
  /** Time until the next timer; `null`: none is running. */
  nextTimerInMs(): Promise<number | null>;
  /** The database is lost. Only for an engine that no living process has open. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** The store as one process sees it, worked step by step instead of by pollers. */
export interface OpenedStore {
  readonly index: IndexStore;
  add(keys: readonly Key[], priority?: Priority): Promise<void>;
  /** Makes keys with due timers wait, takes one key and passes over it. `false`: none was waiting. */
  step(pass: Pass): Promise<boolean>;
}

/** Half of the spread of backoff.ts, always. */
const NO_LUCK = 0.5;

interface Waiting {
  readonly key: Key;
  readonly failures: number;
  readonly priority: Priority;
}

/** Queue and index in memory, with the promises of the real ones; each change of either is a commit. */
export class MemoryEngine implements Engine {
  readonly #clock: VirtualClock;
  #index = new MemoryIndex();
  #waiting = new Map<string, Waiting>();
  #running = new Map<string, Waiting>();
  #timers = new Map<string, Waiting & { readonly at: Instant }>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async open(wire: Wire): Promise<OpenedStore> {
    for (const [id, entry] of this.#running) if (!this.#waiting.has(id)) this.#waiting.set(id, entry);
    this.#running.clear();
    const commit = (method: string, change: () => void) =>
      wire.call({ kind: "commit", method, args: [] }, async () => change());
    const add = (keys: readonly Key[], priority: Priority = 10) =>
      keys.length === 0 ? Promise.resolve() : commit("queue.add", () => this.#add(keys, priority));

    return {
      index: indexOver(wire, this.#index),
      add,
      step: async (pass) => {
        const due = [...this.#timers].filter(([, timer]) => timer.at <= this.#clock.now());
        if (due.length > 0) {
          await commit("queue.fire", () => {
            for (const [id, timer] of due) {
              this.#timers.delete(id);
              if (!this.#waiting.has(id)) this.#waiting.set(id, { ...timer, priority: 20 });
            }
          });
        }
        const next = [...this.#waiting].toSorted(([, a], [, b]) => b.priority - a.priority)[0];
        if (next === undefined) return false;
        const [id, entry] = next;
        await commit("queue.take", () => {
          this.#waiting.delete(id);
          this.#running.set(id, entry);
        });
        await this.#run(entry, pass, commit, add);
        await commit("queue.complete", () => {
          this.#running.delete(id);
        });
        return true;
      },
    };
  }

  async elapse(): Promise<void> {}

  async nextTimerInMs(): Promise<number | null> {
    const moments = [...this.#timers.values()].map((timer) => timer.at - this.#clock.now());
    return moments.length === 0 ? null : Math.min(...moments);
  }

  async wipe(): Promise<void> {
    this.#index = new MemoryIndex();
    for (const map of [this.#waiting, this.#running, this.#timers]) map.clear();
  }

  async close(): Promise<void> {}

  #add(keys: readonly Key[], priority: Priority): void {
    for (const key of keys) {
      const known = this.#waiting.get(keyId(key));
      if (known !== undefined && known.priority >= priority) continue;
      this.#waiting.set(keyId(key), { key, failures: known?.failures ?? 0, priority });
    }
  }

  async #run(
    { key, failures, priority }: Waiting,
    pass: Pass,
    commit: (method: string, change: () => void) => Promise<void>,
    add: (keys: readonly Key[]) => Promise<void>,
  ): Promise<void> {
    const timer = (inMs: number | null, after: number) =>
      commit("queue.timer", () => {
        if (inMs === null) this.#timers.delete(keyId(key));
        else
          this.#timers.set(keyId(key), { key, failures: after, priority, at: (this.#clock.now() + inMs) as Instant });
      });
    let result: PassResult;
    try {
      result = await pass(key, new AbortController().signal);
    } catch (error) {
      if (error instanceof Killed || !(error instanceof TransientError || error instanceof TerminalError)) throw error;
      if (error instanceof TerminalError) return;
      await timer(error.retryAfterMs ?? (backoff(failures, NO_LUCK) as Millis), failures + 1);
      return;
    }
    await timer(result.checkAgainIn, 0);
    await add(result.alsoLookAt);
  }
}
