import { LRUCache } from "lru-cache";
import { atMost } from "../../base/at-most.ts";
import type { Clock } from "../../base/clock.ts";

/** A token is not used in its last minute: the answer may come after it has expired. */
const MARGIN_MS = 60_000;
const MAX_TOKENS = 10_000;

/**
 * Installation tokens in memory, in the form that @octokit/auth-app stores them: `token|createdAt|expiresAt|…`.
 *
 * Unlike the library's own cache it can forget one installation, and it goes by GitHub's own `expires_at`.
 */
export class TokenCache {
  readonly #clock: Clock;
  readonly #tokens = new LRUCache<string, string>(atMost(MAX_TOKENS));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): string | undefined {
    const value = this.#tokens.get(key);
    if (value === undefined) return undefined;
    const expiresAt = Date.parse(value.split("|")[2] ?? "");
    if (expiresAt - MARGIN_MS > this.#clock.now()) return value;
    this.#tokens.delete(key);
    return undefined;
  }

  set(key: string, value: string): void {
    this.#tokens.set(key, value);
  }

  forget(installationId: number): void {
    this.#tokens.delete(String(installationId));
  }
}
