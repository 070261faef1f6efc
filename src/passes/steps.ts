import type { Logger } from "pino";
import { TerminalError, TransientError } from "../base/errors.ts";
import { type Action, actionId } from "../core/plan/action.ts";

/** More steps than any incident needs, and more repetitions of one: a plan that never ends is a bug, and stops here. */
const MAX_STEPS = 100;
const MAX_TIMES = 3;

/** The steps of one pass: which one is next, and which GitHub refused for good. */
export class Steps {
  readonly #log: Logger;
  readonly #refused = new Set<string>();
  readonly #times = new Map<string, number>();
  #count = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The first step of the plan that was not refused; `null`: nothing is left to do. */
  next(plan: readonly Action[]): Action | null {
    return plan.find((action) => !this.#refused.has(actionId(action))) ?? null;
  }

  /**
   * Takes a step. What GitHub refuses for good must not hold up the rest: a locked issue can still be reopened.
   *
   * @returns what `apply` returned, or `null` when the step was refused
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
      if (!(error instanceof TerminalError)) throw error;
      this.#refused.add(id);
      this.#log.warn({ action: action.kind, err: error }, "action refused");
      return null;
    }
  }
}
