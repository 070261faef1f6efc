import type { CheckRunFacts, Repository } from "../core/model.ts";
import type { CheckAction } from "../core/pull-request/plan-checks.ts";
import type { GitHubWriter } from "../github/ports.ts";

/** Posts a check. */
export async function applyCheck(
  write: GitHubWriter,
  repository: Repository,
  action: CheckAction,
): Promise<CheckRunFacts> {
  return await write.createCheckRun(repository, action.content);
}
