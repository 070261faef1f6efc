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
  /** How long a key waits after so many failures in a row; growing and spread (backoff.ts) when left out. */
  readonly retryDelay?: (failures: number) => Millis;
}

export interface Store {
  readonly queue: Queue;
  readonly index: IndexStore;
  /** The database itself, for stores of other folders: their tables are among its own. */
  readonly sql: Sql;
  /** What is remembered for a chat. */
  readonly threads: ThreadStore;
  readonly engine: "embedded" | "postgresql";
  /** Tells of every finished pass, for metrics. */
  onPass(listener: (pass: FinishedPass) => void): void;
  /** Throws `TransientError` when the database does not answer. */
  ping(): Promise<void>;
  /** Stops the queue at once, closes the database and gives the data folder free. */
  close(): Promise<void>;
}
