import * as z from "zod";
import { TerminalError } from "../../base/errors.ts";
import type {
  ChangedFile,
  CheckRunFacts,
  CheckSuiteFacts,
  CommentFacts,
  CommitFacts,
  GitCommit,
  GitEntry,
  HistoryFacts,
  Instant,
  IssueFacts,
  Permission,
  Person,
  PullRequestFacts,
  Repository,
  TimelineFacts,
  WorkflowRunFacts,
} from "../../core/model.ts";
import { PERMISSIONS } from "../../core/model.ts";
import { fullName, sameName } from "../../core/names.ts";
import type { ChangedEntry, DeliveryFacts, RepositoryFacts } from "./ports.ts";

/**
 * GitHub's answers in Sevgate's words. Each reads only the fields that Sevgate needs, and treats as possibly absent
 * whatever GitHub's description calls optional: older servers send less, newer ones more.
 *
 * Source of the field names: GitHub's OpenAPI description (`@octokit/openapi`).
 */

/** GitHub's stand-in for deleted accounts (https://github.com/ghost). */
const GHOST_ID = 10_137;

const Time = z.string().transform((text, context): Instant => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) context.addIssue({ code: "custom", message: "not a time" });
  return at as Instant;
});

/** Text that is `null` in GitHub's answers when it is empty. */
const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

const User = z
  .object({ id: z.number(), login: z.string(), type: z.string().nullish() })
  .nullish()
  .transform((user): Person | null => {
    if (user == null || user.id === GHOST_ID) return null;
    return { id: user.id, login: user.login, isBot: user.type === "Bot" || user.login.endsWith("[bot]") };
  });

const Label = z.union([z.string(), z.object({ name: z.string().nullish() })]).transform((label) => {
  return typeof label === "string" ? label : (label.name ?? "");
});

const Issue = z
  .object({
    id: z.number(),
    node_id: z.string(),
    number: z.number(),
    html_url: z.string(),
    title: z.string(),
    body: Text,
    state: z.string(),
    state_reason: z.string().nullish(),
    closed_at: Time.nullish(),
    closed_by: User,
    locked: z.boolean().nullish(),
    labels: z.array(Label),
    user: User,
    assignees: z.array(User).nullish(),
    created_at: Time,
    updated_at: Time,
    comments: z.number(),
    sub_issues_summary: z.object({ total: z.number() }).nullish(),
    milestone: z.object({ due_on: z.string().nullish() }).nullish(),
    type: z.object({ name: z.string() }).nullish(),
  })
  .transform((issue): IssueFacts => {
    const closed = issue.state === "closed";
    const reason = issue.state_reason;
    return {
      id: issue.id,
      nodeId: issue.node_id,
      number: issue.number,
      url: issue.html_url,
      title: issue.title,
      body: issue.body,
      state: closed ? "closed" : "open",
      closeReason: !closed ? null : reason === "not_planned" || reason === "duplicate" ? reason : "completed",
      closedAt: closed ? (issue.closed_at ?? null) : null,
      closedBy: closed ? issue.closed_by : null,
      locked: issue.locked ?? false,
      labels: issue.labels.filter((label) => label !== ""),
      author: issue.user,
      assignees: (issue.assignees ?? []).flatMap((assignee) => (assignee === null ? [] : [assignee.login])),
      createdAt: issue.created_at,
      updatedAt: issue.updated_at,
      commentCount: issue.comments,
      subIssueCount: issue.sub_issues_summary?.total ?? 0,
      //
      milestoneDue: /^\d{4}-\d{2}-\d{2}/.exec(issue.milestone?.due_on ?? "")?.[0] ?? null,
      type: issue.type?.name ?? null,
    };
  });

