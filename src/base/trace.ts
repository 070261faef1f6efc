import type { Logger } from "pino";
import { HeldBackError, TerminalError, TransientError } from "./errors.ts";

/**
 * What became of a step. `refused`: for good. `unanswered`: asked for again later, and the pass goes on. `held-back`:
 * the budget for writing had no room. `retried`: the pass ends and comes back. `failed`: in an unforeseen way.
 */
export type StepResult = "done" | "refused" | "unanswered" | "held-back" | "retried" | "failed";

/**
 * The lines that one pass leaves in the log (docs/operations.md): one for each step, and one at the end. They contain
 * ids, numbers and kinds, but no text by people.
 */
export class Trace {
  readonly #log: Logger;
  readonly #requests: () => number;
  #steps = 0;
  #done = 0;

  /**
   * @param log      names the pass and its key in every line
   * @param requests how many requests the pass has sent so far
   */
  constructor(log: Logger, requests: () => number) {
    this.#log = log;
    this.#requests = requests;
  }

  /** A step was taken. @param why the judge or rule that asked for it */
  note(step: string, why: string, result: StepResult): void {
    this.#steps += 1;
    if (result === "done") this.#done += 1;
    this.#log.info({ step, why, result, requests: this.#requests() }, "step");
  }

  /** Takes a step, and notes it, whatever becomes of it. Throws as `take` does. */
  async take<Learned>(
    step: string,
    why: string,
    take: () => Promise<Learned>,
    resultOf: (learned: Learned) => StepResult = () => "done",
  ): Promise<Learned> {
    let result: StepResult = "failed";
    try {
      const learned = await take();
      result = resultOf(learned);
      return learned;
    } catch (error) {
      result = resultOfError(error);
      throw error;
    } finally {
      this.note(step, why, result);
    }
  }

  /** Whether the pass has changed anything. */
  get hasChanged(): boolean {
    return this.#done > 0;
  }

  /** The pass is over. @param next when and where it wants to look again */
  end(next: { readonly lookAgainInMs: number | null; readonly alsoLookAt: readonly string[] }): void {
    this.#log.debug({ steps: this.#steps, requests: this.#requests(), ...next }, "pass");
  }
}

function resultOfError(error: unknown): StepResult {
  if (error instanceof HeldBackError) return "held-back";
  if (error instanceof TransientError) return "retried";
  return error instanceof TerminalError ? "refused" : "failed";
}
