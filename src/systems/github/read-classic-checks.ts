import * as z from "zod";
import type { Repository } from "../../core/model.ts";
import { NotThereError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import type { GitHubClient } from "./github-client.ts";
import type { RequiredCheck } from "./ports.ts";

const Branch = z.object({
  protection: z
    .object({
      required_status_checks: z
        .object({ checks: z.array(z.object({ context: z.string(), app_id: z.number().nullish() })).nullish() })
        .nullish(),
    })
    .nullish(),
});

/** The checks that classic protection of a branch requires, which "Get a branch" shows to everybody who reads it. */
export async function readClassicChecks(
  client: GitHubClient,
  repository: Repository,
  branch: string,
): Promise<readonly RequiredCheck[]> {
  try {
    const { data } = await client.request(repository.installationId, "GET /repos/{owner}/{repo}/branches/{branch}", {
      owner: repository.owner,
      repo: repository.name,
      branch,
    });
    const checks = readAnswer("branch", Branch, data).protection?.required_status_checks?.checks ?? [];
    // GitHub writes "from anybody" in both ways.
    return checks.map(({ context, app_id }) => ({
      name: context,
      appId: app_id == null || app_id < 0 ? null : app_id,
    }));
  } catch (error) {
    // An empty repository has no branch.
    if (error instanceof NotThereError) return [];
    throw error;
  }
}