const Comment = z
  .object({
    id: z.number(),
    html_url: z.string(),
    user: User,
    performed_via_github_app: z.object({ id: z.number() }).nullish(),
    body: Text,
    created_at: Time,
    updated_at: Time,
  })
  .transform(
    (comment): CommentFacts => ({
      id: comment.id,
      url: comment.html_url,
      author: comment.user,
      appId: comment.performed_via_github_app?.id ?? null,
      body: comment.body,
      createdAt: comment.created_at,
      updatedAt: comment.updated_at,
    }),
  );

const PullRequest = z
  .object({
    number: z.number(),
    node_id: z.string(),
    html_url: z.string(),
    title: z.string(),
    body: Text,
    state: z.string(),
    // Lists leave `merged` out.
    merged_at: Time.nullish(),
    merge_commit_sha: z.string().nullish(),
    draft: z.boolean().nullish(),
    user: User,
    head: z.object({ sha: z.string() }),
    base: z.object({ ref: z.string(), repo: z.object({ default_branch: z.string() }) }),
  })
  .transform(
    (pull): PullRequestFacts => ({
      number: pull.number,
      nodeId: pull.node_id,
      url: pull.html_url,
      title: pull.title,
      body: pull.body,
      state: pull.state === "closed" ? "closed" : "open",
      merged: pull.merged_at != null,
      mergedAt: pull.merged_at ?? null,
      draft: pull.draft ?? false,
      author: pull.user,
      headSha: pull.head.sha,
      mergeSha: pull.merge_commit_sha ?? null,
      baseRef: pull.base.ref,
      defaultBranch: pull.base.repo.default_branch,
    }),
  );

const FoundEntries = z.object({
  incomplete_results: z.boolean(),
  items: z.array(
    z.looseObject({
      number: z.number(),
      repository_url: z.string().nullish(),
      labels: z.array(Label),
      updated_at: Time,
    }),
  ),
});

const Listed = z.array(z.object({ updated_at: Time }));
const Deployment = z.object({
  id: z.number(),
  sha: z.string(),
  environment: z.string(),
  production_environment: z.boolean().nullish(),
});

const DeploymentStatus = z.object({ state: z.string() });
const Release = z.object({ tag_name: z.string() });
const CombinedStatus = z.object({ state: z.string(), total_count: z.number() });
const SomebodysRun = z.object({
  status: z.string(),
  conclusion: z.string().nullish(),
  app: z.object({ id: z.number() }).nullish(),
});

const WorkflowRun = z
  .object({
    name: z.string().nullish(),
    // `.github/workflows/ci.yml`, in places preceded by the repository and followed by `@branch`.
    path: z.string().nullish(),
    workflow_id: z.number(),
    run_number: z.number(),
    run_attempt: z.number().nullish(),
    event: z.string(),
    head_branch: z.string().nullish(),
    head_sha: z.string(),
    head_repository: z.object({ id: z.number() }).nullish(),
    status: z.string().nullish(),
    conclusion: z.string().nullish(),
    created_at: Time,
    run_started_at: Time.nullish(),
    updated_at: Time,
    html_url: z.string(),
  })
  .transform((run): WorkflowRunFacts => {
    const file = /(?:^|\/)\.github\/workflows\/([^/@]+)/.exec(run.path ?? "")?.[1] ?? null;
    return {
      workflow: run.name || file || `workflow ${run.workflow_id}`,
      file,
      number: run.run_number,
      attempt: run.run_attempt ?? 1,
      event: run.event,
      branch: run.head_branch ?? null,
      sha: run.head_sha,
      headRepositoryId: run.head_repository?.id ?? null,
      conclusion: run.status === "completed" ? (run.conclusion ?? null) : null,
      startedAt: run.run_started_at ?? run.created_at,
      updatedAt: run.updated_at,
      url: run.html_url,
    };
  });

const FILE_STATUSES = ["added", "modified", "removed", "renamed", "copied", "changed", "unchanged"] as const;

const File = z.object({ filename: z.string(), status: z.string() }).transform(
  (file): ChangedFile => ({
    path: file.filename,
    status: FILE_STATUSES.find((status) => status === file.status) ?? "changed",
  }),
);

