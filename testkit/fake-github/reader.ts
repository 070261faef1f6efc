import { TerminalError } from "../../src/base/errors.ts";
import {
  type CheckRunFacts,
  type CheckSuiteFacts,
  type CommentFacts,
  type CommitFacts,
  type GitCommit,
  type GitEntry,
  type HistoryFacts,
  type Instant,
  type IssueFacts,
  MOST_FILES_LISTED,
  type PullRequestFacts,
  type Reference,
  type Repository,
} from "../../src/core/model.ts";
import { isAppLogin, sameName } from "../../src/core/names.ts";
import {
  type ComparedCommits,
  type FileFacts,
  type FolderEntry,
  type GitHubReader,
  type Missing,
  MOST_CHANGED_SINCE,
  type NotAFolder,
  type RepositoryFacts,
} from "../../src/systems/github/ports.ts";
import { closingReferences, commentFacts, issueFacts, pullRequestFacts, timelineFacts } from "./facts.ts";
import { ancestry, blobSha, commitOf, gitCommit, tip } from "./git.ts";
import { checksRequired } from "./rulesets.ts";
import { type CommitState, commentsOf, issueOf, openFrom, pullOf, type RepositoryState, roleOf } from "./state.ts";
import type { FakeWorld } from "./world.ts";

/** For a longer timeline the port returns the newest. */
const MOST_EVENTS_READ = 5_000;

