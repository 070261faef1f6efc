import { pino } from "pino";
import { TerminalError, TransientError } from "../../../src/base/errors.ts";
import { RequestTally } from "../../../src/base/request-tally.ts";
import type { Instant, Key, Millis, Repository } from "../../../src/core/model.ts";
import { fold, type History } from "../../../src/core/record/history.ts";
import type { IncidentRecord } from "../../../src/core/record/record.ts";
import { open } from "../../../src/core/record/seal.ts";
import { createSweep } from "../../../src/ingress/sweep/sweep.ts";
import { createEnqueueHints } from "../../../src/ingress/webhooks/enqueue-hints.ts";
import { createReconciler } from "../../../src/reconcile.ts";
import { MemoryAlerts } from "../../../src/store/memory-alerts.ts";
import type { DeliveryFacts } from "../../../src/systems/github/ports.ts";
import type { FakeEvent } from "../../../testkit/fake-github/events.ts";
import { FakeGitHub } from "../../../testkit/fake-github/fake-github.ts";
import { type Random, seededRandom } from "../../../testkit/seeded-random.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";
import { BUILT_IN_TEMPLATES, RECORD_KEYS } from "../../support/story.ts";
import type { Engine, OpenedStore, Pass } from "./engine.ts";
import { Injector } from "./injector.ts";
import { MemoryEngine } from "./local-engine.ts";
import { Oracle } from "./oracle.ts";
import { type Call, type Death, Fate, githubOver, Killed, Wire } from "./wire.ts";

export interface WorldOptions {
  /** In memory when left out. */
  readonly engine?: (clock: VirtualClock) => Promise<Engine>;
  readonly deaths?: readonly Death[];
  /** What happens to the database when a process dies. */
  readonly database?: "kept" | "lost";
  readonly policy?: string;
  readonly seed?: number;
  /** What becomes of a delivery; left out: each arrives at once. */
  readonly post?: Post;
}

/** When a delivery arrives: milliseconds from now, one for each time it does. Empty: never, and GitHub notes a failure. */
export type Post = (event: FakeEvent, random: Random) => readonly number[];

interface Delivery {
  readonly event: FakeEvent;
  readonly guid: string;
  readonly at: Instant;
}

/** One life of Sevgate, from a start to a death. */
interface Process {
  readonly wire: Wire;
  readonly store: OpenedStore;
  readonly pass: Pass;
  readonly accept: ReturnType<typeof createEnqueueHints>;
  sweep(): Promise<unknown>;
}

const UNCOUNTED = { countSweep: () => {}, countRedelivery: () => {} };
const SWEEP_EVERY_MS = 300_000 as Millis;
const MAX_STEPS = 20_000;

/**
 * The whole of Sevgate except HTTP and pollers, on a GitHub in memory and a virtual clock, with any store; any of its
 * processes may die at any mutating call, any call to GitHub may fail, any delivery may go astray.
 */
export class World {
  readonly alerts = new MemoryAlerts();
  readonly clock: VirtualClock;
  readonly github: FakeGitHub;
  repository: Repository;
  readonly fate: Fate;
  readonly injector: Injector;
  readonly oracle: Oracle;
  readonly engine: Engine;
  readonly random: Random;
  /** The lines of the log at trace level. */
  readonly log: string[] = [];
  /** Whether the sweep runs every five virtual minutes. */
  sweeps = true;
  /** What becomes of deliveries from now on. */
  post: Post;
  passes = 0;
  restarts = 0;
  readonly #options: WorldOptions;
  #deliveries: Delivery[] = [];
  readonly #sent = new Map<string, { readonly event: FakeEvent; readonly guid: string }>();
  #redelivered = 0;
  #nextDelivery = 1;
  #nextSweepAt: Instant;
  #sweepNow = false;
  #process: Process | null = null;

