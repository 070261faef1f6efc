import { LRUCache } from "lru-cache";
import type { ChangedFiles, PullRequestFacts, Repository } from "../core/model.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

const MAX_REMEMBERED = 500;

/** The files pull requests change. */
export interface PullRequestFiles {
  /** Throws as `GitHubReader` does. */
  of(repository: Repository, pullRequest: PullRequestFacts): Promise<ChangedFiles>;
}

/** Reads the files of a head once: between a commit and its target branch they do not change. */
export function createPullRequestFiles(read: GitHubReader): PullRequestFiles {
  const remembered = new LRUCache<string, ChangedFiles>({ max: MAX_REMEMBERED });
  return {
    async of(repository, pullRequest) {
      const { number, headSha, baseRef } = pullRequest;
      const key = `${repository.id}#${number} ${headSha} ${baseRef}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const files = await read.pullRequestFiles(repository, pullRequest);
      remembered.set(key, files);
      return files;
    },
  };
}