/** What Sevgate reads. */
export function createReader(world: FakeWorld): GitHubReader {
  const read = <T>(method: string, repository: Repository, answer: (state: RepositoryState) => T) =>
    world.call("read", method, repository, () => answer(world.state(repository)));
  /** Lists for something that does not exist are empty, as a deleted issue has no comments. */
  return {
    issue: (repository, number) =>
      read("issue", repository, (state): IssueFacts | Missing | { readonly movedTo: Reference } => {
        const movedTo = state.moved.get(number);
        if (movedTo !== undefined) return { movedTo };
        const issue = state.issues.get(number);
        const { owner, name } = state.repository;
        const isRenamed = !sameName(`${owner}/${name}`, `${repository.owner}/${repository.name}`);
        if (isRenamed && issue?.pullRequest === null) return { movedTo: { repository: `${owner}/${name}`, number } };
        return issue === undefined || issue.pullRequest !== null ? "missing" : issueFacts(world, state, issue);
      }),
    comments: (repository, number, since) =>
      read("comments", repository, (state) =>
        commentsOf(state, number)
          .filter((comment) => since === null || comment.updatedAt >= since)
          .map((comment) => commentFacts(world, state, comment)),
      ),
    comment: (repository, commentId) =>
      read("comment", repository, (state): CommentFacts | Missing => {
        const comment = state.comments.get(commentId);
        return comment === undefined ? "missing" : commentFacts(world, state, comment);
      }),
    timeline: (repository, number) =>
      read("timeline", repository, (state) => {
        const all = state.issues.get(number)?.timeline ?? [];
        const newest = all.slice(-MOST_EVENTS_READ).map((entry) => timelineFacts(world, entry));
        return { events: newest, isWhole: newest.length === all.length };
      }),
    subIssues: (repository, number) =>
      read("subIssues", repository, (state) => {
        if (!world.settings.features.subIssues) return [];
        return (state.issues.get(number)?.subIssues ?? []).flatMap(({ repository: place, number: child }) => {
          const home = world.named(place, state);
          const issue = home?.issues.get(child);
          return issue === undefined || home === undefined
            ? []
            : [{ repository: place, number: child, issue: issueFacts(world, home, issue) }];
        });
      }),
    targetDate: (repository, number) =>
      read("targetDate", repository, (state) =>
        world.settings.features.issueFields ? issueOf(state, number).targetDate : "unsupported",
      ),
    issueTypes: (repository) =>
      read("issueTypes", repository, () =>
        world.settings.features.issueTypes ? world.settings.issueTypes : "unsupported",
      ),
    issuesWithLabel: (repository, label, options) =>
      read("issuesWithLabel", repository, (state) =>
        [...state.issues.values()]
          .filter((issue) => issue.pullRequest === null)
          .filter((issue) => issue.labels.some((known) => sameName(known, label)))
          .filter((issue) => options.state === "all" || issue.state === "open")
          .filter((issue) => options.since === null || issue.updatedAt >= options.since)
          .sort((a, b) => b.updatedAt - a.updatedAt || b.number - a.number)
          .map((issue) => issueFacts(world, state, issue)),
      ),
    changedSince: (repository, since) =>
      read("changedSince", repository, (state) => {
        const all = [...state.issues.values()]
          .filter((issue) => issue.updatedAt >= since)
          .sort((a, b) => b.updatedAt - a.updatedAt || b.number - a.number);
        const changed = all.slice(0, world.settings.mostListed);
        return {
          isWhole: changed.length === all.length,
          issues: changed.filter((issue) => issue.pullRequest === null).map((issue) => issueFacts(world, state, issue)),
          pullRequests: changed.filter((issue) => issue.pullRequest !== null).map((issue) => issue.number),
        };
      }),
    // Apps are not collaborators: "… is not a user" (404), whatever they may do.
    permission: (repository, login) =>
      read("permission", repository, (state) => (isAppLogin(login) ? "none" : roleOf(state, login))),
    pullRequest: (repository, number) =>
      read("pullRequest", repository, (state): PullRequestFacts | Missing => {
        const issue = state.issues.get(number);
        return issue?.pullRequest == null ? "missing" : pullRequestFacts(world, state, issue);
      }),
    // Also the same request, as far as faults are concerned.
    pullRequestAtOnce: (repository, number) =>
      read("pullRequest", repository, (state): PullRequestFacts | Missing => {
        const issue = state.issues.get(number);
        return issue?.pullRequest == null ? "missing" : pullRequestFacts(world, state, issue);
      }),
    pullRequestCommits: (repository, { number }) =>
      read("pullRequestCommits", repository, (state) => ({
        commits: (state.issues.get(number)?.pullRequest?.commits ?? [])
          .slice(0, 250)
          .map((sha) => ({ sha, message: commitOf(state, sha).message, isCut: false })),
        isWhole: true,
      })),
    pullRequestFiles: (repository, { number }) =>
      read("pullRequestFiles", repository, (state) => {
        const files = [...(state.issues.get(number)?.pullRequest?.files ?? [])];
        return { files, isWhole: files.length < MOST_FILES_LISTED };
      }),
    openPullRequests: (repository) =>
      read("openPullRequests", repository, (state) =>
        [...state.issues.values()]
          .filter((issue) => issue.pullRequest !== null && issue.state === "open")
          .map((issue) => pullRequestFacts(world, state, issue)),
      ),
    pullRequestsOfCommit: (repository, sha) =>
      read("pullRequestsOfCommit", repository, (state) =>
        [...state.issues.values()]
          .filter(({ pullRequest: pull }) => {
            // GitHub lists none for the head of a fork, and none for a commit made by a queue.
            if (world.rebased.get(sha) === pull && pull !== null) return true;
            return (pull?.commits.includes(sha) && !pull.fromFork) || pull?.mergeSha === sha;
          })
          .map((issue) => pullRequestFacts(world, state, issue)),
      ),
    commitsBetween: (repository, base, head) =>
      read("commitsBetween", repository, (state): ComparedCommits => {
        const known = new Set(ancestry(state, tip(state, base)).map((commit) => commit.sha));
        const inHead = ancestry(state, tip(state, head));
        const all = inHead.filter((commit) => !known.has(commit.sha)).reverse();
        const commits = all.slice(0, 1_000).map(({ sha, message }): CommitFacts => ({ sha, message, isCut: false }));
        const mergeBase = inHead.find((commit) => known.has(commit.sha))?.sha ?? null;
        return { commits, isWhole: commits.length === all.length, mergeBase };
      }),
    issueEdits: (repository, number) =>
      read("issueEdits", repository, (state) => {
        if (!world.settings.features.graphql) return "unsupported";
        const edits = issueOf(state, number).bodyEdits;
        return {
          editors: [...new Set(edits.map(({ login }) => login))],
          lastEditedAt: edits.at(-1)?.at ?? null,
          edits: edits.map(({ login, at }) => ({ at, by: login })).toReversed(),
        };
      }),
    commentEdits: (repository, number) =>
      read("commentEdits", repository, (state): ReadonlyMap<number, Instant | null> | "unsupported" => {
        if (!world.settings.features.graphql) return "unsupported";
        const newest = commentsOf(state, number).slice(-300);
        return new Map(newest.map(({ id, lastEditedAt }) => [id, lastEditedAt]));
      }),
    mergeQueue: (repository, branch) =>
      read("mergeQueue", repository, (state) => {
        return world.settings.features.graphql ? [...(state.mergeQueues.get(branch) ?? [])] : "unsupported";
      }),
    requiredChecks: (repository, branch) =>
      read("requiredChecks", repository, (state) => {
        if (state.isPrivate && !world.settings.rulesInPlan) return "not-in-plan";
        return branch === state.defaultBranch ? [...state.requiredChecks, ...checksRequired(state, branch)] : [];
      }),
    checkSuite: (repository, suiteId) =>
      read("checkSuite", repository, (state): CheckSuiteFacts | Missing => {
        const found = [...state.checkSuites].find(([, suite]) => suite.id === suiteId);
        return found === undefined ? "missing" : { headSha: found[0], status: found[1].status };
      }),
    closingReferences: (repository, { number }) =>
      read("closingReferences", repository, (state): readonly Reference[] | "unsupported" => {
        if (!world.settings.features.graphql) return "unsupported";
        const issue = state.issues.get(number);
        if (issue?.pullRequest == null) return [];
        return closingReferences(state, issue, issue.pullRequest);
      }),
    checkRuns: (repository, headSha) =>
      read("checkRuns", repository, (state) =>
        [...state.checkRuns.values()]
          .filter((run) => run.headSha === headSha && run.appId === world.settings.appId)
          .map(({ content: _content, appId: _, ...facts }): CheckRunFacts => facts),
      ),
    file: (repository, path) =>
      read("file", repository, (state): FileFacts | Missing => {
        const text = state.files.get(path);
        if (text === undefined) {
          const isFolder = [...state.files.keys()].some((known) => known.startsWith(`${path}/`));
          if (isFolder) throw new TerminalError(`${path} is a folder, not a file.`);
          return "missing";
        }
        if (Buffer.byteLength(text) > 1_000_000) throw new TerminalError(`${path} is larger than 1 MB.`);
        return { path, sha: blobSha(text), text };
      }),
    folder: (repository, path) =>
      read("folder", repository, (state): readonly FolderEntry[] | NotAFolder | Missing => {
        if (state.files.has(path)) return "not-a-folder";
        const within = path === "" ? "" : `${path}/`;
        const entries = new Map<string, FolderEntry>();
        for (const [known, text] of state.files) {
          if (!known.startsWith(within)) continue;
          const [name = "", ...below] = known.slice(within.length).split("/");
          const kind = below.length === 0 ? "file" : "folder";
          entries.set(name, { path: `${within}${name}`, sha: blobSha(kind === "file" ? text : name), kind });
        }
        return entries.size > 0 ? [...entries.values()] : "missing";
      }),
    tree: (repository) =>
      read("tree", repository, (state) =>
        [...state.files]
          .map(([path, text]) => ({ path, sha: blobSha(text), bytes: Buffer.byteLength(text) }))
          .sort((a, b) => (a.path < b.path ? -1 : 1)),
      ),
    blob: (repository, sha) => read("blob", repository, (state): string | Missing => state.blobs.get(sha) ?? "missing"),
    history: (repository, path, most) =>
      read("history", repository, (state) =>
        ancestry(state, state.headSha)
          .filter(
            (commit) => path === null || pathsOf(commit).some((one) => one === path || one.startsWith(`${path}/`)),
          )
          .slice(0, Math.min(most, 100))
          .map(
            ({ sha, at, author }): HistoryFacts => ({
              sha,
              at,
              author: author === null ? null : world.personFacts(author),
            }),
          ),
      ),
    commit: (repository, ref) =>
      read("commit", repository, (state): HistoryFacts | Missing => {
        const sha = state.tags.get(ref) ?? [...state.commits.keys()].find((known) => known.startsWith(ref));
        const commit = sha === undefined || ref.length < 1 ? undefined : state.commits.get(sha);
        if (commit === undefined) return "missing";
        return {
          sha: commit.sha,
          at: commit.at,
          author: commit.author === null ? null : world.personFacts(commit.author),
        };
      }),
    pullRequestsSince: (repository, since) =>
      read("pullRequestsSince", repository, (state) =>
        [...state.issues.values()]
          .filter((issue) => issue.pullRequest !== null && issue.updatedAt >= since)
          .sort((a, b) => b.updatedAt - a.updatedAt || b.number - a.number)
          .slice(0, MOST_CHANGED_SINCE)
          .map((issue) => pullRequestFacts(world, state, issue)),
      ),
    deployments: (repository) => read("deployments", repository, (state) => [...state.deployments]),
    latestRelease: (repository) =>
      read("latestRelease", repository, (state): string | Missing => state.releases.at(-1) ?? "missing"),
    isGreen: (repository, sha) => read("isGreen", repository, (state) => state.green.has(sha)),
    gitCommit: (repository, sha) =>
      read("gitCommit", repository, (state): GitCommit | Missing =>
        state.commits.has(sha) ? gitCommit(state, sha) : "missing",
      ),
    gitHistory: (repository, sha, most) =>
      read("gitHistory", repository, (state) =>
        ancestry(state, sha)
          .slice(0, most)
          .map((commit) => gitCommit(state, commit.sha)),
      ),
    gitTree: (repository, sha) =>
      read("gitTree", repository, (state): readonly GitEntry[] | Missing => state.trees.get(sha) ?? "missing"),
    branchTip: (repository, branch) =>
      read("branchTip", repository, (state): string | Missing =>
        branch === state.defaultBranch ? state.headSha : (state.branches.get(branch) ?? "missing"),
      ),
    pullRequestSource: (repository, number) =>
      read("pullRequestSource", repository, (state) => {
        const { headRef, commits } = pullOf(issueOf(state, number));
        return { branch: headRef, commits: commits.map((sha) => gitCommit(state, sha)), isWhole: true };
      }),
    pullRequestFrom: (repository, branch) =>
      read("pullRequestFrom", repository, (state): PullRequestFacts | Missing => {
        const issue = openFrom(state, branch);
        return issue === null ? "missing" : pullRequestFacts(world, state, issue);
      }),
    pullRequestsEverFrom: (repository, branch) =>
      read("pullRequestsEverFrom", repository, (state) =>
        [...state.issues.values()]
          .filter(({ pullRequest }) => pullRequest?.fromFork === false && pullRequest.headRef === branch)
          .map((issue) => pullRequestFacts(world, state, issue))
          .toReversed(),
      ),
    workflowRuns: (repository, workflowId, branch) =>
      read("workflowRuns", repository, (state) =>
        (state.workflowRuns.get(workflowId) ?? []).filter((run) => run.branch === branch).slice(0, 50),
      ),
    labels: (repository) => read("labels", repository, (state) => state.labels.map((label) => label.name)),
    repository: (repository) =>
      world.call("read", "repository", repository, (): RepositoryFacts | Missing => {
        // By name, like the request; a former name leads to the repository that had it.
        const name = `${repository.owner}/${repository.name}`;
        const state = world.withName(name) ?? world.repositories.get(repository.id);
        if (state === undefined) return "missing";
        return {
          id: state.repository.id,
          owner: state.repository.owner,
          name: state.repository.name,
          defaultBranch: state.defaultBranch,
          isPrivate: state.isPrivate,
          archived: state.archived,
          isDisabled: state.isDisabled,
          isFork: state.isFork,
          hasIssues: state.hasIssues,
        };
      }),
  };
}

function pathsOf({ changes }: CommitState): readonly string[] {
  return Object.keys(changes);
}
