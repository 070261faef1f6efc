import type { Repository } from "../core/model.ts";
import { extendsOwner, type ParsedPolicy, parsePolicy } from "../core/policy/parse.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { readOwnerPolicy } from "./read-owner-policy.ts";

/** Reads a repository's own policy, together with its owner's if it builds on that. Throws as `readOwnerPolicy` does. */
export async function parseRepositoryPolicy(
  read: Pick<GitHubReader, "file">,
  repository: Repository,
  text: string,
): Promise<ParsedPolicy> {
  return extendsOwner(text) ? parsePolicy(text, await readOwnerPolicy(read, repository)) : parsePolicy(text);
}
