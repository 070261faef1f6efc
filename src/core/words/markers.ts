import type { CommentFacts } from "../model.ts";
import { type AppIdentity, isOwnComment } from "../own.ts";

/** How the app finds a comment of its own again: by its author and this marker. */
export function markerOf(id: string): string {
  return `<!-- sevgate:${id} -->`;
}

/** How the app finds its status comment again. In anybody else's comment it is just text. */
export const STATUS_MARKER = "<!-- sevgate:status -->";

/** Whether there already is a comment of ours with this marker. Anybody else's marker is just text. */
export function isSaid(
  seen: { readonly comments: readonly CommentFacts[]; readonly app: AppIdentity },
  marker: string,
): boolean {
  return seen.comments.some((comment) => isOwnComment(seen.app, comment) && comment.body.includes(markerOf(marker)));
}
