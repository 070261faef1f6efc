import { commentPayload, issuePayload, pullRequestPayload } from "./events.ts";
import { commitOf } from "./git.ts";
import type { CommentState, IssueState, RepositoryState } from "./state.ts";
import type { FakeWorld } from "./world.ts";

export function emitIssue(
  world: FakeWorld,
  state: RepositoryState,
  sender: string,
  issue: IssueState,
  action: string,
  more: Record<string, unknown> = {},
): void {
  world.emit(state, sender, "issues", { action, issue: issueShown(world, state, issue), ...more });
}

export function emitPullRequest(
  world: FakeWorld,
  state: RepositoryState,
  sender: string,
  issue: IssueState,
  action: string,
  more: Record<string, unknown> = {},
): void {
  const pull = pullRequestPayload(state, issue, (login) => world.shown(login));
  world.emit(state, sender, "pull_request", { action, number: issue.number, pull_request: pull, ...more });
}

export function emitIssueOrPull(
  world: FakeWorld,
  state: RepositoryState,
  sender: string,
  issue: IssueState,
  action: string,
  more: Record<string, unknown> = {},
): void {
  if (issue.pullRequest === null) emitIssue(world, state, sender, issue, action, more);
  else emitPullRequest(world, state, sender, issue, action, more);
}

export function emitComment(
  world: FakeWorld,
  state: RepositoryState,
  sender: string,
  issue: IssueState,
  comment: CommentState,
  action: string,
  more: Record<string, unknown> = {},
): void {
  world.emit(state, sender, "issue_comment", {
    action,
    issue: issueShown(world, state, issue),
    comment: commentPayload(state, comment, (login) => world.shown(login)),
    ...more,
  });
}

export function emitPush(
  world: FakeWorld,
  state: RepositoryState,
  sender: string,
  before: string,
  files: Readonly<Record<string, string | null>>,
): void {
  const head = commitOf(state, state.headSha);
  const paths = Object.entries(files);
  const commit = {
    id: head.sha,
    message: head.message,
    added: [],
    modified: paths.filter(([, text]) => text !== null).map(([path]) => path),
    removed: paths.filter(([, text]) => text === null).map(([path]) => path),
  };
  world.emit(state, sender, "push", {
    ref: `refs/heads/${state.defaultBranch}`,
    before,
    after: head.sha,
    created: false,
    deleted: false,
    forced: false,
    commits: [commit],
    head_commit: commit,
    pusher: { name: sender },
  });
}

export function issueShown(world: FakeWorld, state: RepositoryState, issue: IssueState): Record<string, unknown> {
  return issuePayload(state, issue, (login) => world.shown(login));
}
