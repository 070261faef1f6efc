import type { Repository } from "../core/model.ts";
import type { LearnedInLook } from "../observe/learned-in-look.ts";
import type { PolicySource, Rules } from "../observe/policy-source.ts";
import type { IndexStore } from "../store/index-store.ts";

/** Saves what a look has learned, for later passes. If a pass dies before that, the next one learns it again. */
export async function remember({
  index,
  learned,
}: {
  readonly index: Pick<IndexStore, "saveRepository" | "savePolicyRead" | "addLink">;
  readonly learned: LearnedInLook;
}): Promise<void> {
  const { repositories, links } = learned.take();
  for (const { repository, fields, policyHintBefore } of repositories) {
    const { policyReadAt, ...others } = fields;
    await index.saveRepository(repository, others);
    // If we have heard of a push meanwhile, we may have read the policy from before it: it is read once more.
    if (policyReadAt) await index.savePolicyRead(repository.id, policyReadAt, policyHintBefore);
  }
  for (const { repositoryId, incident, kind, target, standing } of links) {
    await index.addLink(repositoryId, incident, kind, target.repository, target.number, standing ?? undefined);
  }
}

/** Runs `pass` with what a look needs, and saves what the look has learned, however it ends. Throws as `pass` does. */
export async function remembering<Parts extends Parameters<typeof remember>[0], Result>(
  parts: Parts,
  pass: (parts: Parts) => Promise<Result>,
): Promise<Result> {
  try {
    return await pass(parts);
  } finally {
    await remember(parts);
  }
}

/**
 * Reads a repository's rules again if that is due, and saves them before anything else is looked at, so that a change we hear of
 * while the pass looks is not overwritten.
 *
 * @throws TransientError, TerminalError as `PolicySource.rules` does
 */
export async function rememberRules(
  parts: Parameters<typeof remember>[0] & { readonly policies: PolicySource },
  repository: Repository,
): Promise<Rules> {
  const rules = await parts.policies.rules(repository);
  await remember(parts);
  return rules;
}
