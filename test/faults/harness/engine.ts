import type { Key } from "../../../src/core/model.ts";
import type { PassResult, Priority } from "../../../src/queue/queue.ts";
import type { IndexStore } from "../../../src/store/index-store.ts";
import type { Wire } from "./wire.ts";

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
