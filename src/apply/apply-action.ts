import { HeldBackError, TerminalError, TransientError } from "../base/errors.ts";
import { askRightsAgainAt } from "../core/judge/or-later.ts";
import { assertNever, type PullRequestFacts, type Repository } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import type { IncidentObservation, RevertFacts } from "../core/observation.ts";
import type { Action } from "../core/plan/action.ts";
import { type Learned, ownComment } from "../core/plan/after.ts";
import { type RecordKeys, seal } from "../core/record/seal.ts";
import type { ContentClass } from "../core/trust/content-class.ts";
import type { IssueTypes } from "../observe/issue-types.ts";
import type { ServerFeatures } from "../observe/server-features.ts";
import type { StoredTexts } from "../observe/stored-texts.ts";
import type { IndexStore } from "../store/index-store.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { createLabel, noteLabel } from "./create-label.ts";

/** What `applyAction` needs. */
export interface ApplyParts {
  /** Opens the pull request that reverts a merged one. */
  openRevert(
    pullRequest: PullRequestFacts,
    content: { readonly title: string; readonly body: string },
  ): Promise<NonNullable<RevertFacts["revert"]>>;
  readonly write: GitHubWriter;
  readonly index: IndexStore;
  readonly recordKeys: RecordKeys;
  readonly features: ServerFeatures;
  readonly storedTexts: StoredTexts;
  readonly issueTypes: IssueTypes;
}

const NOTHING: Learned = { kind: "nothing" };

/**
 * Carries out one action, and returns whatever is new in GitHub's answer. It decides nothing and repeats nothing.
 *
 * @throws TransientError, TerminalError as `GitHubWriter` does
 */
export async function applyAction(parts: ApplyParts, seen: IncidentObservation, action: Action): Promise<Learned> {
  const { write, index, features } = parts;
  const { repository, issue } = seen;
  switch (action.kind) {
    case "reopen-issue":
      return { kind: "issue", issue: await write.reopenIssue(repository, issue.number) };
    case "close-issue":
      return { kind: "issue", issue: await write.closeIssue(repository, issue.number, action.reason) };
    case "edit-issue-body":
      return { kind: "issue", issue: await write.editIssueBody(repository, issue.number, action.body) };
    case "comment": {
      const send = () => write.createComment(repository, issue.number, action.body, action.creates);
      const comment = await (action.waits ? inTurn(seen, action.creates, send) : unlessHeldBack(send));
      if (comment === "held-back") return { kind: "held-back" };
      return { kind: "comment", comment: { ...ownComment(seen, comment.id, action.marker), body: action.body } };
    }
    case "react":
      if ((await write.react(repository, action.commentId, action.reaction)) === "unsupported") {
        features.lacks(repository.installationId, "react");
        return { kind: "no-reactions" };
      }
      return NOTHING;
    case "assign":
      return { kind: "assignees", logins: await write.assign(repository, issue.number, [action.login]) };
    case "unassign":
      await write.unassign(repository, issue.number, [action.login]);
      return NOTHING;
    case "create-post-mortem": {
      const place = await repositoryOf(parts, seen, action.repository);
      const created = await write.createIssue(place, action, "team");
      await index.addLink(repository.id, issue.number, "post-mortem", fullName(place), created.number, "team");
      return { kind: "issue", issue: created };
    }
    case "create-revert": {
      const { pullRequest, title, body: text } = action;
      return { kind: "revert", revert: await parts.openRevert(pullRequest, { title, body: text }) };
    }
    case "create-item": {
      const place = await repositoryOf(parts, seen, action.place.repository);
      const item = await write.createIssue(place, action, "team");
      // By it a look at what is late there knows that there are items.
      for (const label of action.labels) await noteLabel(index, place, label);
      return { kind: "issue", issue: item };
    }
    case "add-sub-issue": {
      const place = await repositoryOf(parts, seen, action.parent.repository);
      // Without it, the two name each other in their texts all the same.
      await write.addSubIssue(place, action.parent.number, action.child);
      return NOTHING;
    }
    case "assign-item": {
      const place = await repositoryOf(parts, seen, action.target.repository);
      return { kind: "assignees", logins: await write.assign(place, action.target.number, [action.login]) };
    }
    case "close-item": {
      const place = await repositoryOf(parts, seen, action.place.repository);
      return { kind: "issue", issue: await write.closeIssue(place, action.place.number, action.reason) };
    }
    case "edit-post-mortem": {
      const place = await repositoryOf(parts, seen, action.place.repository);
      return { kind: "issue", issue: await write.editIssueBody(place, action.place.number, action.body) };
    }
    case "set-type": {
      const typed = await write.setIssueType(repository, issue.number, action.type);
      // Where the app may not, GitHub leaves it out without saying so.
      if (typed.type === null) parts.issueTypes.lacks(repository);
      return { kind: "issue", issue: typed };
    }
    case "request-review":
      await write.requestReview(repository, action.number, action.login);
      return NOTHING;
    case "create-status": {
      const sent = body(parts, seen, action);
      const send = () => write.createComment(repository, issue.number, sent, action.creates);
      const comment = await inTurn(seen, action.creates, send);
      parts.storedTexts.note(comment.id, action.text, sent, comment.body);
      await remember(parts, seen, action, comment.id);
      return { kind: "comment", comment };
    }
    case "edit-status":
      return await editStatus(parts, seen, action);
    case "keep-record":
      await remember(parts, seen, action, seen.status?.commentId ?? null);
      return NOTHING;
    case "pin-status":
      if ((await write.pinComment(repository, action.commentId)) === "unsupported") {
        features.lacks(repository.installationId, "pin");
      }
      return NOTHING;
    case "delete-duplicate":
      await write.deleteComment(repository, action.commentId);
      return NOTHING;
    case "create-label":
      await createLabel(parts, repository, action);
      return NOTHING;
    case "add-label":
      await write.addLabels(repository, issue.number, [action.label]);
      // One that was not there is now, without a colour.
      await noteLabel(index, repository, action.label);
      return NOTHING;
    case "remove-label":
      await write.removeLabel(repository, issue.number, action.label);
      return NOTHING;
    default:
      return assertNever(action);
  }
}

