import type { Clock } from "../../base/clock.ts";
import { withoutEnd } from "../../core/without-end.ts";

/**
 * The newest version of GitHub's REST API that Sevgate was written for. `test/contract/api-version.test.ts`
 * makes sure.
 */
export const API_VERSION = "2026-03-10";
/** The version every server with versions has, and the default when none is named. Served until at least March 2028. */
export const FIRST_API_VERSION = "2022-11-28";

/**
 * Requests whose answers lack something we need in a newer version: they are made in the first version.
 *
 * 2026-03-10 removed `merge_commit_sha` from pull requests, which `/revert` and `/suspects` are about; only GraphQL
 * (`mergeCommit`) would still have it (GitHub docs, "Breaking changes"; decision 31).
 */
const ASKED_IN_FIRST: ReadonlySet<string> = new Set([
  "GET /repos/{owner}/{repo}/pulls",
  "GET /repos/{owner}/{repo}/pulls/{pull_number}",
  "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls",
]);

/** After asking for the versions without getting an answer. */
const ASK_AGAIN_AFTER_MS = 60_000;

/** What a server says about its versions; `none`: it has no versions; `untold`: it did not answer this time. */
export type ToldVersions = readonly string[] | "none" | "untold";

/** Whether it is github.com, which always has the newest version. */
export function isGitHubCom(apiUrl: string): boolean {
  return new URL(apiUrl).origin === "https://api.github.com";
}

/** The version to use when a server cannot be asked which it has. */
export function safeVersion(apiUrl: string): string {
  return isGitHubCom(apiUrl) ? API_VERSION : FIRST_API_VERSION;
}

/**
 * Which version of the REST API each request is made in (GitHub docs, "API Versions"). A server other than github.com
 * is asked once.
 */
export class ApiVersions {
  readonly #clock: Clock;
  #version: Promise<string> | null;
  #askAgainAt = 0;

  constructor(apiUrl: string, clock: Clock) {
    this.#clock = clock;
    this.#version = isGitHubCom(withoutEnd(apiUrl, "/")) ? Promise.resolve(API_VERSION) : null;
  }

  /**
   * @param route method and path with placeholders
   * @param ask   "Get all API versions"; never throws
   */
  async of(route: string, ask: () => Promise<ToldVersions>): Promise<string> {
    if (ASKED_IN_FIRST.has(route)) return FIRST_API_VERSION;
    if (this.#version === null) {
      // A write does not wait for the answer: by then its key may be somebody else's (decision 11).
      if (!route.startsWith("GET ") || this.#clock.now() < this.#askAgainAt) return FIRST_API_VERSION;
      this.#version = this.#ask(ask);
    }
    return this.#version;
  }

  async #ask(ask: () => Promise<ToldVersions>): Promise<string> {
    const told = await ask();
    if (told === "untold") {
      this.#version = null;
      this.#askAgainAt = this.#clock.now() + ASK_AGAIN_AFTER_MS;
      return FIRST_API_VERSION;
    }
    return told === "none" ? FIRST_API_VERSION : newestKnown(told);
  }
}

/** The newest of a server's versions that is not newer than ours: what a later one leaves out is not known here. */
function newestKnown(versions: readonly string[]): string {
  const known = versions.filter((version) => version >= FIRST_API_VERSION && version <= API_VERSION).toSorted();
  return known.at(-1) ?? FIRST_API_VERSION;
}
