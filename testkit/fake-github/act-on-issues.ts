import { TerminalError } from "../../src/base/errors.ts";
import type { CloseReason, CommentFacts, Instant, IssueFacts, Reference, Repository } from "../../src/core/model.ts";
import { sameName } from "../../src/core/names.ts";
import { labelPayload, repositoryPayload, userPayload } from "./events.ts";
import { commentFacts, issueFacts } from "./facts.ts";
import {
  type CommentState,
  commentOf,
  commentsOf,
  type IssueState,
  isDiscussion,
  issueOf,
  mayWhenLocked,
  type RepositoryState,
} from "./state.ts";
import { emitComment, emitIssue, emitIssueOrPull, emitPullRequest, issueShown } from "./webhooks.ts";
import type { FakeWorld } from "./world.ts";

const BODY_LIMIT_CHARACTERS = 65_536;
const BODY_LIMIT_BYTES = 262_144;

/** Acts on issues, their comments and labels, by login. Each changes the state and emits what GitHub would send. */
export function issueActs(world: FakeWorld) {
  return {
    openIssue: (
      repository: Repository,
      login: string,
      issue: { readonly title: string; readonly body: string; readonly labels: readonly string[] },
    ): IssueFacts => {
      const state = world.writable(repository);
      if (!state.hasIssues) throw new TerminalError("Issues are disabled in this repository (410).", { status: 410 });
      checkBody(issue.body);
      const created = world.newIssue(state, login, issue.title, world.settings.keeps(issue.body, null), null);
      emitIssue(world, state, login, created, "opened");
      world.mention(state, login, created, issue.body);
      for (const label of issue.labels) addLabel(world, state, login, created, label);
      return issueFacts(world, state, created);
    },

    comment: (repository: Repository, login: string, number: number, body: string): CommentFacts => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      if (issue.locked && !mayWhenLocked(state, login)) {
        throw new TerminalError("Unable to create comment because issue is locked. (403)", { status: 403 });
      }
      if (body === "") throw new TerminalError("A comment needs a body (422).", { status: 422 });
      checkBody(body);
      const comment: CommentState = {
        id: world.id(),
        issue: number,
        author: login,
        appId: world.settings.apps.get(login) ?? null,
        createdAt: world.clock.now(),
        body: world.settings.keeps(body, null),
        // An untouched comment may show the following second.
        updatedAt: (world.clock.now() + world.settings.stampsLateByMs) as Instant,
        lastEditedAt: null,
        pinned: false,
        reactions: [],
      };
      state.comments.set(comment.id, comment);
      world.touch(issue);
      emitComment(world, state, login, issue, comment, "created");
      world.mention(state, login, issue, body);
      return commentFacts(world, state, comment);
    },

    editComment: (repository: Repository, login: string, commentId: number, body: string): CommentFacts => {
      const state = world.writable(repository);
      const comment = commentOf(state, commentId);
      if (world.settings.locksEdits && issueOf(state, comment.issue).locked && !mayWhenLocked(state, login)) {
        throw new TerminalError(`#${comment.issue} is locked (403).`, { status: 403 });
      }
      if (world.settings.refusesEditsOfOthers && world.settings.apps.has(login) && comment.author !== login) {
        throw new TerminalError("Resource not accessible by integration (403).", { status: 403 });
      }
      checkBody(body);
      const from = comment.body;
      comment.body = world.settings.keeps(body, from);
      comment.updatedAt = world.clock.now();
      comment.lastEditedAt = world.clock.now();
      const issue = issueOf(state, comment.issue);
      world.touch(issue);
      emitComment(world, state, login, issue, comment, "edited", { changes: { body: { from } } });
      world.mention(state, login, issue, body);
      return commentFacts(world, state, comment);
    },

    deleteComment: (repository: Repository, login: string, commentId: number): void => {
      const state = world.writable(repository);
      const comment = state.comments.get(commentId);
      if (comment === undefined) return;
      state.comments.delete(commentId);
      const issue = issueOf(state, comment.issue);
      world.touch(issue);
      emitComment(world, state, login, issue, comment, "deleted");
    },

    close: (repository: Repository, login: string, number: number, reason: CloseReason): IssueFacts => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      if (issue.state === "open") {
        issue.state = "closed";
        issue.closeReason = issue.pullRequest === null ? reason : null;
        issue.closedAt = world.clock.now();
        issue.closedBy = login;
        world.note(issue, { kind: "closed", actor: login });
        if (issue.pullRequest === null) emitIssue(world, state, login, issue, "closed");
        else emitPullRequest(world, state, login, issue, "closed");
      }
      return issueFacts(world, state, issue);
    },

    reopen: (repository: Repository, login: string, number: number): IssueFacts => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      if (isDiscussion(issue)) {
        throw new TerminalError(`#${number} was converted to a discussion (422).`, { status: 422 });
      }
      if (issue.state === "closed") {
        issue.state = "open";
        issue.closeReason = null;
        issue.closedAt = null;
        issue.closedBy = null;
        world.note(issue, { kind: "reopened", actor: login });
        if (issue.pullRequest === null) emitIssue(world, state, login, issue, "reopened");
        else emitPullRequest(world, state, login, issue, "reopened");
      }
      return issueFacts(world, state, issue);
    },

    /** A type that the account does not have is left out, as GitHub leaves it out where the rights are missing. */
    setType: (repository: Repository, login: string, number: number, type: string | null): IssueFacts => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      const known = world.settings.issueTypes.find((one) => one === type) ?? null;
      if (type === null || known !== null) {
        issue.type = known;
        world.touch(issue);
        emitIssue(world, state, login, issue, known === null ? "untyped" : "typed");
      }
      return issueFacts(world, state, issue);
    },

    edit: (
      repository: Repository,
      login: string,
      number: number,
      change: { readonly title?: string; readonly body?: string; readonly base?: string },
    ): IssueFacts => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      const changes: Record<string, unknown> = {};
      if (change.title !== undefined && change.title !== issue.title) {
        changes["title"] = { from: issue.title };
        issue.title = change.title;
      }
      // One that is too long is answered with 200 and dropped.
      if (change.body !== undefined && change.body !== issue.body && isTaken(change.body, issue.pullRequest !== null)) {
        changes["body"] = { from: issue.body };
        issue.body = world.settings.keeps(change.body, issue.body);
        issue.bodyEdits.push({ login, at: world.clock.now() });
      }
      if (issue.pullRequest !== null && change.base !== undefined && change.base !== issue.pullRequest.baseRef) {
        changes["base"] = { ref: { from: issue.pullRequest.baseRef } };
        issue.pullRequest.baseRef = change.base;
      }
      if (Object.keys(changes).length > 0) {
        world.touch(issue);
        if (issue.pullRequest === null) emitIssue(world, state, login, issue, "edited", { changes });
        else emitPullRequest(world, state, login, issue, "edited", { changes });
        world.mention(state, login, issue, issue.body);
      }
      return issueFacts(world, state, issue);
    },

    addLabels: (repository: Repository, login: string, number: number, labels: readonly string[]): void => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      for (const label of labels) addLabel(world, state, login, issue, label);
    },

    removeLabel: (repository: Repository, login: string, number: number, label: string): void => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      // By its exact spelling, unlike when adding one: a different case is answered with "Label does not exist".
      const found = issue.labels.find((candidate) => candidate === label);
      if (found === undefined) return;
      issue.labels = issue.labels.filter((candidate) => candidate !== found);
      world.note(issue, { kind: "unlabeled", actor: login, label: found });
      emitIssueOrPull(world, state, login, issue, "unlabeled", { label: labelPayload(state, found) });
    },

    createLabel: (
      repository: Repository,
      login: string,
      label: { readonly name: string; readonly color: string; readonly description: string },
    ): void => {
      const state = world.writable(repository);
      if (state.labels.some((known) => sameName(known.name, label.name))) return;
      state.labels.push({ id: world.id(), ...label });
      world.emit(state, login, "label", { action: "created", label: labelPayload(state, label.name) });
    },

    assign: (repository: Repository, login: string, number: number, logins: readonly string[]): readonly string[] => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      for (const candidate of logins) {
        const known = world.people.get(candidate.toLowerCase());
        const role = state.roles.get(candidate.toLowerCase()) ?? "none";
        const takesPart = commentsOf(state, number).some((comment) => sameName(comment.author, candidate));
        // GitHub silently drops people it does not accept.
        if (known === undefined || known.gone || (role === "none" && !takesPart)) continue;
        if (issue.assignees.length >= 10) continue;
        if (issue.assignees.some((assignee) => sameName(assignee, candidate))) continue;
        issue.assignees.push(known.login);
        world.touch(issue);
        emitIssueOrPull(world, state, login, issue, "assigned", { assignee: userPayload(known) });
      }
      return [...issue.assignees];
    },

    unassign: (repository: Repository, login: string, number: number, logins: readonly string[]): void => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      for (const candidate of logins) {
        if (!issue.assignees.some((assignee) => sameName(assignee, candidate))) continue;
        issue.assignees = issue.assignees.filter((assignee) => !sameName(assignee, candidate));
        world.touch(issue);
        emitIssueOrPull(world, state, login, issue, "unassigned", { assignee: userPayload(world.person(candidate)) });
      }
    },

    setLocked: (repository: Repository, login: string, number: number, locked: boolean): void => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      issue.locked = locked;
      emitIssueOrPull(world, state, login, issue, locked ? "locked" : "unlocked");
    },

    /** Closed and locked for good; only the timeline shows all three. */
    convertToDiscussion: (repository: Repository, login: string, number: number): void => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      const wasOpen = issue.state === "open";
      if (wasOpen) Object.assign(issue, { state: "closed", closedAt: world.clock.now(), closedBy: login });
      issue.locked = true;
      world.note(issue, { kind: "converted_to_discussion", actor: login });
      if (wasOpen) emitIssue(world, state, login, issue, "closed");
      emitIssue(world, state, login, issue, "locked");
    },

    deleteIssue: (repository: Repository, login: string, number: number): void => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      state.issues.delete(number);
      for (const comment of commentsOf(state, number)) state.comments.delete(comment.id);
      emitIssue(world, state, login, issue, "deleted");
    },

    transfer: (repository: Repository, login: string, number: number, to: Repository): Reference => {
      const state = world.writable(repository);
      const target = world.writable(to);
      const issue = issueOf(state, number);
      const moved: IssueState = {
        ...issue,
        id: world.id(),
        number: target.nextNumber++,
        // Labels survive only if the other repository has one of the same name (GitHub docs, "Transferring an issue").
        labels: issue.labels.filter((label) => target.labels.some((known) => sameName(known.name, label))),
      };
      target.issues.set(moved.number, moved);
      for (const comment of commentsOf(state, number)) {
        state.comments.delete(comment.id);
        target.comments.set(comment.id, { ...comment, issue: moved.number });
      }
      state.issues.delete(number);
      const reference = { repository: `${to.owner}/${to.name}`, number: moved.number };
      state.moved.set(number, reference);
      emitIssue(world, state, login, issue, "transferred", {
        changes: { new_issue: issueShown(world, target, moved), new_repository: repositoryPayload(target) },
      });
      emitIssue(world, target, login, moved, "opened", {
        changes: { old_issue: issueShown(world, state, issue), old_repository: repositoryPayload(state) },
      });
      return reference;
    },

    addSubIssue: (
      repository: Repository,
      login: string,
      parent: number,
      child: number,
      from: Repository = repository,
    ): void => {
      const state = world.writable(repository);
      const issue = issueOf(state, parent);
      const subIssue = issueOf(world.state(from), child);
      const place = from.id === repository.id ? null : `${from.owner}/${from.name}`;
      issue.subIssues.push({ repository: place, number: child });
      world.touch(issue);
      world.emit(state, login, "sub_issues", {
        action: "sub_issue_added",
        parent_issue: issueShown(world, state, issue),
        parent_issue_id: issue.id,
        sub_issue: issueShown(world, world.state(from), subIssue),
        sub_issue_id: subIssue.id,
      });
    },

    react: (repository: Repository, login: string, commentId: number, reaction: string): void => {
      const state = world.writable(repository);
      const comment = commentOf(state, commentId);
      if (issueOf(state, comment.issue).locked) {
        throw new TerminalError(`#${comment.issue} is locked (403).`, { status: 403 });
      }
      if (comment.reactions.some((known) => known.login === login && known.reaction === reaction)) return;
      comment.reactions.push({ login, reaction });
    },

    pin: (repository: Repository, login: string, commentId: number): void => {
      const state = world.writable(repository);
      const comment = commentOf(state, commentId);
      for (const other of commentsOf(state, comment.issue)) other.pinned = false;
      comment.pinned = true;
      emitComment(world, state, login, issueOf(state, comment.issue), comment, "pinned");
    },
  };
}

/** Issues and comments are measured in bytes, pull requests in characters, whatever the error message says. */
function isTaken(body: string, isPullRequest: boolean): boolean {
  return isPullRequest ? [...body].length <= BODY_LIMIT_CHARACTERS : Buffer.byteLength(body) <= BODY_LIMIT_BYTES;
}

export function checkBody(body: string, isPullRequest = false): void {
  if (!isTaken(body, isPullRequest)) {
    throw new TerminalError(`The body is too long: ${BODY_LIMIT_CHARACTERS} characters at most (422).`, {
      status: 422,
    });
  }
}

function addLabel(world: FakeWorld, state: RepositoryState, login: string, issue: IssueState, name: string): void {
  const label = world.ensureLabel(state, name);
  if (issue.labels.includes(label)) return;
  issue.labels.push(label);
  world.note(issue, { kind: "labeled", actor: login, label });
  emitIssueOrPull(world, state, login, issue, "labeled", { label: labelPayload(state, label) });
}
