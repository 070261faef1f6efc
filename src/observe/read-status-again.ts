import type { IncidentObservation } from "../core/observation.ts";
import { open } from "../core/record/seal.ts";
import { TransientError } from "../errors.ts";
import { type ObserveParts, visibleStatus } from "./observe-incident.ts";

/**
 * Looks at the status comment once more before it is written over: the last writer wins on GitHub, and a box that somebody has
 * ticked meanwhile would be unticked. The same observation: nothing has changed.
 *
 * @throws TransientError when another pass has written it meanwhile
 */
export async function readStatusAgain(
  { read, recordKeys, storedTexts }: Pick<ObserveParts, "read" | "recordKeys" | "storedTexts">,
  seen: IncidentObservation,
): Promise<IncidentObservation> {
  const { status, repository, issue, app, record } = seen;
  if (status === null || status.isNew) return seen;
  const comment = await read.comment(repository, status.commentId);
  // One that is gone is for the write to find out.
  if (comment === "missing") return seen;
  const text = visibleStatus(comment.body);
  if (text === status.text) return seen;
  const place = { appId: app.appId, repositoryId: repository.id, issueNodeId: issue.nodeId };
  const opened = open(comment.body, place, recordKeys);
  const known = record.kind === "found" ? record.record.revision : 0;
  if (opened.kind === "valid" && opened.record.revision > known) {
    throw new TransientError("the status comment was written by another pass meanwhile");
  }
  return { ...seen, status: { ...status, text, madeOf: storedTexts.madeOf(status.commentId, comment.body) } };
}
