import { TerminalError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { GitHubReader } from "../systems/github/ports.ts";

/**
 * The repository a key refers to, under its present name and installation.
 *
 * A key may be old: a timer set weeks ago, a delivery sent again. Since then the repository may have been renamed,
 * another one may have taken its name, or the app may have been reinstalled. If key and index disagree, GitHub is asked
 * whether the name in the key still belongs to the id; if not, the index is right.
 *
 * @throws TransientError when GitHub does not answer
 */
export async function currentRepository(
  parts: { readonly read: Pick<GitHubReader, "repository">; readonly index: IndexStore },
  asked: Repository,
): Promise<Repository> {
  const known = (await parts.index.repository(asked.id))?.repository;
  if (known === undefined || isSame(known, asked)) return asked;
  if (!(await isStillThere(parts.read, asked))) return known;
  await parts.index.saveRepository(asked, {});
  return asked;
}

async function isStillThere(read: Pick<GitHubReader, "repository">, asked: Repository): Promise<boolean> {
  try {
    const facts = await read.repository(asked);
    return facts !== "missing" && facts.id === asked.id && facts.name.toLowerCase() === asked.name.toLowerCase();
  } catch (error) {
    // No token for that installation, or not for this repository.
    if (error instanceof TerminalError) return false;
    throw error;
  }
}

function isSame(a: Repository, b: Repository): boolean {
  return a.installationId === b.installationId && a.owner === b.owner && a.name === b.name;
}
