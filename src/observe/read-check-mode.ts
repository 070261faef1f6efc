import type { Repository } from "../core/model.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { readPolicyFiles } from "./read-policy-files.ts";

/**
 * `pull-requests.check` of the policy in force, as far as its files tell; a broken one leaves the last good one in force, which
 * only the server knows.
 */
export async function readCheckMode(
  read: Pick<GitHubReader, "file" | "repository">,
  repository: Repository,
): Promise<Policy["pull-requests"]["check"]> {
  const parsed = await readPolicyFiles(read, repository);
  return parsed?.kind === "valid" ? parsed.policy["pull-requests"].check : "always";
}
