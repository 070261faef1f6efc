import { LRUCache } from "lru-cache";
import type { ChangedFiles, PullRequestFacts, Repository } from "../core/model.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/** Of all pull requests together: an entry takes about a hundred bytes. */
const MOST_FILES_REMEMBERED = 200_000;

/** The files pull requests change. */
export interface PullRequestFiles {
  /** Throws as `GitHubReader` does. */
  of(repository: Repository, pullRequest: PullRequestFacts): Promise<ChangedFiles>;
}

/** Reads the files of a head once: between a commit and its target branch they do not change. */
export function createPullRequestFiles(read: GitHubReader): PullRequestFiles {
  const remembered = new LRUCache<string, ChangedFiles>({
    maxSize: MOST_FILES_REMEMBERED,
    // One without files takes something, too.
    sizeCalculation: ({ files }) => files.length + 10,
  });
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
