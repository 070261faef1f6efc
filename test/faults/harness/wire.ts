import type { IndexStore } from "../../../src/store/index-store.ts";
import type { GitHub } from "../../../src/systems/github/ports.ts";

/** The process is gone: whatever it was doing ends here. No code of Sevgate may catch it and go on. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** Statements that change something. */
export const MUTATES = /\b(?:insert\s+into|delete\s+from|update\s+\S+\s+(?:\w+\s+)?set)\b/i;

/** Where a process dies, seen from a mutating call. */
export const POSITIONS = ["before", "unanswered", "unrecorded"] as const;
/**
 * `before`: the call was not sent. `unanswered`: it was carried out, but the answer never came. `unrecorded`: the
 * answer came, and the process dies at whatever it asks for next.
 */
export type Position = (typeof POSITIONS)[number];

/** One death: at which mutating call since the story began, counted over all processes. */
export interface Death {
  readonly at: number;
  readonly position: Position;
}

/** One call that left the process. */
export interface Call {
  /** `commit`: a change of the database. */
  readonly kind: "read" | "write" | "commit" | "query";
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What may come between a process and GitHub: it answers in GitHub's place, throws, or lets the call through. */
export type Interference = <T>(call: Call, through: () => Promise<T>) => Promise<T>;

/** Counts mutating calls over all processes of a story, and says who dies where. */
export class Fate {
  mutations = 0;
  /** What the mutating calls were, in order. */
  readonly journal: string[] = [];
  #deaths: readonly Death[] = [];
  died = 0;

  /** Counting starts now. */
  begin(deaths: readonly Death[]): void {
    this.mutations = 0;
    this.journal.length = 0;
    this.#deaths = deaths;
  }

  next(call: Call): Position | null {
    this.mutations += 1;
    this.journal.push(`${call.kind} ${call.method}`);
    return this.#deaths.find((death) => death.at === this.mutations)?.position ?? null;
  }
}

/** Everything a process says to the outside world goes over its wire; a dead process says nothing more. */
export class Wire {
  readonly #fate: Fate;
  readonly #interference: Interference;
  readonly #listener: (call: Call) => void;
  readonly #running = new Set<Promise<unknown>>();
  #isDead = false;
  #isDoomed = false;

  constructor(fate: Fate, interference: Interference, listener: (call: Call) => void) {
    this.#fate = fate;
    this.#interference = interference;
    this.#listener = listener;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async call<T>(call: Call, run: () => Promise<T>): Promise<T> {
    this.#dieIf(this.#isDoomed);
    const mutates = call.kind === "write" || call.kind === "commit";
    const position = mutates ? this.#fate.next(call) : null;
    this.#dieIf(position === "before");
    // A write is done once it is sent, whatever becomes of the answer; a question is only done once it is answered.
    if (call.kind === "write") this.#listener(call);
    const running = call.kind === "read" || call.kind === "write" ? this.#interference(call, run) : run();
    this.#running.add(running);
    try {
      const answer = await running;
      this.#dieIf(position === "unanswered" || this.#isDead);
      if (call.kind === "read") this.#listener(call);
      if (position === "unrecorded") this.#isDoomed = true;
      return answer;
    } catch (error) {
      this.#dieIf(position !== null && position !== "before");
      throw error;
    } finally {
      this.#running.delete(running);
    }
  }

  /** SIGKILL. Resolves when nothing the process sent is still on its way. */
  async cut(): Promise<void> {
    this.#isDead = true;
    await Promise.allSettled([...this.#running]);
  }

  #dieIf(now: boolean): void {
    if (!now && !this.#isDead) return;
    if (!this.#isDead) this.#fate.died += 1;
    this.#isDead = true;
    throw new Killed("the process was killed");
  }
}

/** GitHub, as reached by the process at the end of the wire. */
export function githubOver(wire: Wire, github: GitHub): GitHub {
  return {
    app: over(wire, github.app, (method) => (method === "redeliver" ? "write" : "read")),
    read: over(wire, github.read, () => "read"),
    write: over(wire, github.write, () => "write"),
    forget: (installationId) => github.forget(installationId),
  };
}

/** The index, each change of it being a commit. */
export function indexOver(wire: Wire, index: IndexStore): IndexStore {
  return over(wire, index, (method) => (/^(save|add|remove|forget)/.test(method) ? "commit" : "query"));
}

/** Any object whose methods all return promises. */
function over<Port extends object>(wire: Wire, port: Port, kindOf: (method: string) => Call["kind"]): Port {
  return new Proxy(port, {
    get(target, property) {
      const method = Reflect.get(target, property) as (...args: unknown[]) => Promise<unknown>;
      if (typeof property !== "string" || typeof method !== "function") return method;
      return (...args: unknown[]) =>
        wire.call({ kind: kindOf(property), method: property, args }, () => method.apply(target, args));
    },
  });
}
