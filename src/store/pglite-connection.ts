import { Worker } from "node:worker_threads";
import type { PgliteAnswer, PgliteRequest } from "./pglite-request.ts";

type Rows = readonly (readonly unknown[])[];

interface Pending {
  readonly request: PgliteRequest;
  resolve(rows: Rows): void;
  reject(error: Error): void;
}

/** `urgent` goes before everything that waits: what GitHub waits for comes before what only passes wait for. */
type Lane = "urgent" | "ordinary";

/** Answers of the database live for milliseconds: V8's own limit lets tens of megabytes of them pile up first. */
const MAX_YOUNG_MB = 6;

/**
 * The one connection to the embedded database, which lives in a thread of its own (pglite-thread.ts).
 *
 * Statements are carried out one after the other: the urgent ones first, each lane in its order. A transaction has the
 * connection to itself until it ends.
 */
export class PgliteConnection {
  readonly #worker: Worker;
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();
  readonly #waiting: Record<Lane, (() => void)[]> = { urgent: [], ordinary: [] };
  #pending: Pending | null = null;
  #isTaken = false;
  #ended: Error | null = null;

  private constructor(folder: string) {
    // Compiled or not, the thread's file stands beside this one.
    const file = import.meta.url.endsWith(".ts") ? "./pglite-thread.ts" : "./pglite-thread.js";
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: folder,
      resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_MB },
    });
    this.#worker.on("message", (answer: PgliteAnswer) => this.#onAnswer(answer));
    this.#worker.on("error", (error) => this.#end(new Error("the embedded database has failed", { cause: error })));
    this.#worker.on("exit", () => this.#end(new Error("the embedded database has ended")));
  }

  /** Opens the database in `folder`, or makes it there. Throws what PGlite says when it cannot. */
  static async open(folder: string): Promise<PgliteConnection> {
    const connection = new PgliteConnection(folder);
    connection.#isTaken = true;
    await new Promise<Rows>((resolve, reject) => {
      connection.#pending = { request: { kind: "exec", text: "" }, resolve, reject };
    });
    connection.#worker.unref();
    connection.#release();
    return connection;
  }

  /** Runs one request in its turn. */
  async run(request: PgliteRequest, lane: Lane = "ordinary"): Promise<Rows> {
    return await this.alone((send) => send(request), lane);
  }

  /** Runs `work` while nothing else is run. */
  async alone<T>(
    work: (send: (request: PgliteRequest) => Promise<Rows>) => Promise<T>,
    lane: Lane = "ordinary",
  ): Promise<T> {
    await this.#take(lane);
    try {
      return await work((request) => this.#send(request));
    } finally {
      this.#release();
    }
  }

  /** Calls `onNotified` for every notification on `channel`, until the function it returns is called. */
  async listen(channel: string, onNotified: (payload: string) => void): Promise<() => Promise<void>> {
    const known = this.#listeners.get(channel);
    const listeners = known ?? new Set();
    listeners.add(onNotified);
    this.#listeners.set(channel, listeners);
    if (known === undefined) await this.run({ kind: "listen", channel });
    return async () => {
      listeners.delete(onNotified);
    };
  }

  /** Closes the database; what waits is refused. Closing again is allowed. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const exited = new Promise<void>((done) => this.#worker.once("exit", () => done()));
    await this.run({ kind: "close" }, "urgent");
    this.#worker.ref();
    await exited;
  }

  #take(lane: Lane): Promise<void> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve();
    }
    return new Promise((taken) => this.#waiting[lane].push(taken));
  }

  #release(): void {
    const next = this.#waiting.urgent.shift() ?? this.#waiting.ordinary.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }

  #send(request: PgliteRequest): Promise<Rows> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    // An idle database does not keep the process alive; a statement under way does.
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending = { request, resolve, reject };
      this.#worker.postMessage(request);
    });
  }

  #onAnswer(answer: PgliteAnswer): void {
    if (answer.kind === "notified") {
      for (const listener of this.#listeners.get(answer.channel) ?? []) listener(answer.payload);
      return;
    }
    const pending = this.#pending;
    this.#pending = null;
    this.#worker.unref();
    if (answer.kind === "rows") pending?.resolve(answer.rows);
    else pending?.reject(Object.assign(new Error(answer.message), answer.code === null ? {} : { code: answer.code }));
  }

  #end(why: Error): void {
    this.#ended ??= why;
    this.#pending?.reject(this.#ended);
    this.#pending = null;
  }
}