/** The repository called `owner/name`; `null`: the incident's own. */
async function repositoryOf(
  { index }: ApplyParts,
  { repository }: IncidentObservation,
  name: string | null,
): Promise<Repository> {
  const place = name === null ? repository : (await index.repositoryByName(name))?.repository;
  if (place === undefined || place.installationId !== repository.installationId)
    throw new TerminalError(`the app is not installed in ${name}`);
  return place;
}

/** `held-back`: the budget keeps what is left of it for more important things. The rest of the pass then goes on. */
async function unlessHeldBack<T>(write: () => Promise<T>): Promise<T | "held-back"> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof HeldBackError) return "held-back";
    throw error;
  }
}

/**
 * What is not left out waits: the pass ends, and comes back when there is room. If it waits because somebody's rights
 * are unknown, it comes back to ask for them again: for the team it would not have to wait.
 */
async function inTurn<T>(seen: IncidentObservation, creates: ContentClass, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof HeldBackError) || creates !== "untold") throw error;
    const retryAfterMs = askRightsAgainAt(seen.at, seen.issue.createdAt) - seen.at;
    throw new TransientError(error.message, { cause: error, retryAfterMs });
  }
}

type StatusAction = Extract<Action, { kind: "create-status" | "edit-status" }>;

async function editStatus(
  parts: ApplyParts,
  seen: IncidentObservation,
  action: Extract<Action, { kind: "edit-status" }>,
): Promise<Learned> {
  try {
    const sent = body(parts, seen, action);
    const { body: stored } = await parts.write.editComment(seen.repository, action.commentId, sent);
    parts.storedTexts.note(action.commentId, action.text, sent, stored);
  } catch (error) {
    if (error instanceof TerminalError && error.status === 404) {
      // Deleted between reading and writing: the next pass sees that and creates a new one.
      await parts.index.saveIncident(seen.repository.id, seen.issue.number, { statusCommentId: null });
      throw new TransientError("the status comment is gone", { cause: error });
    }
    if (!(error instanceof TerminalError && error.status === 403)) throw error;
    if (seen.issue.locked) {
      parts.features.lacks(seen.repository.installationId, "editLocked");
      return { kind: "refused-locked" };
    }
    const former = seen.status?.former ?? null;
    if (former === null) throw error;
    return await continueStatus(parts, seen, action, former.instead);
  }
  await remember(parts, seen, action, action.commentId);
  return NOTHING;
}

/** The receipts of a former app's comment go on in one of our own. */
async function continueStatus(
  parts: ApplyParts,
  seen: IncidentObservation,
  action: Extract<Action, { kind: "edit-status" }>,
  instead: number | null,
): Promise<Learned> {
  const { repository, issue } = seen;
  const sent = body(parts, seen, action);
  const comment =
    instead === null
      ? await parts.write.createComment(repository, issue.number, sent, "team")
      : await parts.write.editComment(repository, instead, sent);
  parts.storedTexts.note(comment.id, action.text, sent, comment.body);
  await remember(parts, seen, action, comment.id);
  return { kind: "comment", comment };
}

function body({ recordKeys }: ApplyParts, seen: IncidentObservation, action: StatusAction): string {
  const place = { appId: seen.app.appId, repositoryId: seen.repository.id, issueNodeId: seen.issue.nodeId };
  return `${action.text}\n\n${seal(action.record, place, recordKeys)}\n`;
}

/** The index keeps a copy and the revision, so that a deleted or rolled-back comment loses nothing. */
async function remember(
  { index }: ApplyParts,
  seen: IncidentObservation,
  action: Pick<StatusAction, "record">,
  statusCommentId: number | null,
): Promise<void> {
  await index.saveIncident(seen.repository.id, seen.issue.number, {
    record: JSON.stringify(action.record),
    recordRevision: action.record.revision,
    statusCommentId,
  });
}
