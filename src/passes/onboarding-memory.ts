import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import type { Repository } from "../core/model.ts";
import type { OnboardingEnd } from "../core/plan/plan-onboarding.ts";
import type { SetupFile } from "../core/setup/setup-file.ts";

const MAX_REMEMBERED = 20_000;

/** What this process knows about onboarding, so that no sweep asks again for what it knows. A restart forgets it. */
export class OnboardingMemory {
  /** What the pull request brings. */
  readonly files: readonly SetupFile[];
  readonly #clock: Clock;
  readonly #until = new LRUCache<string, number>(atMost(MAX_REMEMBERED));

  constructor(clock: Clock, files: readonly SetupFile[]) {
    this.#clock = clock;
    this.files = files;
  }

  /** Whether a look may find something to do. */
  isDue(repository: Repository): boolean {
    return [repositoryId(repository), accountId(repository)].every(
      (id) => (this.#until.get(id) ?? 0) <= this.#clock.now(),
    );
  }

  note(repository: Repository, { again }: OnboardingEnd): void {
    if (again === null) this.#until.set(repositoryId(repository), Number.POSITIVE_INFINITY);
    else
      this.#until.set(
        again.forAccount ? accountId(repository) : repositoryId(repository),
        this.#clock.now() + again.inMs,
      );
  }
}

function repositoryId({ id }: Repository): string {
  return `repository ${id}`;
}

function accountId({ installationId }: Repository): string {
  return `account ${installationId}`;
}
