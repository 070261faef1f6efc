/**
 * Who may see the texts of a repository. `unknown`: GitHub has not said, or not recently enough; it counts as private.
 * An enterprise's internal repository is private too: not everybody who sees a public one can see it.
 */
export type Visibility = "public" | "private" | "unknown";

/** Where something comes from: a repository, by its id. Its name may belong to another one tomorrow. */
export interface Origin {
  readonly id: number;
  readonly visibility: Visibility;
}

/**
 * Where something is to be shown: in a repository, or where anybody may look, such as a channel for public
 * repositories.
 */
export type ShownAt = { readonly id: number } | "everybody";

/**
 * Whether what is in `from` may be shown at `at`: in the same repository, or if everybody may know it anyway.
 *
 * Asked before every read of another repository and before every text that crosses from one to another. If the answer
 * is no, only the reference that somebody wrote there is shown (docs/decisions/0021-information-flows-down.md).
 */
export function mayShow(from: Origin, at: ShownAt): boolean {
  return from.visibility === "public" || (at !== "everybody" && at.id === from.id);
}
