import type { PastIncident } from "../core/archive/past-incident.ts";
import type { ActionItem } from "../core/items/action-item.ts";
import type { OpenItemsSeen } from "../core/merge/merge-observation.ts";
import type { Repository } from "../core/model.ts";
import type { AppIdentity } from "../core/own.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { IndexReader } from "../store/index-store.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/** What open items are read with. */
export interface OpenItemsParts {
  readonly read: GitHubReader;
  readonly index: IndexReader;
  readonly app: AppIdentity;
}

/** The open action items of repositories, as they were a few minutes ago. */
export interface OpenItems {
  /**
   * One listing in five minutes for a repository that has the label of action items, none for any other; and one request
   * for each fix whose files are not known yet. Throws when GitHub's limit is reached; any other failure is an answer:
   * not whole.
   */
  of(parts: OpenItemsParts, repository: Repository, policy: Policy): Promise<OpenItemsSeen>;
  /** What a pass has just read. Returns the pull requests that are worth a look because open items have changed. */
  note(
    repository: Repository,
    seen: { readonly items: readonly ActionItem[]; readonly incidents: readonly PastIncident[] },
  ): readonly number[];
  /** Whether an open pull request touches open items: then it is worth a look when they change. A restart forgets it. */
  noteTouched(repository: Repository, pullRequest: number, isTouching: boolean): void;
  /** The same, but everything is listed anew. */
  readonly anew: OpenItems;
}
