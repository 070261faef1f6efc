import { TransientError } from "../base/errors.ts";
import type { IssueFacts } from "../core/model.ts";
import { sameTarget } from "../core/names.ts";
import type { EvidenceFacts, IncidentObservation } from "../core/observation.ts";
import type { Action } from "../core/plan/action.ts";
import { IncidentRecord, sameRecord } from "../core/record/record.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { ofSameInstallation } from "./other-repository.ts";
import { openAsAny } from "./own-statuses.ts";
import { visibleStatus } from "./read-record.ts";

/** A comment that changes again and again during the pass is written all the same. */
const MOST_LOOKS = 5;

type Parts = Pick<ObserveParts, "read" | "index" | "openRecord" | "storedTexts">;

/**
 * Looks at the status comment again before it is overwritten: on GitHub the last writer wins, and a box that somebody
 * has ticked in the meantime would be unticked. One for each pass.
 */
export class StatusLook {
  readonly #parts: Parts;
  #left = MOST_LOOKS;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Returns the same observation if the action may be carried out, or a new one to plan with first.
   *
   * @throws TransientError when another pass has written the comment in the meantime
   */
  async before(action: Action, seen: IncidentObservation): Promise<IncidentObservation> {
    if (this.#left === 0) return seen;
    if (action.kind === "edit-post-mortem") {
      this.#left -= 1;
      return await readPostMortemAgain(this.#parts, seen, action);
    }
    if (action.kind !== "edit-status") return seen;
    this.#left -= 1;
    return await readAgain(this.#parts, seen);
  }
}

/** The same for the text of a post-mortem, in which people write at the same time. */
async function readPostMortemAgain(
  { read, index }: Parts,
  seen: IncidentObservation,
  { postMortem, place }: Extract<Action, { kind: "edit-post-mortem" }>,
): Promise<IncidentObservation> {
  const home =
    place.repository === null ? seen.repository : await ofSameInstallation(index, seen.repository, place.repository);
  const now = home === null ? "missing" : await read.issue(home, place.number);
  if (now === "missing" || "movedTo" in now) throw new TransientError("the post-mortem was moved or deleted meanwhile");
  const isKnown = (one: EvidenceFacts) =>
    one.kind === "issue" && sameTarget(one.target, postMortem) && typeof one.answer !== "string";
  const isSame = seen.evidence.every((one) => !isKnown(one) || (one.answer as IssueFacts).body === now.body);
  if (isSame) return seen;
  const evidence = seen.evidence.map((one) => (isKnown(one) ? ({ ...one, answer: now } as EvidenceFacts) : one));
  return { ...seen, evidence };
}

async function readAgain(
  { read, openRecord, storedTexts }: Parts,
  seen: IncidentObservation,
): Promise<IncidentObservation> {
  const { status, repository, issue, app, record } = seen;
  if (status === null) return seen;
  const comment = await read.comment(repository, status.commentId);
  // If it is gone, the write will find out.
  if (comment === "missing") return seen;
  const text = visibleStatus(comment.body);
  const place = { repositoryId: repository.id, issueNodeId: issue.nodeId };
  // The one that ran the repository before may still be writing.
  const opened = openAsAny({ app, openRecord }, place, comment.body);
  const known = record.kind === "found" ? record.record : null;
  // Two looks that have begun with the same record see each other here, if anywhere. The text alone may be the same.
  const isOthers =
    opened.kind === "valid" && (known === null ? text !== status.text : isWrittenOver(opened.record, known));
  if (isOthers) throw new TransientError("the status comment was written by another pass meanwhile");
  if (text === status.text || status.isBehind) return seen;
  return { ...seen, status: { ...status, text, madeOf: storedTexts.madeOf(status.commentId, comment.body) } };
}

/** Whether what a comment holds now is newer than what is known of it, or another record of the same revision. */
function isWrittenOver(now: IncidentRecord, known: IncidentRecord): boolean {
  if (now.revision !== known.revision) return now.revision > known.revision;
  // As it is read back: what was just made may have its keys in another order.
  return !sameRecord(now, IncidentRecord.parse(known));
}
