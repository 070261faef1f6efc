import type { Instant, WorkflowRunFacts } from "../../src/core/model.ts";
import type { CheckRunState, CommentState, IssueState, PersonState, RepositoryState } from "./state.ts";

/** A webhook as GitHub would send it (GitHub docs, "Webhook events and payloads"; the fields that Sevgate may look at). */
export interface FakeEvent {
  readonly name: string;
  readonly payload: Record<string, unknown> & { readonly action?: string };
}

export function isoTime(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString().replace(".000Z", "Z");
}

export function userPayload(person: PersonState | null): Record<string, unknown> | null {
  if (person === null) return null;
  return { id: person.id, login: person.login, node_id: `U_${person.id}`, type: person.isBot ? "Bot" : "User" };
}

export function repositoryPayload(state: RepositoryState): Record<string, unknown> {
  const { id, owner, name } = state.repository;
  return {
    id,
    node_id: `R_${id}`,
    name,
    full_name: `${owner}/${name}`,
    owner: { id: 1, login: owner, type: "Organization" },
    private: state.isPrivate,
    archived: state.archived,
    has_issues: state.hasIssues,
    default_branch: state.defaultBranch,
    url: `https://api.github.com/repos/${owner}/${name}`,
    html_url: `https://github.com/${owner}/${name}`,
  };
}

export function labelPayload(state: RepositoryState, name: string): Record<string, unknown> {
  const label = state.labels.find((candidate) => candidate.name === name);
  return {
    id: label?.id ?? 0,
    node_id: `LA_${label?.id ?? 0}`,
    name,
    color: label?.color ?? "ededed",
    description: label?.description ?? null,
    default: false,
  };
}

export function issuePayload(
  state: RepositoryState,
  issue: IssueState,
  people: (login: string) => PersonState | null,
): Record<string, unknown> {
  const { owner, name } = state.repository;
  const url = `https://api.github.com/repos/${owner}/${name}/issues/${issue.number}`;
  const kind = issue.pullRequest === null ? "issues" : "pull";
  return {
    id: issue.id,
    node_id: issue.nodeId,
    number: issue.number,
    url,
    repository_url: `https://api.github.com/repos/${owner}/${name}`,
    html_url: `https://github.com/${owner}/${name}/${kind}/${issue.number}`,
    title: issue.title,
    body: issue.body === "" ? null : issue.body,
    state: issue.state,
    state_reason: issue.closeReason,
    locked: issue.locked,
    labels: issue.labels.map((label) => labelPayload(state, label)),
    user: userPayload(people(issue.author)),
    assignees: issue.assignees.map((login) => userPayload(people(login))),
    comments: [...state.comments.values()].filter((comment) => comment.issue === issue.number).length,
    created_at: isoTime(issue.createdAt),
    updated_at: isoTime(issue.updatedAt),
    closed_at: isoTime(issue.closedAt),
    sub_issues_summary: { total: issue.subIssues.length, completed: 0, percent_completed: 0 },
    ...(issue.pullRequest === null ? {} : { pull_request: { url: url.replace("/issues/", "/pulls/") } }),
  };
}

export function commentPayload(
  state: RepositoryState,
  comment: CommentState,
  people: (login: string) => PersonState | null,
): Record<string, unknown> {
  const { owner, name } = state.repository;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `https://api.github.com/repos/${owner}/${name}/issues/comments/${comment.id}`,
    issue_url: `https://api.github.com/repos/${owner}/${name}/issues/${comment.issue}`,
    html_url: `https://github.com/${owner}/${name}/issues/${comment.issue}#issuecomment-${comment.id}`,
    body: comment.body,
    user: userPayload(people(comment.author)),
    performed_via_github_app: comment.appId === null ? null : { id: comment.appId },
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.updatedAt),
  };
}

export function pullRequestPayload(
  state: RepositoryState,
  issue: IssueState,
  people: (login: string) => PersonState | null,
): Record<string, unknown> {
  const pull = issue.pullRequest;
  if (pull === null) throw new Error(`#${issue.number} is an issue, not a pull request`);
  const { owner, name } = state.repository;
  return {
    id: issue.id,
    node_id: issue.nodeId,
    number: issue.number,
    url: `https://api.github.com/repos/${owner}/${name}/pulls/${issue.number}`,
    html_url: `https://github.com/${owner}/${name}/pull/${issue.number}`,
    title: issue.title,
    body: issue.body === "" ? null : issue.body,
    state: issue.state,
    draft: pull.draft,
    merged: pull.merged,
    merged_at: isoTime(pull.mergedAt),
    merge_commit_sha: pull.mergeSha,
    user: userPayload(people(issue.author)),
    labels: issue.labels.map((label) => labelPayload(state, label)),
    head: { sha: pull.headSha, ref: `branch-${issue.number}`, repo: pull.fromFork ? null : repositoryPayload(state) },
    base: { sha: state.headSha, ref: pull.baseRef, repo: repositoryPayload(state) },
    created_at: isoTime(issue.createdAt),
    updated_at: isoTime(issue.updatedAt),
    closed_at: isoTime(issue.closedAt),
  };
}

export function checkRunPayload(
  run: CheckRunState,
  app: { readonly id: number; readonly slug: string },
  suiteId: number,
): Record<string, unknown> {
  return {
    id: run.id,
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId,
    status: run.status,
    conclusion: run.conclusion,
    app,
    // Empty for pull requests from forks, so nobody may rely on it.
    pull_requests: [],
    check_suite: { id: suiteId, head_sha: run.headSha, head_branch: null, pull_requests: [] },
  };
}

export function workflowRunPayload(workflow: number, run: WorkflowRunFacts): Record<string, unknown> {
  return {
    id: Number(run.url.split("/").at(-1)),
    name: run.workflow,
    path: run.file === null ? `dynamic/${run.workflow}` : `.github/workflows/${run.file}`,
    workflow_id: workflow,
    run_number: run.number,
    run_attempt: run.attempt,
    event: run.event,
    status: run.conclusion === null ? "in_progress" : "completed",
    conclusion: run.conclusion,
    head_branch: run.branch,
    head_sha: run.sha,
    head_repository: run.headRepositoryId === null ? null : { id: run.headRepositoryId },
    html_url: run.url,
    created_at: isoTime(run.startedAt),
    run_started_at: isoTime(run.startedAt),
    updated_at: isoTime(run.updatedAt),
  };
}
