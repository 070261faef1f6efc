import type { Clock } from "../../base/clock.ts";
import type { GitHubApp } from "./ports.ts";

type Told = Awaited<ReturnType<GitHubApp["identity"]>>;

const FRESH_MS = 60 * 60_000;
const ASK_AGAIN_MS = 5 * 60_000;

/**
 * Who the app is on GitHub. An app can be renamed at any time, and everything it did before is renamed with it:
 * the answer is at most an hour old, or the last one if GitHub does not answer.
 */
export class KnownIdentity {
  readonly #app: Pick<GitHubApp, "identity">;
  readonly #clock: Clock;
  #told: { readonly identity: Told; readonly freshUntil: number } | null = null;
  #asking: Promise<Told> | null = null;

  constructor(app: Pick<GitHubApp, "identity">, clock: Clock) {
    this.#app = app;
    this.#clock = clock;
  }

  /** Throws as `GitHubApp.identity` does, until GitHub has answered once. */
  async now(): Promise<Told> {
    const told = this.#told;
    if (told !== null && this.#clock.now() < told.freshUntil) return told.identity;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return await this.#asking;
  }

  /** What GitHub said last, without waiting; `null`: nothing yet. If it is too old, it is asked for in the background. */
  latest(): Told | null {
    if (this.#told === null) return null;
    // Once GitHub has answered, `now` does not fail.
    void this.now();
    return this.#told.identity;
  }

  async #ask(): Promise<Told> {
    try {
      const identity = await this.#app.identity();
      this.#told = { identity, freshUntil: this.#clock.now() + FRESH_MS };
      return identity;
    } catch (error) {
      if (this.#told === null) throw error;
      this.#told = { ...this.#told, freshUntil: this.#clock.now() + ASK_AGAIN_MS };
      return this.#told.identity;
    }
  }
}