  private constructor(options: WorldOptions, clock: VirtualClock, engine: Engine) {
    this.#options = options;
    this.clock = clock;
    this.engine = engine;
    this.post = options.post ?? (() => [0]);
    this.random = seededRandom(options.seed ?? 1);
    this.github = new FakeGitHub({ clock });
    this.repository = this.github.addRepository({ owner: "acme", name: "ops" });
    for (const [login, role] of [
      ["alice", "maintain"],
      ["bob", "triage"],
      ["rita", "read"],
    ] as const) {
      this.github.setRole(login, role);
    }
    if (options.policy !== undefined) this.github.setFile(".github/sevgate.yml", options.policy);
    this.fate = new Fate();
    this.injector = new Injector({ github: this.github, clock, random: this.random });
    this.oracle = new Oracle(this);
    this.#nextSweepAt = (clock.now() + SWEEP_EVERY_MS) as Instant;
    this.github.onEvent((event) => this.#send(event));
  }

  /** A repository with the app installed and swept a minute ago. Deaths are counted from here. */
  static async begin(options: WorldOptions = {}): Promise<World> {
    const clock = new VirtualClock();
    const engine = await (options.engine ?? (async () => new MemoryEngine(clock)))(clock);
    const world = new World(options, clock, engine);
    world.#sweepNow = true;
    await world.settle();
    await world.advance(60_000);
    world.fate.begin(options.deaths ?? []);
    return world;
  }

  /** Lets everything that is due happen, until nothing is waiting. */
  async settle(): Promise<void> {
    for (let count = 0; count < MAX_STEPS; count += 1) {
      try {
        const went = await this.#once();
        // What killed a process may have looked like a store that does not answer.
        if (this.#process?.wire.isDead === true) await this.restart(this.#options.database ?? "kept");
        else if (!went) return;
      } catch (error) {
        // A store may have wrapped the error that killed it.
        if (!(error instanceof Killed) && this.#process?.wire.isDead !== true) throw error;
        await this.restart(this.#options.database ?? "kept");
      }
    }
    throw new Error("the loop does not come to rest");
  }

  /** Time passes; whatever becomes due on the way happens at its moment. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await this.settle();
    for (;;) {
      const next = await this.#nextMoment();
      if (next > until) break;
      await this.#elapse(Math.max(0, next - this.clock.now()));
      if (this.sweeps && this.clock.now() >= this.#nextSweepAt) this.#sweepNow = true;
      await this.settle();
    }
    await this.#elapse(until - this.clock.now());
  }

  /** A delivery that was held back arrives. */
  async deliver(event: FakeEvent): Promise<void> {
    this.#post(event, `late-${this.#nextDelivery}`, [0]);
    await this.settle();
  }

  /** The process is killed where it is; the next one starts, and sweeps as on every start. */
  async restart(database: "kept" | "lost" = "kept"): Promise<void> {
    this.restarts += 1;
    await this.#process?.wire.cut();
    this.#process = null;
    if (database === "lost") await this.engine.wipe();
    this.#sweepNow = true;
  }

  /** The faults are over: the next sweeps find whatever was lost. */
  async heal(ms = 2 * SWEEP_EVERY_MS): Promise<void> {
    this.injector.disarm();
    this.post = () => [0];
    await this.advance(ms);
  }

  sweepSoon(): void {
    this.#sweepNow = true;
  }

  /** Another look at everything there is. */
  async lookAtEverything(): Promise<void> {
    while (!(await this.#addEverything())) await this.restart(this.#options.database ?? "kept");
    await this.settle();
  }

  /** `false`: the process was killed meanwhile. */
  async #addEverything(): Promise<boolean> {
    const { store, wire } = await this.#alive();
    try {
      for (const repository of this.github.allRepositories()) {
        const numbers = this.github.numbers(repository);
        await store.add([
          ...numbers.map((number): Key => ({ kind: "incident", repository, number })),
          ...numbers.map((number): Key => ({ kind: "pull-request", repository, number })),
          { kind: "repository", repository },
        ]);
      }
      return true;
    } catch (error) {
      // A store may have wrapped the error that killed it.
      if (!(error instanceof Killed) && !wire.isDead) throw error;
      return false;
    }
  }

  /** The record in the status comment; `null`: there is none that verifies. */
  record(number: number, repository = this.repository): IncidentRecord | null {
    const place = {
      appId: this.github.appId,
      repositoryId: repository.id,
      issueNodeId: this.github.issue(number, repository).nodeId,
    };
    const status = this.said(number, repository).find((body) => body.includes("<!-- sevgate:status -->"));
    const opened = status === undefined ? null : open(status, place, RECORD_KEYS);
    return opened?.kind === "valid" ? opened.record : null;
  }

  history(number: number, repository = this.repository): History | null {
    const record = this.record(number, repository);
    return record === null ? null : fold(record.entries);
  }

  /** Everything the app said on an issue. */
  said(number: number, repository = this.repository): readonly string[] {
    return this.github
      .comments(number, repository)
      .filter((comment) => comment.author?.login === this.github.botLogin)
      .map((comment) => comment.body);
  }

  #send(event: FakeEvent): void {
    this.injector.remember();
    const sender = (event.payload["sender"] as { login?: string } | null)?.login;
    if (sender === this.github.botLogin) return;
    const guid = `guid-${this.#nextDelivery}`;
    this.#post(event, guid, this.post(event, this.random));
  }

  #post(event: FakeEvent, guid: string, arrivals: readonly number[]): void {
    if (arrivals.length === 0) this.#note(event, guid, false);
    for (const inMs of arrivals) {
      this.#deliveries.push({ event, guid, at: (this.clock.now() + inMs) as Instant });
    }
  }

  #note(event: FakeEvent, guid: string, ok: boolean): void {
    const id = String(this.#nextDelivery++);
    this.#sent.set(id, { event, guid });
    const facts: DeliveryFacts = { id, guid, deliveredAt: this.clock.now(), ok };
    this.github.deliveries.unshift(facts);
  }

  /** One thing that is due. `false`: nothing is. */
  async #once(): Promise<boolean> {
    const process = await this.#alive();
    const due = this.#deliveries.findIndex((delivery) => delivery.at <= this.clock.now());
    if (due >= 0) {
      const [{ event, guid }] = this.#deliveries.splice(due, 1) as [Delivery];
      await this.#deliver(process.accept, event, guid);
      return true;
    }
    while (this.#redelivered < this.github.redelivered.length) {
      const again = this.#sent.get(this.github.redelivered[this.#redelivered++]!);
      if (again !== undefined) this.#post(again.event, again.guid, this.post(again.event, this.random));
      return true;
    }
    if (this.#sweepNow) {
      this.#sweepNow = false;
      this.#nextSweepAt = (this.clock.now() + SWEEP_EVERY_MS) as Instant;
      try {
        await process.sweep();
      } catch (error) {
        if (!(error instanceof TransientError || error instanceof TerminalError)) throw error;
      }
      return true;
    }
    return await process.store.step(process.pass);
  }

  async #deliver(accept: ReturnType<typeof createEnqueueHints>, event: FakeEvent, guid: string): Promise<void> {
    try {
      await accept({ name: event.name, payload: event.payload });
      this.#note(event, guid, true);
    } catch (error) {
      // There was no answer, or it was 503: GitHub notes a failure.
      this.#note(event, guid, false);
      if (!(error instanceof TransientError)) throw error;
    }
  }

  async #nextMoment(): Promise<number> {
    const timer = await this.engine.nextTimerInMs();
    return Math.min(
      timer === null ? Number.POSITIVE_INFINITY : this.clock.now() + timer,
      this.sweeps ? this.#nextSweepAt : Number.POSITIVE_INFINITY,
      ...this.#deliveries.map((delivery) => delivery.at),
    );
  }

