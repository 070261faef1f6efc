import type { GitHubReader } from "../systems/github/ports.ts";

/** The same reader, and how often it has been asked so far. */
export function countReads(read: GitHubReader): { readonly read: GitHubReader; count(): number } {
  let count = 0;
  return {
    count: () => count,
    read: new Proxy(read, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name, target);
        if (typeof method !== "function") return method;
        return (...given: readonly unknown[]) => {
          count += 1;
          return Reflect.apply(method, target, given);
        };
      },
    }),
  };
}
