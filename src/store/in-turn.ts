import { TransientError } from "../base/errors.ts";

/**
 * Makes a function that runs what it is given, so many at the same time at most, and the rest in the order they came.
 * Whatever has waited for `limitMs` is not run: its function throws a `TransientError`, as whoever asked has given up by then.
 */
export function inTurn(most: number, limitMs: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting = new Set<() => void>();
  let running = 0;

  /** Resolves when it is its turn: whoever ends hands the place over. */
  function turn(): Promise<void> {
    return new Promise((begin, giveUp) => {
      const limit = setTimeout(() => {
        waiting.delete(take);
        giveUp(new TransientError(`Others were in line for ${limitMs} ms. It is tried again later.`));
      }, limitMs);
      function take(): void {
        clearTimeout(limit);
        waiting.delete(take);
        begin();
      }
      waiting.add(take);
    });
  }

  return async (work) => {
    if (running < most) running += 1;
    else await turn();
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
