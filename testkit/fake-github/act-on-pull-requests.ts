import type { ChangedFile, PullRequestFacts, Reference, Repository } from "../../src/core/model.ts";
import { checkBody } from "./act-on-issues.ts";
import { pullRequestFacts } from "./facts.ts";
import { applyFiles, commitOf, tip } from "./git.ts";
import { issueOf, type PullRequestState, pullOf, type RepositoryState } from "./state.ts";
import { emitPullRequest, emitPush } from "./webhooks.ts";
import type { FakeWorld } from "./world.ts";

export interface NewPullRequest {
  readonly title: string;
  readonly body?: string;
  readonly base?: string;
  readonly draft?: boolean;
  readonly fromFork?: boolean;
  /** It shares the head of this one; then there are no `commits`. */
  readonly sameHeadAs?: number;
  /** Commit messages, oldest first. Default: one, the title. */
  readonly commits?: readonly string[];
  /** An existing branch, with its commits. */
  readonly branch?: { readonly name: string; readonly sha: string; readonly commits: readonly string[] };
  /** Path → text (`null`: removed). They reach the default branch with the merge. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Issues linked by hand in the "Development" sidebar. */
  readonly links?: readonly Reference[];
}

/** Acts on pull requests and commits, by login. Each changes the state and emits what GitHub would send. */
export function pullRequestActs(world: FakeWorld) {
  return {
    openPullRequest: (repository: Repository, login: string, options: NewPullRequest): PullRequestFacts => {
      const state = world.writable(repository);
      checkBody(options.body ?? "", true);
      const contents = options.files ?? {};
      const twin = options.sameHeadAs === undefined ? null : pullOf(issueOf(state, options.sameHeadAs));
      const commits: string[] = [...(twin?.commits ?? options.branch?.commits ?? [])];
      let headSha = twin?.headSha ?? options.branch?.sha ?? state.headSha;
      const messages = twin === null && options.branch === undefined ? (options.commits ?? [options.title]) : [];
      // Each commit gets a file of its own, and the last one the rest.
      const files = Object.entries(contents);
      for (const [index, message] of messages.entries()) {
        const own = index === messages.length - 1 ? files.slice(index) : files.slice(index, index + 1);
        headSha = world.addCommit(state, message, headSha, login, Object.fromEntries(own));
        commits.push(headSha);
      }
      const pull: PullRequestState = {
        headRef: options.branch?.name ?? `patch-${state.nextNumber}`,
        draft: options.draft ?? false,
        merged: false,
        mergedAt: null,
        mergeSha: null,
        headSha,
        baseRef: options.base ?? state.defaultBranch,
        fromFork: options.fromFork ?? false,
        files: Object.entries(contents).map(([path, text]) => changedFile(state, path, text)),
        contents: { ...contents },
        commits,
        links: [...(options.links ?? [])],
        reviewers: [],
      };
      const issue = world.newIssue(state, login, options.title, options.body ?? "", pull);
      emitPullRequest(world, state, login, issue, "opened");
      world.mention(state, login, issue, issue.body);
      return pullRequestFacts(world, state, issue);
    },

    pushToPullRequest: (
      repository: Repository,
      login: string,
      number: number,
      message: string,
      files: Readonly<Record<string, string | null>>,
    ): PullRequestFacts => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      const pull = pullOf(issue);
      const before = pull.headSha;
      pull.headSha = world.addCommit(state, message, pull.headSha, login, files);
      pull.commits.push(pull.headSha);
      Object.assign(pull.contents, files);
      pull.files = Object.entries(pull.contents).map(([path, text]) => changedFile(state, path, text));
      world.touch(issue);
      emitPullRequest(world, state, login, issue, "synchronize", { before, after: pull.headSha });
      return pullRequestFacts(world, state, issue);
    },

    link: (repository: Repository, number: number, to: Reference): void => {
      // GitHub sends no webhook for a link made by hand.
      pullOf(issueOf(world.writable(repository), number)).links.push(to);
    },

    unlink: (repository: Repository, number: number, from: Reference): void => {
      const pull = pullOf(issueOf(world.writable(repository), number));
      pull.links = pull.links.filter((one) => one.number !== from.number || one.repository !== from.repository);
    },

    merge: (
      repository: Repository,
      login: string,
      number: number,
      method: "squash" | "merge" | "rebase" = "squash",
    ): PullRequestFacts => {
      const state = world.writable(repository);
      const issue = issueOf(state, number);
      const pull = pullOf(issue);
      if (issue.state === "closed") throw new Error(`#${number} is closed`);
      pull.merged = true;
      pull.mergedAt = world.clock.now();
      issue.state = "closed";
      issue.closedAt = world.clock.now();
      issue.closedBy = login;
      world.note(issue, { kind: "closed", actor: login });
      const before = state.headSha;
      const message = `${issue.title} (#${number})\n\n${issue.body}`;
      if (method === "rebase") {
        let tip = before;
        for (const sha of pull.commits) {
          const { message: said, author, at, changes } = commitOf(state, sha);
          tip = world.addCommit(state, said, tip, author, changes, { authoredAt: at });
          world.rebased.set(tip, pull);
        }
        pull.mergeSha = tip;
      } else {
        const second = method === "merge" ? { second: pull.headSha } : {};
        pull.mergeSha = world.addCommit(state, message, before, issue.author, pull.contents, second);
      }
      emitPullRequest(world, state, login, issue, "closed");
      if (pull.baseRef === state.defaultBranch) {
        state.headSha = pull.mergeSha;
        applyFiles(state, pull.contents);
        emitPush(world, state, login, before, pull.contents);
      }
      return pullRequestFacts(world, state, issue);
    },

    push: (
      repository: Repository,
      login: string,
      message: string,
      files: Readonly<Record<string, string | null>>,
    ): string => {
      const state = world.writable(repository);
      const before = state.headSha;
      state.headSha = world.addCommit(state, message, state.headSha, login, files);
      applyFiles(state, files);
      emitPush(world, state, login, before, files);
      return state.headSha;
    },
  };
}

/** Puts a pull request at the end of the merge queue of its target branch; its checks are requested. */
export function enqueuePullRequest(
  world: FakeWorld,
  state: RepositoryState,
  number: number,
  method: "squash" | "rebase",
): { readonly headSha: string; readonly baseSha: string } {
  const issue = issueOf(state, number);
  const pull = pullOf(issue);
  const queue = state.mergeQueues.get(pull.baseRef) ?? [];
  state.mergeQueues.set(pull.baseRef, queue);
  const baseSha = queue.at(-1)?.headSha ?? tip(state, pull.baseRef);
  const messages =
    method === "squash" ? [`${issue.title} (#${number})`] : pull.commits.map((sha) => commitOf(state, sha).message);
  let headSha = baseSha;
  for (const message of messages) headSha = world.addCommit(state, message, headSha, issue.author, {});
  queue.push({ pullRequest: number, position: queue.length + 1, headSha });
  world.emit(state, "github-merge-queue[bot]", "merge_group", {
    action: "checks_requested",
    merge_group: {
      head_sha: headSha,
      head_ref: `refs/heads/gh-readonly-queue/${pull.baseRef}/pr-${number}-${baseSha}`,
      base_sha: baseSha,
      base_ref: `refs/heads/${pull.baseRef}`,
    },
  });
  return { headSha, baseSha };
}

function changedFile(state: RepositoryState, path: string, text: string | null): ChangedFile {
  if (text === null) return { path, status: "removed" };
  return { path, status: state.files.has(path) ? "modified" : "added" };
}
