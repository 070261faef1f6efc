import type { Repository } from "../core/model.ts";
import { sameName } from "../core/names.ts";
import { POLICY_PATH } from "../core/policy/parse.ts";
import { parseRepositoryPolicy } from "../observe/parse-repository-policy.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { type Finding, ok, warning } from "./finding.ts";

/**
 * Whether post-mortems count where the repository's own policy wants them. Finds nothing if that is the repository
 * itself.
 *
 * @param repositories those of the same installation
 */
export async function examinePostMortems(
  read: Pick<GitHubReader, "file" | "repository">,
  repository: Repository,
  repositories: readonly Repository[],
): Promise<readonly Finding[]> {
  const place = `${repository.owner}/${repository.name}`;
  const wanted = (await policyOf({ read }, repository))?.["post-mortem"].repository ?? "same";
  if (wanted === "same" || sameName(wanted, place)) return [];
  const check = `post-mortems of ${place}`;
  const there = repositories.find(({ owner, name }) => sameName(`${owner}/${name}`, wanted));
  const facts = there === undefined ? "missing" : await read.repository(there);
  if (there === undefined || facts === "missing") {
    return [warning(check, `belong in ${wanted}, where the app is not installed`, "Install it there, too.")];
  }
  if (!facts.isPrivate) return [ok(check, `belong in ${wanted}, which is public`)];
  const lets = (await policyOf({ read }, there))?.["evidence-for"] ?? [];
  if (lets.some((one) => sameName(one, place)))
    return [ok(check, `belong in ${wanted}, which is private and lets them count`)];
  const remedy = `Write evidence-for: [${place}] into ${POLICY_PATH} of ${wanted}. Until then none of them counts.`;
  return [warning(check, `belong in ${wanted}, which is private and does not say evidence-for`, remedy)];
}

/** The policy in its own file; `null`: there is none, or it cannot be used, which another finding says. */
async function policyOf({ read }: { readonly read: Pick<GitHubReader, "file"> }, repository: Repository) {
  const file = await read.file(repository, POLICY_PATH);
  if (file === "missing") return null;
  const parsed = await parseRepositoryPolicy(read, repository, file.text);
  return parsed.kind === "valid" ? parsed.policy : null;
}
