import { createHash } from "node:crypto";
import type { Clock } from "../../../src/base/clock.ts";
import { TerminalError } from "../../../src/base/errors.ts";
import type {
  ChangedFile,
  CheckRunContent,
  CheckRunFacts,
  CheckSuiteFacts,
  CloseReason,
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
  Reference,
  Repository,
  TimelineFacts,
  WorkflowRunFacts,
} from "../../../src/core/model.ts";
import { isAppLogin } from "../../../src/core/names.ts";
import { treeSha } from "../../../src/core/regressions/git-tree.ts";
import type { ContentClass } from "../../../src/core/trust/content-class.ts";
import type {
  ComparedCommits,
  CreationRoom,
  DeliveryFacts,
  FileFacts,
  GitHub,
  GitHubApp,
  GitHubReader,
  GitHubWriter,
  Missing,
  MutationRefused,
  OptionalResult,
  Refused,
  RepositoryFacts,
  RequestLimit,
} from "../../../src/systems/github/ports.ts";
import { MOST_CHANGED_SINCE } from "../../../src/systems/github/ports.ts";
import type { RateLimits } from "../../../src/systems/github/rate-limits.ts";
import {
  checkRunPayload,
  commentPayload,
  type FakeEvent,
  issuePayload,
  labelPayload,
  pullRequestPayload,
  repositoryPayload,
  userPayload,
  workflowRunPayload,
} from "./events.ts";
import { Faults } from "./faults.ts";
import type {
  CommentState,
  CommitState,
  IssueState,
  PersonState,
  PullRequestState,
  RepositoryState,
  TimelineState,
} from "./state.ts";

/** Of a longer timeline the port gives the newest. */
const MOST_EVENTS_READ = 5_000;

/** What the server can do; each may be switched at any time. GitHub.com: all on. An old GHES or the emulator: off. */
export interface FakeFeatures {
  pins: boolean;
  reactions: boolean;
  graphql: boolean;
  /** `false`: the mutation `revertPullRequest` refuses apps. */
  revertMutation: boolean;
  subIssues: boolean;
  /** The list of an installation's repositories. */
  repositoryList: boolean;
  deliveries: boolean;
  /** One question for all issues of an account. */
  search: boolean;
}

export interface FakeCall {
  readonly kind: "read" | "write";
  readonly method: string;
  /** `owner/name`, or `null` for calls of the app as a whole. */
  readonly repository: string | null;
}

/** The whole state of a fake. */
export interface FakeMemory {
  readonly repositories: ReadonlyMap<number, RepositoryState>;
  readonly people: ReadonlyMap<string, PersonState>;
  readonly nextId: number;
}

export interface NewRepository {
  readonly owner?: string;
  readonly name?: string;
  readonly defaultBranch?: string;
  readonly isPrivate?: boolean;
  readonly archived?: boolean;
  readonly hasIssues?: boolean;
  readonly installationId?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly labels?: readonly string[];
}

export interface NewWorkflowRun {
  /** Of the workflow. */
  readonly id: number;
  /** Default: `CI`. */
  readonly name?: string;
  /** Default: made from the name; `null`: GitHub's own. */
  readonly file?: string | null;
  /** The number of the run that is run again; left out: a new one. */
  readonly number?: number;
  /** Default: `push`. */
  readonly event?: string;
  /** Default: the default branch. */
  readonly branch?: string;
  /** Default: the head. */
  readonly sha?: string;
  readonly fork?: boolean;
}

export interface NewPullRequest {
  readonly title: string;
  readonly body?: string;
  readonly base?: string;
  readonly draft?: boolean;
  readonly fromFork?: boolean;
  /** Its head is the head of this one; `commits` are left out then. */
  readonly sameHeadAs?: number;
  /** Commit messages, oldest first. Default: one, the title. */
  readonly commits?: readonly string[];
  /** A branch that is there, with the commits that make it. */
  readonly branch?: { readonly name: string; readonly sha: string; readonly commits: readonly string[] };
  /** Path → text (`null`: removed). They reach the default branch by the merge. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Issues linked by hand in the "Development" sidebar. */
  readonly links?: readonly Reference[];
}

const BODY_LIMIT_CHARACTERS = 65_536;
const BODY_LIMIT_BYTES = 262_144;
const CLOSING_KEYWORD = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:([\w.-]+\/[\w.-]+))?#(\d+)/gi;
const MENTION = /(?:([\w.-]{1,39}\/[\w.-]{1,100}))?#(\d+)\b/g;

