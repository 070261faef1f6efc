import type { Repository } from "../core/model.ts";
import { type ParsedPolicy, POLICY_PATH, parsePolicy } from "../core/policy/parse.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { parseRepositoryPolicy } from "./parse-repository-policy.ts";
import { readOwnerPolicy } from "./read-owner-policy.ts";

/**
 * The policy as its files say, without a memory: of the repository's own file, else of its owner's; `null`: there is
 * neither.
 */
export async function readPolicyFiles(
  read: Pick<GitHubReader, "file" | "repository">,
  repository: Repository,
): Promise<ParsedPolicy | null> {
  const own = await read.file(repository, POLICY_PATH);
  if (own !== "missing") return await parseRepositoryPolicy(read, repository, own.text);
  const owners = await readOwnerPolicy(read, repository);
  return owners.kind === "text" ? parsePolicy(owners.text, { kind: "itself" }) : null;
}
