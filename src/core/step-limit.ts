/**
 * Counts the steps of work over what others wrote, so that it ends: the work asks before each step, and does without the
 * rest when there is none left. Never the clock: the same text costs the same everywhere.
 */
export class StepLimit {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** Whether there is one more step; it is used up with that. */
  take(steps = 1): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }

  /** Whether more was asked for than there is. */
  get isUsedUp(): boolean {
    return this.#left < 0;
  }
}
