import type { Key, Reference, Repository } from "../core/model.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** What looking at an incident may find instead of it. */
export type Elsewhere =
  | { readonly kind: "not-an-incident" }
  /** Deleted, or no longer ours to see. */
  | { readonly kind: "gone" }
  | { readonly kind: "moved"; readonly to: Reference }
  /** The repository has a new name; the incident is the same. */
  | { readonly kind: "renamed"; readonly repository: Repository };

/** A renamed repository answers under its new name, as for a moved issue; its id tells the two apart. */
export async function movedOrRenamed(
  { read }: ObserveParts,
  { repository, number }: Extract<Key, { kind: "incident" }>,
  to: Reference,
): Promise<Elsewhere> {
  const [owner, name] = (to.repository ?? "").split("/");
  if (to.number !== number || owner === undefined || name === undefined) return { kind: "moved", to };
  const facts = await read.repository({ ...repository, owner, name });
  const isSame = facts !== "missing" && facts.id === repository.id;
  return isSame ? { kind: "renamed", repository: { ...repository, owner, name } } : { kind: "moved", to };
}
