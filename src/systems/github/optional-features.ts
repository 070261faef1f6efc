import type { Clock } from "../../base/clock.ts";
import type { Instant } from "../../core/model.ts";
import { RefusedError } from "./errors.ts";

/** What a server may lack, be it a GHES or an emulator. */
export type OptionalFeature =
  | "pins"
  | "reactions"
  | "graphql"
  | "reverts"
  | "sub-issues"
  | "issue-fields"
  | "deliveries"
  | "repository-list"
  | "search";

/** Also corrects a wrong conclusion, drawn when it was the thing and not the feature that was missing. */
const ASK_AGAIN_AFTER_MS = 3_600_000;

/** How a server answers where it has no such feature. */
export const ABSENT: ReadonlySet<number> = new Set([404, 405, 410, 501]);

/** What is known in addition to the answer. */
export interface OptionalUse {
  /** Rights and versions differ by installation: what one lacks, another may have. 0: asked as the app itself. */
  readonly installationId: number;
  /**
   * Asks whether the thing itself exists, if it has a URL of its own: a deleted comment gets the same answer as a
   * feature the server does not have.
   */
  readonly isThere?: () => Promise<boolean>;
}

/**
 * Remembers, for this process, which features are lacking where, so that they are tried once an hour and not in every
 * pass.
 *
 * (A-073)
 */
export class OptionalFeatures {
  readonly #clock: Clock;
  readonly #seen = new Set<string>();
  readonly #askAgainAt = new Map<string, Instant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The answer of `use`; `absent` if there is no such feature; `gone` if the thing no longer exists. Other failures are
   * thrown.
   */
  async try<T, U, V = U>(
    feature: OptionalFeature,
    use: () => Promise<T>,
    { absent, gone }: { readonly absent: U; readonly gone: V },
    { installationId, isThere }: OptionalUse,
  ): Promise<T | U | V> {
    const id = `${installationId} ${feature}`;
    const askAgainAt = this.#askAgainAt.get(id);
    if (askAgainAt !== undefined && this.#clock.now() < askAgainAt) return absent;
    try {
      const answer = await use();
      this.#seen.add(id);
      this.#askAgainAt.delete(id);
      return answer;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status === null || !ABSENT.has(error.status)) throw error;
      // If it has worked before, it is the comment or issue that is gone, not the feature.
      if (this.#seen.has(id) || (isThere !== undefined && !(await isThere()))) return gone;
      this.#askAgainAt.set(id, (this.#clock.now() + ASK_AGAIN_AFTER_MS) as Instant);
      return absent;
    }
  }
}
