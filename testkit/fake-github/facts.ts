import type { CommentFacts, IssueFacts, PullRequestFacts, Reference, TimelineFacts } from "../../src/core/model.ts";
import {
  type CommentState,
  commentsOf,
  type IssueState,
  type PullRequestState,
  pullOf,
  type RepositoryState,
  type TimelineState,
} from "./state.ts";
import type { FakeWorld } from "./world.ts";

const CLOSING_KEYWORD = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:([\w.-]+\/[\w.-]+))?#(\d+)/gi;

export function issueFacts(world: FakeWorld, state: RepositoryState, issue: IssueState): IssueFacts {
  const { owner, name } = state.repository;
  return {
    id: issue.id,
    nodeId: issue.nodeId,
    number: issue.number,
    url: `https://github.com/${owner}/${name}/issues/${issue.number}`,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    closeReason: issue.closeReason,
    closedAt: issue.closedAt,
    closedBy: issue.closedBy === null ? null : world.personFacts(issue.closedBy),
    locked: issue.locked,
    labels: [...issue.labels],
    author: world.personFacts(issue.author),
    assignees: [...issue.assignees],
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
    commentCount: commentsOf(state, issue.number).length,
    milestoneDue: issue.milestoneDue,
    subIssueCount: world.settings.features.subIssues ? issue.subIssues.length : 0,
  };
}

export function commentFacts(world: FakeWorld, state: RepositoryState, comment: CommentState): CommentFacts {
  const { owner, name } = state.repository;
  return {
    id: comment.id,
    url: `https://github.com/${owner}/${name}/issues/${comment.issue}#issuecomment-${comment.id}`,
    author: world.personFacts(comment.author),
    appId: comment.appId,
    body: comment.body,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
  };
}

export function pullRequestFacts(world: FakeWorld, state: RepositoryState, issue: IssueState): PullRequestFacts {
  const pull = pullOf(issue);
  const { owner, name } = state.repository;
  return {
    number: issue.number,
    nodeId: issue.nodeId,
    url: `https://github.com/${owner}/${name}/pull/${issue.number}`,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    merged: pull.merged,
    mergedAt: pull.mergedAt,
    draft: pull.draft,
    author: world.personFacts(issue.author),
    headSha: pull.headSha,
    mergeSha: pull.mergeSha,
    baseRef: pull.baseRef,
    defaultBranch: state.defaultBranch,
  };
}

export function timelineFacts(world: FakeWorld, entry: TimelineState): TimelineFacts {
  return { ...entry, actor: world.personFacts(entry.actor) };
}
/** Keywords only count if the pull request goes to the default branch; links made by hand always do. */
export function closingReferences(
  state: RepositoryState,
  issue: IssueState,
  pull: PullRequestState,
): readonly Reference[] {
  const references = [...pull.links];
  if (pull.baseRef === state.defaultBranch) {
    for (const match of issue.body.matchAll(CLOSING_KEYWORD)) {
      references.push({ repository: match[1] ?? null, number: Number(match[2]) });
    }
  }
  return references.filter(
    (one, index) =>
      references.findIndex((other) => other.number === one.number && other.repository === one.repository) === index,
  );
}
