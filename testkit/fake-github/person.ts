import type {
  CloseReason,
  CommentFacts,
  IssueFacts,
  PullRequestFacts,
  Reference,
  Repository,
} from "../../src/core/model.ts";
import type { NewPullRequest } from "./act-on-pull-requests.ts";
import type { FakeActs } from "./acts.ts";

/** Somebody using GitHub's own screens: every act is theirs, and causes the webhooks that GitHub would send. */
export class FakePerson {
  readonly login: string;
  readonly #repository: Repository;
  readonly #act: FakeActs;

  constructor(login: string, repository: Repository, act: FakeActs) {
    this.login = login;
    this.#repository = repository;
    this.#act = act;
  }

  openIssue(issue: {
    readonly title: string;
    readonly body?: string;
    readonly labels?: readonly string[];
  }): IssueFacts {
    return this.#act.openIssue(this.#repository, this.login, { body: "", labels: [], ...issue });
  }

  comment(number: number, body: string): CommentFacts {
    return this.#act.comment(this.#repository, this.login, number, body);
  }

  editComment(commentId: number, body: string): CommentFacts {
    return this.#act.editComment(this.#repository, this.login, commentId, body);
  }

  deleteComment(commentId: number): void {
    this.#act.deleteComment(this.#repository, this.login, commentId);
  }

  close(number: number, reason: CloseReason = "completed"): IssueFacts {
    return this.#act.close(this.#repository, this.login, number, reason);
  }

  reopen(number: number): IssueFacts {
    return this.#act.reopen(this.#repository, this.login, number);
  }

  edit(
    number: number,
    change: { readonly title?: string; readonly body?: string; readonly base?: string },
  ): IssueFacts {
    return this.#act.edit(this.#repository, this.login, number, change);
  }

  /** `null` takes its type off. */
  setType(number: number, type: string | null): IssueFacts {
    return this.#act.setType(this.#repository, this.login, number, type);
  }

  label(number: number, ...labels: readonly string[]): void {
    this.#act.addLabels(this.#repository, this.login, number, labels);
  }

  unlabel(number: number, label: string): void {
    this.#act.removeLabel(this.#repository, this.login, number, label);
  }

  assign(number: number, ...logins: readonly string[]): void {
    this.#act.assign(this.#repository, this.login, number, logins);
  }

  unassign(number: number, login: string): void {
    this.#act.unassign(this.#repository, this.login, number, [login]);
  }

  lock(number: number): void {
    this.#act.setLocked(this.#repository, this.login, number, true);
  }

  convertToDiscussion(number: number): void {
    this.#act.convertToDiscussion(this.#repository, this.login, number);
  }

  unlock(number: number): void {
    this.#act.setLocked(this.#repository, this.login, number, false);
  }

  deleteIssue(number: number): void {
    this.#act.deleteIssue(this.#repository, this.login, number);
  }

  /** Returns where the issue is now. */
  transfer(number: number, to: Repository): Reference {
    return this.#act.transfer(this.#repository, this.login, number, to);
  }

  /** `from`: the repository of the child; left out: the parent's. */
  addSubIssue(parent: number, child: number, from?: Repository): void {
    this.#act.addSubIssue(this.#repository, this.login, parent, child, from);
  }

  openPullRequest(options: NewPullRequest): PullRequestFacts {
    return this.#act.openPullRequest(this.#repository, this.login, options);
  }

  pushToPullRequest(
    number: number,
    message: string,
    files: Readonly<Record<string, string | null>> = {},
  ): PullRequestFacts {
    return this.#act.pushToPullRequest(this.#repository, this.login, number, message, files);
  }

  /** Links an issue in the pull request's "Development" sidebar. GitHub sends no webhook for it. */
  link(pullRequest: number, to: Reference): void {
    this.#act.link(this.#repository, pullRequest, to);
  }

  /** Removes a link in the "Development" sidebar. */
  unlink(number: number, from: Reference): void {
    this.#act.unlink(this.#repository, number, from);
  }

  /** Merges; a merge into the default branch brings its files there. It closes no issue: let a person do that. */
  merge(number: number, method: "squash" | "merge" | "rebase" = "squash"): PullRequestFacts {
    return this.#act.merge(this.#repository, this.login, number, method);
  }

  /** Commits straight to the default branch. Returns the new head's SHA. */
  push(message: string, files: Readonly<Record<string, string | null>> = {}): string {
    return this.#act.push(this.#repository, this.login, message, files);
  }

  /** Presses "Re-run" on a check run. */
  rerequest(checkRunId: number): void {
    this.#act.rerequestCheckRun(this.#repository, this.login, checkRunId, null);
  }

  /** Presses "Re-run all checks" on a commit. */
  rerequestAll(headSha: string): void {
    this.#act.rerequestCheckSuite(this.#repository, this.login, headSha);
  }

  /** Presses a button of a check run. */
  requestAction(checkRunId: number, identifier: string): void {
    this.#act.rerequestCheckRun(this.#repository, this.login, checkRunId, identifier);
  }
}
