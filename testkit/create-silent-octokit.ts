import { Octokit } from "@octokit/rest";

/** GitHub's API with somebody's token. A refusal is thrown, and not logged as well. */
export function createSilentOctokit(baseUrl: string, auth: string): Octokit {
  const silent = () => {};
  return new Octokit({ baseUrl, auth, log: { debug: silent, info: silent, warn: silent, error: silent } });
}
