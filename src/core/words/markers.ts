import type { CommentFacts } from "../model.ts";
import { type AppIdentity, isFormersComment, isOwnComment } from "../own.ts";

/** How the app finds a comment of its own again: by its author and this marker. */
export function markerOf(id: string): string {
  return `<!-- sevgate:${id} -->`;
}

const AT_THE_END = /(?:^|\n)<!-- sevgate:([\w-]+) -->\s*$/;
/** Earlier versions began with it: the first words of a mail in plain text were then these. */
const AT_THE_BEGINNING = /^<!-- sevgate:([\w-]+) -->/;

/**
 * The id of the marker by which a comment of the app's own is known; `null`: it has none. Look only into comments of the
 * app: in anybody else's it is just text.
 */
export function markerIn(body: string): string | null {
  return AT_THE_END.exec(body)?.[1] ?? AT_THE_BEGINNING.exec(body)?.[1] ?? null;
}

/**
 * How the app finds its status comment again; the comment begins with it, so that a cut one is still found. In anybody
 * else's comment it is just text.
 */
export const STATUS_MARKER = "<!-- sevgate:status -->";

/**
 * Whether there already is a comment of ours with this marker. Anybody else's marker is just text; a former app's may be any
 * workflow's, and nobody is kept from being woken by that.
 */
export function isSaid(
  seen: { readonly comments: readonly CommentFacts[]; readonly app: AppIdentity },
  marker: string,
): boolean {
  const isPage = marker.startsWith("page-");
  return seen.comments.some(
    (comment) =>
      (isOwnComment(seen.app, comment) || (!isPage && isFormersComment(seen.app, comment))) &&
      comment.body.includes(markerOf(marker)),
  );
}
