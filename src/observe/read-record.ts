import { TerminalError } from "../base/errors.ts";
import { MAX_COMMAND_AGE_MS } from "../core/judge/pending-commands.ts";
import type { CommentFacts, Instant, IssueFacts, Repository } from "../core/model.ts";
import type { IncidentObservation, RecordAnswer } from "../core/observation.ts";
import { asCalledNow, isOwnComment } from "../core/own.ts";
import { readJson } from "../core/read-json.ts";
import { fold } from "../core/record/history.ts";
import { IncidentRecord, sameRecord } from "../core/record/record.ts";
import { STATUS_MARKER } from "../core/words/markers.ts";
import type { KnownIncident } from "../store/index-store.ts";
import type { ObserveParts } from "./observe-parts.ts";

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
  const { own, record } = await readRecord(parts, repository, issue, comments, known);
  if (record === "newer") throw new TerminalError("a newer Sevgate wrote this record; update this one");
  const [first, ...duplicates] = own;
  const status: IncidentObservation["status"] =
    first === undefined
      ? null
      : {
          commentId: first.id,
          createdAt: first.createdAt,
          text: visibleStatus(first.body),
          madeOf: parts.storedTexts.madeOf(first.id, first.body),
          isNew: false,
        };
  return { app: asCalledNow(parts.app, own), status, duplicateStatusIds: duplicates.map(({ id }) => id), record };
}

/** Our status comments, oldest first, and the record in the oldest; judged by author, marker and signature. */
async function readRecord(
  { read, openRecord, app, storedTexts }: ObserveParts,
  repository: Repository,
  issue: IssueFacts,
  comments: readonly CommentFacts[],
  known: KnownIncident | null,
): Promise<{ readonly own: readonly CommentFacts[]; readonly record: RecordAnswer | "newer" }> {
  const isOwn = (comment: CommentFacts) => isOwnComment(app, comment) && comment.body.includes(STATUS_MARKER);
  let own = comments.filter(isOwn);
  if (own.length === 0 && known?.statusCommentId != null) {
    const comment = await read.comment(repository, known.statusCommentId);
    if (comment !== "missing" && isOwn(comment)) own = [comment];
  }
  if (own.length === 0 && known?.statusCommentId == null && issue.commentCount > ONE_PAGE) {
    own = (await read.comments(repository, issue.number, null)).filter(isOwn);
  }

  const copy = copyOf(known);
  const first = own[0];
  // While the issue is locked and its comment cannot be written, the record continues in the index
  // alone.
  const isAhead = copy !== null && (issue.locked || fold(copy.entries).isLocked);
  if (first === undefined && isAhead && known?.statusCommentId === null) {
    return { own, record: { kind: "found", record: copy } };
  }
  if (first === undefined) {
    return { own, record: copy === null ? { kind: "none" } : { kind: "lost", why: "deleted", copy } };
  }
  const opened = openRecord(first.body, {
    appId: app.appId,
    repositoryId: repository.id,
    issueNodeId: issue.nodeId,
  });
  if (opened.kind === "newer") return { own, record: "newer" };
  // What GitHub itself cut off, or did not keep, was not removed by anybody.
  const isAsStored = copy !== null && storedTexts.madeOf(first.id, first.body) !== null;
  if (isAsStored && opened.kind === "broken") return { own, record: { kind: "found", record: copy } };
  if (opened.kind === "broken") return { own, record: { kind: "lost", why: opened.why, copy } };
  if (isAhead && opened.record.revision < copy.revision) return { own, record: { kind: "found", record: copy } };
  if (known !== null && (opened.record.revision < known.recordRevision || isOverwritten(opened.record, copy))) {
    return { own, record: isAsStored ? { kind: "found", record: copy } : { kind: "lost", why: "rolled-back", copy } };
  }
  return { own, record: { kind: "found", record: opened.record } };
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
