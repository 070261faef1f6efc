/**
 * From here on deliveries come before passes: GitHub counts no answer within 10 s as a failure and does not send again by
 * itself, while a key can wait for as long as it has to.
 */
export const MANY_DELIVERIES_PER_SECOND = 200;
export const REST_AFTER_PASS_MS = 1_000;

const WINDOW_MS = 500;

/** How fast something arrives, over the last half second to second. Times are monotonic, in ms. */
export class ArrivalRate {
  #windowBeganMs = Number.NEGATIVE_INFINITY;
  #inWindow = 0;
  #inLastWindow = 0;

  note(nowMs: number): void {
    this.#roll(nowMs);
    this.#inWindow += 1;
  }

  perSecond(nowMs: number): number {
    this.#roll(nowMs);
    const seconds = (WINDOW_MS + nowMs - this.#windowBeganMs) / 1_000;
    return (this.#inLastWindow + this.#inWindow) / seconds;
  }

  #roll(nowMs: number): void {
    const passedMs = nowMs - this.#windowBeganMs;
    if (passedMs < WINDOW_MS) return;
    this.#inLastWindow = passedMs < 2 * WINDOW_MS ? this.#inWindow : 0;
    this.#inWindow = 0;
    this.#windowBeganMs = nowMs;
  }
}
