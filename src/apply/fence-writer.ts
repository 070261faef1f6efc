import { TransientError } from "../base/errors.ts";
import type { Lease } from "../queue/lease.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";

/**
 * The writer of one pass: it writes only as long as the pass has not been stopped and the key is certainly its own, and
 * otherwise throws `TransientError`.
 *
 * GitHub has no fencing tokens, so the last check of whose key it is has to come right before the request.
 */
export function fenceWriter(write: GitHubWriter, signal: AbortSignal, lease: Lease): GitHubWriter {
  const fence = fencing(signal, lease);
  return new Proxy(write, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== "function") return method;
      return async (...given: readonly unknown[]) => {
        await fence.assertHeld();
        return await Reflect.apply(method, target, given);
      };
    },
  });
}

/** The lease of a pass that may be stopped: once it is, it holds nothing any more. */
export function fencing(signal: AbortSignal, lease: Lease): Lease {
  return {
    async assertHeld() {
      if (signal.aborted) throw new TransientError("the pass was stopped", { cause: signal.reason });
      await lease.assertHeld();
    },
  };
}
