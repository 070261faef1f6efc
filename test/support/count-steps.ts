import { Session } from "node:inspector";

/**
 * How many steps something takes: how often each piece of our code, and of the libraries it calls, is run, and how many
 * characters or elements the built-in searches look at. The same on every machine; no clock.
 *
 * Code that was loaded before the first call is not seen, so import what is to be counted after that. Regular
 * expressions are not seen either; scripts/check-patterns.ts looks at them.
 */
export class StepCounter {
  readonly #session = new Session();
  #native = 0;

  constructor() {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    this.#countSearches();
  }

  count(work: () => void): number {
    this.#taken();
    this.#native = 0;
    work();
    return this.#taken() + this.#native;
  }

  /** Since the last time. */
  #taken(): number {
    const { result } = this.#post("Profiler.takePreciseCoverage") as {
      result: { url: string; functions: { ranges: { count: number }[] }[] }[];
    };
    let steps = 0;
    for (const { url, functions } of result) {
      if (!/\/(?:src|node_modules)\//.test(url)) continue;
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
    return steps;
  }

  #post(method: string, parameters: object = {}): unknown {
    let answer: unknown;
    let failure: Error | null = null;
    this.#session.post(method, parameters, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw failure;
    return answer;
  }

  /** Built-ins that search a text or list take no step of ours, so they cost as much as they look at. */
  #countSearches(): void {
    const count = (looked: number) => {
      this.#native += looked;
    };
    for (const kind of [String, Array]) {
      const prototype = kind.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const name of ["indexOf", "includes", "lastIndexOf"]) {
        const original = prototype[name]!;
        prototype[name] = function (this: { readonly length: number }, ...args: unknown[]) {
          const found = original.apply(this, args);
          const from = typeof args[1] === "number" ? args[1] : 0;
          count(typeof found === "number" && found >= 0 ? Math.abs(found - from) + 1 : Math.max(0, this.length - from));
          return found;
        };
      }
    }
    for (const name of ["slice", "concat", "shift", "splice"] as const) {
      const prototype = Array.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
      const original = prototype[name]!;
      prototype[name] = function (this: readonly unknown[], ...args: unknown[]) {
        const made = original.apply(this, args);
        count(name === "shift" ? 1 : Array.isArray(made) ? made.length : this.length);
        return made;
      };
    }
  }
}
