import type { CommentFacts, IssueFacts, Repository } from "../core/model.ts";
import { type AppIdentity, isFormersComment, isOwnComment } from "../core/own.ts";
import type { Opened, SealedFor } from "../core/record/seal.ts";
import { STATUS_MARKER } from "../core/words/markers.ts";

/** A status comment of ours, and what its record is worth. */
export interface OwnStatus {
  readonly comment: CommentFacts;
  readonly opened: Opened;
}

/** How records are opened, and as which apps: this one, then those as which Sevgate ran before. */
interface OpenParts {
  readonly app: AppIdentity;
  readonly openRecord: (commentBody: string, place: SealedFor) => Opened;
}

/** The record in a comment, by whichever of these apps has sealed it. */
export function openAsAny({ app, openRecord }: OpenParts, place: Omit<SealedFor, "appId">, body: string): Opened {
  const openAs = ({ appId }: Pick<AppIdentity, "appId">): Opened => openRecord(body, { ...place, appId });
  const asOwn = openAs(app);
  // A record is opened again only where it may be a former app's.
  const asFormer = asOwn.kind === "broken" ? app.former.map(openAs) : [];
  return asFormer.find(({ kind }) => kind !== "broken") ?? asOwn;
}

/**
 * The status comments among `comments` that are the app's, in their order. A former app's counts only by its seal: everybody who
 * may write a workflow can write as GitHub Actions.
 */
export function ownStatuses(
  parts: OpenParts,
  repository: Pick<Repository, "id">,
  issue: Pick<IssueFacts, "nodeId">,
  comments: readonly CommentFacts[],
): readonly OwnStatus[] {
  const place = { repositoryId: repository.id, issueNodeId: issue.nodeId };
  return comments.flatMap((comment): OwnStatus[] => {
    const isOwn = isOwnComment(parts.app, comment);
    if (!comment.body.includes(STATUS_MARKER) || !(isOwn || isFormersComment(parts.app, comment))) return [];
    const opened = openAsAny(parts, place, comment.body);
    return isOwn || opened.kind === "valid" ? [{ comment, opened }] : [];
  });
}

/** The one with the highest revision, the first of those; `null`: none has a valid seal. */
export function newestOf(found: readonly OwnStatus[]): OwnStatus | null {
  const best = Math.max(0, ...found.map(revisionOf));
  return best === 0 ? null : (found.find((one) => revisionOf(one) === best) ?? null);
}

/** The revision of its record; 0: none that is valid. */
export function revisionOf({ opened }: OwnStatus): number {
  return opened.kind === "valid" ? opened.record.revision : 0;
}
