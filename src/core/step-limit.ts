/**
 * Counts the steps of work on what others wrote, so that it ends: the work asks before each step, and skips the rest
 * when none is left. Never by the clock: the same text costs the same everywhere.
 */
export class StepLimit {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** Whether there is a step left, which this uses up. */
  take(steps = 1): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }

  /** Whether more steps were asked for than there were. */
  get isUsedUp(): boolean {
    return this.#left < 0;
  }
}
