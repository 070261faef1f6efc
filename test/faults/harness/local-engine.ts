import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { backoff } from "../../../src/base/backoff.ts";
import { TerminalError, TransientError } from "../../../src/base/errors.ts";
import type { Millis } from "../../../src/core/model.ts";
import { LocalQueue } from "../../../src/queue/local-queue.ts";
import { MemoryQueueRows } from "../../../src/queue/memory-queue.ts";
import type { KeptQueue } from "../../../src/queue/queue-rows.ts";
import { keptIn } from "../../../src/queue/sqlite-queue.ts";
import type { IndexStore } from "../../../src/store/index-store.ts";
import { MemoryIndex } from "../../../src/store/memory-index.ts";
import { openSqlite } from "../../../src/store/open-sqlite.ts";
import type { Sql } from "../../../src/store/sql.ts";
import { createSqlIndexStore } from "../../../src/store/sql-index-store.ts";
import type { SqliteConnection } from "../../../src/store/sqlite-connection.ts";
import { VIRTUAL_START, type VirtualClock } from "../../../testkit/virtual-clock.ts";
import type { Engine, OpenedStore } from "./engine.ts";
import { indexOver, Killed, MUTATES, type Wire } from "./wire.ts";

/** Half of the spread of backoff.ts, always. */
const NO_LUCK = 0.5;

const silent = pino({ level: "silent" });

/** The queue of one process and the index, in memory: each change of either is a commit, at which a process may die. */
export class MemoryEngine implements Engine {
  readonly #clock: VirtualClock;
  #index = new MemoryIndex();
  #rows = new MemoryQueueRows();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async open(wire: Wire): Promise<OpenedStore> {
    return openedStore(wire, this.#rows, indexOver(wire, this.#index), this.#clock);
  }

  async elapse(): Promise<void> {}

  async nextTimerInMs(): Promise<number | null> {
    const at = this.#rows.nextTimerAt();
    return at === null ? null : at - this.#clock.now();
  }

  async wipe(): Promise<void> {
    this.#index = new MemoryIndex();
    this.#rows = new MemoryQueueRows();
  }

  async close(): Promise<void> {}
}

/** The embedded database with the real queue and index on it, for one world after the other. */
export class SqliteBackend {
  readonly #folder = mkdtempSync(join(tmpdir(), "sevgate-faults-"));
  readonly #connection: SqliteConnection;

  constructor() {
    this.#connection = openSqlite(join(this.#folder, "sevgate.db"), VIRTUAL_START, {
      onDamage() {},
      onDropped() {},
      onLost() {},
    });
  }

  /** The database for a new world: empty. */
  async forWorld(clock: VirtualClock): Promise<Engine> {
    await this.#wipe();
    const kept = keptIn(this.#connection);
    return {
      open: async (wire) => openedStore(wire, kept, createSqlIndexStore(sqlOver(wire, this.#connection.sql)), clock),
      elapse: async () => {},
      async nextTimerInMs() {
        const at = await kept.look((rows) => rows.nextTimerAt());
        return at === null ? null : at - clock.now();
      },
      wipe: () => this.#wipe(),
      close: async () => {},
    };
  }

  async close(): Promise<void> {
    await this.#connection.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #wipe(): Promise<void> {
    await this.#connection.commit((run) => {
      for (const table of ["work", "timer", "aside", "repository", "name", "incident", "link", "progress"]) {
        run(`delete from sevgate_${table}`);
      }
    });
  }
}

/** A queue as a process has it: it dies with its wire. */
function openedStore(wire: Wire, kept: KeptQueue, index: IndexStore, clock: VirtualClock): OpenedStore {
  const queue = new LocalQueue({
    kept: {
      commit: (change) => wire.call({ kind: "commit", method: "queue", args: [] }, () => kept.commit(change)),
      look: (read) => wire.call({ kind: "query", method: "queue", args: [] }, () => kept.look(read)),
    },
    clock,
    log: silent,
    retryDelay: (failures) => backoff(failures, NO_LUCK) as Millis,
  });
  return {
    index,
    add: (keys, priority) => queue.accept(keys, priority),
    async step(pass) {
      let unforeseen: unknown = null;
      const went = await queue.step(async (key, signal) => {
        try {
          return await pass(key, signal);
        } catch (error) {
          if (!(error instanceof TransientError || error instanceof TerminalError)) unforeseen = error;
          throw error;
        }
      });
      // The queue would try again; a story has to know. Of a death the wire knows.
      if (unforeseen !== null && !(unforeseen instanceof Killed)) throw unforeseen;
      return went;
    },
  };
}

/** The database, each statement that changes something being a commit. */
export function sqlOver(wire: Wire, sql: Sql): Sql {
  const call = <T>(text: string, run: () => Promise<T>): Promise<T> => {
    const method = text.trim().replace(/\s+/g, " ").slice(0, 60);
    return wire.call({ kind: MUTATES.test(text) ? "commit" : "query", method, args: [] }, run);
  };
  return {
    query: (text, values) => call(text, () => sql.query(text, values)),
    transaction: (work, alone) => call("insert into", () => sql.transaction(work, alone)),
    close: () => sql.close(),
  };
}