const Commit = z
  .object({ sha: z.string(), commit: z.object({ message: z.string() }) })
  .transform(({ sha, commit: { message } }): CommitFacts => {
    if (message.length <= LONGEST_MESSAGE_CHARACTERS) return { sha, message, isCut: false };
    return { sha, message: copyOf(message.slice(0, LONGEST_MESSAGE_CHARACTERS)), isCut: true };
  });

/** The longest message; as long as a pull request's body may be. Nobody writes more by hand. */
const LONGEST_MESSAGE_CHARACTERS = 65_536;

/** A substring keeps the whole string in memory, so it is copied. */
function copyOf(part: string): string {
  return Buffer.from(part, "utf8").toString("utf8");
}

const Comparison = z.object({
  commits: z.array(Commit),
  total_commits: z.number().nullish(),
  merge_base_commit: z.object({ sha: z.string() }).nullish(),
});

const GitAuthor = z.object({ email: z.string().nullish(), date: Time.nullish() }).nullish();
const Parents = z.array(z.object({ sha: z.string() }));

function gitCommit(
  sha: string,
  parents: z.output<typeof Parents>,
  { message, tree, author }: { message: string; tree: { sha: string }; author?: z.output<typeof GitAuthor> },
): GitCommit {
  return {
    sha,
    tree: tree.sha,
    parents: parents.map((parent) => parent.sha),
    message,
    authorEmail: author?.email ?? "",
    authoredAt: author?.date ?? (0 as Instant),
  };
}

const GitContent = z.object({ message: z.string(), tree: z.object({ sha: z.string() }), author: GitAuthor });
/** "Get a commit object". */
const GitObject = GitContent.extend({ sha: z.string(), parents: Parents }).transform(({ sha, parents, ...rest }) =>
  gitCommit(sha, parents, rest),
);
/** A commit in a list. */
const ListedCommit = z
  .object({ sha: z.string(), parents: Parents, commit: GitContent })
  .transform(({ sha, parents, commit }) => gitCommit(sha, parents, commit));

const GIT_TYPES = ["blob", "tree", "commit"] as const;
const Tree = z
  .object({
    truncated: z.boolean().nullish(),
    tree: z.array(z.object({ path: z.string(), mode: z.string(), type: z.enum(GIT_TYPES), sha: z.string() })),
  })
  .transform(({ truncated, tree }): readonly GitEntry[] | "cut" =>
    truncated === true ? "cut" : tree.map(({ path, mode, type, sha }) => ({ name: path, mode, type, sha })),
  );

const Source = z.object({ head: z.object({ ref: z.string() }), commits: z.number().nullish() });

const HistoryEntry = z
  .object({
    sha: z.string(),
    commit: z.object({
      committer: z.object({ date: Time.nullish() }).nullish(),
      author: z.object({ date: Time.nullish() }).nullish(),
    }),
    // GitHub gives an empty object when it cannot tell.
    author: z.preprocess((user) => (typeof user === "object" && user !== null && "login" in user ? user : null), User),
  })
  .transform(
    ({ sha, commit, author }): HistoryFacts => ({
      sha,
      at: commit.committer?.date ?? commit.author?.date ?? (0 as Instant),
      author,
    }),
  );

const CheckRun = z
  .object({
    id: z.number(),
    name: z.string(),
    head_sha: z.string(),
    status: z.string(),
    conclusion: z.string().nullish(),
    external_id: z.string().nullish(),
    output: z.object({ title: z.string().nullish(), summary: z.string().nullish() }).nullish(),
    started_at: Time.nullish(),
    completed_at: Time.nullish(),
    app: z.object({ id: z.number() }).nullish(),
  })
  .transform((run): { readonly facts: CheckRunFacts; readonly appId: number | null } => ({
    facts: {
      id: run.id,
      name: run.name,
      headSha: run.head_sha,
      // Only GitHub's own apps set the other statuses (waiting, requested, pending).
      status: run.status === "completed" || run.status === "in_progress" ? run.status : "queued",
      conclusion: run.conclusion ?? null,
      title: run.output?.title ?? null,
      summary: run.output?.summary ?? null,
      externalId: run.external_id === "" ? null : (run.external_id ?? null),
      at: run.started_at ?? run.completed_at ?? null,
    },
    appId: run.app?.id ?? null,
  }));

