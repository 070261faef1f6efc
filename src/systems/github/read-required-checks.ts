import * as z from "zod";
import type { Repository } from "../../core/model.ts";
import { RefusedError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import type { GitHubClient } from "./github-client.ts";
import type { RequiredCheck } from "./ports.ts";

const Rules = z.array(
  z.object({
    type: z.string(),
    parameters: z
      .object({
        required_status_checks: z
          .array(z.object({ context: z.string(), integration_id: z.number().nullish() }))
          .nullish(),
      })
      .nullish(),
  }),
);

/**
 * The checks that the rulesets in force on a branch require (GitHub REST, "Get rules for a branch"). `not-in-plan`: private
 * repositories have no rulesets on a free plan.
 */
export async function readRequiredChecks(
  client: GitHubClient,
  repository: Repository,
  branch: string,
): Promise<readonly RequiredCheck[] | "not-in-plan"> {
  try {
    return await listRequiredChecks(client, repository, branch);
  } catch (error) {
    if (isNotInPlan(error)) return "not-in-plan";
    throw error;
  }
}

/** "Upgrade to GitHub Pro or make this repository public to enable this feature." */
export function isNotInPlan(error: unknown): boolean {
  return error instanceof RefusedError && error.status === 403 && /\bupgrade\b/i.test(error.message);
}

function listRequiredChecks(
  client: GitHubClient,
  repository: Repository,
  branch: string,
): Promise<readonly RequiredCheck[]> {
  return client.list(
    repository.installationId,
    "GET /repos/{owner}/{repo}/rules/branches/{branch}",
    { owner: repository.owner, repo: repository.name, branch },
    (data): readonly RequiredCheck[] =>
      readAnswer("rules", Rules, data).flatMap((rule) =>
        (rule.parameters?.required_status_checks ?? []).map(({ context, integration_id }) => ({
          name: context,
          appId: integration_id ?? null,
        })),
      ),
  );
}
