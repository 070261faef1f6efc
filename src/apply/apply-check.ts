import type { CheckRunFacts, Repository } from "../core/model.ts";
import type { CheckAction } from "../core/plan/plan-checks.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";

/** Posts a check. */
export async function applyCheck(
  write: GitHubWriter,
  repository: Repository,
  action: CheckAction,
): Promise<CheckRunFacts> {
  return await write.createCheckRun(repository, action.content);
}