const CheckSuite = z.object({ head_sha: z.string(), status: z.string().nullish() }).transform(
  (suite): CheckSuiteFacts => ({
    headSha: suite.head_sha,
    status: suite.status === "completed" || suite.status === "in_progress" ? suite.status : "queued",
  }),
);

//
const RepositoryAnswer = z
  .object({
    id: z.number(),
    name: z.string(),
    owner: z.object({ login: z.string() }),
    default_branch: z.string(),
    private: z.boolean(),
    visibility: z.string().nullish(),
    archived: z.boolean().nullish(),
    disabled: z.boolean().nullish(),
    fork: z.boolean().nullish(),
    has_issues: z.boolean().nullish(),
  })
  .transform(
    (repository): RepositoryFacts => ({
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      defaultBranch: repository.default_branch,
      isPrivate: repository.private || (repository.visibility ?? "public") !== "public",
      archived: repository.archived ?? false,
      isDisabled: repository.disabled ?? false,
      isFork: repository.fork ?? false,
      hasIssues: repository.has_issues ?? true,
    }),
  );

//
const TIMELINE_KINDS = [
  "labeled",
  "unlabeled",
  "closed",
  "reopened",
  "cross-referenced",
  "converted_to_discussion",
] as const satisfies readonly TimelineFacts["kind"][];

