import * as z from "zod";
import { AnswerTooLongError } from "../../base/bounded-text.ts";
import { TerminalError, TransientError } from "../../base/errors.ts";
import {
  type ChangedFile,
  type ChangedFiles,
  type CommitFacts,
  type Instant,
  type MergeQueueEntry,
  MOST_FILES_LISTED,
  type Reference,
  type Repository,
} from "../../core/model.ts";
import { fullName, sameName } from "../../core/names.ts";
import { askGraphql, notVisibleYet, PageInfo } from "./ask-graphql.ts";
import { changesBetweenTrees } from "./changes-between-trees.ts";
import { NotThereError, RefusedError } from "./errors.ts";
import {
  isPullRequest,
  readAnswer,
  repositoryOf,
  toCheckRuns,
  toCheckSuite,
  toCombinedStatus,
  toComment,
  toComments,
  toCommit,
  toCommits,
  toComparison,
  toDeploymentStates,
  toDeployments,
  toFiles,
  toGitCommit,
  toGitCommits,
  toHistory,
  toIssue,
  toLabels,
  toListedIssues,
  toPermission,
  toPullRequest,
  toPullRequests,
  toReleaseTag,
  toRepository,
  toRunsOfOthers,
  toSource,
  toTimeline,
  toTip,
  toTree,
  toUpdateTimes,
  toWorkflowRuns,
} from "./facts.ts";
import type { Answer, GitHubClient } from "./github-client.ts";
import { ABSENT, type OptionalFeatures } from "./optional-features.ts";
import {
  type ComparedCommits,
  type FileFacts,
  type GitHubReader,
  type IssueEdits as IssueEditFacts,
  type Missing,
  MOST_CHANGED_SINCE,
  type SubIssue,
} from "./ports.ts";
import { readRequiredChecks } from "./read-required-checks.ts";
import { readWholePullRequest, type WholePullRequest } from "./whole-pull-request.ts";

/** The largest file the contents API returns with its text (GitHub REST, "Get repository content"). */
const FILE_MAX_BYTES = 1_048_576;
/** The most commits read from one comparison: ten requests. Each edit of a pull request may cost them. */
const MOST_COMMITS = 1_000;
/** A queue puts at most 100 pull requests into a group. */
const MOST_QUEUED = 500;
/** Up to this many files of a pull request are listed; more are found by comparing trees. */
const MOST_LISTED = 300;
/** Entity tags are valid for as long as a token: an hour at most. */
const SAME_QUESTION_MS = 3_600_000;

