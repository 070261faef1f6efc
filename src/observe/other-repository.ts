import { TerminalError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import { mayShow, type Origin, type Visibility } from "../core/trust/may-show.ts";
import type { IndexReader } from "../store/index-store.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import type { LearnedInLook } from "./learned-in-look.ts";

interface Parts {
  readonly read: Pick<GitHubReader, "repository">;
  readonly index: Pick<IndexReader, "repository" | "repositoryByName">;
  readonly learned: LearnedInLook;
}

/** Another repository of the same installation, and whether what is in it may be shown in the one that asks. */
export interface OtherRepository {
  readonly repository: Repository;
  readonly mayShow: boolean;
}

/**
 * Whether everybody may read a repository, as far as that decides how people are spoken to: what was last known is
 * enough. What may be shown elsewhere is `visibilityOf`'s.
 *
 * @throws TransientError when GitHub does not answer
 */
export async function isPublic(parts: Parts, repository: Repository): Promise<boolean> {
  const known = (await parts.index.repository(repository.id))?.isPrivate ?? null;
  if (known !== null) return !known;
  return (await visibilityOf(parts, repository)) === "public";
}

/**
 * Who may see a repository, according to GitHub now. One known to be private is not asked about: it counts as private
 * until a sweep or an event says otherwise. If GitHub refuses to tell, it is `unknown`.
 *
 * @throws TransientError when GitHub does not answer
 */
export async function visibilityOf({ read, index, learned }: Parts, repository: Repository): Promise<Visibility> {
  const known = await index.repository(repository.id);
  if (known?.isPrivate === true) return "private";
  try {
    const facts = await read.repository(repository);
    // By now another repository may have the name.
    if (facts === "missing" || facts.id !== repository.id) return "unknown";
    if (known !== null && known.isPrivate !== facts.isPrivate) {
      learned.noteRepository(known.repository, { isPrivate: facts.isPrivate }, known);
    }
    return facts.isPrivate ? "private" : "public";
  } catch (error) {
    if (error instanceof TerminalError) return "unknown";
    throw error;
  }
}

/**
 * The repository called `name`, as far as `home` may know about it; `null`: the same installation knows none of that
 * name. An installation never works for another. `home` itself may always be shown.
 *
 * @param name `owner/name`, as it is written
 * @throws TransientError when GitHub does not answer
 */
export async function otherRepository(parts: Parts, home: Repository, name: string): Promise<OtherRepository | null> {
  const found = await ofSameInstallation(parts.index, home, name);
  if (found === null) return null;
  if (found.id === home.id) return { repository: home, mayShow: true };
  const from: Origin = { id: found.id, visibility: await visibilityOf(parts, found) };
  return { repository: found, mayShow: mayShow(from, home) };
}

/**
 * The repositories with these names that may be shown in `home`, each looked up once; by name in lower case. Those that
 * may not are left out: it does not show whether they are private or do not exist.
 */
export async function shownRepositories(
  parts: Parts,
  home: Repository,
  names: readonly string[],
): Promise<ReadonlyMap<string, Repository>> {
  const each = [...new Set(names.map((name) => name.toLowerCase()))];
  const found = await Promise.all(each.map((name) => otherRepository(parts, home, name)));
  return new Map(
    each.flatMap((name, at) => {
      const other = found[at];
      return other?.mayShow === true ? [[name, other.repository] as const] : [];
    }),
  );
}

/** The repository called `name`, if the same installation sees it: one never works for another. */
export async function ofSameInstallation(
  index: Pick<IndexReader, "repositoryByName">,
  home: Repository,
  name: string,
): Promise<Repository | null> {
  const found = (await index.repositoryByName(name))?.repository ?? null;
  return found?.installationId === home.installationId ? found : null;
}
