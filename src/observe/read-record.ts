import { TerminalError } from "../base/errors.ts";
import { MAX_COMMAND_AGE_MS } from "../core/judge/pending-commands.ts";
import type { CommentFacts, Instant, IssueFacts, Repository } from "../core/model.ts";
import type { IncidentObservation, RecordAnswer } from "../core/observation.ts";
import { asCalledNow, isOwnComment } from "../core/own.ts";
import { readJson } from "../core/read-json.ts";
import { fold } from "../core/record/history.ts";
import { IncidentRecord, sameRecord } from "../core/record/record.ts";
import type { KnownIncident } from "../store/index-store.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { newestOf, type OwnStatus, ownStatuses, revisionOf } from "./own-statuses.ts";

/** Up to this many comments, the whole list is one request. */
const ONE_PAGE = 100;

/** The comments recent enough to matter, oldest first; all of them if that costs no more. */
export async function readComments(
  { read }: ObserveParts,
  repository: Repository,
  issue: IssueFacts,
  at: Instant,
): Promise<readonly CommentFacts[]> {
  if (issue.commentCount === 0) return [];
  // Older comments contain no commands that may still be judged; our own are found by their ids.
  const since = issue.commentCount <= ONE_PAGE ? null : ((at - MAX_COMMAND_AGE_MS - 3_600_000) as Instant);
  const comments = await read.comments(repository, issue.number, since);
  return comments.toSorted((a, b) => a.id - b.id);
}

/** The status comment, what else poses as one, the record in it, and who the app is according to it. */
export async function readStatus(
  parts: ObserveParts,
  repository: Repository,
  issue: IssueFacts,
  comments: readonly CommentFacts[],
  known: KnownIncident | null,
): Promise<Pick<IncidentObservation, "app" | "status" | "duplicateStatusIds" | "record">> {
  const { target, source, instead, continues, duplicates, record } = await readRecord(
    parts,
    repository,
    issue,
    comments,
    known,
  );
  if (record === "newer") throw new TerminalError("a newer Sevgate wrote this record; update this one");
  const status: IncidentObservation["status"] =
    target === null || source === null
      ? null
      : {
          commentId: target.id,
          createdAt: target.createdAt,
          text: visibleStatus(source.body),
          madeOf: parts.storedTexts.madeOf(source.id, source.body),
          isNew: false,
          isBehind: source !== target,
          continues,
          former: isOwnComment(parts.app, target) ? null : { instead: instead?.id ?? null },
        };
  const own = [...(target === null ? [] : [target]), ...duplicates];
  return { app: asCalledNow(parts.app, own), status, duplicateStatusIds: duplicates.map(({ id }) => id), record };
}

/** The status comment to write to, further ones of the app's, and the record to go on from. */
interface ReadStatus {
  /** `null`: there is none. */
  readonly target: CommentFacts | null;
  /** The comment with the record; another than `target` once, after a move or when two runs have overlapped. */
  readonly source: CommentFacts | null;
  /** The app's own, beside a former app's that GitHub may refuse to have edited. */
  readonly instead: CommentFacts | null;
  /** The id of the former app's comment before it; `null`: there is none. */
  readonly continues: number | null;
  readonly duplicates: readonly CommentFacts[];
  readonly record: RecordAnswer | "newer";
}

/**
 * Our status comments and the record in them; judged by author, marker and signature. Of several with a seal, the newest record
 * counts and the oldest comment stays: whoever else finds them chooses the same.
 */
async function readRecord(
  { read, openRecord, app, storedTexts }: ObserveParts,
  repository: Repository,
  issue: IssueFacts,
  comments: readonly CommentFacts[],
  known: KnownIncident | null,
): Promise<ReadStatus> {
  const statusesIn = (some: readonly CommentFacts[]) => ownStatuses({ app, openRecord }, repository, issue, some);
  let found = statusesIn(comments);
  if (found.length === 0 && known?.statusCommentId != null) {
    const comment = await read.comment(repository, known.statusCommentId);
    if (comment !== "missing") found = statusesIn([comment]);
  }
  if (found.length === 0 && known?.statusCommentId == null && issue.commentCount > ONE_PAGE) {
    found = statusesIn(await read.comments(repository, issue.number, null));
  }

  const own = found.filter(({ comment }) => isOwnComment(app, comment));
  const best = newestOf(found);
  const oldest = own.find(({ opened }) => opened.kind === "valid") ?? null;
  // Where GitHub has a former app's comment edited, the receipts go on in it.
  const target = best === null || own.includes(best) ? (oldest ?? own[0] ?? null) : best;
  const first = target !== null && best !== null && revisionOf(target) >= revisionOf(best) ? target : (best ?? own[0]);
  const isOwn = target !== null && own.includes(target);
  const answer = {
    target: target?.comment ?? null,
    source: first?.comment ?? null,
    continues: isOwn
      ? (newestOf(found.filter((one) => isBefore(one, target) && !own.includes(one)))?.comment.id ?? null)
      : null,
    instead: isOwn ? null : (oldest?.comment ?? null),
    duplicates: isOwn ? own.filter((one) => one !== target).map(({ comment }) => comment) : [],
  };
  const copy = copyOf(known);
  // While the issue is locked and its comment cannot be written, the record continues in the index
  // alone.
  const isAhead = copy !== null && (issue.locked || fold(copy.entries).isLocked);
  if (first === undefined && isAhead && known?.statusCommentId === null) {
    return { ...answer, record: { kind: "found", record: copy } };
  }
  if (first === undefined) {
    return { ...answer, record: copy === null ? { kind: "none" } : { kind: "lost", why: "deleted", copy } };
  }
  const { opened, comment } = first;
  if (opened.kind === "newer" || own[0]?.opened.kind === "newer") return { ...answer, record: "newer" };
  // What GitHub itself cut off, or did not keep, was not removed by anybody.
  const isAsStored = copy !== null && storedTexts.madeOf(comment.id, comment.body) !== null;
  if (isAsStored && opened.kind === "broken") return { ...answer, record: { kind: "found", record: copy } };
  if (opened.kind === "broken") return { ...answer, record: { kind: "lost", why: opened.why, copy } };
  if (isAhead && opened.record.revision < copy.revision) return { ...answer, record: { kind: "found", record: copy } };
  if (known !== null && (opened.record.revision < known.recordRevision || isOverwritten(opened.record, copy))) {
    return {
      ...answer,
      record: isAsStored ? { kind: "found", record: copy } : { kind: "lost", why: "rolled-back", copy },
    };
  }
  return { ...answer, record: { kind: "found", record: opened.record } };
}

function isBefore(one: OwnStatus, other: OwnStatus): boolean {
  return one.comment.id < other.comment.id;
}

/** The same revision with different content: a pass that had lost its key wrote it too late. The index refused that one. */
function isOverwritten(record: IncidentRecord, copy: IncidentRecord | null): boolean {
  return copy !== null && copy.revision === record.revision && !sameRecord(copy, record);
}

function copyOf(known: KnownIncident | null): IncidentRecord | null {
  return readJson(IncidentRecord, known?.record);
}

/** The status comment without its machine block. */
export function visibleStatus(body: string): string {
  return body.replace(/<!-- sevgate:record [^<>]*-->/g, "").trimEnd();
}
