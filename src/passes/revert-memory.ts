import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import type { Instant, PullRequestFacts, Repository } from "../core/model.ts";
import type { MutationRefused } from "../systems/github/ports.ts";

const MAX_REMEMBERED = 1_000;
/** What is not for the app today may be tomorrow: its owner accepts new permissions, GitHub opens the mutation to apps. */
const NOT_FOR_APP_MS = 3_600_000;
/** For as long as a command waits for its revert (core/judge/or-later.ts). */
const REFUSED_MS = 15 * 60_000;

/**
 * What this process knows about reverts it has begun: for which the mutation need not be tried again, and which
 * branches are certainly its own. A restart forgets both: then the mutation is tried once more, and no branch is
 * removed.
 */
export class RevertMemory {
  readonly #clock: Clock;
  readonly #refused = new LRUCache<string, { readonly answer: MutationRefused; readonly until: Instant }>({
    max: MAX_REMEMBERED,
  });
  readonly #branches = new LRUCache<string, string>({ max: MAX_REMEMBERED });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The mutation's refusal for this pull request, or for the app; `null`: none is known. */
  refusal(repository: Repository, pullRequest: PullRequestFacts): MutationRefused | null {
    for (const id of [app(repository), of(repository, pullRequest)]) {
      const known = this.#refused.get(id);
      if (known !== undefined && this.#clock.now() < known.until) return known.answer;
    }
    return null;
  }

  /** A refusal after GitHub looked at the change is not remembered: that ends the command, and the next one asks again. */
  noteRefusal(repository: Repository, pullRequest: PullRequestFacts, answer: MutationRefused): void {
    if (answer.isFinal) return;
    const [id, ms] =
      answer.isForNoApp === true ? [app(repository), NOT_FOR_APP_MS] : [of(repository, pullRequest), REFUSED_MS];
    this.#refused.set(id, { answer, until: (this.#clock.now() + ms) as Instant });
  }

  /** GitHub answered that it created this branch for us, at this commit. */
  noteBranch(repository: Repository, branch: string, sha: string): void {
    this.#branches.set(`${repository.id} ${branch}`, sha);
  }

  isOurBranch(repository: Repository, branch: string, sha: string): boolean {
    return this.#branches.get(`${repository.id} ${branch}`) === sha;
  }
}

function app({ installationId }: Repository): string {
  return `${installationId}`;
}

function of(repository: Repository, { number }: PullRequestFacts): string {
  return `${repository.installationId} ${repository.id}#${number}`;
}
