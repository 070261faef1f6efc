import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { Instant, Repository } from "../core/model.ts";
import type { Missing } from "../systems/github/ports.ts";

/** GitHub shows something new everywhere after one to three seconds. */
const LAG_MS = 2_500;
const AGAIN_MS = 3_000;
const MOST_REMEMBERED = 10_000;

/**
 * What a pass is about counts as gone when GitHub has said so twice, seconds apart: a lagging replica answers 404 for
 * what has just been created. A restart asks again.
 */
export class BelievedMissing {
  readonly #clock: Clock;
  readonly #since = new LRUCache<string, Instant>(atMost(MOST_REMEMBERED));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Lets an answer through if it can be believed.
   *
   * @throws TransientError for the first `missing`: the pass comes back in a few seconds, once
   */
  check<Answer>(
    what: "issue" | "pull request",
    repository: Repository,
    number: number,
    answer: Answer | Missing,
  ): Answer | Missing {
    const id = `${repository.id} ${what} ${number}`;
    const since = this.#since.get(id);
    const now = this.#clock.now();
    if (answer !== "missing") {
      if (since !== undefined) this.#since.delete(id);
      return answer;
    }
    if (since !== undefined && now - since >= LAG_MS) {
      this.#since.delete(id);
      return answer;
    }
    if (since === undefined) this.#since.set(id, now);
    throw new TransientError(`GitHub does not show the ${what} #${number} (yet)`, { retryAfterMs: AGAIN_MS });
  }
}
