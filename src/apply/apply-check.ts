import type { Repository } from "../core/model.ts";
import type { CheckAction } from "../core/pull-request/plan-checks.ts";
import type { GitHubWriter } from "../github/ports.ts";

/** Posts a check, or brings one up to date. */
export async function applyCheck(write: GitHubWriter, repository: Repository, action: CheckAction): Promise<void> {
  if (action.kind === "create-check") await write.createCheckRun(repository, action.content);
  else await write.updateCheckRun(repository, action.checkRunId, action.content);
}
