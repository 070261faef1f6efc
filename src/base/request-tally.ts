import { AsyncLocalStorage } from "node:async_hooks";

/** Counts requests by the work that sent them, even when several pieces of work run at the same time. */
export class RequestTally {
  readonly #running = new AsyncLocalStorage<{ count: number }>();

  /** A request was answered. */
  readonly note = (): void => {
    const own = this.#running.getStore();
    if (own !== undefined) own.count += 1;
  };

  /**
   * Does `work`, which may ask at any time how many of its requests were answered. A shared request counts for whoever
   * started it.
   */
  count<T>(work: (soFar: () => number) => T): T {
    const own = { count: 0 };
    return this.#running.run(own, () => work(() => own.count));
  }
}
