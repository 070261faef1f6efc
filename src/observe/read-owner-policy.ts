import { TerminalError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { isOwnersRepository, ownersRepository } from "../core/policy/owners-repository.ts";
import { type OwnerPolicy, POLICY_PATH } from "../core/policy/parse.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/**
 * What `extends: owner` stands for in a repository: the owner's policy on the default branch. It is read with the same
 * installation; another owner's never is.
 *
 * @throws TransientError when GitHub does not answer: then nobody knows whether there is one
 */
export async function readOwnerPolicy(read: Pick<GitHubReader, "file">, repository: Repository): Promise<OwnerPolicy> {
  if (isOwnersRepository(repository)) return { kind: "itself" };
  const there = ownersRepository(repository);
  const place = fullName(there);
  try {
    const file = await read.file(there, POLICY_PATH);
    return file === "missing" ? { kind: "missing", place } : { kind: "text", place, text: file.text };
  } catch (error) {
    if (error instanceof TerminalError) return { kind: "missing", place };
    throw error;
  }
}
