import { TerminalError } from "../src/base/errors.ts";
import type {
  CheckRunContent,
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
} from "../src/core/model.ts";
import type { TreeChange } from "../src/core/regressions/undo-tree.ts";
import type { Refused } from "../src/systems/github/ports.ts";
import { workflowRunPayload } from "./fake-github/events.ts";
import type { FakeGitHub } from "./fake-github/fake-github.ts";
import { DESCRIBED_VERSION, loadGitHubDescription } from "./github-description.ts";
import { problemsOfAnswer, problemsOfDocument } from "./github-schema.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Request {
  readonly path: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a route answers: status and the fields that matter; the description adds the rest. */
interface Said {
  readonly status?: number;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = readonly [method: string, path: RegExp, answer: (request: Request) => Promise<Said>];

export const API_URL = "https://api.github.com";
const VERSIONS: ReadonlySet<string> = new Set([DESCRIBED_VERSION, "2026-03-10"]);

/**
 * The fake as GitHub's REST API shows it: the same state, in GitHub's words.
 *
 * Every request is held against GitHub's description before it is answered, and every answer before it is given: a
 * request or answer that GitHub would not know is an error that names the problem, which no promise expects. GraphQL is held
 * against its schema.
 */
export function fakeOverHttp(
  github: FakeGitHub,
  repository: Repository,
): (method: string, url: string, body: unknown, version?: string) => Promise<HttpAnswer> {
  const repositoryUrl = `${API_URL}/repos/${repository.owner}/${repository.name}`;
  const routes = routesOf(github, repository, repositoryUrl);

  return async (method, url, body, version = DESCRIBED_VERSION) => {
    if (!VERSIONS.has(version)) return { status: 400, headers: {}, body: { message: `No API version ${version}.` } };
    const description = loadGitHubDescription(version);
    const { pathname, searchParams } = new URL(url, API_URL);
    const described = pathname !== "/graphql" && !pathname.startsWith("/repositories/");
    const given = typeof body === "object" && body !== null && Object.keys(body).length > 0 ? body : undefined;
    const problems = described ? description.problemsOfRequest(method, pathname, searchParams, given) : [];
    if (problems.length > 0) return wrong(`${method} ${pathname}: ${problems.join("; ")}`);
    for (const [routeMethod, pattern, answer] of routes) {
      const match = pattern.exec(pathname);
      if (routeMethod !== method || match === null) continue;
      const request = {
        path: pathname,
        parts: match.slice(1).map((part) => decodeURIComponent(part ?? "")),
        query: searchParams,
        body: (given ?? {}) as Readonly<Record<string, unknown>>,
      };
      let said: Said;
      try {
        said = await answer(request);
      } catch (error) {
        if (!(error instanceof TerminalError) || error.status === null) throw error;
        said = { status: error.status, data: { message: error.message } };
      }
      const { status = 200 } = said;
      const [page, headers] = pageOf(said, searchParams, pathname);
      if (!described || status >= 300) return { status, headers, body: page };
      try {
        return {
          status,
          headers,
          body: description.answer(method, pathname, status, inVersion(version, pathname, page)),
        };
      } catch (error) {
        return wrong(String(error));
      }
    }
    return { status: 404, headers: {}, body: { message: "Not Found" } };
  };
}

function wrong(message: string): HttpAnswer {
  return { status: 422, headers: {}, body: { message: `AGAINST THE DESCRIPTION ${message}` } };
}

/** One page of a list, and the `Link` to the next. */
function pageOf(said: Said, query: URLSearchParams, path: string): readonly [unknown, Record<string, string>] {
  const headers = { ...said.headers };
  const key = ["check_runs", "commits", "items", "repositories", "workflow_runs"].find(
    (name) => said.data != null && name in (said.data as object),
  );
  const entries: unknown = key === undefined ? said.data : (said.data as Record<string, unknown>)[key];
  if (!Array.isArray(entries) || !query.has("per_page")) return [said.data, headers];
  const size = Number(query.get("per_page"));
  const page = Number(query.get("page") ?? "1");
  const part = entries.slice((page - 1) * size, page * size);
  if (page * size < entries.length) {
    const next = new URLSearchParams(query);
    next.set("page", String(page + 1));
    const last = new URLSearchParams(query);
    last.set("page", String(Math.ceil(entries.length / size)));
    headers["link"] = `<${API_URL}${path}?${next}>; rel="next", <${API_URL}${path}?${last}>; rel="last"`;
  }
  return [key === undefined ? part : { ...(said.data as object), [key]: part }, headers];
}

function routesOf(github: FakeGitHub, repository: Repository, repositoryUrl: string): readonly Route[] {
  const { read, write } = github;
  const repo = `/repos/${repository.owner}/${repository.name}`;
  const route = (method: string, path: string, answer: (request: Request) => Promise<Said>): Route => [
    method,
    new RegExp(`^${path}$`),
    answer,
  ];
  const at = (request: Request, index = 0): number => Number(request.parts[index]);
  const since = (request: Request): Instant | null => {
    const text = request.query.get("since");
    return text === null ? null : (Date.parse(text) as Instant);
  };
  const missing: Said = { status: 404, data: { message: "Not Found" } };

  const user = (person: Person | null) =>
    person === null ? null : { id: person.id, login: person.login, type: person.isBot ? "Bot" : "User" };
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
    app: { id: github.appId, name: github.slug },
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
  /** What the fake was told so far, with what an update adds: GitHub keeps what is not mentioned. */
  const checkRunContent = (request: Request, known: CheckRunContent | null): CheckRunContent => {
    const { body } = request;
    const output = (body["output"] ?? {}) as Record<string, unknown>;
    const annotations = (output["annotations"] ?? []) as Record<string, unknown>[];
    return {
      name: (body["name"] ?? known?.name) as CheckRunContent["name"],
      headSha: (body["head_sha"] ?? known?.headSha) as string,
      status: (body["status"] ?? known?.status) as CheckRunContent["status"],
      conclusion: (body["conclusion"] ?? known?.conclusion ?? null) as CheckRunContent["conclusion"],
      title: (output["title"] ?? known?.title) as string,
      summary: (output["summary"] ?? known?.summary) as string,
      annotations: [
        ...(known?.annotations ?? []),
        ...annotations.map((annotation) => ({
          path: annotation["path"] as string,
          line: annotation["start_line"] as number,
          column: (annotation["start_column"] ?? null) as number | null,
          level: annotation["annotation_level"] as "notice",
          message: annotation["message"] as string,
        })),
      ],
      actions: (body["actions"] ?? known?.actions ?? []) as CheckRunContent["actions"],
      externalId: (body["external_id"] ?? known?.externalId) as string,
    };
  };
  const knownRun = (id: number): CheckRunContent | null =>
    github.allCheckRuns(repository).find((run) => run.id === id)?.content ?? null;

  async function issueOrPull(number: number): Promise<Said> {
    const issue = await read.issue(repository, number);
    if (typeof issue === "object" && "movedTo" in issue) {
      return { status: 301, headers: { location: `${API_URL}/repositories/9999/issues/${number}` } };
    }
    if (issue !== "missing") return { data: issueJson(issue) };
    const pull = await read.pullRequest(repository, number);
    if (pull === "missing") return missing;
    // "Get an issue" answers for pull requests, too.
    const asIssue = issueJson(github.issue(number, repository));
    return { data: { ...asIssue, pull_request: { url: "u", html_url: "h", diff_url: "d", patch_url: "p" } } };
  }

  return [
    route("POST", "/app/installations/(\\d+)/access_tokens", async () => ({
      status: 201,
      // Any length: since April 2026 they are longer than 40 characters.
      data: { token: `ghs_${github.appId}_${"t".repeat(300)}`, expires_at: "2099-01-01T00:00:00Z" },
    })),
    route("GET", "/versions", async () => ({ data: [...VERSIONS] })),
    route("GET", "/app", async () => {
      const { appId, slug } = await github.app.identity();
      return { data: { id: appId, slug } };
    }),
    route("GET", "/app/installations", async () => ({
      data: (await github.app.installations()).map((installation) => ({
        id: installation.id,
        account: { login: installation.account },
        suspended_at: installation.suspended ? "2026-01-05T09:00:00Z" : null,
      })),
    })),
    route("GET", "/installation/repositories", async () => {
      const repositories = await github.app.repositories(repository.installationId);
      if (repositories === "unsupported") return missing;
      return {
        data: {
          total_count: repositories.length,
          repositories: repositories.map(({ id, owner, name }) => ({ id, name, owner: { login: owner } })),
        },
      };
    }),
    route("GET", "/search/issues", async ({ query }) => {
      const [, account = "", kind, labels, since = ""] =
        /^user:(\S+) is:(issue|pull-request)(?: is:open label:(\S.*))? updated:>=(\S+)$/.exec(query.get("q") ?? "") ??
        [];
      const openWith = labels === undefined ? null : labels.split(",").map((label) => label.replaceAll('"', ""));
      const found = await github.app.changedSince(
        repository.installationId,
        account,
        Date.parse(since) as Instant,
        openWith,
      );
      if (found === "unsupported") return missing;
      const items = found.entries.filter(({ isPullRequest }) => isPullRequest === (kind === "pull-request"));
      return {
        data: {
          total_count: items.length,
          incomplete_results: found.continueFrom !== null,
          search_type: "lexical",
          items: items.map((entry) => ({
            number: entry.number,
            repository_url: `${API_URL}/repos/${entry.repository}`,
            labels: entry.labels.map((name) => ({ name })),
            updated_at: time(entry.updatedAt),
            ...(entry.isPullRequest
              ? { pull_request: { url: "u", html_url: "h", diff_url: "d", patch_url: "p" } }
              : {}),
          })),
        },
      };
    }),
    route("GET", "/app/hook/deliveries", async () => {
      const deliveries = await github.app.deliveries(0 as Instant);
      if (deliveries === "unsupported") return missing;
      return {
        data: deliveries.map(({ id, guid, deliveredAt, ok }) => ({
          id: Number(id),
          guid,
          delivered_at: time(deliveredAt),
          status_code: ok ? 200 : 502,
        })),
      };
    }),
    route("POST", "/app/hook/deliveries/(\\d+)/attempts", async (request) => {
      await github.app.redeliver(request.parts[0] ?? "");
      return { status: 202, data: {} };
    }),

    route("GET", repo, async () => {
      const facts = await read.repository(repository);
      if (facts === "missing") return missing;
      return {
        data: {
          id: facts.id,
          name: facts.name,
          owner: { login: facts.owner },
          default_branch: facts.defaultBranch,
          private: facts.isPrivate,
          archived: facts.archived,
          has_issues: facts.hasIssues,
        },
      };
    }),
    route("GET", `${repo}/issues`, async (request) => {
      const label = request.query.get("labels");
      const { issues, pullRequests } = await read.changedSince(repository, since(request) ?? (0 as Instant));
      // GitHub lists pull requests among the issues.
      const listed = [
        ...issues.map((issue) => ({ issue, more: {} })),
        ...pullRequests.map((number) => ({
          issue: github.issue(number, repository),
          more: { pull_request: { url: "u", html_url: "h", diff_url: "d", patch_url: "p" } },
        })),
      ];
      return {
        data: listed
          .filter(({ issue }) => label === null || issue.labels.includes(label))
          .filter(({ issue }) => request.query.get("state") === "all" || issue.state === "open")
          .map(({ issue, more }) => ({ ...issueJson(issue), ...more })),
      };
    }),
    route("POST", `${repo}/issues`, async ({ body }) => {
      const { title, body: text, labels } = body as { title: string; body?: string; labels?: string[] };
      const issue = await write.createIssue(repository, { title, body: text ?? "", labels: labels ?? [] }, "incident");
      return { status: 201, data: issueJson(issue) };
    }),
    route("GET", `${repo}/issues/(\\d+)`, (request) => issueOrPull(at(request))),
    route("GET", "/repositories/9999/issues/(\\d+)", async (request) => {
      const issue = await read.issue(repository, at(request));
      if (typeof issue !== "object" || !("movedTo" in issue)) return missing;
      const { repository: name, number } = issue.movedTo;
      const url = `${API_URL}/repos/${name}`;
      const facts = github.issue(number, github.repositoryNamed(name ?? ""));
      return { data: { ...issueJson(facts), number, repository_url: url } };
    }),
    route("PATCH", `${repo}/issues/(\\d+)`, async (request) => {
      const change = request.body as {
        state?: string;
        state_reason?: "completed" | "not_planned";
        title?: string;
        body?: string;
      };
      const number = at(request);
      if (change.state === "closed") {
        return { data: issueJson(await write.closeIssue(repository, number, change.state_reason ?? "completed")) };
      }
      if (change.state === "open") return { data: issueJson(await write.reopenIssue(repository, number)) };
      if (change.title !== undefined)
        return { data: issueJson(await write.retitleIssue(repository, number, change.title)) };
      return { data: issueJson(await write.editIssueBody(repository, number, change.body ?? "")) };
    }),
    route("GET", `${repo}/issues/(\\d+)/comments`, async (request) => {
      if ((await read.issue(repository, at(request))) === "missing") return missing;
      return { data: (await read.comments(repository, at(request), since(request))).map(commentJson) };
    }),
    route("POST", `${repo}/issues/(\\d+)/comments`, async (request) => {
      const { body } = request.body as { body: string };
      return { status: 201, data: commentJson(await write.createComment(repository, at(request), body, "incident")) };
    }),
    route("GET", `${repo}/issues/comments/(\\d+)`, async (request) => {
      const comment = await read.comment(repository, at(request));
      return comment === "missing" ? missing : { data: commentJson(comment) };
    }),
    route("PATCH", `${repo}/issues/comments/(\\d+)`, async (request) => {
      const { body } = request.body as { body: string };
      return { data: commentJson(await write.editComment(repository, at(request), body)) };
    }),
    route("DELETE", `${repo}/issues/comments/(\\d+)`, async (request) => {
      if ((await read.comment(repository, at(request))) === "missing") return missing;
      await write.deleteComment(repository, at(request));
      return { status: 204 };
    }),
    route("PUT", `${repo}/issues/comments/(\\d+)/pin`, async (request) => {
      if ((await write.pinComment(repository, at(request))) !== "done") return missing;
      const comment = await read.comment(repository, at(request));
      return comment === "missing" ? missing : { data: commentJson(comment) };
    }),
    route("POST", `${repo}/issues/comments/(\\d+)/reactions`, async (request) => {
      const { content } = request.body as { content: "+1" };
      if ((await write.react(repository, at(request), content)) !== "done") return missing;
      return { status: 201, data: { content } };
    }),
    route("GET", `${repo}/issues/(\\d+)/timeline`, async (request) => ({
      data: (await read.timeline(repository, at(request))).events.map(eventJson),
    })),
    route("GET", `${repo}/issues/(\\d+)/sub_issues`, async (request) => {
      if (!github.features.subIssues) return missing;
      const children = await read.subIssues(repository, at(request));
      return { data: children.map(({ number }) => issueJson(github.issue(number, repository))) };
    }),
    route("POST", `${repo}/issues/(\\d+)/labels`, async (request) => {
      const { labels } = request.body as { labels: string[] };
      await write.addLabels(repository, at(request), labels);
      return { data: github.issue(at(request), repository).labels.map((name) => ({ name })) };
    }),
    route("DELETE", `${repo}/issues/(\\d+)/labels/([^/]+)`, async (request) => {
      const label = request.parts[1] ?? "";
      if (!github.issue(at(request), repository).labels.includes(label)) return missing;
      await write.removeLabel(repository, at(request), label);
      return { data: github.issue(at(request), repository).labels.map((name) => ({ name })) };
    }),
    route("POST", `${repo}/issues/(\\d+)/assignees`, async (request) => {
      const { assignees } = request.body as { assignees: string[] };
      await write.assign(repository, at(request), assignees);
      return { status: 201, data: issueJson(github.issue(at(request), repository)) };
    }),
    route("DELETE", `${repo}/issues/(\\d+)/assignees`, async (request) => {
      const { assignees } = request.body as { assignees: string[] };
      await write.unassign(repository, at(request), assignees);
      return { data: issueJson(github.issue(at(request), repository)) };
    }),
    route("GET", `${repo}/labels`, async () => ({ data: (await read.labels(repository)).map((name) => ({ name })) })),
    route("POST", `${repo}/labels`, async ({ body }) => {
      const label = body as { name: string; color: string; description: string };
      if ((await read.labels(repository)).includes(label.name)) {
        const errors = [{ resource: "Label", code: "already_exists", field: "name" }];
        return { status: 422, data: { message: "Validation Failed", errors } };
      }
      await write.createLabel(repository, label);
      return { status: 201, data: label };
    }),
    route("GET", `${repo}/collaborators/([^/]+)/permission`, async (request) => {
      const role = await read.permission(repository, request.parts[0] ?? "");
      // `permission` knows four rights only (GitHub REST, "Get repository permissions for a user").
      const permission = role === "maintain" ? "write" : role === "triage" ? "read" : role;
      const rights = ["pull", "triage", "push", "maintain", "admin"];
      const most = ["read", "triage", "write", "maintain", "admin"].indexOf(role);
      const permissions = Object.fromEntries(rights.map((right, at) => [right, at <= most]));
      // A custom role has a name of its own; only what it grants tells what it is.
      const user = { login: request.parts[0] ?? "", permissions };
      return { data: { permission, role_name: role === "none" ? "none" : "custom role", user } };
    }),

    route("GET", `${repo}/pulls`, async ({ query }) => {
      const head = query.get("head");
      if (head !== null) {
        const pull = await read.pullRequestFrom(repository, head.slice(head.indexOf(":") + 1));
        return { data: pull === "missing" ? [] : [pullJson(pull)] };
      }
      if (query.get("state") !== "all") return { data: (await read.openPullRequests(repository)).map(pullJson) };
      const listed = await read.pullRequestsSince(repository, 0 as Instant);
      return {
        data: listed.map((pull) => ({
          ...pullJson(pull),
          updated_at: time(github.issue(pull.number, repository).updatedAt),
        })),
      };
    }),
    route("POST", `${repo}/pulls/(\\d+)/requested_reviewers`, async (request) => {
      const { reviewers } = request.body as { reviewers: string[] };
      if ((await write.requestReview(repository, at(request), reviewers[0] ?? "")) === "unsupported") {
        return { status: 422, data: { message: "Reviews may only be requested from collaborators." } };
      }
      const pull = await read.pullRequest(repository, at(request));
      if (pull === "missing") return missing;
      const { merged_at: _, ...rest } = pullJson(pull);
      return { status: 201, data: { ...rest, merged_at: time(pull.mergedAt) } };
    }),
    route("GET", `${repo}/deployments`, async () => ({
      data: (await read.deployments(repository)).map(({ sha, environment }, index) => ({
        id: index + 1,
        sha,
        environment,
      })),
    })),
    route("GET", `${repo}/deployments/(\\d+)/statuses`, async () => ({ data: [{ state: "success" }] })),
    route("GET", `${repo}/actions/workflows/(\\d+)/runs`, async (request) => {
      const runs = await read.workflowRuns(repository, at(request), request.query.get("branch") ?? "");
      return {
        data: {
          total_count: runs.length,
          workflow_runs: runs.map((run) => {
            const { head_repository: head, ...rest } = workflowRunPayload(at(request), run);
            // GitHub's description has it required, and GitHub gives null for a fork that is gone.
            return head === null ? rest : { ...rest, head_repository: head };
          }),
        },
      };
    }),
    route("GET", `${repo}/releases/latest`, async () => {
      const tag = await read.latestRelease(repository);
      return tag === "missing" ? missing : { data: { tag_name: tag } };
    }),
    route("GET", `${repo}/commits/([^/]+)`, async (request) => {
      const commit = await read.commit(repository, request.parts[0] ?? "");
      if (commit === "missing") return { status: 422, data: { message: "No commit found for SHA" } };
      return {
        data: {
          sha: commit.sha,
          commit: { message: "", committer: { date: time(commit.at) } },
          author: commit.author === null ? null : user(commit.author),
        },
      };
    }),
    route("GET", `${repo}/pulls/(\\d+)`, async (request) => {
      const pull = await read.pullRequest(repository, at(request));
      if (pull === "missing") return missing;
      const source = await read.pullRequestSource(repository, at(request));
      if (source === "missing") return missing;
      const known = { head: { sha: pull.headSha, ref: source.branch }, commits: source.commits.length };
      return { data: { ...pullJson(pull), merged: pull.merged, ...known } };
    }),
    route("GET", `${repo}/pulls/(\\d+)/commits`, async (request) => {
      const source = await read.pullRequestSource(repository, at(request));
      return source === "missing" ? missing : { data: source.commits.map(listedCommitJson) };
    }),
    route("GET", `${repo}/pulls/(\\d+)/files`, async (request) => ({
      data: (await read.pullRequestFiles(repository, at(request))).map(({ path, status }) => ({
        filename: path,
        status,
      })),
    })),
    route("GET", `${repo}/commits/([^/]+)/pulls`, async (request) => ({
      data: (await read.pullRequestsOfCommit(repository, request.parts[0] ?? "")).map(pullJson),
    })),
    route("GET", `${repo}/compare/([^/]+)`, async (request) => {
      const [base = "", head = ""] = (request.parts[0] ?? "").split("...");
      const { commits, isWhole, mergeBase } = await read.commitsBetween(repository, base, head);
      const total = commits.length + (isWhole ? 0 : 1);
      return {
        data: {
          total_commits: total,
          commits: commits.map(commitJson),
          ...(mergeBase === null ? {} : { merge_base_commit: { sha: mergeBase, commit: { message: "" } } }),
        },
      };
    }),
    route("GET", `${repo}/commits/([^/]+)/check-runs`, async (request) => {
      const runs = await read.checkRuns(repository, request.parts[0] ?? "");
      // Another app's run: the answer of a server that does not filter.
      const conclusion = (await read.isGreen(repository, request.parts[0] ?? "")) ? "success" : "failure";
      const other = {
        ...runJson({ ...emptyRun, conclusion, headSha: request.parts[0] ?? "" }),
        app: { id: 1, name: "another" },
      };
      return { data: { total_count: runs.length + 1, check_runs: [...runs.map(runJson), other] } };
    }),
    route("GET", `${repo}/commits/([^/]+)/status`, async () => ({
      data: { state: "pending", total_count: 0, statuses: [] },
    })),
    route("POST", `${repo}/check-runs`, async (request) => {
      const run = await write.createCheckRun(repository, checkRunContent(request, null));
      return { status: 201, data: runJson(run) };
    }),
    route("PATCH", `${repo}/check-runs/(\\d+)`, async (request) => {
      const content = checkRunContent(request, knownRun(at(request)));
      const run = github.updateCheckRun(repository, at(request), content);
      return run === "missing" ? missing : { data: runJson(run) };
    }),
    route("GET", `${repo}/check-suites/(\\d+)`, async (request) => {
      const suite = await read.checkSuite(repository, at(request));
      return suite === "missing"
        ? missing
        : { data: { id: at(request), head_sha: suite.headSha, status: suite.status, conclusion: null } };
    }),
    route("GET", `${repo}/rules/branches/([^/]+)`, async (request) => {
      const required = await read.requiredChecks(repository, request.parts[0] ?? "");
      const checks = required === "untold" ? [] : required;
      const contexts = checks.map(({ name, appId }) => ({
        context: name,
        ...(appId === null ? {} : { integration_id: appId }),
      }));
      return {
        data: [
          {
            type: "required_status_checks",
            parameters: { required_status_checks: contexts, strict_required_status_checks_policy: false },
          },
        ],
      };
    }),

    route("GET", `${repo}/contents/(.+)`, async (request) => {
      const path = request.parts[0] ?? "";
      const folder = await read.folder(repository, path);
      if (folder !== "missing") {
        return { data: folder.map((entry) => ({ type: "file", path: entry.path, sha: entry.sha })) };
      }
      const file = await read.file(repository, path);
      if (file === "missing") return missing;
      return {
        data: {
          type: "file",
          encoding: "base64",
          size: Buffer.byteLength(file.text),
          name: path.split("/").at(-1),
          path,
          // In lines of 60 characters, as GitHub does.
          content: Buffer.from(file.text).toString("base64").replace(/.{60}/g, "$&\n"),
          sha: file.sha,
        },
      };
    }),
    route("GET", `${repo}/git/trees/HEAD`, async () => ({
      data: {
        sha: "t".repeat(40),
        truncated: false,
        tree: (await read.tree(repository)).flatMap(({ path, sha, bytes }) => [
          ...(path.includes("/")
            ? [{ type: "tree", path: path.slice(0, path.lastIndexOf("/")), sha: "d", mode: "040000" }]
            : []),
          { type: "blob", path, sha, mode: "100644", ...(bytes === null ? {} : { size: bytes }) },
        ]),
      },
    })),
    route("GET", `${repo}/git/trees/([0-9a-f]{40})`, async (request) => {
      const sha = request.parts[0] ?? "";
      const entries = await read.gitTree(repository, sha);
      if (entries === "missing" || entries === "cut") return missing;
      const tree = entries.map(({ name, ...entry }) => ({ path: name, ...entry }));
      return { data: { sha, truncated: false, tree } };
    }),
    route("POST", `${repo}/git/trees`, async ({ body }) => {
      const { base_tree: base = null, tree } = body as { base_tree?: string; tree: TreeChange[] };
      return madeOr(await write.createTree(repository, base, tree), (sha) => ({ sha, tree: [], truncated: false }));
    }),
    route("GET", `${repo}/git/commits/([^/]+)`, async (request) => {
      const commit = await read.gitCommit(repository, request.parts[0] ?? "");
      return commit === "missing" ? missing : { data: gitCommitJson(commit) };
    }),
    route("POST", `${repo}/git/commits`, async ({ body }) => {
      const { message, tree, parents } = body as { message: string; tree: string; parents: string[] };
      const made = await write.createCommit(repository, { message, tree, parent: parents[0] ?? "" });
      return madeOr(made, (sha) => ({
        sha,
        message,
        tree: { sha: tree },
        parents: parents.map((one) => ({ sha: one })),
      }));
    }),
    route("GET", `${repo}/git/ref/heads/(.+)`, async (request) => {
      const sha = await read.branchTip(repository, request.parts[0] ?? "");
      return sha === "missing"
        ? missing
        : { data: { ref: `refs/heads/${request.parts[0]}`, object: { type: "commit", sha } } };
    }),
    route("POST", `${repo}/git/refs`, async ({ body }) => {
      const { ref, sha } = body as { ref: string; sha: string };
      const made = await write.createBranch(repository, ref.replace("refs/heads/", ""), sha);
      return madeOr(made, () => ({ ref, object: { type: "commit", sha } }));
    }),
    route("DELETE", `${repo}/git/refs/heads/(.+)`, async (request) => {
      if (!github.branches(repository).has(request.parts[0] ?? "")) {
        return { status: 422, data: { message: "Reference does not exist" } };
      }
      await write.deleteBranch(repository, request.parts[0] ?? "");
      return { status: 204 };
    }),
    route("POST", `${repo}/pulls`, async ({ body }) => {
      const { head, ...rest } = body as { title: string; body: string; head: string; base: string };
      const opened = await write.openPullRequest(repository, { ...rest, branch: head });
      return madeOr(opened, (pull) => ({ ...pullJson(pull), merged: false }));
    }),
    route("GET", `${repo}/git/blobs/([^/]+)`, async (request) => {
      const sha = request.parts[0] ?? "";
      const text = await read.blob(repository, sha);
      if (text === "missing") return missing;
      const content = Buffer.from(text).toString("base64").replace(/.{60}/g, "$&\n");
      return { data: { sha, encoding: "base64", size: Buffer.byteLength(text), content } };
    }),
    route("GET", `${repo}/commits`, async ({ query }) => {
      const most = Number(query.get("per_page"));
      const from = query.get("sha");
      if (from !== null) return { data: (await read.gitHistory(repository, from, most)).map(listedCommitJson) };
      const listed = await read.history(repository, query.get("path"), most);
      return {
        data: listed.map(({ sha, at: when, author }) => ({
          sha,
          commit: { message: "", committer: { date: time(when) } },
          author: author === null ? null : user(author),
        })),
      };
    }),
    graphqlRoute(async ({ body }) => {
      const { variables, query } = body as unknown as Asked;
      if (query.includes("revertPullRequest")) {
        const number =
          github.numbers(repository).find((one) => github.issue(one, repository).nodeId === variables.id) ?? 0;
        const revert = await write.revertPullRequest(repository, { number, nodeId: variables.id }, variables);
        if (revert === "unsupported") return missing;
        if ("refused" in revert) {
          const type = revert.isFinal ? "UNPROCESSABLE" : "FORBIDDEN";
          return { data: { data: null, errors: [{ type, message: revert.refused }] } };
        }
        return { data: { data: { revertPullRequest: { revertPullRequest: { number: revert.number } } } } };
      }
      if (query.includes("lastEditedAt")) {
        const edits = await read.commentEdits(repository, variables.number);
        if (edits === "unsupported") return missing;
        const nodes = [...edits].map(([id, at]) => ({
          url: `https://github.com/${repository.owner}/${repository.name}/issues/${variables.number}#issuecomment-${id}`,
          lastEditedAt: at === null ? null : new Date(at).toISOString(),
        }));
        const comments = { nodes, pageInfo: { hasPreviousPage: false, startCursor: null } };
        return { data: { data: { repository: { issue: { comments } } } } };
      }
      if (query.includes("mergeQueue")) {
        const queue = await read.mergeQueue(repository, variables.branch);
        if (queue === "unsupported") return missing;
        const nodes = queue.map(({ position, headSha, pullRequest }) => ({
          position,
          headCommit: headSha === null ? null : { oid: headSha },
          pullRequest: { number: pullRequest },
        }));
        const entries = { nodes, pageInfo: { hasNextPage: false, endCursor: null } };
        return { data: { data: { repository: { mergeQueue: nodes.length === 0 ? null : { entries } } } } };
      }
      const references = await read.closingReferences(repository, variables.number);
      if (references === "unsupported") return missing;
      return {
        data: {
          data: {
            repository: {
              pullRequest: {
                closingIssuesReferences: {
                  nodes: references.map((reference) => ({
                    number: reference.number,
                    repository: {
                      nameWithOwner: reference.repository ?? `${repository.owner}/${repository.name}`,
                    },
                  })),
                  pageInfo: { hasNextPage: false, endCursor: null },
                },
              },
            },
          },
        },
      };
    }),
  ];
}

interface Asked {
  readonly query: string;
  readonly variables: {
    readonly number: number;
    readonly id: string;
    readonly title: string;
    readonly body: string;
    readonly branch: string;
  };
}

/** GraphQL, where every document and every answer is held against GitHub's schema. */
function graphqlRoute(answer: (request: Request) => Promise<Said>): Route {
  return [
    "POST",
    /^\/graphql$/,
    async (request) => {
      const { query, variables } = request.body as unknown as Asked;
      const wrongDocument = problemsOfDocument(query);
      if (wrongDocument.length > 0) return againstTheSchema(wrongDocument);
      const said = await answer(request);
      const { data, errors } = (said.data ?? {}) as { readonly data?: unknown; readonly errors?: unknown };
      if (said.status !== undefined || errors !== undefined) return said;
      const wrongAnswer = problemsOfAnswer(query, { ...variables }, data);
      return wrongAnswer.length > 0 ? againstTheSchema(wrongAnswer) : said;
    },
  ];
}

function againstTheSchema(problems: readonly string[]): Said {
  return { status: 422, data: { message: `AGAINST THE SCHEMA ${problems.join("; ")}` } };
}

/** What later versions of the API leave out (GitHub docs, "Breaking changes"). */
function inVersion(version: string, path: string, data: unknown): unknown {
  if (version === DESCRIBED_VERSION || !/\/pulls(?:\/\d+(?:\/requested_reviewers)?)?$/.test(path)) return data;
  if (Array.isArray(data)) return data.map((entry) => inVersion(version, path, entry));
  const { merge_commit_sha: _, ...rest } = data as Record<string, unknown>;
  return rest;
}

const emptyRun: CheckRunFacts = {
  id: 1,
  name: "another",
  headSha: "",
  status: "completed",
  conclusion: "success",
  title: null,
  summary: null,
  externalId: null,
  at: null,
};

function gitAuthor({ authorEmail: email, authoredAt }: GitCommit) {
  return { name: email, email, date: new Date(authoredAt).toISOString() };
}

function gitCommitJson(commit: GitCommit) {
  const parents = commit.parents.map((sha) => ({ sha }));
  return { sha: commit.sha, message: commit.message, tree: { sha: commit.tree }, parents, author: gitAuthor(commit) };
}

function listedCommitJson(commit: GitCommit) {
  const { sha, parents, ...rest } = gitCommitJson(commit);
  return { sha, parents, commit: rest };
}

/** What was made, or GitHub's no. */
function madeOr<T>(made: T | Refused, toJson: (made: T) => unknown): Said {
  if (typeof made === "object" && made !== null && "refused" in made) {
    return { status: 422, data: { message: made.refused } };
  }
  return { status: 201, data: toJson(made as T) };
}

function commitJson({ sha, message }: { readonly sha: string; readonly message: string }) {
  return { sha, commit: { message } };
}

function time(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
