import type { Instant } from "../core/model.ts";
import type { Clock } from "../queue/clock.ts";
import { RefusedError } from "./errors.ts";

/** What a server may lack: a GHES, or an emulator. */
export type OptionalFeature =
  | "pins"
  | "reactions"
  | "graphql"
  | "reverts"
  | "sub-issues"
  | "deliveries"
  | "repository-list"
  | "search";

/** Also heals a wrong conclusion, drawn when it was the thing and not the feature that was missing. */
const ASK_AGAIN_AFTER_MS = 3_600_000;

const ABSENT: ReadonlySet<number> = new Set([404, 405, 410, 501]);

/** Remembers, for this process, which features the server lacks, so that it is asked once an hour and not every pass. */
export class OptionalFeatures {
  readonly #clock: Clock;
  readonly #seen = new Set<OptionalFeature>();
  readonly #askAgainAt = new Map<OptionalFeature, Instant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The answer of `use`, or `absent` where the server has no such feature. Other failures are thrown. */
  async try<T, U>(feature: OptionalFeature, use: () => Promise<T>, absent: U): Promise<T | U> {
    const askAgainAt = this.#askAgainAt.get(feature);
    if (askAgainAt !== undefined && this.#clock.now() < askAgainAt) return absent;
    try {
      const answer = await use();
      this.#seen.add(feature);
      this.#askAgainAt.delete(feature);
      return answer;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status === null || !ABSENT.has(error.status)) throw error;
      // Where it has worked before, the comment or issue is gone, not the feature.
      if (!this.#seen.has(feature)) {
        this.#askAgainAt.set(feature, (this.#clock.now() + ASK_AGAIN_AFTER_MS) as Instant);
      }
      return absent;
    }
  }
}
