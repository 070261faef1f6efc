import type { Repository } from "../core/model.ts";
import type { IndexStore, KnownRepository } from "./index-store.ts";

/** Which repository somebody meant by an id or a name they wrote down. `another`: a different one has the name now. */
export type NamedRepository =
  | { readonly kind: "known"; readonly known: KnownRepository }
  | { readonly kind: "unseen" }
  | { readonly kind: "another"; readonly now: Repository };

/**
 * The repository that is written down. A name means the repository that was first seen under it, forever: after a rename it is
 * still that one, and another one that takes the name is not (docs/decisions/0026-bound-to-ids.md).
 *
 * @param written an id in digits, or `owner/name`
 */
export async function namedRepository(
  index: Pick<IndexStore, "repository" | "repositoryByName" | "firstNamed">,
  written: string,
): Promise<NamedRepository> {
  const id = /^\d+$/.test(written) ? Number(written) : await index.firstNamed(written);
  const known = id === null ? null : await index.repository(id);
  if (known !== null) return { kind: "known", known };
  if (id === null || !written.includes("/")) return { kind: "unseen" };
  const now = (await index.repositoryByName(written))?.repository;
  return now === undefined || `${now.owner}/${now.name}`.toLowerCase() !== written.toLowerCase()
    ? { kind: "unseen" }
    : { kind: "another", now };
}