const CLOSING_REFERENCES = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      closingIssuesReferences(first: 100, after: $after) {
        nodes { number repository { nameWithOwner } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

const MERGE_QUEUE = `query ($owner: String!, $name: String!, $branch: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) {
      entries(first: 100, after: $after) {
        nodes { position headCommit { oid } pullRequest { number } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

const COMMENT_EDITS = `query ($owner: String!, $name: String!, $number: Int!, $before: String) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      comments(last: 100, before: $before) {
        nodes { url lastEditedAt }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
}`;

const ISSUE_EDITS = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      lastEditedAt
      userContentEdits(first: 100, after: $after) {
        nodes { editedAt editor { __typename login } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

type EditedIssue = NonNullable<NonNullable<z.output<typeof IssueEdits>["repository"]>["issue"]>;

const IssueEdits = z.object({
  repository: z
    .object({
      issue: z
        .object({
          lastEditedAt: z.string().nullable(),
          userContentEdits: z
            .object({
              nodes: z
                .array(
                  z
                    .object({
                      editedAt: z.string().nullish(),
                      editor: z.object({ __typename: z.string(), login: z.string() }).nullable(),
                    })
                    .nullable(),
                )
                .nullable(),
              pageInfo: PageInfo,
            })
            .nullable(),
        })
        .nullish(),
    })
    .nullish(),
});

/** In pages of a hundred comments. Commands are in the newest ones. */
const MOST_EDIT_PAGES = 3;

const CommentPage = z.object({
  nodes: z.array(z.object({ url: z.string(), lastEditedAt: z.string().nullable() }).nullable()).nullable(),
  pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullable() }),
});

type CommentPage = z.output<typeof CommentPage>;
const CommentEdits = z.object({
  repository: z.object({ issue: z.object({ comments: CommentPage }).nullish() }).nullish(),
});

const ClosingReferences = z.object({
  repository: z
    .object({
      pullRequest: z
        .object({
          closingIssuesReferences: z
            .object({
              nodes: z
                .array(z.object({ number: z.number(), repository: z.object({ nameWithOwner: z.string() }) }).nullable())
                .nullable(),
              pageInfo: PageInfo,
            })
            .nullable(),
        })
        .nullable(),
    })
    .nullable(),
});

const MergeQueue = z.object({
  repository: z
    .object({
      mergeQueue: z
        .object({
          entries: z
            .object({
              nodes: z
                .array(
                  z
                    .object({
                      position: z.number(),
                      headCommit: z.object({ oid: z.string() }).nullish(),
                      pullRequest: z.object({ number: z.number() }).nullish(),
                    })
                    .nullable(),
                )
                .nullable(),
              pageInfo: PageInfo,
            })
            .nullish(),
        })
        .nullish(),
    })
    .nullable(),
});

const PlacedIssue = z.object({ repository_url: z.string().nullish() });
const FieldValues = z.array(
  z.object({ issue_field_name: z.string().nullish(), data_type: z.string().nullish(), value: z.unknown().optional() }),
);
/** The field that every organization begins with ("Managing issue fields in your organization"). */
const TARGET_DATE = "target date";
const IssueType = z.object({ name: z.string() });
const Entry = z.object({ type: z.string(), path: z.string(), sha: z.string() });
const ListedEntry = Entry.extend({ git_url: z.string().nullish() });
const FileEntry = Entry.extend({ size: z.number(), encoding: z.string().nullish(), content: z.string().nullish() });
const Tree = z.object({
  truncated: z.boolean().nullish(),
  tree: z.array(Entry.extend({ sha: z.string().nullish(), size: z.number().nullish() })),
});

const Blob = z.object({ content: z.string(), encoding: z.string(), size: z.number().nullish() });

/** Reads GitHub's REST API (and GraphQL for what only that knows) and gives facts. */
export function createReader(client: GitHubClient, features: OptionalFeatures): GitHubReader {
  /** What came with a pull request that was read at once: it is what GitHub showed together with those very facts. */
  const wholes = new WeakMap<object, WholePullRequest>();

  function get(repository: Repository, path: string, parameters: Readonly<Record<string, unknown>> = {}) {
    return client.request(repository.installationId, `GET /repos/{owner}/{repo}${path}`, {
      ...repositoryParameters(repository),
      ...parameters,
    });
  }

  function list<T>(
    repository: Repository,
    path: string,
    parameters: Readonly<Record<string, unknown>>,
    entriesOf: (data: unknown) => readonly T[],
  ) {
    const route = `GET /repos/{owner}/{repo}${path}`;
    const all = { ...repositoryParameters(repository), ...parameters };
    return client.list(repository.installationId, route, all, entriesOf);
  }

  function listPart<T>(
    repository: Repository,
    path: string,
    parameters: Readonly<Record<string, unknown>>,
    entriesOf: (data: unknown) => readonly T[],
    options: { readonly part: "first" | "last" | "ends"; readonly mostBytes?: number },
  ) {
    const route = `GET /repos/{owner}/{repo}${path}`;
    const all = { ...repositoryParameters(repository), ...parameters };
    return client.listPart(repository.installationId, route, all, entriesOf, options);
  }

  async function listFiles(repository: Repository, number: number, most: number): Promise<ChangedFiles> {
    const { entries, isWhole } = await client.listPart<ChangedFile>(
      repository.installationId,
      "GET /repos/{owner}/{repo}/pulls/{pull_number}/files",
      { ...repositoryParameters(repository), pull_number: number },
      toFiles,
      { part: "first", maxPages: Math.ceil(most / 100) },
    );
    //
    return { files: entries, isWhole: isWhole && entries.length < MOST_FILES_LISTED };
  }

  /** Most recently updated first. */
  function listIssues(
    repository: Repository,
    filter: { readonly labels?: string; readonly state: "open" | "all" },
    since: Instant | null,
  ) {
    const from = since === null ? {} : { since: new Date(since).toISOString() };
    const asked = { ...filter, sort: "updated", direction: "desc", ...from };
    return listPart(repository, "/issues", asked, toListedIssues, { part: "first" });
  }

  function contents(repository: Repository, path: string, ref: string | undefined): Promise<Answer> {
    // The root has an empty path ("Get repository content").
    const segments = path === "" ? [] : path.split("/");
    if (segments.some((segment) => segment === "." || segment === ".." || segment === "")) {
      throw new TerminalError(`"${path}" is not a path of a file in a repository.`);
    }
    // Filled in here: octokit would encode the slashes, which not every server decodes.
    const route = `GET /repos/{owner}/{repo}/contents/${segments.map(encodeURIComponent).join("/")}`;
    const parameters = { ...repositoryParameters(repository), ...(ref === undefined ? {} : { ref }) };
    return client.request(repository.installationId, route, parameters, {
      name: "GET /repos/{owner}/{repo}/contents/{path}",
    });
  }

  return {
    issue: (repository, number) =>
      orMissing(async () => {
        const answer = await get(repository, "/issues/{issue_number}", { issue_number: number });
        if (isPullRequest(answer.data)) return "missing";
        const issue = toIssue(answer.data);
        const elsewhere = otherRepository(answer, repository);
        return elsewhere === null ? issue : { movedTo: { repository: elsewhere, number: issue.number } };
      }),

    comments: (repository, number, since) =>
      orEmpty(async () => {
        const parameters = {
          issue_number: number,
          ...(since === null ? {} : { since: new Date(since).toISOString() }),
        };
        // Our own comment is among the oldest, and waiting commands are among the newest.
        const path = "/issues/{issue_number}/comments";
        return (await listPart(repository, path, parameters, toComments, { part: "ends" })).entries;
      }),

    comment: (repository, commentId) =>
      orMissing(async () =>
        toComment((await get(repository, "/issues/comments/{comment_id}", { comment_id: commentId })).data),
      ),

    async timeline(repository, number) {
      try {
        const { entries, isWhole } = await listPart(
          repository,
          "/issues/{issue_number}/timeline",
          { issue_number: number },
          (data) => toTimeline(data, repository),
          { part: "last" },
        );
        return { events: entries, isWhole };
      } catch (error) {
        if (error instanceof NotThereError) return { events: [], isWhole: true };
        // What others wrote fills more than is read: then who did what is not known, but everything else is.
        if (error instanceof AnswerTooLongError) return { events: [], isWhole: false };
        throw error;
      }
    },

    subIssues: (repository, number) =>
      features.try(
        "sub-issues",
        () =>
          list(repository, "/issues/{issue_number}/sub_issues", { issue_number: number }, (data) =>
            toSubIssues(data, repository),
          ),
        { absent: [], gone: [] },
        { installationId: repository.installationId },
      ),

    //
    async targetDate(repository, number) {
      try {
        return await features.try(
          "issue-fields",
          async () =>
            toTargetDate(
              (await get(repository, "/issues/{issue_number}/issue-field-values", { issue_number: number })).data,
            ),
          { absent: "unsupported" as const, gone: "unsupported" as const },
          { installationId: repository.installationId },
        );
      } catch (error) {
        if (error instanceof RefusedError && error.status === 403) return "unsupported";
        throw error;
      }
    },
    //
    issueTypes: (repository) =>
      features.try(
        "issue-types",
        async () => {
          const { data } = await get(repository, "/issue-types");
          return readAnswer("issue types", z.array(IssueType), data).map(({ name }) => name);
        },
        { absent: "unsupported" as const, gone: "unsupported" as const },
        { installationId: repository.installationId },
      ),

    async issuesWithLabel(repository, label, options) {
      const { entries } = await listIssues(repository, { labels: label, state: options.state }, options.since);
      return entries.flatMap((entry) => ("pullRequest" in entry ? [] : [entry]));
    },

    async changedSince(repository, since) {
      // Asked in exactly the same way for an hour, so that GitHub can say "not modified".
      const from = Math.floor(since / SAME_QUESTION_MS) * SAME_QUESTION_MS;
      const { entries: all, isWhole } = await listIssues(repository, { state: "all" }, from as Instant);
      const listed = all.filter((entry) => entry.updatedAt >= since);
      return {
        issues: listed.flatMap((entry) => ("pullRequest" in entry ? [] : [entry])),
        pullRequests: listed.flatMap((entry) => ("pullRequest" in entry ? [entry.pullRequest] : [])),
        // What was left out is older than what was listed.
        isWhole: isWhole || listed.length < all.length,
      };
    },

    //
    async permission(repository, login) {
      try {
        const answer = await get(repository, "/collaborators/{username}/permission", { username: login });
        return toPermission(answer.data);
      } catch (error) {
        if (error instanceof NotThereError) return "none";
        throw error;
      }
    },

    pullRequest: (repository, number) =>
      orMissing(async () =>
        toPullRequest((await get(repository, "/pulls/{pull_number}", { pull_number: number })).data),
      ),

    pullRequestAtOnce: (repository, number) =>
      orMissing(async () => {
        const whole = await features.try(
          "graphql",
          () => orAskedOtherwise(() => readWholePullRequest(client, repository, number)),
          { absent: null, gone: null },
          { installationId: repository.installationId },
        );
        if (whole === null) {
          return toPullRequest((await get(repository, "/pulls/{pull_number}", { pull_number: number })).data);
        }
        wholes.set(whole.pullRequest, whole);
        return whole.pullRequest;
      }),

    pullRequestCommits: (repository, pullRequest) =>
      whenVisible(async () => {
        const commits = wholes.get(pullRequest)?.commits ?? null;
        if (commits !== null) return { commits, isWhole: true };
        try {
          const { entries, isWhole } = await listPart<CommitFacts>(
            repository,
            "/pulls/{pull_number}/commits",
            { pull_number: pullRequest.number },
            toCommits,
            { part: "first", mostBytes: LONGEST_COMMITS_BYTES },
          );
          return { commits: entries, isWhole };
        } catch (error) {
          if (error instanceof AnswerTooLongError) return { commits: [], isWhole: false };
          throw error;
        }
      }),

    pullRequestFiles: (repository, pullRequest) =>
      whenVisible(async () => {
        const whole = wholes.get(pullRequest);
        const isTheirNumber = (files: readonly ChangedFile[]) =>
          files.length > 0 && files.length >= (whole?.changedFiles ?? 0);
        if (whole?.files != null && isTheirNumber(whole.files)) return { files: whole.files, isWhole: true };
        if (pullRequest.state === "open") {
          // Nobody but the author decides how many there are: a list of them all would be thirty requests.
          const listed =
            (whole?.changedFiles ?? 0) <= MOST_LISTED
              ? await orAskedOtherwise(() => listFiles(repository, pullRequest.number, MOST_LISTED))
              : null;
          if (listed?.isWhole === true && isTheirNumber(listed.files)) return listed;
          const found = await orAskedOtherwise(() => changesBetweenTrees(client, repository, pullRequest));
          if (found !== null) return found;
        }
        const { files, isWhole } = await listFiles(repository, pullRequest.number, MOST_FILES_LISTED);
        // GitHub shows none of a pull request whose changes it could not work out.
        return { files, isWhole: isWhole && isTheirNumber(files) };
      }),

    openPullRequests: (repository) => list(repository, "/pulls", { state: "open" }, toPullRequests),

    pullRequestsOfCommit: (repository, sha) =>
      orEmpty(() => list(repository, "/commits/{commit_sha}/pulls", { commit_sha: sha }, toPullRequests)),

    commitsBetween: (repository, base, head) => whenVisible(() => compare(client, repository, base, head)),

    async closingReferences(repository, pullRequest) {
      const references = wholes.get(pullRequest)?.references ?? null;
      if (references !== null) return references;
      return await features.try(
        "graphql",
        () => closingReferences(client, repository, pullRequest.number),
        { absent: "unsupported" as const, gone: "unsupported" as const },
        { installationId: repository.installationId },
      );
    },

    mergeQueue: (repository, branch) =>
      features.try(
        "graphql",
        () => readMergeQueue(client, repository, branch),
        { absent: "unsupported" as const, gone: "unsupported" as const },
        { installationId: repository.installationId },
      ),

    async requiredChecks(repository, branch) {
      try {
        return await readRequiredChecks(client, repository, branch);
      } catch (error) {
        if (error instanceof RefusedError) return "untold";
        throw error;
      }
    },

    checkSuite: (repository, suiteId) =>
      orMissing(async () =>
        toCheckSuite((await get(repository, "/check-suites/{check_suite_id}", { check_suite_id: suiteId })).data),
      ),

    issueEdits: (repository, number) =>
      features.try(
        "graphql",
        () => readIssueEdits(client, repository, number),
        { absent: "unsupported" as const, gone: "unsupported" as const },
        { installationId: repository.installationId },
      ),

    commentEdits: (repository, number) =>
      features.try(
        "graphql",
        () => readCommentEdits(client, repository, number),
        { absent: "unsupported" as const, gone: "unsupported" as const },
        { installationId: repository.installationId },
      ),

    checkRuns: (repository, headSha) =>
      list(
        repository,
        "/commits/{ref}/check-runs",
        // All of them: two pull requests may share a head, and by default GitHub gives the latest of each name.
        { ref: headSha, ...(client.appId === null ? {} : { app_id: client.appId }), filter: "all" },
        (data) => toCheckRuns(data, client.appId),
      ),

    file: (repository, path, ref) => orMissing(async () => toFile(path, (await contents(repository, path, ref)).data)),

    folder: (repository, path) =>
      orMissing(async () => {
        const { data } = await contents(repository, path, undefined);
        if (!Array.isArray(data)) return "not-a-folder";
        // The first version of the API calls a submodule a file, and gives it the URL of a tree ("Get repository
        // content").
        return readAnswer("folder", z.array(ListedEntry), data).map(({ path: at, sha, type, git_url: url }) => {
          const isFile = type === "file" && !(url ?? "").includes("/git/trees/");
          return { path: at, sha, kind: isFile ? "file" : type === "dir" ? "folder" : "other" } as const;
        });
      }),

    async tree(repository) {
      try {
        const { data } = await get(repository, "/git/trees/{tree_sha}", { tree_sha: "HEAD", recursive: "1" });
        const { tree, truncated } = readAnswer("file tree", Tree, data);
        //
        if (truncated) {
          throw new TerminalError(`${fullName(repository)} has more files than GitHub lists at once.`);
        }
        return tree.flatMap(({ type, path, sha, size }) =>
          type === "blob" && sha != null ? [{ path, sha, bytes: size ?? null }] : [],
        );
      } catch (error) {
        if (error instanceof NotThereError) return [];
        throw error;
      }
    },

    blob: (repository, sha) =>
      orMissing(async () => {
        const { data } = await get(repository, "/git/blobs/{file_sha}", { file_sha: sha });
        const { content, encoding, size } = readAnswer("blob", Blob, data);
        if ((size ?? 0) > FILE_MAX_BYTES) throw new TerminalError("The blob is larger than 1 MB and was not read.");
        return encoding === "base64" ? utf8(content, "The blob") : content;
      }),

    async history(repository, path, most) {
      const filter = path === null ? {} : { path };
      try {
        return toHistory((await get(repository, "/commits", { ...filter, per_page: Math.min(most, 100) })).data);
      } catch (error) {
        if (error instanceof NotThereError || error instanceof AnswerTooLongError) return [];
        throw error;
      }
    },

    async commit(repository, ref) {
      try {
        return toCommit((await get(repository, "/commits/{ref}", { ref })).data);
      } catch (error) {
        // GitHub answers 422 for a SHA that is not in this repository.
        if (error instanceof NotThereError || (error instanceof RefusedError && error.status === 422)) return "missing";
        throw error;
      }
    },

    async pullRequestsSince(repository, since) {
      const listed = await client.list(
        repository.installationId,
        "GET /repos/{owner}/{repo}/pulls",
        { ...repositoryParameters(repository), state: "all", sort: "updated", direction: "desc" },
        (data) => {
          const times = toUpdateTimes(data);
          return toPullRequests(data).map((pull, at) => ({ pull, updatedAt: times[at] ?? (0 as Instant) }));
        },
        { enough: (entries) => entries.length >= MOST_CHANGED_SINCE || (entries.at(-1)?.updatedAt ?? 0) < since },
      );
      return listed.filter(({ updatedAt }) => updatedAt >= since).map(({ pull }) => pull);
    },

    deployments: (repository) => orNothing(() => successfulDeployments(get, repository)),

    //
    async latestRelease(repository) {
      const [tag] = await orNothing(async () => [toReleaseTag((await get(repository, "/releases/latest")).data)]);
      return tag ?? "missing";
    },

    async isGreen(repository, sha) {
      let isWhole = true;
      const runs = await orNothing(async () => {
        const path = "/commits/{ref}/check-runs";
        const toRuns = (data: unknown) => toRunsOfOthers(data, client.appId);
        const listed = await listPart(repository, path, { ref: sha, filter: "latest" }, toRuns, { part: "first" });
        isWhole = listed.isWhole;
        return listed.entries;
      });
      if (!isWhole) return false;
      if (!runs.every((run) => run.status === "completed" && PASSED.has(run.conclusion ?? ""))) return false;
      // What reports through the older commit statuses instead; the latest of each context counts.
      const [statuses] = await orNothing(async () => [
        toCombinedStatus((await get(repository, "/commits/{ref}/status", { ref: sha, per_page: 1 })).data),
      ]);
      //
      const count = statuses?.count ?? 0;
      return (count === 0 || statuses?.state === "success") && runs.length + count > 0;
    },

    workflowRuns: (repository, workflowId, branch) =>
      orEmpty(async () =>
        toWorkflowRuns(
          (
            await get(repository, "/actions/workflows/{workflow_id}/runs", {
              workflow_id: workflowId,
              branch,
              per_page: MOST_WORKFLOW_RUNS,
              exclude_pull_requests: true,
            })
          ).data,
        ),
      ),

    gitCommit: (repository, sha) =>
      orMissing(async () =>
        toGitCommit((await get(repository, "/git/commits/{commit_sha}", { commit_sha: sha })).data),
      ),

    gitHistory: async (repository, sha, most) =>
      toGitCommits((await get(repository, "/commits", { sha, per_page: Math.min(most, 100) })).data),

    gitTree: (repository, sha) =>
      orMissing(async () => toTree((await get(repository, "/git/trees/{tree_sha}", { tree_sha: sha })).data)),

    branchTip: (repository, branch) =>
      orMissing(async () => {
        const route = `GET /repos/{owner}/{repo}/git/ref/heads/${encodedBranch(branch)}`;
        const options = { name: "GET /repos/{owner}/{repo}/git/ref/{ref}" };
        const parameters = repositoryParameters(repository);
        return toTip((await client.request(repository.installationId, route, parameters, options)).data);
      }),

    pullRequestSource: (repository, number) =>
      orMissing(async () => {
        const source = toSource((await get(repository, "/pulls/{pull_number}", { pull_number: number })).data);
        const path = "/pulls/{pull_number}/commits";
        const options = { part: "first", mostBytes: LONGEST_COMMITS_BYTES } as const;
        try {
          const listed = await listPart(repository, path, { pull_number: number }, toGitCommits, options);
          const isWhole = listed.isWhole && listed.entries.length >= (source.commits ?? 0);
          return { branch: source.branch, commits: listed.entries, isWhole };
        } catch (error) {
          if (!(error instanceof AnswerTooLongError)) throw error;
          return { branch: source.branch, commits: [], isWhole: false };
        }
      }),

    async pullRequestFrom(repository, branch) {
      const parameters = { head: `${repository.owner}:${branch}`, state: "open", per_page: 10 };
      const [first] = toPullRequests((await get(repository, "/pulls", parameters)).data);
      return first ?? "missing";
    },

    //
    pullRequestsEverFrom: (repository, branch) =>
      list(repository, "/pulls", { head: `${repository.owner}:${branch}`, state: "all" }, toPullRequests),

    labels: (repository) => list(repository, "/labels", {}, toLabels),

    repository: (repository) => orMissing(async () => toRepository((await get(repository, "")).data)),
  };
}

/** For one page of a pull request's commits; an ordinary page takes a hundredth of it. */
const LONGEST_COMMITS_BYTES = 16 * 1_048_576;
/** Good outcomes of a deployment, or of somebody else's check. */
const PASSED: ReadonlySet<string> = new Set(["success", "neutral", "skipped"]);
/** `inactive`: it worked, and a later one took its place. */
const DEPLOYED: ReadonlySet<string> = new Set(["success", "inactive"]);
const MOST_DEPLOYMENTS = 10;
/** These include runs of forks whose branch has the same name. */
const MOST_WORKFLOW_RUNS = 50;

//
async function successfulDeployments(
  get: (repository: Repository, path: string, parameters?: Readonly<Record<string, unknown>>) => Promise<Answer>,
  repository: Repository,
): Promise<readonly { readonly sha: string; readonly environment: string }[]> {
  const all = toDeployments((await get(repository, "/deployments", { per_page: MOST_DEPLOYMENTS })).data);
  const isProduction = (one: (typeof all)[number]) =>
    one.production_environment === true || /^prod/i.test(one.environment);
  const deployments = all.some(isProduction) ? all.filter(isProduction) : all;
  const found: { readonly sha: string; readonly environment: string }[] = [];
  for (const { id, sha, environment } of deployments) {
    const parameters = { deployment_id: id, per_page: 10 };
    const states = toDeploymentStates(
      (await get(repository, "/deployments/{deployment_id}/statuses", parameters)).data,
    );
    if (DEPLOYED.has(states[0] ?? "") && states.includes("success")) found.push({ sha, environment });
  }
  return found;
}

/** What is missing, or not allowed to the app by its installation, is unknown: another way has to do. */
async function orNothing<T>(answer: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof RefusedError) return [];
    throw error;
  }
}

/** A branch as part of a URL, filled in by hand: octokit would encode the slashes, which not every server decodes. */
export function encodedBranch(branch: string): string {
  const segments = branch.split("/");
  if (segments.some((segment) => segment === "." || segment === ".." || segment === "")) {
    throw new TerminalError(`"${branch}" is not a name of a branch.`);
  }
  return segments.map(encodeURIComponent).join("/");
}

export function repositoryParameters(repository: Repository): { readonly owner: string; readonly repo: string } {
  return { owner: repository.owner, repo: repository.name };
}

async function orMissing<T>(answer: () => Promise<T>): Promise<T | Missing> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof NotThereError) return "missing";
    throw error;
  }
}

/**
 * `null`: asked in another way, GitHub may answer. A limit is the same whichever way is taken, and a server without
 * GraphQL is remembered as such.
 */
async function orAskedOtherwise<T>(answer: () => Promise<T>): Promise<T | null> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof RefusedError && error.status !== null && ABSENT.has(error.status)) throw error;
    if (error instanceof TerminalError || (error instanceof TransientError && error.retryAfterMs === null)) return null;
    throw error;
  }
}

/** Something deleted has no comments and no history. */
async function orEmpty<T>(answer: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof NotThereError) return [];
    throw error;
  }
}

/**
 * Pull requests and commits are never deleted: not there means not there yet, on the replica that answered. Returning
 * an empty list would let a check pass.
 */
async function whenVisible<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof NotThereError) throw new TransientError(error.message);
    throw error;
  }
}

/**
 * The repository an issue is in, if it is not the one asked for. For a transferred issue GitHub answers with a 301 to
 * its new place ("Get an issue"), which fetch has followed. A renamed repository answers with its id in the URL.
 *
 * (A-067)
 */
function otherRepository(answer: Answer, asked: Repository): string | null {
  const id = /\/repositories\/(\d+)\//.exec(answer.url)?.[1];
  if (id === String(asked.id)) return null;
  const data = answer.data as { readonly repository_url?: unknown };
  const found = repositoryOf(typeof data.repository_url === "string" ? data.repository_url : null);
  return found === null || sameName(found, fullName(asked)) ? null : found;
}

function toSubIssues(data: unknown, repository: Repository): readonly SubIssue[] {
  return readAnswer("sub-issues", z.array(z.unknown()), data).map((entry) => {
    const found = repositoryOf(readAnswer("sub-issue", PlacedIssue, entry).repository_url ?? null);
    const issue = toIssue(entry);
    const isHere = found === null || sameName(found, fullName(repository));
    return { repository: isHere ? null : found, number: issue.number, issue };
  });
}

function toTargetDate(data: unknown): string | null {
  const fields = readAnswer("issue fields", FieldValues, data);
  const { value } = fields.find(({ issue_field_name: name }) => name?.trim().toLowerCase() === TARGET_DATE) ?? {};
  return typeof value === "string" ? (/^\d{4}-\d{2}-\d{2}/.exec(value)?.[0] ?? null) : null;
}

function toFile(path: string, data: unknown): FileFacts {
  if (Array.isArray(data)) throw new TerminalError(`${path} is a folder, not a file.`);
  const file = FileEntry.safeParse(data);
  if (!file.success) throw new TerminalError(`${path} is not a file.`);
  const { type, size, encoding, content, sha } = file.data;
  if (type !== "file") throw new TerminalError(`${path} is a ${type}, not a file.`);
  if (size > FILE_MAX_BYTES || (encoding !== "base64" && size > 0)) {
    throw new TerminalError(`${path} is larger than 1 MB and was not read.`);
  }
  return { path, sha, text: utf8(content ?? "", path) };
}

function utf8(base64: string, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64"));
  } catch {
    throw new TerminalError(`${what} is not UTF-8 text. Save it as UTF-8.`);
  }
}

/** The first 1,000 commits of a comparison (GitHub REST, "Compare two commits": paged, oldest first). */
async function compare(
  client: GitHubClient,
  repository: Repository,
  base: string,
  head: string,
): Promise<ComparedCommits> {
  let total: number | null = null;
  let mergeBase: string | null = null;
  const commits: CommitFacts[] = [];
  try {
    await client.listPart(
      repository.installationId,
      "GET /repos/{owner}/{repo}/compare/{basehead}",
      { ...repositoryParameters(repository), basehead: `${base}...${head}` },
      (data) => {
        const page = toComparison(data);
        total = page.total;
        mergeBase ??= page.mergeBase;
        for (const commit of page.commits) commits.push(commit);
        return page.commits;
      },
      { part: "first", enough: (entries) => entries.length >= MOST_COMMITS },
    );
  } catch (error) {
    if (!(error instanceof AnswerTooLongError)) throw error;
    return { commits, isWhole: false, mergeBase };
  }
  return { commits, isWhole: total === null ? commits.length < MOST_COMMITS : commits.length >= total, mergeBase };
}

const MOST_CLOSING_REFERENCES = 500;

//
async function closingReferences(
  client: GitHubClient,
  repository: Repository,
  number: number,
): Promise<readonly Reference[]> {
  const references: Reference[] = [];
  for (let after: string | null = null; ; ) {
    const asked = { what: "closingIssuesReferences", needs: "pull_requests: read", document: CLOSING_REFERENCES };
    const data = await askGraphql(client, repository, asked, { number, after }, ClosingReferences);
    const found = data?.repository?.pullRequest?.closingIssuesReferences;
    // Where the schema allows null, it is not a list, and so not an empty one.
    if (found?.nodes == null) throw notVisibleYet(asked.what);
    for (const node of found.nodes) {
      if (node === null) continue;
      const same = sameName(node.repository.nameWithOwner, fullName(repository));
      references.push({ repository: same ? null : node.repository.nameWithOwner, number: node.number });
    }
    after = nextCursor(found.pageInfo);
    // Any more would be many times what is looked at for one merge.
    if (after === null || references.length >= MOST_CLOSING_REFERENCES) return references;
  }
}

/** GraphQL names an app without the `[bot]` that REST puts behind it. */
/** GraphQL leaves out the brackets that REST has. */
function botLogin({ __typename: type, login }: { readonly __typename: string; readonly login: string }): string {
  return type === "Bot" ? `${login}[bot]` : login;
}

async function readIssueEdits(client: GitHubClient, repository: Repository, number: number): Promise<IssueEditFacts> {
  const editors = new Set<string>();
  const edits: { readonly at: Instant; readonly by: string | null }[] = [];
  const asked = { what: "issue", needs: "issues: read", document: ISSUE_EDITS };
  let lastEditedAt: Instant | null = null;
  let after: string | null = null;
  for (let page = 0; page < MOST_EDIT_PAGES; page += 1) {
    const answer: z.output<typeof IssueEdits> | null = await askGraphql(
      client,
      repository,
      asked,
      { number, after },
      IssueEdits,
    );
    const issue: EditedIssue | null | undefined = answer?.repository?.issue;
    if (issue == null) throw notVisibleYet(asked.what);
    const at = Date.parse(issue.lastEditedAt ?? "");
    lastEditedAt = Number.isNaN(at) ? null : (at as Instant);
    const listed: EditedIssue["userContentEdits"] = issue.userContentEdits;
    // There is none where nobody has ever edited it; else the answer is not whole.
    if (listed?.nodes == null && lastEditedAt !== null) throw notVisibleYet(asked.what);
    for (const node of listed?.nodes ?? []) {
      if (node == null) continue;
      const by = node.editor === null ? null : botLogin(node.editor);
      if (by !== null) editors.add(by);
      const at = Date.parse(node.editedAt ?? "");
      if (!Number.isNaN(at)) edits.push({ at: at as Instant, by });
    }
    after = listed == null ? null : nextCursor(listed.pageInfo);
    if (after === null) break;
  }
  return { editors: [...editors], lastEditedAt, edits: edits.toSorted((a, b) => b.at - a.at) };
}

/** By the number at the end of a comment's URL: `databaseId` is too small for today's ids. */
async function readCommentEdits(
  client: GitHubClient,
  repository: Repository,
  number: number,
): Promise<ReadonlyMap<number, Instant | null>> {
  const edits = new Map<number, Instant | null>();
  const asked = { what: "comments", needs: "issues: read", document: COMMENT_EDITS };
  let before: string | null = null;
  for (let page = 0; page < MOST_EDIT_PAGES; page += 1) {
    const answer: z.output<typeof CommentEdits> | null = await askGraphql(
      client,
      repository,
      asked,
      { number, before },
      CommentEdits,
    );
    const found: CommentPage | undefined = answer?.repository?.issue?.comments;
    if (found?.nodes == null) throw notVisibleYet(asked.what);
    for (const node of found.nodes) {
      const id = /#issuecomment-(\d{1,15})$/.exec(node?.url ?? "")?.[1];
      if (node == null || id === undefined) continue;
      const at = Date.parse(node.lastEditedAt ?? "");
      edits.set(Number(id), Number.isNaN(at) ? null : (at as Instant));
    }
    before = found.pageInfo.hasPreviousPage ? found.pageInfo.startCursor : null;
    if (before === null) break;
  }
  return edits;
}

//
async function readMergeQueue(
  client: GitHubClient,
  repository: Repository,
  branch: string,
): Promise<readonly MergeQueueEntry[]> {
  const entries: MergeQueueEntry[] = [];
  for (let after: string | null = null; ; ) {
    const asked = { what: "mergeQueue", needs: "merge_queues: read", document: MERGE_QUEUE };
    const data = await askGraphql(client, repository, asked, { branch, after }, MergeQueue);
    if (data?.repository == null) throw notVisibleYet(asked.what);
    if (data.repository.mergeQueue == null) return [];
    const found = data.repository.mergeQueue.entries;
    if (found?.nodes == null) throw notVisibleYet(asked.what);
    for (const node of found.nodes) {
      if (node?.pullRequest == null) continue;
      const { position, headCommit, pullRequest } = node;
      entries.push({ pullRequest: pullRequest.number, position, headSha: headCommit?.oid ?? null });
    }
    after = nextCursor(found.pageInfo);
    if (after === null || entries.length >= MOST_QUEUED) return entries.toSorted((a, b) => a.position - b.position);
  }
}

function nextCursor({ hasNextPage, endCursor }: z.output<typeof PageInfo>): string | null {
  return hasNextPage ? endCursor : null;
}
