import { TransientError } from "../../src/base/errors.ts";

/** A call to fail, by what it is. */
export interface Fault {
  /** Which calls count: reads, writes, or both (default). */
  readonly kind?: "read" | "write";
  /** Only calls of this method, such as `createComment`. Default: any. */
  readonly method?: string;
  /** Which matching call from now on fails, 1 = the next one (default). */
  readonly nth?: number;
  /** How many matching calls in a row fail. Default 1; `Infinity` until `clear()`. */
  readonly times?: number;
  /**
   * `before` (default): GitHub did nothing. `after`: GitHub did it, and the answer was lost, as after a killed process
   * or a broken connection.
   */
  readonly when?: "before" | "after";
  /** What is thrown. Default: a `TransientError`, as for a 503 or a time-out. */
  readonly error?: Error;
}

interface Armed {
  readonly fault: Fault;
  toSkip: number;
  left: number;
}

/** Decides which calls to the fake fail, by rules that a test sets. */
export class Faults {
  #armed: Armed[] = [];

  fail(fault: Fault = {}): void {
    this.#armed.push({ fault, toSkip: (fault.nth ?? 1) - 1, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#armed = [];
  }

  /** The failure of this call, and when it strikes; `null`: the call succeeds. Counts the call. */
  next(kind: "read" | "write", method: string): { readonly when: "before" | "after"; readonly error: Error } | null {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.kind !== undefined && fault.kind !== kind) continue;
      if (fault.method !== undefined && fault.method !== method) continue;
      if (armed.left <= 0) continue;
      if (armed.toSkip > 0) {
        armed.toSkip -= 1;
        continue;
      }
      armed.left -= 1;
      return {
        when: fault.when ?? "before",
        error: fault.error ?? new TransientError(`${method}: GitHub did not answer (fault injected by the test).`),
      };
    }
    return null;
  }
}
