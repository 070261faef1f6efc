import type { Logger } from "pino";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { StepResult, Trace } from "../base/trace.ts";
import { actionId, stepId } from "../core/plan/action.ts";
import type { Learned } from "../core/plan/after.ts";
import type { Step } from "../core/plan/plan.ts";

/** More steps, or repetitions of one, than any incident needs: a plan that never ends is a bug, and stops here. */
const MAX_STEPS = 100;
const MAX_TIMES = 3;

/** The steps of one pass: which one comes next, and which ones GitHub has refused for good. */
export class Steps {
  readonly #log: Logger;
  readonly #trace: Trace;
  readonly #refused = new Set<string>();
  readonly #times = new Map<string, number>();
  #count = 0;

  constructor({ log, trace }: { readonly log: Logger; readonly trace: Trace }) {
    this.#log = log;
    this.#trace = trace;
  }

  /** The first step of the plan that was not refused; `null`: nothing is left to do. */
  next(plan: Iterable<Step>): Step | null {
    for (const step of plan) if (!this.#refused.has(actionId(step.action))) return step;
    return null;
  }

  /**
   * Takes a step, and leaves its line in the log. A step GitHub refuses for good must not hold up the rest: a locked
   * issue can still be reopened.
   *
   * @returns what `apply` returned, or `null` when the step was refused
   * @throws TransientError as `apply` does; Error for a plan that repeats itself
   */
  async take({ action, why }: Step, apply: () => Promise<Learned>): Promise<Learned | null> {
    const id = actionId(action);
    const times = (this.#times.get(id) ?? 0) + 1;
    this.#times.set(id, times);
    this.#count += 1;
    if (times > MAX_TIMES) throw new Error(`a plan repeats ${action.kind}`);
    if (this.#count > MAX_STEPS) throw new TransientError("a plan did not end");
    try {
      return await this.#trace.take(stepId(action), why, apply, resultOf);
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      this.#refused.add(id);
      this.#log.warn({ action: action.kind, err: error }, "action refused");
      return null;
    }
  }
}

function resultOf(learned: Learned): StepResult {
  switch (learned.kind) {
    case "unanswered":
      return learned.waiting.isRefused ? "refused" : "unanswered";
    case "held-back":
      return "held-back";
    case "refused-locked":
      return "refused";
    default:
      return "done";
  }
}
