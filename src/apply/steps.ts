import type { Logger } from "pino";
import { type Action, actionId } from "../core/action.ts";
import { HeldBackError, TerminalError, TransientError } from "../errors.ts";

/** More steps than any incident needs, and more repetitions of one: a plan that never ends is a bug, and stops here. */
const MAX_STEPS = 100;
const MAX_TIMES = 3;

/** The steps of one pass: which one is next, which GitHub refused for good, and which have to wait. */
export class Steps {
  readonly #log: Logger;
  readonly #refused = new Set<string>();
  readonly #times = new Map<string, number>();
  #count = 0;
  #waitMs: number | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** How soon something that the budget held back may be tried again; `null`: nothing was. */
  get waitMs(): number | null {
    return this.#waitMs;
  }

  /** The first step of the plan that was not refused or held back; `null`: nothing is left to do. */
  next(plan: readonly Action[]): Action | null {
    return plan.find((action) => !this.#refused.has(actionId(action))) ?? null;
  }

  /**
   * Takes a step. What GitHub refuses for good must not hold up the rest: a locked issue can still be reopened. Nor must
   * an issue or a pull request that somebody asked for and the budget holds back.
   *
   * @returns what `apply` returned, or `null` when the step was refused or held back
   * @throws TransientError as `apply` does; Error for a plan that repeats itself
   */
  async take<Learned>(action: Action, apply: () => Promise<Learned>): Promise<Learned | null> {
    const id = actionId(action);
    const times = (this.#times.get(id) ?? 0) + 1;
    this.#times.set(id, times);
    this.#count += 1;
    if (times > MAX_TIMES) throw new Error(`a plan repeats ${action.kind}`);
    if (this.#count > MAX_STEPS) throw new TransientError("a plan did not end");
    try {
      return await apply();
    } catch (error) {
      const isAskedFor = action.kind === "create-post-mortem" || action.kind === "create-revert";
      if (error instanceof HeldBackError && isAskedFor) {
        this.#refused.add(id);
        this.#waitMs = Math.min(this.#waitMs ?? Number.POSITIVE_INFINITY, error.retryAfterMs ?? 0);
        return null;
      }
      if (!(error instanceof TerminalError)) throw error;
      this.#refused.add(id);
      this.#log.warn({ action: action.kind, err: error }, "action refused");
      return null;
    }
  }
}