function gitSha(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function blobSha(text: string): string {
  return gitSha(`blob ${Buffer.byteLength(text)}\0${text}`);
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/**
 * A GitHub that lives in memory: it holds state, answers and counts, and decides nothing.
 *
 * People act through `as(login)`, Sevgate through `read`, `write` and `app`; both change the same state, and both cause
 * webhooks (`onEvent`). It is kept honest by test/contract/, which runs the same promises against the real client.
 */
export class FakeGitHub implements GitHub {
  readonly app: GitHubApp;
  readonly read: GitHubReader;
  write: GitHubWriter;
  readonly features: FakeFeatures;
  /** How many entries of a list are read, as the real client reads 5,000. */
  mostListed = 5_000;
  readonly faults = new Faults();
  readonly appId: number;
  slug: string;
  readonly installationId: number;
  /** Every call of Sevgate so far, in order, also those that failed. */
  readonly calls: FakeCall[] = [];
  /** Installations whose tokens were forgotten. */
  readonly forgotten: number[] = [];
  /** What `app.deliveries` lists, newest first; tests fill it. */
  readonly deliveries: DeliveryFacts[] = [];
  /** Delivery ids asked for again. */
  readonly redelivered: string[] = [];
  readonly suspended = new Set<number>();
  /** What GitHub grants each installation; `null`: no answer told. */
  requestLimit: RequestLimit | null = null;
  /** The budget of the client, as `createGitHub` keeps it; `null`: everything is let through. */
  limits: RateLimits | null = null;
  /** The pull request by which a commit of a rebase came. */
  readonly #rebased = new Map<string, object>();
  /** By how much `updated_at` of a new comment is later than its `created_at`. */
  stampsLateByMs = 0;
  /** What GitHub makes of a text that it is sent; `before`: what it replaces, `null` for a new one. */
  keeps: (text: string, before: string | null) => string = (text) => text;
  /** Whether an app may not change its own comments on a locked issue either; nobody says. */
  locksEdits = false;
  /** How much one question of a search finds at most. */
  foundAtOnce = 1_000;

  readonly #clock: Clock;
  readonly #repositories = new Map<number, RepositoryState>();
  readonly #people = new Map<string, PersonState>();
  readonly #listeners: ((event: FakeEvent) => void)[] = [];
  #nextId = 1_000;

  constructor(options: {
    readonly clock: Clock;
    readonly appId?: number;
    readonly slug?: string;
    readonly installationId?: number;
    readonly features?: Partial<FakeFeatures>;
  }) {
    this.#clock = options.clock;
    this.appId = options.appId ?? 4242;
    this.slug = options.slug ?? "sevgate";
    this.installationId = options.installationId ?? 777;
    this.features = {
      pins: true,
      reactions: true,
      graphql: true,
      revertMutation: true,
      subIssues: true,
      repositoryList: true,
      deliveries: true,
      search: true,
      ...options.features,
    };
    this.app = this.#makeApp();
    this.read = this.#makeReader();
    this.write = this.#makeWriter();
  }

  get botLogin(): string {
    return `${this.slug}[bot]`;
  }

  /** The app gets another name: what it wrote before shows the new one, too. */
  renameApp(slug: string): void {
    const before = this.botLogin;
    this.slug = slug;
    for (const state of this.#repositories.values()) {
      for (const comment of state.comments.values()) if (comment.author === before) comment.author = this.botLogin;
    }
    this.write = this.#makeWriter();
  }

  get reads(): readonly string[] {
    return this.calls.filter((call) => call.kind === "read").map((call) => call.method);
  }

  get writes(): readonly string[] {
    return this.calls.filter((call) => call.kind === "write").map((call) => call.method);
  }

  forgetCalls(): void {
    this.calls.length = 0;
  }

  forget(installationId: number): void {
    this.forgotten.push(installationId);
  }

  /** Tells of every webhook GitHub would send from now on, at once and in order. Returns what stops it. */
  onEvent(listener: (event: FakeEvent) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners.splice(this.#listeners.indexOf(listener), 1);
    };
  }

  // The world around: set up without webhooks.

  addRepository(options: NewRepository = {}): Repository {
    const repository: Repository = {
      installationId: options.installationId ?? this.installationId,
      id: this.#id(),
      owner: options.owner ?? "acme",
      name: options.name ?? "ops",
    };
    const state: RepositoryState = {
      repository,
      defaultBranch: options.defaultBranch ?? "main",
      headSha: gitSha(`root of ${repository.id}`),
      isPrivate: options.isPrivate ?? false,
      archived: options.archived ?? false,
      hasIssues: options.hasIssues ?? true,
      nextNumber: 1,
      roles: new Map(),
      labels: [],
      issues: new Map(),
      moved: new Map(),
      comments: new Map(),
      checkRuns: new Map(),
      checkSuites: new Map(),
      branches: new Map(),
      mergeQueues: new Map(),
      requiredChecks: [],
      files: new Map(),
      blobs: new Map(),
      tags: new Map(),
      deployments: [],
      releases: [],
      green: new Set(),
      workflowRuns: new Map(),
      commits: new Map(),
      trees: new Map(),
    };
    const changes = options.files ?? {};
    const start = { sha: state.headSha, message: "Start", parent: null, at: this.#clock.now(), author: null, changes };
    state.commits.set(state.headSha, start);
    this.#applyFiles(state, options.files ?? {});
    for (const label of options.labels ?? []) this.#ensureLabel(state, label);
    this.#repositories.set(repository.id, state);
    return repository;
  }

  setRole(login: string, role: Permission, repository: Repository = this.#first()): void {
    this.#person(login);
    this.#state(repository).roles.set(login.toLowerCase(), role);
  }

  /** The account is deleted: GitHub shows nobody where it was. */
  deleteAccount(login: string): void {
    this.#people.set(login.toLowerCase(), { ...this.#person(login), gone: true });
  }

  /** Writes a file on the default branch, or removes it (`null`). */
  setFile(path: string, text: string | null, repository: Repository = this.#first()): void {
    const state = this.#state(repository);
    state.headSha = this.#commit(state, `Write ${path}`, state.headSha, null, { [path]: text });
    this.#applyFiles(state, { [path]: text });
  }

  /** The tips of the branches that were made, by name. */
  branches(repository: Repository = this.#first()): ReadonlyMap<string, string> {
    return this.#state(repository).branches;
  }

  /** Text of a file of the default branch; `null`: it is not there. */
  textOf(path: string, repository: Repository = this.#first()): string | null {
    return this.#state(repository).files.get(path) ?? null;
  }

  /** The head of the default branch. */
  head(repository: Repository = this.#first()): string {
    return this.#state(repository).headSha;
  }

  /** Says that a commit (by default the head) was deployed, released under a tag, or passed its checks; the newest first. */
  mark(
    as: { readonly deployed?: string; readonly released?: string; readonly green?: boolean },
    sha: string | null = null,
    repository: Repository = this.#first(),
  ): void {
    const state = this.#state(repository);
    const commit = sha ?? state.headSha;
    if (as.deployed !== undefined) state.deployments.unshift({ sha: commit, environment: as.deployed });
    if (as.released !== undefined) {
      state.tags.set(as.released, commit);
      state.releases.push(as.released);
    }
    if (as.green === true) state.green.add(commit);
  }

  /**
   * A workflow runs, or (`number`) a run of it is run again, and ends; `conclusion: null`: it goes on. Its end causes a
   * webhook.
   */
  runWorkflow(
    workflow: NewWorkflowRun,
    conclusion: string | null,
    repository: Repository = this.#first(),
  ): WorkflowRunFacts {
    const state = this.#state(repository);
    const { id, number = null, event = "push", branch = state.defaultBranch, fork = false } = workflow;
    const runs = state.workflowRuns.get(id) ?? [];
    const again = runs.find((run) => run.number === number);
    const name = workflow.name ?? again?.workflow ?? "CI";
    const at = this.#clock.now();
    const run: WorkflowRunFacts = {
      workflow: name,
      file: workflow.file === undefined ? `${name.toLowerCase().replaceAll(/\W+/g, "-")}.yml` : workflow.file,
      number: again?.number ?? runs.length + 1,
      // A run that goes on ends as what it is.
      attempt: again === undefined ? 1 : again.attempt + (again.conclusion === null ? 0 : 1),
      event: again?.event ?? event,
      branch: again?.branch ?? branch,
      sha: again?.sha ?? workflow.sha ?? state.headSha,
      headRepositoryId: again?.headRepositoryId ?? (fork ? repository.id + 1 : repository.id),
      conclusion,
      startedAt: at,
      updatedAt: at,
      url: `https://github.com/${state.repository.owner}/${state.repository.name}/actions/runs/${id}0${again?.number ?? runs.length + 1}`,
    };
    state.workflowRuns.set(id, again === undefined ? [run, ...runs] : runs.map((one) => (one === again ? run : one)));
    if (conclusion !== null) {
      this.#emit(state, "alice", "workflow_run", { action: "completed", workflow_run: workflowRunPayload(id, run) });
    }
    return run;
  }

  reviewersOf(number: number, repository: Repository = this.#first()): readonly string[] {
    return pullOf(this.#issue(this.#state(repository), number)).reviewers;
  }

  setRepository(
    change: Partial<Pick<RepositoryState, "archived" | "isPrivate" | "hasIssues" | "defaultBranch">>,
    repository: Repository = this.#first(),
  ): void {
    Object.assign(this.#state(repository), change);
  }

  /** Somebody makes the repository private, or public again; GitHub tells of it. */
  changeVisibility(to: "private" | "public", repository: Repository = this.#first()): void {
    const state = this.#state(repository);
    state.isPrivate = to === "private";
    this.#emit(state, repository.owner, "repository", { action: to === "private" ? "privatized" : "publicized" });
  }

  /**
   * Gives a repository another name. Whoever asks under the old one is led to the new one, as by GitHub's redirect.
   * Returns the repository under its new name.
   */
  rename(name: string, repository: Repository = this.#first()): Repository {
    const state = this.#state(repository);
    const from = state.repository.name;
    const renamed = { ...state.repository, name };
    this.#repositories.set(renamed.id, { ...state, repository: renamed });
    this.#emit(this.#state(renamed), renamed.owner, "repository", {
      action: "renamed",
      changes: { repository: { name: { from } } },
    });
    return renamed;
  }

  /** Gives a label another name, on every issue that carries it. GitHub tells of the label alone (GitHub docs, "label"). */
  renameLabel(login: string, from: string, to: string, repository: Repository = this.#first()): void {
    const state = this.#state(repository);
    const renamed = (name: string) => (sameName(name, from) ? to : name);
    state.labels.splice(0, state.labels.length, ...state.labels.map((one) => ({ ...one, name: renamed(one.name) })));
    for (const issue of state.issues.values()) issue.labels = issue.labels.map(renamed);
    this.#emit(state, login, "label", {
      action: "edited",
      label: labelPayload(state, to),
      changes: { name: { from } },
    });
  }

  /** All that GitHub knows at this moment. Nothing that happens later changes it. */
  save(): FakeMemory {
    return structuredClone({ repositories: this.#repositories, people: this.#people, nextId: this.#nextId });
  }

  /** Becomes what `save` gave, e.g. to answer as a replica that lags behind. */
  load(memory: FakeMemory): void {
    const { repositories, people, nextId } = structuredClone(memory);
    this.#repositories.clear();
    for (const [id, state] of repositories) this.#repositories.set(id, state);
    this.#people.clear();
    for (const [login, person] of people) this.#people.set(login, person);
    this.#nextId = nextId;
  }

  /** Acts as a person (or another bot, with a login ending in `[bot]`). */
  as(login: string, repository: Repository = this.#first()): FakePerson {
    this.#person(login);
    return new FakePerson(login, repository, this.act);
  }

  // What a test looks at, without being counted.

  issue(number: number, repository: Repository = this.#first()): IssueFacts {
    return this.#issueFacts(this.#state(repository), this.#issue(this.#state(repository), number));
  }

  comments(number: number, repository: Repository = this.#first()): readonly CommentFacts[] {
    const state = this.#state(repository);
    return this.#commentsOf(state, number).map((comment) => this.#commentFacts(state, comment));
  }

  timeline(number: number, repository: Repository = this.#first()): readonly TimelineFacts[] {
    return this.#issue(this.#state(repository), number).timeline.map((entry) => this.#timelineFacts(entry));
  }

  pullRequest(number: number, repository: Repository = this.#first()): PullRequestFacts {
    const state = this.#state(repository);
    return this.#pullRequestFacts(state, this.#issue(state, number));
  }

  /** Check runs on the commit, oldest first, with all they were told to say. */
  checkRuns(
    headSha: string,
    repository: Repository = this.#first(),
  ): readonly (CheckRunFacts & { readonly content: CheckRunContent })[] {
    return [...this.#state(repository).checkRuns.values()].filter((run) => run.headSha === headSha);
  }

  allCheckRuns(
    repository: Repository = this.#first(),
  ): readonly (CheckRunFacts & { readonly content: CheckRunContent })[] {
    return [...this.#state(repository).checkRuns.values()];
  }

  allRepositories(): readonly Repository[] {
    return [...this.#repositories.values()].map(({ repository }) => repository);
  }

  /** The repository called `owner/name`. */
  repositoryNamed(fullName: string): Repository {
    const state = [...this.#repositories.values()].find(({ repository }) =>
      sameName(`${repository.owner}/${repository.name}`, fullName),
    );
    if (state === undefined) throw new Error(`no repository ${fullName}`);
    return state.repository;
  }

  labels(repository: Repository = this.#first()): readonly { name: string; color: string; description: string }[] {
    return this.#state(repository).labels.map(({ name, color, description }) => ({ name, color, description }));
  }

  pinnedComments(number: number, repository: Repository = this.#first()): readonly number[] {
    return this.#commentsOf(this.#state(repository), number)
      .filter((comment) => comment.pinned)
      .map((comment) => comment.id);
  }

  reactions(
    commentId: number,
    repository: Repository = this.#first(),
  ): readonly { readonly login: string; readonly reaction: string }[] {
    return this.#state(repository).comments.get(commentId)?.reactions ?? [];
  }

  /** How many issues and pull requests there are. */
  numbers(repository: Repository = this.#first()): readonly number[] {
    return [...this.#state(repository).issues.keys()];
  }

  /**
   * Puts pull requests into the merge queue of the branch they go to. As on GitHub each entry is built on the one before it,
   * and its checks are asked for by an event of its own.
   */
  enqueue(
    pullRequests: readonly number[],
    method: "squash" | "rebase" = "squash",
    repository: Repository = this.#first(),
  ): readonly { readonly headSha: string; readonly baseSha: string }[] {
    const state = this.#state(repository);
    return pullRequests.map((number) => {
      const issue = this.#issue(state, number);
      const pull = pullOf(issue);
      const queue = state.mergeQueues.get(pull.baseRef) ?? [];
      state.mergeQueues.set(pull.baseRef, queue);
      const baseSha = queue.at(-1)?.headSha ?? this.#tip(state, pull.baseRef);
      const messages =
        method === "squash"
          ? [`${issue.title} (#${number})`]
          : pull.commits.map((sha) => this.#commitOf(state, sha).message);
      let headSha = baseSha;
      for (const message of messages) headSha = this.#commit(state, message, headSha, issue.author, {});
      queue.push({ pullRequest: number, position: queue.length + 1, headSha });
      this.#emit(state, "github-merge-queue[bot]", "merge_group", {
        action: "checks_requested",
        merge_group: {
          head_sha: headSha,
          head_ref: `refs/heads/gh-readonly-queue/${pull.baseRef}/pr-${number}-${baseSha}`,
          base_sha: baseSha,
          base_ref: `refs/heads/${pull.baseRef}`,
        },
      });
      return { headSha, baseSha };
    });
  }

  /** The queue forgets its entries: it is built anew, or its answer is old. */
  forgetQueue(branch: string, repository: Repository = this.#first()): void {
    this.#state(repository).mergeQueues.delete(branch);
  }

  /** The id of the app's check suite on a commit. */
  suiteOf(headSha: string, repository: Repository = this.#first()): number {
    return suiteOf(this.#state(repository), headSha).id;
  }

  /** Rulesets of the default branch require these checks from anybody. */
  requireChecks(names: readonly string[], repository: Repository = this.#first()): void {
    this.#state(repository).requiredChecks = names.map((name) => ({ name, appId: null }));
  }

  /**
   * "Update a check run": the status of a completed run does not go back, nor does its conclusion change. GitHub answers 200 all the
   * same.
   */
  updateCheckRun(repository: Repository, checkRunId: number, content: CheckRunContent): CheckRunFacts | Missing {
    const known = this.#state(repository).checkRuns.get(checkRunId);
    if (known === undefined) return "missing";
    const { status, conclusion } = known.status === "completed" ? known.content : content;
    return this.#saveCheckRun(repository, checkRunId, { ...content, status, conclusion });
  }

  /** Another branch becomes the default one. */
  moveDefaultBranch(to: string, repository: Repository = this.#first()): void {
    const state = this.#state(repository);
    const from = state.defaultBranch;
    state.branches.set(from, state.headSha);
    state.headSha = this.#tip(state, to);
    state.defaultBranch = to;
    this.#emit(state, "maria", "repository", { action: "edited", changes: { default_branch: { from } } });
  }

  // Acts, shared by people and the app. Each changes the state and says what GitHub would send.

  /** Acts by login. Tests write `as(login)`, which reads better. */
  readonly act = {
    openIssue: (
      repository: Repository,
      login: string,
      issue: { readonly title: string; readonly body: string; readonly labels: readonly string[] },
    ): IssueFacts => {
      const state = this.#writable(repository);
      if (!state.hasIssues) throw new TerminalError("Issues are disabled in this repository (410).", { status: 410 });
      checkBody(issue.body);
      const created = this.#newIssue(state, login, issue.title, this.keeps(issue.body, null), null);
      this.#emitIssue(state, login, created, "opened");
      this.#mention(state, login, created, issue.body);
      for (const label of issue.labels) this.#addLabel(state, login, created, label);
      return this.#issueFacts(state, created);
    },

    comment: (repository: Repository, login: string, number: number, body: string): CommentFacts => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      if (issue.locked && !this.#mayWhenLocked(state, login)) {
        throw new TerminalError("Unable to create comment because issue is locked. (403)", { status: 403 });
      }
      if (body === "") throw new TerminalError("A comment needs a body (422).", { status: 422 });
      checkBody(body);
      const comment: CommentState = {
        id: this.#id(),
        issue: number,
        author: login,
        appId: login === this.botLogin ? this.appId : null,
        createdAt: this.#clock.now(),
        body: this.keeps(body, null),
        // An untouched comment may show the second after its own.
        updatedAt: (this.#clock.now() + this.stampsLateByMs) as Instant,
        lastEditedAt: null,
        pinned: false,
        reactions: [],
      };
      state.comments.set(comment.id, comment);
      this.#touch(issue);
      this.#emitComment(state, login, issue, comment, "created");
      this.#mention(state, login, issue, body);
      return this.#commentFacts(state, comment);
    },

    editComment: (repository: Repository, login: string, commentId: number, body: string): CommentFacts => {
      const state = this.#writable(repository);
      const comment = this.#comment(state, commentId);
      if (this.locksEdits && this.#issue(state, comment.issue).locked && !this.#mayWhenLocked(state, login)) {
        throw new TerminalError(`#${comment.issue} is locked (403).`, { status: 403 });
      }
      checkBody(body);
      const from = comment.body;
      comment.body = this.keeps(body, from);
      comment.updatedAt = this.#clock.now();
      comment.lastEditedAt = this.#clock.now();
      const issue = this.#issue(state, comment.issue);
      this.#touch(issue);
      this.#emitComment(state, login, issue, comment, "edited", { changes: { body: { from } } });
      this.#mention(state, login, issue, body);
      return this.#commentFacts(state, comment);
    },

    deleteComment: (repository: Repository, login: string, commentId: number): void => {
      const state = this.#writable(repository);
      const comment = state.comments.get(commentId);
      if (comment === undefined) return;
      state.comments.delete(commentId);
      const issue = this.#issue(state, comment.issue);
      this.#touch(issue);
      this.#emitComment(state, login, issue, comment, "deleted");
    },

    close: (repository: Repository, login: string, number: number, reason: CloseReason): IssueFacts => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      if (issue.state === "open") {
        issue.state = "closed";
        issue.closeReason = issue.pullRequest === null ? reason : null;
        issue.closedAt = this.#clock.now();
        issue.closedBy = login;
        this.#note(issue, { kind: "closed", actor: login });
        if (issue.pullRequest === null) this.#emitIssue(state, login, issue, "closed");
        else this.#emitPullRequest(state, login, issue, "closed");
      }
      return this.#issueFacts(state, issue);
    },

    reopen: (repository: Repository, login: string, number: number): IssueFacts => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      if (this.#isDiscussion(issue)) {
        throw new TerminalError(`#${number} was converted to a discussion (422).`, { status: 422 });
      }
      if (issue.state === "closed") {
        issue.state = "open";
        issue.closeReason = null;
        issue.closedAt = null;
        issue.closedBy = null;
        this.#note(issue, { kind: "reopened", actor: login });
        if (issue.pullRequest === null) this.#emitIssue(state, login, issue, "reopened");
        else this.#emitPullRequest(state, login, issue, "reopened");
      }
      return this.#issueFacts(state, issue);
    },

    edit: (
      repository: Repository,
      login: string,
      number: number,
      change: { readonly title?: string; readonly body?: string; readonly base?: string },
    ): IssueFacts => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      const changes: Record<string, unknown> = {};
      if (change.title !== undefined && change.title !== issue.title) {
        changes["title"] = { from: issue.title };
        issue.title = change.title;
      }
      // One that is too long is answered 200 and dropped.
      if (change.body !== undefined && change.body !== issue.body && isTaken(change.body, issue.pullRequest !== null)) {
        changes["body"] = { from: issue.body };
        issue.body = this.keeps(change.body, issue.body);
      }
      if (issue.pullRequest !== null && change.base !== undefined && change.base !== issue.pullRequest.baseRef) {
        changes["base"] = { ref: { from: issue.pullRequest.baseRef } };
        issue.pullRequest.baseRef = change.base;
      }
      if (Object.keys(changes).length > 0) {
        this.#touch(issue);
        if (issue.pullRequest === null) this.#emitIssue(state, login, issue, "edited", { changes });
        else this.#emitPullRequest(state, login, issue, "edited", { changes });
        this.#mention(state, login, issue, issue.body);
      }
      return this.#issueFacts(state, issue);
    },

    addLabels: (repository: Repository, login: string, number: number, labels: readonly string[]): void => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      for (const label of labels) this.#addLabel(state, login, issue, label);
    },

    removeLabel: (repository: Repository, login: string, number: number, label: string): void => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      // By its exact spelling, unlike adding one: another case is answered "Label does not exist".
      const found = issue.labels.find((candidate) => candidate === label);
      if (found === undefined) return;
      issue.labels = issue.labels.filter((candidate) => candidate !== found);
      this.#note(issue, { kind: "unlabeled", actor: login, label: found });
      this.#emitIssueOrPull(state, login, issue, "unlabeled", { label: labelPayload(state, found) });
    },

    createLabel: (
      repository: Repository,
      login: string,
      label: { readonly name: string; readonly color: string; readonly description: string },
    ): void => {
      const state = this.#writable(repository);
      if (state.labels.some((known) => sameName(known.name, label.name))) return;
      state.labels.push({ id: this.#id(), ...label });
      this.#emit(state, login, "label", { action: "created", label: labelPayload(state, label.name) });
    },

    assign: (repository: Repository, login: string, number: number, logins: readonly string[]): readonly string[] => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      for (const candidate of logins) {
        const known = this.#people.get(candidate.toLowerCase());
        const role = state.roles.get(candidate.toLowerCase()) ?? "none";
        const takesPart = this.#commentsOf(state, number).some((comment) => sameName(comment.author, candidate));
        // GitHub drops people it does not accept without a word.
        if (known === undefined || known.gone || (role === "none" && !takesPart)) continue;
        if (issue.assignees.length >= 10) continue;
        if (issue.assignees.some((assignee) => sameName(assignee, candidate))) continue;
        issue.assignees.push(known.login);
        this.#touch(issue);
        this.#emitIssueOrPull(state, login, issue, "assigned", { assignee: userPayload(known) });
      }
      return [...issue.assignees];
    },

    unassign: (repository: Repository, login: string, number: number, logins: readonly string[]): void => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      for (const candidate of logins) {
        if (!issue.assignees.some((assignee) => sameName(assignee, candidate))) continue;
        issue.assignees = issue.assignees.filter((assignee) => !sameName(assignee, candidate));
        this.#touch(issue);
        this.#emitIssueOrPull(state, login, issue, "unassigned", { assignee: userPayload(this.#person(candidate)) });
      }
    },

    setLocked: (repository: Repository, login: string, number: number, locked: boolean): void => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      issue.locked = locked;
      this.#emitIssueOrPull(state, login, issue, locked ? "locked" : "unlocked");
    },

    /** Closed and locked for good; of the three only the timeline tells. */
    convertToDiscussion: (repository: Repository, login: string, number: number): void => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      const wasOpen = issue.state === "open";
      if (wasOpen) Object.assign(issue, { state: "closed", closedAt: this.#clock.now(), closedBy: login });
      issue.locked = true;
      this.#note(issue, { kind: "converted_to_discussion", actor: login });
      if (wasOpen) this.#emitIssue(state, login, issue, "closed");
      this.#emitIssue(state, login, issue, "locked");
    },

    deleteIssue: (repository: Repository, login: string, number: number): void => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      state.issues.delete(number);
      for (const comment of this.#commentsOf(state, number)) state.comments.delete(comment.id);
      this.#emitIssue(state, login, issue, "deleted");
    },

    transfer: (repository: Repository, login: string, number: number, to: Repository): Reference => {
      const state = this.#writable(repository);
      const target = this.#writable(to);
      const issue = this.#issue(state, number);
      const moved: IssueState = {
        ...issue,
        id: this.#id(),
        number: target.nextNumber++,
        // Labels survive only where the other repository has one of the same name (GitHub docs, "Transferring an issue").
        labels: issue.labels.filter((label) => target.labels.some((known) => sameName(known.name, label))),
      };
      target.issues.set(moved.number, moved);
      for (const comment of this.#commentsOf(state, number)) {
        state.comments.delete(comment.id);
        target.comments.set(comment.id, { ...comment, issue: moved.number });
      }
      state.issues.delete(number);
      const reference = { repository: `${to.owner}/${to.name}`, number: moved.number };
      state.moved.set(number, reference);
      this.#emitIssue(state, login, issue, "transferred", {
        changes: { new_issue: this.#issuePayload(target, moved), new_repository: repositoryPayload(target) },
      });
      this.#emitIssue(target, login, moved, "opened", {
        changes: { old_issue: this.#issuePayload(state, issue), old_repository: repositoryPayload(state) },
      });
      return reference;
    },

    addSubIssue: (
      repository: Repository,
      login: string,
      parent: number,
      child: number,
      from: Repository = repository,
    ): void => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, parent);
      const subIssue = this.#issue(this.#state(from), child);
      const place = from.id === repository.id ? null : `${from.owner}/${from.name}`;
      issue.subIssues.push({ repository: place, number: child });
      this.#touch(issue);
      this.#emit(state, login, "sub_issues", {
        action: "sub_issue_added",
        parent_issue: this.#issuePayload(state, issue),
        parent_issue_id: issue.id,
        sub_issue: this.#issuePayload(this.#state(from), subIssue),
        sub_issue_id: subIssue.id,
      });
    },

    react: (repository: Repository, login: string, commentId: number, reaction: string): void => {
      const state = this.#writable(repository);
      const comment = this.#comment(state, commentId);
      if (this.#issue(state, comment.issue).locked) {
        throw new TerminalError(`#${comment.issue} is locked (403).`, { status: 403 });
      }
      if (comment.reactions.some((known) => known.login === login && known.reaction === reaction)) return;
      comment.reactions.push({ login, reaction });
    },

    pin: (repository: Repository, login: string, commentId: number): void => {
      const state = this.#writable(repository);
      const comment = this.#comment(state, commentId);
      for (const other of this.#commentsOf(state, comment.issue)) other.pinned = false;
      comment.pinned = true;
      this.#emitComment(state, login, this.#issue(state, comment.issue), comment, "pinned");
    },

    openPullRequest: (repository: Repository, login: string, options: NewPullRequest): PullRequestFacts => {
      const state = this.#writable(repository);
      checkBody(options.body ?? "", true);
      const contents = options.files ?? {};
      const twin = options.sameHeadAs === undefined ? null : pullOf(this.#issue(state, options.sameHeadAs));
      const commits: string[] = [...(twin?.commits ?? options.branch?.commits ?? [])];
      let headSha = twin?.headSha ?? options.branch?.sha ?? state.headSha;
      const messages = twin === null && options.branch === undefined ? (options.commits ?? [options.title]) : [];
      // Each commit has a file of its own, and the last one the rest.
      const files = Object.entries(contents);
      for (const [index, message] of messages.entries()) {
        const own = index === messages.length - 1 ? files.slice(index) : files.slice(index, index + 1);
        headSha = this.#commit(state, message, headSha, login, Object.fromEntries(own));
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
      const issue = this.#newIssue(state, login, options.title, options.body ?? "", pull);
      this.#emitPullRequest(state, login, issue, "opened");
      this.#mention(state, login, issue, issue.body);
      return this.#pullRequestFacts(state, issue);
    },

    pushToPullRequest: (
      repository: Repository,
      login: string,
      number: number,
      message: string,
      files: Readonly<Record<string, string | null>>,
    ): PullRequestFacts => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      const pull = pullOf(issue);
      const before = pull.headSha;
      pull.headSha = this.#commit(state, message, pull.headSha, login, files);
      pull.commits.push(pull.headSha);
      Object.assign(pull.contents, files);
      pull.files = Object.entries(pull.contents).map(([path, text]) => changedFile(state, path, text));
      this.#touch(issue);
      this.#emitPullRequest(state, login, issue, "synchronize", { before, after: pull.headSha });
      return this.#pullRequestFacts(state, issue);
    },

    link: (repository: Repository, number: number, to: Reference): void => {
      // GitHub sends no webhook for a link made by hand.
      pullOf(this.#issue(this.#writable(repository), number)).links.push(to);
    },

    unlink: (repository: Repository, number: number, from: Reference): void => {
      const pull = pullOf(this.#issue(this.#writable(repository), number));
      pull.links = pull.links.filter((one) => one.number !== from.number || one.repository !== from.repository);
    },

    merge: (
      repository: Repository,
      login: string,
      number: number,
      method: "squash" | "merge" | "rebase" = "squash",
    ): PullRequestFacts => {
      const state = this.#writable(repository);
      const issue = this.#issue(state, number);
      const pull = pullOf(issue);
      if (issue.state === "closed") throw new Error(`#${number} is closed`);
      pull.merged = true;
      pull.mergedAt = this.#clock.now();
      issue.state = "closed";
      issue.closedAt = this.#clock.now();
      issue.closedBy = login;
      this.#note(issue, { kind: "closed", actor: login });
      const before = state.headSha;
      const message = `${issue.title} (#${number})\n\n${issue.body}`;
      if (method === "rebase") {
        let tip = before;
        for (const sha of pull.commits) {
          const { message: said, author, at, changes } = this.#commitOf(state, sha);
          tip = this.#commit(state, said, tip, author, changes, { authoredAt: at });
          this.#rebased.set(tip, pull);
        }
        pull.mergeSha = tip;
      } else {
        const second = method === "merge" ? { second: pull.headSha } : {};
        pull.mergeSha = this.#commit(state, message, before, issue.author, pull.contents, second);
      }
      this.#emitPullRequest(state, login, issue, "closed");
      if (pull.baseRef === state.defaultBranch) {
        state.headSha = pull.mergeSha;
        this.#applyFiles(state, pull.contents);
        this.#emitPush(state, login, before, pull.contents);
      }
      return this.#pullRequestFacts(state, issue);
    },

    push: (
      repository: Repository,
      login: string,
      message: string,
      files: Readonly<Record<string, string | null>>,
    ): string => {
      const state = this.#writable(repository);
      const before = state.headSha;
      state.headSha = this.#commit(state, message, state.headSha, login, files);
      this.#applyFiles(state, files);
      this.#emitPush(state, login, before, files);
      return state.headSha;
    },

    rerequestCheckRun: (repository: Repository, login: string, checkRunId: number, identifier: string | null): void => {
      const state = this.#writable(repository);
      const run = state.checkRuns.get(checkRunId);
      if (run === undefined) throw new Error(`no check run ${checkRunId}`);
      const suite = suiteOf(state, run.headSha);
      // The run itself stays as it was (GitHub REST, "Rerequest a check run").
      if (identifier === null) suite.status = "queued";
      this.#emit(state, login, "check_run", {
        action: identifier === null ? "rerequested" : "requested_action",
        check_run: checkRunPayload(run, { id: this.appId, slug: this.slug }, suite.id),
        ...(identifier === null ? {} : { requested_action: { identifier } }),
      });
    },

    rerequestCheckSuite: (repository: Repository, login: string, headSha: string): void => {
      const state = this.#writable(repository);
      const suite = suiteOf(state, headSha);
      suite.status = "queued";
      this.#emit(state, login, "check_suite", {
        action: "rerequested",
        // Empty for pull requests from forks and for merge groups: nobody may rely on it.
        check_suite: { id: suite.id, head_sha: headSha, head_branch: null, status: "queued", pull_requests: [] },
      });
    },
  };

  // Calls of Sevgate: counted, and failed when a fault says so.

  async #call<T>(
    kind: "read" | "write",
    method: string,
    repository: Repository | null,
    answer: () => T,
  ): Promise<Awaited<T>> {
    this.calls.push({
      kind,
      method,
      repository: repository === null ? null : `${repository.owner}/${repository.name}`,
    });
    const fault = this.faults.next(kind, method);
    if (fault?.when === "before") throw fault.error;
    if (repository !== null && this.suspended.has(repository.installationId)) {
      throw new TerminalError("This installation has been suspended (403).", { status: 403 });
    }
    const result = await answer();
    if (fault?.when === "after") throw fault.error;
    return result;
  }

  #makeApp(): GitHubApp {
    return {
      identity: () =>
        this.#call("read", "identity", null, () => ({
          appId: this.appId,
          botLogin: this.botLogin,
          slug: this.slug,
        })),
      installations: () =>
        this.#call("read", "installations", null, () => {
          const accounts = new Map<number, string>();
          for (const { repository } of this.#repositories.values()) {
            accounts.set(repository.installationId, repository.owner);
          }
          return [...accounts].map(([id, account]) => ({ id, account, suspended: this.suspended.has(id) }));
        }),
      repositories: (installationId) =>
        this.#call("read", "repositories", null, () =>
          this.features.repositoryList
            ? [...this.#repositories.values()]
                .map((state) => state.repository)
                .filter((repository) => repository.installationId === installationId)
            : "unsupported",
        ),
      changedSince: (installationId, account, since, openWith) =>
        this.#call("read", "search", null, () => {
          if (!this.features.search) return "unsupported";
          const entries = [...this.#repositories.values()]
            .filter(({ repository }) => sameName(repository.owner, account))
            // Of others, what everybody may see.
            .filter(({ repository, isPrivate }) => repository.installationId === installationId || !isPrivate)
            .flatMap(({ repository: { owner, name }, issues }) =>
              [...issues.values()].map((issue) => ({
                repository: `${owner}/${name}`,
                number: issue.number,
                isPullRequest: issue.pullRequest !== null,
                labels: [...issue.labels],
                updatedAt: issue.updatedAt,
                isOpen: issue.state === "open",
              })),
            )
            .filter(({ updatedAt }) => updatedAt >= since)
            .filter(
              ({ isPullRequest, isOpen, labels }) =>
                openWith === null ||
                (!isPullRequest && isOpen && labels.some((label) => openWith.some((one) => sameName(one, label)))),
            )
            .sort((a, b) => a.updatedAt - b.updatedAt);
          const read = entries.slice(0, this.foundAtOnce);
          return {
            entries: read.map(({ isOpen: _, ...entry }) => entry),
            continueFrom: read.length < entries.length ? (read.at(-1)?.updatedAt ?? since) : null,
          };
        }),
      // It asks nothing, and is not counted.
      requestLimit: async () => this.requestLimit,
      deliveries: (since) =>
        this.#call("read", "deliveries", null, () =>
          this.features.deliveries
            ? this.deliveries.filter((delivery) => delivery.deliveredAt >= since)
            : "unsupported",
        ),
      redeliver: (deliveryId) =>
        this.#call("write", "redeliver", null, () => {
          this.redelivered.push(deliveryId);
        }),
    };
  }

  #makeReader(): GitHubReader {
    const read = <T>(method: string, repository: Repository, answer: (state: RepositoryState) => T) =>
      this.#call("read", method, repository, () => answer(this.#state(repository)));
    /** Lists of something that is not there are empty, as an issue that was deleted has no comments. */
    return {
      issue: (repository, number) =>
        read("issue", repository, (state): IssueFacts | Missing | { readonly movedTo: Reference } => {
          const movedTo = state.moved.get(number);
          if (movedTo !== undefined) return { movedTo };
          const issue = state.issues.get(number);
          const { owner, name } = state.repository;
          const isRenamed = !sameName(`${owner}/${name}`, `${repository.owner}/${repository.name}`);
          if (isRenamed && issue?.pullRequest === null) return { movedTo: { repository: `${owner}/${name}`, number } };
          return issue === undefined || issue.pullRequest !== null ? "missing" : this.#issueFacts(state, issue);
        }),
      comments: (repository, number, since) =>
        read("comments", repository, (state) =>
          this.#commentsOf(state, number)
            .filter((comment) => since === null || comment.updatedAt >= since)
            .map((comment) => this.#commentFacts(state, comment)),
        ),
      comment: (repository, commentId) =>
        read("comment", repository, (state): CommentFacts | Missing => {
          const comment = state.comments.get(commentId);
          return comment === undefined ? "missing" : this.#commentFacts(state, comment);
        }),
      timeline: (repository, number) =>
        read("timeline", repository, (state) => {
          const all = state.issues.get(number)?.timeline ?? [];
          const newest = all.slice(-MOST_EVENTS_READ).map((entry) => this.#timelineFacts(entry));
          return { events: newest, isWhole: newest.length === all.length };
        }),
      subIssues: (repository, number) =>
        read("subIssues", repository, (state) =>
          this.features.subIssues ? [...(state.issues.get(number)?.subIssues ?? [])] : [],
        ),
      issuesWithLabel: (repository, label, options) =>
        read("issuesWithLabel", repository, (state) =>
          [...state.issues.values()]
            .filter((issue) => issue.pullRequest === null)
            .filter((issue) => issue.labels.some((known) => sameName(known, label)))
            .filter((issue) => options.state === "all" || issue.state === "open")
            .filter((issue) => options.since === null || issue.updatedAt >= options.since)
            .sort((a, b) => b.updatedAt - a.updatedAt || b.number - a.number)
            .map((issue) => this.#issueFacts(state, issue)),
        ),
      changedSince: (repository, since) =>
        read("changedSince", repository, (state) => {
          const all = [...state.issues.values()]
            .filter((issue) => issue.updatedAt >= since)
            .sort((a, b) => b.updatedAt - a.updatedAt || b.number - a.number);
          const changed = all.slice(0, this.mostListed);
          return {
            isWhole: changed.length === all.length,
            issues: changed
              .filter((issue) => issue.pullRequest === null)
              .map((issue) => this.#issueFacts(state, issue)),
            pullRequests: changed.filter((issue) => issue.pullRequest !== null).map((issue) => issue.number),
          };
        }),
      // Apps are no collaborators: "… is not a user" (404), whatever they may do.
      permission: (repository, login) =>
        read("permission", repository, (state) => (isAppLogin(login) ? "none" : this.#roleOf(state, login))),
      pullRequest: (repository, number) =>
        read("pullRequest", repository, (state): PullRequestFacts | Missing => {
          const issue = state.issues.get(number);
          return issue?.pullRequest == null ? "missing" : this.#pullRequestFacts(state, issue);
        }),
      pullRequestCommits: (repository, number) =>
        read("pullRequestCommits", repository, (state) => ({
          commits: (state.issues.get(number)?.pullRequest?.commits ?? [])
            .slice(0, 250)
            .map((sha) => ({ sha, message: this.#commitOf(state, sha).message })),
          isWhole: true,
        })),
      pullRequestFiles: (repository, number) =>
        read("pullRequestFiles", repository, (state) => [...(state.issues.get(number)?.pullRequest?.files ?? [])]),
      openPullRequests: (repository) =>
        read("openPullRequests", repository, (state) =>
          [...state.issues.values()]
            .filter((issue) => issue.pullRequest !== null && issue.state === "open")
            .map((issue) => this.#pullRequestFacts(state, issue)),
        ),
      pullRequestsOfCommit: (repository, sha) =>
        read("pullRequestsOfCommit", repository, (state) =>
          [...state.issues.values()]
            .filter(({ pullRequest: pull }) => {
              // GitHub lists none for the head of a fork, and none for a commit that a queue made.
              if (this.#rebased.get(sha) === pull && pull !== null) return true;
              return (pull?.commits.includes(sha) && !pull.fromFork) || pull?.mergeSha === sha;
            })
            .map((issue) => this.#pullRequestFacts(state, issue)),
        ),
      commitsBetween: (repository, base, head) =>
        read("commitsBetween", repository, (state): ComparedCommits => {
          const known = new Set(this.#ancestry(state, this.#tip(state, base)).map((commit) => commit.sha));
          const ancestry = this.#ancestry(state, this.#tip(state, head));
          const all = ancestry.filter((commit) => !known.has(commit.sha)).reverse();
          const commits = all.slice(0, 1_000).map(({ sha, message }): CommitFacts => ({ sha, message }));
          const mergeBase = ancestry.find((commit) => known.has(commit.sha))?.sha ?? null;
          return { commits, isWhole: commits.length === all.length, mergeBase };
        }),
      commentEdits: (repository, number) =>
        read("commentEdits", repository, (state): ReadonlyMap<number, Instant | null> | "unsupported" => {
          if (!this.features.graphql) return "unsupported";
          const newest = this.#commentsOf(state, number).slice(-300);
          return new Map(newest.map(({ id, lastEditedAt }) => [id, lastEditedAt]));
        }),
      mergeQueue: (repository, branch) =>
        read("mergeQueue", repository, (state) => {
          return this.features.graphql ? [...(state.mergeQueues.get(branch) ?? [])] : "unsupported";
        }),
      requiredChecks: (repository, branch) =>
        read("requiredChecks", repository, (state) =>
          branch === state.defaultBranch ? [...state.requiredChecks] : [],
        ),
      checkSuite: (repository, suiteId) =>
        read("checkSuite", repository, (state): CheckSuiteFacts | Missing => {
          const found = [...state.checkSuites].find(([, suite]) => suite.id === suiteId);
          return found === undefined ? "missing" : { headSha: found[0], status: found[1].status };
        }),
      closingReferences: (repository, number) =>
        read("closingReferences", repository, (state): readonly Reference[] | "unsupported" => {
          if (!this.features.graphql) return "unsupported";
          const issue = state.issues.get(number);
          if (issue?.pullRequest == null) return [];
          return closingReferences(state, issue, issue.pullRequest);
        }),
      checkRuns: (repository, headSha) =>
        read("checkRuns", repository, (state) =>
          [...state.checkRuns.values()]
            .filter((run) => run.headSha === headSha)
            .map(({ content: _content, ...facts }): CheckRunFacts => facts),
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
        read("folder", repository, (state): readonly { readonly path: string; readonly sha: string }[] | Missing => {
          const within = path === "" ? "" : `${path}/`;
          const files = [...state.files]
            .filter(([known]) => known.startsWith(within) && !known.slice(within.length).includes("/"))
            .map(([known, text]) => ({ path: known, sha: blobSha(text) }));
          const isFolder = [...state.files.keys()].some((known) => known.startsWith(within));
          return isFolder ? files : "missing";
        }),
      tree: (repository) =>
        read("tree", repository, (state) =>
          [...state.files]
            .map(([path, text]) => ({ path, sha: blobSha(text), bytes: Buffer.byteLength(text) }))
            .sort((a, b) => (a.path < b.path ? -1 : 1)),
        ),
      blob: (repository, sha) =>
        read("blob", repository, (state): string | Missing => state.blobs.get(sha) ?? "missing"),
      history: (repository, path, most) =>
        read("history", repository, (state) =>
          this.#ancestry(state, state.headSha)
            .filter(
              (commit) => path === null || pathsOf(commit).some((one) => one === path || one.startsWith(`${path}/`)),
            )
            .slice(0, Math.min(most, 100))
            .map(
              ({ sha, at, author }): HistoryFacts => ({
                sha,
                at,
                author: author === null ? null : this.#personFacts(author),
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
            author: commit.author === null ? null : this.#personFacts(commit.author),
          };
        }),
      pullRequestsSince: (repository, since) =>
        read("pullRequestsSince", repository, (state) =>
          [...state.issues.values()]
            .filter((issue) => issue.pullRequest !== null && issue.updatedAt >= since)
            .sort((a, b) => b.updatedAt - a.updatedAt || b.number - a.number)
            .slice(0, MOST_CHANGED_SINCE)
            .map((issue) => this.#pullRequestFacts(state, issue)),
        ),
      deployments: (repository) => read("deployments", repository, (state) => [...state.deployments]),
      latestRelease: (repository) =>
        read("latestRelease", repository, (state): string | Missing => state.releases.at(-1) ?? "missing"),
      isGreen: (repository, sha) => read("isGreen", repository, (state) => state.green.has(sha)),
      gitCommit: (repository, sha) =>
        read("gitCommit", repository, (state): GitCommit | Missing =>
          state.commits.has(sha) ? this.#gitCommit(state, sha) : "missing",
        ),
      gitHistory: (repository, sha, most) =>
        read("gitHistory", repository, (state) =>
          this.#ancestry(state, sha)
            .slice(0, most)
            .map((commit) => this.#gitCommit(state, commit.sha)),
        ),
      gitTree: (repository, sha) =>
        read("gitTree", repository, (state): readonly GitEntry[] | Missing => state.trees.get(sha) ?? "missing"),
      branchTip: (repository, branch) =>
        read("branchTip", repository, (state): string | Missing =>
          branch === state.defaultBranch ? state.headSha : (state.branches.get(branch) ?? "missing"),
        ),
      pullRequestSource: (repository, number) =>
        read("pullRequestSource", repository, (state) => {
          const { headRef, commits } = pullOf(this.#issue(state, number));
          return { branch: headRef, commits: commits.map((sha) => this.#gitCommit(state, sha)), isWhole: true };
        }),
      pullRequestFrom: (repository, branch) =>
        read("pullRequestFrom", repository, (state): PullRequestFacts | Missing => {
          const issue = this.#openFrom(state, branch);
          return issue === null ? "missing" : this.#pullRequestFacts(state, issue);
        }),
      workflowRuns: (repository, workflowId, branch) =>
        read("workflowRuns", repository, (state) =>
          (state.workflowRuns.get(workflowId) ?? []).filter((run) => run.branch === branch).slice(0, 50),
        ),
      labels: (repository) => read("labels", repository, (state) => state.labels.map((label) => label.name)),
      repository: (repository) =>
        this.#call("read", "repository", repository, (): RepositoryFacts | Missing => {
          // By name, as the request is; a former name leads to the repository that had it.
          const name = `${repository.owner}/${repository.name}`;
          const state = this.#withName(name) ?? this.#repositories.get(repository.id);
          if (state === undefined) return "missing";
          return {
            id: state.repository.id,
            owner: state.repository.owner,
            name: state.repository.name,
            defaultBranch: state.defaultBranch,
            isPrivate: state.isPrivate,
            archived: state.archived,
            hasIssues: state.hasIssues,
          };
        }),
    };
  }

  #makeWriter(): GitHubWriter {
    const bot = this.botLogin;
    const act = this.act;
    const write = async <T>(
      method: string,
      repository: Repository,
      answer: () => T,
      creates?: ContentClass,
      room?: CreationRoom,
    ) => {
      this.limits?.admit(repository.installationId, method, creates ?? null, room);
      return await this.#call("write", method, repository, answer);
    };
    const optional = (on: boolean, change: () => void): OptionalResult => {
      if (!on) return "unsupported";
      try {
        change();
      } catch (error) {
        if (error instanceof TerminalError && error.status === 404) return "gone";
        throw error;
      }
      return "done";
    };
    return {
      createComment: (repository, number, body, creates) =>
        write("createComment", repository, () => act.comment(repository, bot, number, body), creates),
      editComment: (repository, commentId, body) =>
        write("editComment", repository, () => act.editComment(repository, bot, commentId, body)),
      deleteComment: (repository, commentId) =>
        write("deleteComment", repository, () => act.deleteComment(repository, bot, commentId)),
      pinComment: (repository, commentId) =>
        write("pinComment", repository, () => optional(this.features.pins, () => act.pin(repository, bot, commentId))),
      react: (repository, commentId, reaction) =>
        write("react", repository, () =>
          optional(this.features.reactions, () => act.react(repository, bot, commentId, reaction)),
        ),
      closeIssue: (repository, number, reason) =>
        write("closeIssue", repository, () => act.close(repository, bot, number, reason)),
      reopenIssue: (repository, number) => write("reopenIssue", repository, () => act.reopen(repository, bot, number)),
      retitleIssue: (repository, number, title) =>
        write("retitleIssue", repository, () => act.edit(repository, bot, number, { title })),
      editIssueBody: (repository, number, body) =>
        write("editIssueBody", repository, () => act.edit(repository, bot, number, { body })),
      createIssue: (repository, issue, creates) =>
        write("createIssue", repository, () => act.openIssue(repository, bot, issue), creates),
      addLabels: (repository, number, labels) =>
        write("addLabels", repository, () => act.addLabels(repository, bot, number, labels)),
      removeLabel: (repository, number, label) =>
        write("removeLabel", repository, () => act.removeLabel(repository, bot, number, label)),
      createLabel: (repository, label) =>
        write("createLabel", repository, () => act.createLabel(repository, bot, label), "upkeep"),
      assign: (repository, number, logins) =>
        write("assign", repository, () => act.assign(repository, bot, number, logins)),
      unassign: (repository, number, logins) =>
        write("unassign", repository, () => act.unassign(repository, bot, number, logins)),
      revertPullRequest: (repository, { number }, content, room) =>
        write(
          "revertPullRequest",
          repository,
          (): PullRequestFacts | "unsupported" | MutationRefused => {
            if (!this.features.graphql) return "unsupported";
            if (!this.features.revertMutation) {
              return { refused: "Resource not accessible by integration", isFinal: false, isForNoApp: true };
            }
            const state = this.#state(repository);
            const pull = pullOf(this.#issue(state, number));
            if (!pull.merged || pull.mergeSha === null) return { refused: "Pull request is not merged", isFinal: true };
            const { parent } = this.#commitOf(state, pull.mergeSha);
            const undone = this.#changesBetween(state, pull.mergeSha, parent ?? pull.mergeSha);
            const { mergeSha } = pull;
            const isSame = (path: string) =>
              this.#textAt(state, mergeSha, path) === this.#textAt(state, state.headSha, path);
            if (!Object.keys(undone).every(isSame)) {
              return { refused: "This pull request could not be reverted automatically", isFinal: true };
            }
            return act.openPullRequest(repository, bot, {
              ...content,
              commits: [`Revert "${this.#issue(state, number).title}"`],
              files: undone,
            });
          },
          "team",
          room,
        ),
      createTree: (repository, base, changes, room) =>
        write(
          "createTree",
          repository,
          (): string | Refused => {
            const state = this.#writable(repository);
            const files = new Map<string, Omit<GitEntry, "name">>();
            if (base !== null && !state.trees.has(base)) return { refused: "base_tree is not a tree" };
            if (base !== null) this.#flatten(state, base, "", files);
            for (const { path, sha, ...kind } of changes) {
              const under = [...files.keys()].filter((one) => one === path || one.startsWith(`${path}/`));
              if (sha === null && under.length === 0) return { refused: "GitRPC::BadObjectState" };
              for (const one of under) files.delete(one);
              if (sha === null) continue;
              if (kind.type === "tree") this.#flatten(state, sha, `${path}/`, files);
              else files.set(path, { ...kind, sha });
            }
            return this.#keepTree(state, files);
          },
          "team",
          room,
        ),
      createCommit: (repository, { message, tree, parent }, room) =>
        write(
          "createCommit",
          repository,
          (): string | Refused => {
            const state = this.#writable(repository);
            if (!state.trees.has(tree)) return { refused: "Tree SHA does not exist" };
            return this.#commit(state, message, parent, bot, {}, { tree });
          },
          "team",
          room,
        ),
      createBranch: (repository, branch, sha, room) =>
        write(
          "createBranch",
          repository,
          (): "done" | Refused => {
            const state = this.#writable(repository);
            if (state.branches.has(branch) || branch === state.defaultBranch) {
              return { refused: "Reference already exists" };
            }
            this.#commitOf(state, sha);
            state.branches.set(branch, sha);
            return "done";
          },
          "team",
          room,
        ),
      deleteBranch: (repository, branch) =>
        write("deleteBranch", repository, () => {
          this.#writable(repository).branches.delete(branch);
        }),
      openPullRequest: (repository, { title, body, branch, base }, room) =>
        write(
          "openPullRequest",
          repository,
          (): PullRequestFacts | Refused => {
            const state = this.#writable(repository);
            const sha = state.branches.get(branch);
            if (sha === undefined) return { refused: "Validation Failed (head invalid)" };
            if (this.#openFrom(state, branch) !== null) {
              return {
                refused: `Validation Failed (A pull request already exists for ${repository.owner}:${branch}.)`,
              };
            }
            const known = new Set(this.#ancestry(state, this.#tip(state, base)).map((commit) => commit.sha));
            const commits = this.#ancestry(state, sha).filter((commit) => !known.has(commit.sha));
            if (commits.length === 0)
              return { refused: `Validation Failed (No commits between ${base} and ${branch})` };
            const from = commits.at(-1)?.parent ?? sha;
            return act.openPullRequest(repository, bot, {
              title,
              body,
              base,
              branch: { name: branch, sha, commits: commits.map((commit) => commit.sha).toReversed() },
              files: this.#changesBetween(state, from, sha),
            });
          },
          "team",
          room,
        ),
      reserve: async ({ installationId }, creates, requests) =>
        this.limits?.reserve(installationId, "reserve", creates, requests) ?? { take: () => true, release: () => {} },
      requestReview: (repository, number, login) =>
        write("requestReview", repository, (): OptionalResult => {
          const state = this.#state(repository);
          if (!["write", "maintain", "admin", "triage"].includes(state.roles.get(login.toLowerCase()) ?? "none"))
            return "unsupported";
          pullOf(this.#issue(state, number)).reviewers.push(login);
          return "done";
        }),
      createCheckRun: (repository, content) =>
        write("createCheckRun", repository, () => this.#saveCheckRun(repository, this.#id(), content)),
    };
  }

  // State behind the acts.

  #id(): number {
    return this.#nextId++;
  }

  #first(): Repository {
    const first = this.#repositories.values().next().value;
    return first === undefined ? this.addRepository() : first.repository;
  }

  #state(repository: Repository): RepositoryState {
    // GitHub goes by the name; the id finds a repository that was renamed.
    const state = this.#repositories.get(repository.id) ?? this.#withName(`${repository.owner}/${repository.name}`);
    if (state === undefined) {
      throw new TerminalError(`There is no repository ${repository.owner}/${repository.name} (404).`, { status: 404 });
    }
    return state;
  }

  #writable(repository: Repository): RepositoryState {
    const state = this.#state(repository);
    if (state.archived) throw new TerminalError("The repository is archived (403).", { status: 403 });
    return state;
  }

  #person(login: string): PersonState {
    const known = this.#people.get(login.toLowerCase());
    if (known !== undefined) return known;
    const person: PersonState = { id: this.#id(), login, isBot: login.endsWith("[bot]"), gone: false };
    this.#people.set(login.toLowerCase(), person);
    return person;
  }

  #shown(login: string): PersonState | null {
    const person = this.#person(login);
    return person.gone ? null : person;
  }

  #personFacts(login: string): Person | null {
    const person = this.#shown(login);
    return person === null ? null : { id: person.id, login: person.login, isBot: person.isBot };
  }

  /** People with write may; an app may not, whatever its permissions (GitHub docs, "Locking conversations"; A-044). */
  #mayWhenLocked(state: RepositoryState, login: string): boolean {
    return !isAppLogin(login) && ["write", "maintain", "admin"].includes(this.#roleOf(state, login));
  }

  #isDiscussion(issue: IssueState): boolean {
    return issue.timeline.some(({ kind }) => kind === "converted_to_discussion");
  }

  #roleOf(state: RepositoryState, login: string): Permission {
    const role = state.roles.get(login.toLowerCase());
    if (role !== undefined) return role;
    // Everybody may read a public repository, and GitHub says so for everybody.
    return state.isPrivate ? "none" : "read";
  }

  #issue(state: RepositoryState, number: number): IssueState {
    const issue = state.issues.get(number);
    if (issue === undefined) throw new TerminalError(`There is no issue #${number} (404).`, { status: 404 });
    return issue;
  }

  #comment(state: RepositoryState, commentId: number): CommentState {
    const comment = state.comments.get(commentId);
    if (comment === undefined) throw new TerminalError(`There is no comment ${commentId} (404).`, { status: 404 });
    return comment;
  }

  #commentsOf(state: RepositoryState, number: number): CommentState[] {
    return [...state.comments.values()].filter((comment) => comment.issue === number).sort((a, b) => a.id - b.id);
  }

  #newIssue(
    state: RepositoryState,
    login: string,
    title: string,
    body: string,
    pullRequest: PullRequestState | null,
  ): IssueState {
    const id = this.#id();
    const issue: IssueState = {
      id,
      nodeId: `${pullRequest === null ? "I" : "PR"}_${id}`,
      number: state.nextNumber++,
      createdAt: this.#clock.now(),
      author: login,
      title,
      body,
      state: "open",
      closeReason: null,
      closedAt: null,
      closedBy: null,
      locked: false,
      labels: [],
      assignees: [],
      updatedAt: this.#clock.now(),
      subIssues: [],
      timeline: [],
      pullRequest,
    };
    state.issues.set(issue.number, issue);
    return issue;
  }

  #openFrom(state: RepositoryState, branch: string): IssueState | null {
    const isFrom = ({ state: is, pullRequest }: IssueState) =>
      is === "open" && pullRequest?.fromFork === false && pullRequest.headRef === branch;
    return [...state.issues.values()].find(isFrom) ?? null;
  }

  #ensureLabel(state: RepositoryState, name: string): string {
    const known = state.labels.find((label) => sameName(label.name, name));
    if (known !== undefined) return known.name;
    state.labels.push({ id: this.#id(), name, color: "ededed", description: "" });
    return name;
  }

  #addLabel(state: RepositoryState, login: string, issue: IssueState, name: string): void {
    const label = this.#ensureLabel(state, name);
    if (issue.labels.includes(label)) return;
    issue.labels.push(label);
    this.#note(issue, { kind: "labeled", actor: login, label });
    this.#emitIssueOrPull(state, login, issue, "labeled", { label: labelPayload(state, label) });
  }

  #touch(issue: IssueState): void {
    issue.updatedAt = this.#clock.now();
  }

  #note(
    issue: IssueState,
    entry: Pick<TimelineState, "kind" | "actor"> & Partial<Pick<TimelineState, "label" | "source">>,
  ): void {
    issue.timeline.push({ at: this.#clock.now(), label: null, source: null, ...entry });
    this.#touch(issue);
  }

  /** Notes on every issue that `text` mentions outside code that `from` does, once. */
  #mention(state: RepositoryState, login: string, from: IssueState, text: string): void {
    for (const match of text.replace(/(`+)[^`].*?\1/gs, "").matchAll(MENTION)) {
      const target = this.#named(match[1] ?? null, state)?.issues.get(Number(match[2]));
      if (target === undefined || target === from) continue;
      const sameRepository = match[1] === undefined;
      const source = {
        repository: sameRepository ? null : `${state.repository.owner}/${state.repository.name}`,
        number: from.number,
        isPullRequest: from.pullRequest !== null,
      };
      const known = target.timeline.some(
        (entry) => entry.source?.number === source.number && entry.source.repository === source.repository,
      );
      if (!known)
        target.timeline.push({ kind: "cross-referenced", at: this.#clock.now(), actor: login, label: null, source });
    }
  }

  #named(fullName: string | null, state: RepositoryState): RepositoryState | undefined {
    return fullName === null ? state : this.#withName(fullName);
  }

  #withName(fullName: string): RepositoryState | undefined {
    return [...this.#repositories.values()].find(({ repository }) =>
      sameName(`${repository.owner}/${repository.name}`, fullName),
    );
  }

  #commit(
    state: RepositoryState,
    message: string,
    parent: string,
    author: string | null,
    changes: CommitState["changes"],
    more: Partial<Pick<CommitState, "authoredAt" | "second" | "tree">> = {},
  ): string {
    const sha = gitSha(`${parent}\n${message}\n${this.#id()}`);
    state.commits.set(sha, { sha, message, parent, at: this.#clock.now(), author, changes: { ...changes }, ...more });
    return sha;
  }

  /** Every file of a commit. */
  #filesOf(state: RepositoryState, sha: string): Map<string, Omit<GitEntry, "name">> {
    const ancestry = this.#ancestry(state, sha);
    const from = ancestry.findIndex(({ tree }) => tree !== undefined);
    const files = new Map<string, Omit<GitEntry, "name">>();
    const tree = ancestry[from]?.tree;
    if (tree !== undefined) this.#flatten(state, tree, "", files);
    for (const { changes } of ancestry.slice(0, from < 0 ? undefined : from).toReversed()) {
      for (const [path, text] of Object.entries(changes)) {
        if (text === null) files.delete(path);
        else {
          state.blobs.set(blobSha(text), text);
          files.set(path, { mode: "100644", type: "blob", sha: blobSha(text) });
        }
      }
    }
    return files;
  }

  #flatten(state: RepositoryState, tree: string, under: string, files: Map<string, Omit<GitEntry, "name">>): void {
    for (const { name, ...entry } of state.trees.get(tree) ?? []) {
      if (entry.type === "tree") this.#flatten(state, entry.sha, `${under}${name}/`, files);
      else files.set(`${under}${name}`, entry);
    }
  }

  /** Keeps the folders of these files, and says what the whole is called. */
  #keepTree(state: RepositoryState, files: ReadonlyMap<string, Omit<GitEntry, "name">>): string {
    const here: GitEntry[] = [];
    const folders = new Map<string, Map<string, Omit<GitEntry, "name">>>();
    for (const [path, entry] of files) {
      const slash = path.indexOf("/");
      if (slash < 0) here.push({ name: path, ...entry });
      else {
        const folder = folders.get(path.slice(0, slash)) ?? new Map<string, Omit<GitEntry, "name">>();
        folders.set(path.slice(0, slash), folder.set(path.slice(slash + 1), entry));
      }
    }
    for (const [name, inside] of folders) {
      here.push({ name, mode: "040000", type: "tree", sha: this.#keepTree(state, inside) });
    }
    const sha = treeSha(here);
    state.trees.set(sha, here);
    return sha;
  }

  #gitCommit(state: RepositoryState, sha: string): GitCommit {
    const { parent, second, message, author, at, authoredAt = at } = this.#commitOf(state, sha);
    return {
      sha,
      tree: this.#keepTree(state, this.#filesOf(state, sha)),
      parents: [parent, second ?? null].filter((one) => one !== null),
      message,
      authorEmail: `${author ?? "ghost"}@example.com`,
      authoredAt,
    };
  }

  /** Text of a file at a commit; `null`: it is not there. */
  #textAt(state: RepositoryState, sha: string, path: string): string | null {
    const entry = this.#filesOf(state, sha).get(path);
    return entry === undefined ? null : (state.blobs.get(entry.sha) ?? null);
  }

  /** What has to be changed to come from one commit to another. */
  #changesBetween(state: RepositoryState, from: string, to: string): Record<string, string | null> {
    const [before, after] = [this.#filesOf(state, from), this.#filesOf(state, to)];
    const paths = [...new Set([...before.keys(), ...after.keys()])];
    const changed = paths.filter((path) => before.get(path)?.sha !== after.get(path)?.sha);
    return Object.fromEntries(changed.map((path) => [path, this.#textAt(state, to, path)]));
  }

  #commitOf(state: RepositoryState, sha: string): CommitState {
    const commit = state.commits.get(sha);
    if (commit === undefined) throw new TerminalError(`There is no commit ${sha} (404).`, { status: 404 });
    return commit;
  }

  /** The commit and its ancestors, newest first. */
  /** The commit a branch or a SHA names. */
  #tip(state: RepositoryState, ref: string): string {
    if (/^[0-9a-f]{40}$/.test(ref)) return ref;
    return state.branches.get(ref) ?? state.headSha;
  }

  #ancestry(state: RepositoryState, sha: string): CommitState[] {
    const commits: CommitState[] = [];
    for (let next: string | null = sha; next !== null; ) {
      const commit: CommitState = this.#commitOf(state, next);
      commits.push(commit);
      next = commit.parent;
    }
    return commits;
  }

  #applyFiles(state: RepositoryState, files: Readonly<Record<string, string | null>>): void {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) state.files.delete(path);
      else {
        state.files.set(path, text);
        state.blobs.set(blobSha(text), text);
      }
    }
  }

  #saveCheckRun(repository: Repository, id: number, content: CheckRunContent): CheckRunFacts {
    const state = this.#writable(repository);
    const facts: CheckRunFacts = {
      id,
      name: content.name,
      headSha: content.headSha,
      status: content.status,
      conclusion: content.conclusion,
      title: content.title,
      summary: content.summary,
      externalId: content.externalId,
      at: state.checkRuns.get(id)?.at ?? this.#clock.now(),
    };
    const suite = state.checkSuites.get(content.headSha) ?? { id: this.#id(), status: content.status };
    suite.status = content.status;
    state.checkSuites.set(content.headSha, suite);
    const action = state.checkRuns.has(id) ? null : "created";
    state.checkRuns.set(id, { ...facts, content });
    for (const sent of [action, content.status === "completed" ? "completed" : null]) {
      if (sent === null) continue;
      this.#emit(state, this.botLogin, "check_run", {
        action: sent,
        check_run: checkRunPayload({ ...facts, content }, { id: this.appId, slug: this.slug }, suite.id),
      });
    }
    return facts;
  }

  // Facts, in Sevgate's words.

  #issueFacts(state: RepositoryState, issue: IssueState): IssueFacts {
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
      closedBy: issue.closedBy === null ? null : this.#personFacts(issue.closedBy),
      locked: issue.locked,
      labels: [...issue.labels],
      author: this.#personFacts(issue.author),
      assignees: [...issue.assignees],
      createdAt: issue.createdAt,
      updatedAt: issue.updatedAt,
      commentCount: this.#commentsOf(state, issue.number).length,
      subIssueCount: this.features.subIssues ? issue.subIssues.length : 0,
    };
  }

  #commentFacts(state: RepositoryState, comment: CommentState): CommentFacts {
    const { owner, name } = state.repository;
    return {
      id: comment.id,
      url: `https://github.com/${owner}/${name}/issues/${comment.issue}#issuecomment-${comment.id}`,
      author: this.#personFacts(comment.author),
      appId: comment.appId,
      body: comment.body,
      createdAt: comment.createdAt,
      updatedAt: comment.updatedAt,
    };
  }

  #timelineFacts(entry: TimelineState): TimelineFacts {
    return { ...entry, actor: this.#personFacts(entry.actor) };
  }

  #pullRequestFacts(state: RepositoryState, issue: IssueState): PullRequestFacts {
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
      author: this.#personFacts(issue.author),
      headSha: pull.headSha,
      mergeSha: pull.mergeSha,
      baseRef: pull.baseRef,
      defaultBranch: state.defaultBranch,
    };
  }

  // Webhooks.

  #issuePayload(state: RepositoryState, issue: IssueState): Record<string, unknown> {
    return issuePayload(state, issue, (login) => this.#shown(login));
  }

  #emit(state: RepositoryState, sender: string, name: string, payload: Record<string, unknown>): void {
    const event: FakeEvent = {
      name,
      payload: structuredClone({
        ...payload,
        repository: repositoryPayload(state),
        organization: { id: 1, login: state.repository.owner },
        installation: { id: state.repository.installationId },
        sender: userPayload(this.#shown(sender)),
      }),
    };
    for (const listener of [...this.#listeners]) listener(event);
  }

  #emitIssue(
    state: RepositoryState,
    sender: string,
    issue: IssueState,
    action: string,
    more: Record<string, unknown> = {},
  ): void {
    this.#emit(state, sender, "issues", { action, issue: this.#issuePayload(state, issue), ...more });
  }

  #emitPullRequest(
    state: RepositoryState,
    sender: string,
    issue: IssueState,
    action: string,
    more: Record<string, unknown> = {},
  ): void {
    const pull = pullRequestPayload(state, issue, (login) => this.#shown(login));
    this.#emit(state, sender, "pull_request", { action, number: issue.number, pull_request: pull, ...more });
  }

  #emitIssueOrPull(
    state: RepositoryState,
    sender: string,
    issue: IssueState,
    action: string,
    more: Record<string, unknown> = {},
  ): void {
    if (issue.pullRequest === null) this.#emitIssue(state, sender, issue, action, more);
    else this.#emitPullRequest(state, sender, issue, action, more);
  }

  #emitComment(
    state: RepositoryState,
    sender: string,
    issue: IssueState,
    comment: CommentState,
    action: string,
    more: Record<string, unknown> = {},
  ): void {
    this.#emit(state, sender, "issue_comment", {
      action,
      issue: this.#issuePayload(state, issue),
      comment: commentPayload(state, comment, (login) => this.#shown(login)),
      ...more,
    });
  }

  #emitPush(
    state: RepositoryState,
    sender: string,
    before: string,
    files: Readonly<Record<string, string | null>>,
  ): void {
    const head = this.#commitOf(state, state.headSha);
    const paths = Object.entries(files);
    const commit = {
      id: head.sha,
      message: head.message,
      added: [],
      modified: paths.filter(([, text]) => text !== null).map(([path]) => path),
      removed: paths.filter(([, text]) => text === null).map(([path]) => path),
    };
    this.#emit(state, sender, "push", {
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
}

