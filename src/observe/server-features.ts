import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import type { Instant } from "../core/model.ts";

/** Features a pass would use that a server may lack. */
export interface Offered {
  readonly pin: boolean;
  readonly react: boolean;
  /** Changing one's own comment on a locked issue; whether GitHub allows that is undocumented. */
  readonly editLocked: boolean;
}

/** As often as the adapter asks again (src/systems/github/optional-features.ts). */
const TRY_AGAIN_AFTER_MS = 3_600_000;
const MOST_REMEMBERED = 10_000;

/** What GitHub offers to each installation, as far as it is known: everything, until it says otherwise. */
export class ServerFeatures {
  readonly #clock: Clock;
  readonly #lacking = new LRUCache<string, Instant>(atMost(MOST_REMEMBERED));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(installationId: number): Offered {
    return {
      pin: this.#offers(installationId, "pin"),
      react: this.#offers(installationId, "react"),
      editLocked: this.#offers(installationId, "editLocked"),
    };
  }

  /** GitHub has said that it has no such thing for this installation. */
  lacks(installationId: number, feature: keyof Offered): void {
    this.#lacking.set(`${installationId} ${feature}`, (this.#clock.now() + TRY_AGAIN_AFTER_MS) as Instant);
  }

  #offers(installationId: number, feature: keyof Offered): boolean {
    const until = this.#lacking.get(`${installationId} ${feature}`);
    return until === undefined || this.#clock.now() >= until;
  }
}
