import type { GitHubWriter } from "../github/ports.ts";

/**
 * The writer of one pass: `fence` comes before every write, and what it throws is thrown instead of writing.
 *
 * GitHub knows no fencing tokens, so the last look at whose the key is has to come right before the request.
 */
export function fenceWriter(write: GitHubWriter, fence: () => Promise<void>): GitHubWriter {
  return new Proxy(write, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      return async (...given: readonly unknown[]) => {
        await fence();
        return await Reflect.apply(method, target, given);
      };
    },
  });
}
