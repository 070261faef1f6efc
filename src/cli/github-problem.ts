import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { Instant } from "../core/model.ts";
import { utc } from "../core/words/time.ts";

/**
 * What GitHub's answer means for somebody at a command line, with the next step.
 *
 * @param rights what is needed, where GitHub says 403; empty: it says so itself
 * @throws what is not an error of GitHub's ports
 */
export function githubProblem(
  error: unknown,
  clock: Clock,
  rights: string,
): { readonly kind: "later" | "refused"; readonly message: string } {
  if (error instanceof TransientError) {
    const at = error.retryAfterMs === null ? null : ((clock.now() + error.retryAfterMs) as Instant);
    // A server's queue would try again; here nobody does.
    const says = error.message.replace(/ It is tried again later\.$|; asking again when it resets\.$/, ".");
    return {
      kind: "later",
      message: `${says} Try again ${at === null ? "later" : `after ${utc(at)}`}.`.replace("..", "."),
    };
  }
  if (error instanceof TerminalError) {
    const remedy = rights !== "" && error.status === 403 ? ` ${rights}` : "";
    // What GitHub says ends in a full stop, or does not.
    const says = remedy === "" ? error.message : error.message.replace(/[^.!?]$/, "$&.");
    return { kind: "refused", message: `${says}${remedy}` };
  }
  throw error;
}
