import { LRUCache } from "lru-cache";

/** For all installations together. */
const MAX_BYTES = 32 * 1_048_576;
/** Larger answers are rare, and one of them would displace hundreds of small ones. */
const MAX_ANSWER_BYTES = 1_048_576;
/** A string takes up to two bytes per character. */
const BYTES_PER_CHARACTER = 2;
/** An entry's headers, and what the map needs for it. */
const OVERHEAD_BYTES = 1_024;

/** An answer GitHub gave, with what it takes to ask whether it is still valid. */
export interface KnownAnswer {
  readonly etag: string;
  readonly text: string;
  readonly headers: readonly (readonly [string, string])[];
}

/**
 * Answers to reads, so that GitHub can say "not modified" (304), which does not count against the primary rate limit
 * (GitHub docs, "Best practices for using the REST API", "Use conditional requests if appropriate").
 *
 * GitHub is asked each time: nothing here is ever given out without asking. Entity tags belong to a token, so known
 * answers save requests for the hour a token lives.
 */
export class KnownAnswers {
  readonly #answers = new LRUCache<string, KnownAnswer>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_ANSWER_BYTES,
    sizeCalculation: ({ text }, key) => (text.length + key.length) * BYTES_PER_CHARACTER + OVERHEAD_BYTES,
  });

  /** The answers of one installation: an answer to one is never shown to another. */
  of(installationId: number): {
    get(url: string): KnownAnswer | undefined;
    set(url: string, answer: KnownAnswer): void;
  } {
    return {
      get: (url) => this.#answers.get(`${installationId} ${url}`),
      set: (url, answer) => void this.#answers.set(`${installationId} ${url}`, answer),
    };
  }

  forget(installationId: number): void {
    for (const key of this.#answers.keys()) {
      if (key.startsWith(`${installationId} `)) this.#answers.delete(key);
    }
  }
}
