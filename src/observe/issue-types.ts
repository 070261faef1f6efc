import { LRUCache } from "lru-cache";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/** An organization rarely gets a new type. */
const READ_AGAIN_AFTER_MS = 3_600_000;
const MOST_REMEMBERED = 1_000;

/** The issue types that repositories have, each asked for once an hour, when an incident may need one. */
export class IssueTypes {
  readonly #read: Pick<GitHubReader, "issueTypes">;
  readonly #known = new LRUCache<number, readonly string[]>({ max: MOST_REMEMBERED, ttl: READ_AGAIN_AFTER_MS });

  constructor(read: Pick<GitHubReader, "issueTypes">) {
    this.#read = read;
  }

  /** None where there are none, or GitHub does not tell: an incident does without. */
  async of(repository: Repository): Promise<readonly string[]> {
    const known = this.#known.get(repository.id);
    if (known !== undefined) return known;
    try {
      const found = await this.#read.issueTypes(repository);
      const types = found === "unsupported" ? [] : found;
      this.#known.set(repository.id, types);
      return types;
    } catch (error) {
      if (error instanceof TransientError) return [];
      if (!(error instanceof TerminalError)) throw error;
      this.lacks(repository);
      return [];
    }
  }

  /** GitHub does not let the app set one here. */
  lacks(repository: Repository): void {
    this.#known.set(repository.id, []);
  }
}
