import type { GitHubReader } from "../systems/github/ports.ts";

/** As many questions as were allowed have been asked. Nothing was sent. */
export class ReadsSpentError extends Error {
  override readonly name = "ReadsSpentError";
}

/**
 * The same reader for so many questions; each one after that throws `ReadsSpentError`. The files of a pull request count as
 * three: GitHub gives them by the hundred.
 */
export function limitReads(read: GitHubReader, most: number): GitHubReader {
  let left = most;
  return new Proxy(read, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      return async (...given: readonly unknown[]) => {
        const cost = name === "pullRequestFiles" ? 3 : 1;
        if (left < cost) throw new ReadsSpentError();
        left -= cost;
        return await Reflect.apply(method, target, given);
      };
    },
  });
}