  async #elapse(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.engine.elapse(ms);
  }

  async #alive(): Promise<Process> {
    this.#process ??= await this.#start();
    return this.#process;
  }

  async #start(): Promise<Process> {
    const { clock } = this;
    const log = pino({ level: "trace" }, { write: (line: string) => void this.log.push(line) });
    const heard = (call: Call) => this.oracle.hear(call);
    const wire = new Wire(this.fate, this.injector.interfere, heard);
    const store = await this.engine.open(wire);
    const github = githubOver(wire, this.github);
    const { index } = store;
    const queue = { add: store.add, accept: store.add };
    const reconcile = createReconciler({
      github,
      index,
      alerts: this.alerts,
      clock,
      log,
      recordKeys: RECORD_KEYS,
      templates: BUILT_IN_TEMPLATES,
      chat: null,
      requests: new RequestTally(),
    });
    return {
      wire,
      store,
      pass: async (key, signal) => {
        this.passes += 1;
        this.oracle.beginPass(key);
        try {
          return await reconcile(key, signal);
        } finally {
          this.oracle.endPass();
        }
      },
      accept: createEnqueueHints({
        queue,
        index,
        clock,
        botLogin: () => this.github.botLogin,
        webHost: "github.com",
        forgetTokens: (installationId) => this.github.forget(installationId),
      }),
      sweep: createSweep({ app: github.app, queue, index, clock, log, metrics: UNCOUNTED, every: SWEEP_EVERY_MS }),
    };
  }
}
