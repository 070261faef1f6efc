import type { Logger } from "pino";
import type { Clock } from "../base/clock.ts";
import type { Millis } from "../core/model.ts";
import type { FinishedPass, Queue } from "../queue/queue.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { Sql } from "../store/sql.ts";
import type { ThreadStore } from "../store/thread-store.ts";

export interface StoreOptions {
  /** `postgres://…`; `null`: embedded in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** How long a key waits after this many failures in a row; left out: growing, random times (backoff.ts). */
  readonly retryDelay?: (failures: number) => Millis;
}

export interface Store {
  readonly queue: Queue;
  readonly index: IndexStore;
  /** The database itself, for stores of other folders: it has their tables as well. */
  readonly sql: Sql;
  /** What is remembered for a chat. */
  readonly threads: ThreadStore;
  readonly engine: "embedded" | "postgresql";
  /** Calls `listener` after every pass, for metrics. */
  onPass(listener: (pass: FinishedPass) => void): void;
  /** Throws `TransientError` if the database does not answer. */
  ping(): Promise<void>;
  /** Stops the queue at once, closes the database and releases the data folder. */
  close(): Promise<void>;
}