/** Somebody at GitHub's own screen: every act is theirs, and causes the webhooks that GitHub would send. */
export class FakePerson {
  readonly login: string;
  readonly #repository: Repository;
  readonly #act: FakeGitHub["act"];

  constructor(login: string, repository: Repository, act: FakeGitHub["act"]) {
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

  /** Says where the issue is now. */
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

  /** Takes a link in the "Development" sidebar away. */
  unlink(number: number, from: Reference): void {
    this.#act.unlink(this.#repository, number, from);
  }

  /** Merges; a merge into the default branch brings its files there. It closes no issue: let a person do that. */
  merge(number: number, method: "squash" | "merge" | "rebase" = "squash"): PullRequestFacts {
    return this.#act.merge(this.#repository, this.login, number, method);
  }

  /** Commits straight to the default branch. Says the new head's SHA. */
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

/** Issues and comments are measured in bytes, pull requests in characters, whatever the refusal says. */
function isTaken(body: string, isPullRequest: boolean): boolean {
  return isPullRequest ? [...body].length <= BODY_LIMIT_CHARACTERS : Buffer.byteLength(body) <= BODY_LIMIT_BYTES;
}

function checkBody(body: string, isPullRequest = false): void {
  if (!isTaken(body, isPullRequest)) {
    throw new TerminalError(`The body is too long: ${BODY_LIMIT_CHARACTERS} characters at most (422).`, {
      status: 422,
    });
  }
}

function suiteOf(state: RepositoryState, headSha: string) {
  const suite = state.checkSuites.get(headSha);
  if (suite === undefined) throw new Error(`no check suite on ${headSha}`);
  return suite;
}

function pullOf(issue: IssueState): PullRequestState {
  if (issue.pullRequest === null) throw new Error(`#${issue.number} is an issue, not a pull request`);
  return issue.pullRequest;
}

function pathsOf({ changes }: CommitState): readonly string[] {
  return Object.keys(changes);
}

function changedFile(state: RepositoryState, path: string, text: string | null): ChangedFile {
  if (text === null) return { path, status: "removed" };
  return { path, status: state.files.has(path) ? "modified" : "added" };
}

/** Keywords count only when the pull request goes to the default branch; links by hand always. */
function closingReferences(state: RepositoryState, issue: IssueState, pull: PullRequestState): readonly Reference[] {
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
