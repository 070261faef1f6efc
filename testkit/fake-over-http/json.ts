import type {
  CheckRunFacts,
  CommentFacts,
  GitCommit,
  Instant,
  IssueFacts,
  Person,
  PullRequestFacts,
  Reference,
  Repository,
  TimelineFacts,
} from "../../src/core/model.ts";
import type { FakeGitHub } from "../fake-github/fake-github.ts";
import { API_URL } from "./api.ts";

/** What GitHub shows, in its own words, for one repository; only the fields that matter. */
export function createJson(github: FakeGitHub, repository: Repository) {
  const repositoryUrl = `${API_URL}/repos/${repository.owner}/${repository.name}`;
  const issueJson = (issue: IssueFacts) => ({
    id: issue.id,
    node_id: issue.nodeId,
    number: issue.number,
    url: `${repositoryUrl}/issues/${issue.number}`,
    repository_url: repositoryUrl,
    html_url: issue.url,
    title: issue.title,
    body: issue.body === "" ? null : issue.body,
    state: issue.state,
    state_reason: issue.closeReason,
    closed_at: time(issue.closedAt),
    closed_by: user(issue.closedBy),
    locked: issue.locked,
    labels: issue.labels.map((name) => ({ name })),
    user: user(issue.author),
    assignees: issue.assignees.map((login) => ({ login })),
    created_at: time(issue.createdAt),
    updated_at: time(issue.updatedAt),
    comments: issue.commentCount,
    milestone: issue.milestoneDue === null ? null : { due_on: `${issue.milestoneDue}T08:00:00Z` },
    type: issue.type === null ? null : { id: 1, node_id: "IT_1", name: issue.type, description: null },
    sub_issues_summary: { total: issue.subIssueCount, completed: 0, percent_completed: 0 },
  });
  const commentJson = (comment: CommentFacts) => ({
    id: comment.id,
    html_url: comment.url,
    user: user(comment.author),
    ...(comment.appId === null ? {} : { performed_via_github_app: { id: comment.appId, name: github.slug } }),
    body: comment.body,
    created_at: time(comment.createdAt),
    updated_at: time(comment.updatedAt),
  });
  const pullJson = (pull: PullRequestFacts) => ({
    number: pull.number,
    node_id: pull.nodeId,
    html_url: pull.url,
    title: pull.title,
    body: pull.body === "" ? null : pull.body,
    state: pull.state,
    merged_at: time(pull.mergedAt),
    draft: pull.draft,
    user: user(pull.author),
    head: { sha: pull.headSha },
    merge_commit_sha: pull.mergeSha,
    base: { ref: pull.baseRef, repo: { default_branch: pull.defaultBranch } },
  });
  const runJson = (run: CheckRunFacts) => ({
    id: run.id,
    name: run.name,
    head_sha: run.headSha,
    status: run.status,
    conclusion: run.conclusion,
    external_id: run.externalId,
    output: { title: run.title, summary: run.summary },
    started_at: time(run.at),
    app: { id: github.appId, name: github.slug, slug: github.slug, permissions: { ...github.appPermissions } },
  });
  const eventJson = (entry: TimelineFacts) => ({
    event: entry.kind,
    created_at: time(entry.at),
    actor: user(entry.actor),
    ...(entry.label === null ? {} : { label: { name: entry.label, color: "ededed" } }),
    ...(entry.source === null ? {} : { source: sourceJson(entry.source) }),
  });
  const sourceJson = (source: Reference & { readonly isPullRequest: boolean }) => ({
    type: "issue",
    issue: {
      number: source.number,
      repository_url: source.repository === null ? repositoryUrl : `${API_URL}/repos/${source.repository}`,
      ...(source.isPullRequest ? { pull_request: {} } : {}),
    },
  });
  return { issueJson, commentJson, pullJson, runJson, eventJson };
}

export type GitHubJson = ReturnType<typeof createJson>;

function gitAuthor({ authorEmail: email, authoredAt }: GitCommit) {
  return { name: email, email, date: new Date(authoredAt).toISOString() };
}

export function gitCommitJson(commit: GitCommit) {
  const parents = commit.parents.map((sha) => ({ sha }));
  return { sha: commit.sha, message: commit.message, tree: { sha: commit.tree }, parents, author: gitAuthor(commit) };
}

export function listedCommitJson(commit: GitCommit) {
  const { sha, parents, ...rest } = gitCommitJson(commit);
  return { sha, parents, commit: rest };
}

export function commitJson({ sha, message }: { readonly sha: string; readonly message: string }) {
  return { sha, commit: { message } };
}

export function time(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

export function user(person: Person | null) {
  return person === null ? null : { id: person.id, login: person.login, type: person.isBot ? "Bot" : "User" };
}
