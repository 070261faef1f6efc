import type { Logger } from "pino";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { Millis } from "../core/model.ts";

/** How often a key may fail in an unforeseen way before it is set aside. */
const MAX_CRASHES = 5;

/** How the earlier tries of a key went. */
export interface Tries {
  /** How many in a row ended in a `TransientError`. */
  readonly failures: number;
  /** How many in a row ended in an unforeseen error. */
  readonly crashes: number;
}

/** Those of a key that has just been hinted at. */
export const NO_TRIES: Tries = { failures: 0, crashes: 0 };

/** What becomes of a key whose pass has failed. */
export type AfterFailure =
  | { readonly kind: "dropped" }
  | { readonly kind: "set-aside" }
  | { readonly kind: "again-later" | "crashed"; readonly inMs: Millis; readonly tries: Tries };

/**
 * Judges what a pass has thrown, and logs what becomes of its key.
 *
 * @param of names the pass and its key in the log
 */
export function judgeFailure(
  error: unknown,
  of: { readonly pass: string; readonly key: string },
  tries: Tries,
  { log, retryDelay }: { readonly log: Logger; retryDelay(failures: number): Millis },
): AfterFailure {
  if (error instanceof TerminalError) {
    log.warn({ ...of, status: error.status, reason: error.message }, "pass dropped until the next hint");
    return { kind: "dropped" };
  }
  if (error instanceof TransientError) {
    const inMs = (error.retryAfterMs ?? retryDelay(tries.failures)) as Millis;
    const failures = tries.failures + 1;
    log.info({ ...of, inMs, failures, reason: error.message }, "pass will be tried again");
    return { kind: "again-later", inMs, tries: { ...tries, failures } };
  }
  const crashes = tries.crashes + 1;
  if (crashes >= MAX_CRASHES) {
    log.error({ ...of, err: error }, "pass set aside: it failed too often. Please report this as a bug");
    return { kind: "set-aside" };
  }
  const inMs = retryDelay(tries.crashes);
  log.error({ ...of, inMs, crashes, err: error }, "pass failed unexpectedly and will be tried again");
  return { kind: "crashed", inMs, tries: { ...tries, crashes } };
}