const TimelineEntry = z.object({
  event: z.string().nullish(),
  created_at: z.string().nullish(),
  actor: User,
  label: z.object({ name: z.string().nullish() }).nullish(),
  source: z
    .object({
      issue: z
        .object({
          number: z.number(),
          pull_request: z.unknown().optional(),
          repository_url: z.string().nullish(),
          repository: z.object({ full_name: z.string() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

const Permissions = z.object({
  permission: z.string(),
  role_name: z.string().nullish(),
  user: z.object({ permissions: z.record(z.string(), z.boolean()).nullish() }).nullish(),
});

/** What the rights are called in `user.permissions`, greatest first (GitHub REST, schema "Collaborator"). */
const GRANTED = [
  ["admin", "admin"],
  ["maintain", "maintain"],
  ["push", "write"],
  ["triage", "triage"],
  ["pull", "read"],
] as const satisfies readonly (readonly [string, Permission])[];

/** What the legacy `permission` field may say, custom roles included (GitHub REST, "Get repository permissions"). */
const LEGACY_PERMISSIONS: Readonly<Record<string, Permission>> = {
  admin: "admin",
  maintain: "maintain",
  push: "write",
  write: "write",
  triage: "triage",
  pull: "read",
  read: "read",
  none: "none",
};

const Delivery = z
  .object({
    // A BigInt beyond 2^53: octokit reads 64-bit numbers without loss.
    id: z.union([z.number(), z.bigint(), z.string()]),
    guid: z.string(),
    delivered_at: Time,
    status_code: z.number(),
  })
  .transform(
    (delivery): DeliveryFacts => ({
      id: String(delivery.id),
      guid: delivery.guid,
      deliveredAt: delivery.delivered_at,
      ok: delivery.status_code >= 200 && delivery.status_code < 300,
    }),
  );

/** Reads an answer; throws a `TerminalError` naming the first field that is not as GitHub describes it. */
export function readAnswer<T>(what: string, schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [problem] = parsed.error.issues;
  const place = problem === undefined || problem.path.length === 0 ? "the answer" : problem.path.join(".");
  throw new TerminalError(`GitHub's ${what} was not understood at ${place}. Is GITHUB_API_URL a GitHub API?`);
}

//
export const toIssue = (data: unknown): IssueFacts => readAnswer("issue", Issue, data);
export const toComment = (data: unknown): CommentFacts => readAnswer("comment", Comment, data);
export const toComments = (data: unknown): CommentFacts[] => readAnswer("comments", z.array(Comment), data);
export const toPullRequest = (data: unknown): PullRequestFacts => readAnswer("pull request", PullRequest, data);
export const toPullRequests = (data: unknown): PullRequestFacts[] =>
  readAnswer("pull requests", z.array(PullRequest), data);
export const toFiles = (data: unknown): ChangedFile[] => readAnswer("file list", z.array(File), data);
export const toCommits = (data: unknown): CommitFacts[] => readAnswer("commits", z.array(Commit), data);
/** When the pull requests of a list were last changed. */
export const toUpdateTimes = (data: unknown): Instant[] =>
  readAnswer("pull requests", Listed, data).map(({ updated_at }) => updated_at);
export const toCommit = (data: unknown): HistoryFacts => readAnswer("commit", HistoryEntry, data);
export const toDeployments = (data: unknown) => readAnswer("deployments", z.array(Deployment), data);
export const toDeploymentStates = (data: unknown): string[] =>
  readAnswer("deployment statuses", z.array(DeploymentStatus), data).map(({ state }) => state);
export const toReleaseTag = (data: unknown): string => readAnswer("release", Release, data).tag_name;
/** GitHub's own summary of all statuses on a commit; `pending` if there are none. */
export const toCombinedStatus = (data: unknown): { readonly state: string; readonly count: number } => {
  const { state, total_count: count } = readAnswer("combined status", CombinedStatus, data);
  return { state, count };
};

/** Status and conclusion of the check runs of other apps. */
export const toRunsOfOthers = (data: unknown, appId: number | null) =>
  readAnswer("check runs", z.object({ check_runs: z.array(SomebodysRun) }), data).check_runs.filter(
    (run) => run.app?.id !== appId,
  );
export const toWorkflowRuns = (data: unknown): WorkflowRunFacts[] =>
  readAnswer("workflow runs", z.object({ workflow_runs: z.array(WorkflowRun) }), data).workflow_runs;
export const toHistory = (data: unknown): HistoryFacts[] => readAnswer("commits", z.array(HistoryEntry), data);
export const toCheckRun = (data: unknown): CheckRunFacts => readAnswer("check run", CheckRun, data).facts;
export const toCheckSuite = (data: unknown): CheckSuiteFacts => readAnswer("check suite", CheckSuite, data);
export const toRepository = (data: unknown): RepositoryFacts => readAnswer("repository", RepositoryAnswer, data);
export const toGitCommit = (data: unknown): GitCommit => readAnswer("commit object", GitObject, data);
export const toGitCommits = (data: unknown): GitCommit[] => readAnswer("commits", z.array(ListedCommit), data);
export const toTree = (data: unknown): readonly GitEntry[] | "cut" => readAnswer("tree", Tree, data);
export const toNewSha = (data: unknown): string => readAnswer("object", z.object({ sha: z.string() }), data).sha;
/** The commit a branch stands at. */
export const toTip = (data: unknown): string =>
  readAnswer("reference", z.object({ object: z.object({ sha: z.string() }) }), data).object.sha;
/** Where a pull request comes from; `commits`: how many, `null` if the server does not say. */
export const toSource = (data: unknown): { readonly branch: string; readonly commits: number | null } => {
  const { head, commits } = readAnswer("pull request", Source, data);
  return { branch: head.ref, commits: commits ?? null };
};

export const toLabels = (data: unknown): string[] => readAnswer("labels", z.array(Label), data);
export const toDeliveries = (data: unknown): DeliveryFacts[] => readAnswer("deliveries", z.array(Delivery), data);

/** GitHub's lists of issues include pull requests; only the number and last change of those are given. */
export function toListedIssues(
  data: unknown,
): (IssueFacts | { readonly pullRequest: number; readonly updatedAt: Instant })[] {
  return readAnswer("issues", z.array(z.looseObject({ number: z.number(), updated_at: Time })), data).map(
    (issue, at) =>
      isPullRequest(issue)
        ? { pullRequest: issue.number, updatedAt: issue.updated_at }
        : toIssue((data as readonly unknown[])[at]),
  );
}

/** What a search found; `isIncomplete`: GitHub ran out of time and left some out. */
export function toFoundEntries(data: unknown): {
  readonly entries: readonly ChangedEntry[];
  readonly isIncomplete: boolean;
} {
  const { items, incomplete_results: isIncomplete } = readAnswer("search", FoundEntries, data);
  const entries = items.flatMap((item): ChangedEntry[] => {
    const repository = repositoryOf(item.repository_url ?? null);
    if (repository === null) return [];
    const labels = item.labels.filter((label) => label !== "");
    return [
      { repository, number: item.number, isPullRequest: isPullRequest(item), labels, updatedAt: item.updated_at },
    ];
  });
  return { entries, isIncomplete };
}

/** Whether an answer to a request for an issue is a pull request; the key `pull_request` tells. */
export function isPullRequest(data: unknown): boolean {
  return typeof data === "object" && data !== null && "pull_request" in data && data.pull_request != null;
}

/** Check runs of one app. Servers that do not say whose a run is are trusted: they were asked for that app's. */
export function toCheckRuns(data: unknown, appId: number | null): CheckRunFacts[] {
  return readAnswer("check runs", z.object({ check_runs: z.array(CheckRun) }), data)
    .check_runs.filter((run) => run.appId === null || run.appId === appId)
    .map((run) => run.facts);
}

/** One page of a comparison. */
export function toComparison(data: unknown): {
  readonly commits: readonly CommitFacts[];
  /** On all pages; `null`: the server does not say. */
  readonly total: number | null;
  readonly mergeBase: string | null;
} {
  const { commits, total_commits, merge_base_commit } = readAnswer("comparison", Comparison, data);
  return { commits, total: total_commits ?? null, mergeBase: merge_base_commit?.sha ?? null };
}

/** Only the kinds of `TimelineFacts`; anything GitHub adds later is skipped. */
export function toTimeline(data: unknown, repository: Repository): TimelineFacts[] {
  return readAnswer("timeline", z.array(TimelineEntry), data).flatMap((entry): TimelineFacts[] => {
    const kind = TIMELINE_KINDS.find((known) => known === entry.event);
    const at = Date.parse(entry.created_at ?? "");
    if (kind === undefined || Number.isNaN(at)) return [];
    const issue = entry.source?.issue;
    const from = issue?.repository?.full_name ?? repositoryOf(issue?.repository_url ?? null);
    return [
      {
        kind,
        at: at as Instant,
        actor: entry.actor,
        label: entry.label?.name ?? null,
        source:
          issue == null
            ? null
            : {
                repository: from === null || sameName(from, fullName(repository)) ? null : from,
                number: issue.number,
                isPullRequest: isPullRequest(issue),
              },
      },
    ];
  });
}

/**
 * What somebody may do: by `user.permissions`, which tells a custom role's rights; else by `role_name` if it is one of
 * GitHub's own roles; else by `permission`, which folds triage into read and maintain into write (GitHub REST, "Get
 * repository permissions for a user").
 */
export function toPermission(data: unknown): Permission {
  const { permission, role_name: role, user } = readAnswer("permission", Permissions, data);
  const granted = user?.permissions;
  if (granted != null) return GRANTED.find(([name]) => granted[name] === true)?.[1] ?? "none";
  return PERMISSIONS.find((known) => known === role) ?? LEGACY_PERMISSIONS[permission] ?? "none";
}

/** `owner/name` from an API URL such as `https://api.github.com/repos/owner/name`. */
export function repositoryOf(url: string | null): string | null {
  return /\/repos\/([^/]+\/[^/]+)$/.exec(url ?? "")?.[1] ?? null;
}
