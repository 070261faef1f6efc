import { keyId } from "../../src/core/key.ts";
import type { Key } from "../../src/core/model.ts";

/** A promise, and the means to resolve it. */
export function signal<T = void>(): { readonly reached: Promise<T>; reach(value: T): void } {
  let reach: (value: T) => void = () => {};
  const reached = new Promise<T>((done) => {
    reach = done;
  });
  return { reached, reach };
}

/** Collects the keys of passes, and says when a certain number has been reached. */
export function passDiary(): { readonly ids: string[]; write(key: Key): void; until(count: number): Promise<void> } {
  const ids: string[] = [];
  const waiting: { readonly count: number; reach(): void }[] = [];
  return {
    ids,
    write(key) {
      ids.push(keyId(key));
      for (const { count, reach } of waiting) if (ids.length >= count) reach();
    },
    until(count) {
      if (ids.length >= count) return Promise.resolve();
      const { reached, reach } = signal();
      waiting.push({ count, reach: () => reach() });
      return reached;
    },
  };
}
