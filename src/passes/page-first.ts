import { HeldBackError, TransientError } from "../base/errors.ts";
import type { Action } from "../core/plan/action.ts";
import type { Learned } from "../core/plan/after.ts";

/**
 * A page does not wait for the status comment that is written before it: where that fails or the budget holds it back,
 * the pass goes on to the page. One for each pass.
 */
export class PageFirst {
  #failed: TransientError | null = null;

  /**
   * Carries out an action. `held-back`: the early status comment was not written, or nobody knows whether it was.
   *
   * @throws TransientError as `apply` does; also when the status comment is asked for again after it failed: the next pass
   *   looks first whether it is there
   */
  async take(action: Action, apply: () => Promise<Learned>): Promise<Learned> {
    if (action.kind !== "create-status") return apply();
    if (!action.isEarly) {
      if (this.#failed !== null) throw this.#failed;
      return apply();
    }
    try {
      return await apply();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (!(error instanceof HeldBackError)) this.#failed = error;
      return { kind: "held-back" };
    }
  }
}
