import type {
  ChangedFiles,
  CheckRunContent,
  CheckRunFacts,
  CheckSuiteFacts,
  CommentFacts,
  CommitFacts,
  GitCommit,
  GitEntry,
  HistoryFacts,
  Instant,
  IssueFacts,
  MergeQueueEntry,
  Permission,
  PullRequestFacts,
  Reference,
  Repository,
  TimelineFacts,
  TreeEntry,
  WorkflowRunFacts,
} from "../../core/model.ts";
import type { RevertRefusal } from "../../core/observation.ts";
import type { NamedRuleset, ProtectionPlan, Requirement } from "../../core/protection/plan-protection.ts";
import type { Ruleset } from "../../core/protection/ruleset.ts";
import type { TreeChange } from "../../core/regressions/undo-tree.ts";
import type { ContentClass } from "../../core/trust/content-class.ts";

/** GitHub says that a thing does not exist for us: 404 or 410. Other failures are thrown (src/base/errors.ts). */
export type Missing = "missing";

/** A file, a link or a submodule has the path. */
export type NotAFolder = "not-a-folder";

/** Something in a folder of the default branch. */
export interface FolderEntry {
  readonly path: string;
  readonly sha: string;
  /** `other`: a link, or another repository. */
  readonly kind: "file" | "folder" | "other";
}

/** GitHub lists this many entries of a folder (GitHub REST, "Get repository content"). */
export const MOST_IN_FOLDER = 1_000;

/** A file on the default branch. */
export interface FileFacts {
  readonly path: string;
  /** Blob SHA. */
  readonly sha: string;
  readonly text: string;
}

/** The most that `pullRequestsSince` lists. */
export const MOST_CHANGED_SINCE = 300;

/**
 * Everything Sevgate reads from GitHub, in its own words. Every page of a list is read, up to 5,000 entries; of a
 * longer list these are the first, unless stated otherwise. No length of a list is an error.
 *
 * Every call may throw `TransientError` (5xx, time-out, rate limit) or `TerminalError` (403, 401, 422).
 * "Missing" is an answer, not an error.
 */
export interface GitHubReader {
  /** A pull request's number gives `missing`: it is not an issue. A transferred issue comes back as `movedTo`. */
  issue(repository: Repository, number: number): Promise<IssueFacts | Missing | { readonly movedTo: Reference }>;
  /**
   * Oldest first; of more than 5,000, the oldest and the newest 2,500. `since` keeps comments updated at or after it
   * (servers may ignore it).
   */
  comments(repository: Repository, number: number, since: Instant | null): Promise<readonly CommentFacts[]>;
  /**
   * When somebody last edited a comment, by its id (`null`: nobody has), for the newest 300 of the issue. REST does not
   * say: the two timestamps of an untouched comment may differ (GraphQL `lastEditedAt`). `unsupported` if the server
   * has no GraphQL.
   */
  commentEdits(repository: Repository, number: number): Promise<ReadonlyMap<number, Instant | null> | "unsupported">;
  /**
   * Who has edited the text of an issue, each once, and when that was last done (`null`: never), by the newest 300 edits
   * (GraphQL `userContentEdits`; REST does not say), which `edits` has one by one, newest first. `unsupported` if the
   * server has no GraphQL.
   */
  issueEdits(repository: Repository, number: number): Promise<IssueEdits | "unsupported">;
  comment(repository: Repository, commentId: number): Promise<CommentFacts | Missing>;
  /**
   * Oldest first; only the kinds of `TimelineFacts`. Of more than 5,000 events, the newest without gaps, so that the
   * last of a kind in the list is the last there is; but one that is not in the list may still exist.
   */
  timeline(
    repository: Repository,
    number: number,
  ): Promise<{ readonly events: readonly TimelineFacts[]; readonly isWhole: boolean }>;
  /** Empty if the server has no sub-issues. */
  subIssues(repository: Repository, number: number): Promise<readonly SubIssue[]>;
  /**
   * GitHub's field *Target date* of an issue, as `2026-12-01`; `null`: it has none. `unsupported` if the server has no such
   * fields, or does not let the app read them. Needs the organization permission `issue_fields: read`.
   */
  targetDate(repository: Repository, number: number): Promise<string | null | "unsupported">;
  /**
   * Names of the issue types that issues of the repository may have ("List issue types for a repository"); `unsupported` if the
   * server or the account has none.
   */
  issueTypes(repository: Repository): Promise<readonly string[] | "unsupported">;
  /** Issues (never pull requests) that carry `label`, most recently updated first. `since` filters by update time. */
  issuesWithLabel(
    repository: Repository,
    label: string,
    options: { readonly state: "open" | "all"; readonly since: Instant | null },
  ): Promise<readonly IssueFacts[]>;
  /**
   * Issues and pull requests updated at or after `since`, in one listing ("List repository issues", state all): the
   * cheap half of a sweep. `isWhole: false`: of more than 5,000, only the most recently changed.
   */
  changedSince(
    repository: Repository,
    since: Instant,
  ): Promise<{
    readonly issues: readonly IssueFacts[];
    readonly pullRequests: readonly number[];
    readonly isWhole: boolean;
  }>;
  /** "Get repository permissions for a user": a custom role counts as what it grants; 404 is `none`. */
  permission(repository: Repository, login: string): Promise<Permission>;
  pullRequest(repository: Repository, number: number): Promise<PullRequestFacts | Missing>;
  /**
   * The same, with its commits, files and closing references in one request where the server has GraphQL:
   * `pullRequestCommits`, `pullRequestFiles` and `closingReferences` then ask nothing, if they are given these very
   * facts and it has not more than a hundred of them.
   */
  pullRequestAtOnce(repository: Repository, number: number): Promise<PullRequestFacts | Missing>;
  /** GitHub lists at most 250. `isWhole: false`: their messages are too long to read, and some commits are left out. */
  pullRequestCommits(
    repository: Repository,
    pullRequest: Pick<PullRequestFacts, "number">,
  ): Promise<{ readonly commits: readonly CommitFacts[]; readonly isWhole: boolean }>;
  /**
   * Of more than 300 of an open one, found by comparing the trees of the head and of where the branches part: there, a
   * renamed file is a new one. `isWhole: false`: GitHub lists no more, or none of what it could not work out.
   */
  pullRequestFiles(
    repository: Repository,
    pullRequest: Pick<PullRequestFacts, "number" | "headSha" | "baseRef" | "state">,
  ): Promise<ChangedFiles>;
  openPullRequests(repository: Repository): Promise<readonly PullRequestFacts[]>;
  /** Pull requests that contain the commit. */
  pullRequestsOfCommit(repository: Repository, sha: string): Promise<readonly PullRequestFacts[]>;
  /** Commits in `head` and not in `base` (each a SHA or a branch), oldest first: the first 1,000. */
  commitsBetween(repository: Repository, base: string, head: string): Promise<ComparedCommits>;
  /** GraphQL `closingIssuesReferences`; `unsupported` if the server has no GraphQL. */
  closingReferences(
    repository: Repository,
    pullRequest: Pick<PullRequestFacts, "number">,
  ): Promise<readonly Reference[] | "unsupported">;
  /**
   * The queue of a branch, next first (GraphQL `mergeQueue`); empty if it has none, `unsupported` if the server has no
   * GraphQL. Needs the permission `merge_queues: read`.
   */
  mergeQueue(repository: Repository, branch: string): Promise<readonly MergeQueueEntry[] | "unsupported">;
  /**
   * Those of the rulesets in force on the branch ("Get rules for a branch"), without classic branch protection.
   * `untold` if the server has no rulesets, or does not let the app read them; `not-in-plan`: private repositories have
   * none on a free plan.
   */
  requiredChecks(repository: Repository, branch: string): Promise<readonly RequiredCheck[] | "untold" | "not-in-plan">;
  checkSuite(repository: Repository, suiteId: number): Promise<CheckSuiteFacts | Missing>;
  /** Check runs of this app on the commit. */
  checkRuns(repository: Repository, headSha: string): Promise<readonly CheckRunFacts[]>;
  /** A file on the default branch, or at `ref`. A folder, a link or a file over 1 MB is a `TerminalError`. */
  file(repository: Repository, path: string, ref?: string): Promise<FileFacts | Missing>;
  /** What is directly in a folder on the default branch: GitHub lists 1,000 entries. */
  folder(repository: Repository, path: string): Promise<readonly FolderEntry[] | NotAFolder | Missing>;
  /**
   * Every file on the default branch (git tree, recursive); empty in a repository without commits. `TerminalError` for
   * more than GitHub lists at once (100,000).
   */
  tree(repository: Repository): Promise<readonly TreeEntry[]>;
  /** The text of a blob. Anything larger than 1 MB or not UTF-8 is a `TerminalError`. */
  blob(repository: Repository, sha: string): Promise<string | Missing>;
  /**
   * The newest commits of the default branch, newest first; with `path`, those that change it. At most 100; none if
   * their messages are too long to read.
   */
  history(repository: Repository, path: string | null, most: number): Promise<readonly HistoryFacts[]>;
  /** The commit a SHA, tag or branch names. */
  commit(repository: Repository, ref: string): Promise<HistoryFacts | Missing>;
  /** Pull requests changed at or after `since`, open or not, most recently changed first; the newest `MOST_CHANGED_SINCE` at most. */
  pullRequestsSince(repository: Repository, since: Instant): Promise<readonly PullRequestFacts[]>;
  /**
   * Deployments that succeeded, newest first, to production environments if there are any; the newest ten deployments
   * are looked at. Empty if the server has none, or the app may not read them.
   */
  deployments(repository: Repository): Promise<readonly { readonly sha: string; readonly environment: string }[]>;
  /** The tag of the latest release ("Get the latest release"); `missing` also if the app may not read it. */
  latestRelease(repository: Repository): Promise<string | Missing>;
  /**
   * Whether the check runs of other apps and the commit statuses on a commit are all done and none failed; `false` if
   * there are none. What the app may not read does not count.
   */
  isGreen(repository: Repository, sha: string): Promise<boolean>;
  /** A commit as git keeps it ("Get a commit object"). */
  gitCommit(repository: Repository, sha: string): Promise<GitCommit | Missing>;
  /** The newest commits, going back from a SHA, at most 100. */
  gitHistory(repository: Repository, sha: string, most: number): Promise<readonly GitCommit[]>;
  /** One folder ("Get a tree", not recursive); `cut`: GitHub left some of it out. */
  gitTree(repository: Repository, sha: string): Promise<readonly GitEntry[] | "cut" | Missing>;
  /** The commit at the tip of a branch. */
  branchTip(repository: Repository, branch: string): Promise<string | Missing>;
  /** The branch a pull request comes from, and its commits, oldest first: GitHub lists at most 250. */
  pullRequestSource(
    repository: Repository,
    number: number,
  ): Promise<{ readonly branch: string; readonly commits: readonly GitCommit[]; readonly isWhole: boolean } | Missing>;
  /** The open pull request whose source is a branch of the repository itself. */
  pullRequestFrom(repository: Repository, branch: string): Promise<PullRequestFacts | Missing>;
  /** Every pull request, open or closed, whose source is a branch of that name of the repository itself, newest first. */
  pullRequestsEverFrom(repository: Repository, branch: string): Promise<readonly PullRequestFacts[]>;
  /**
   * The newest 50 runs of a workflow on a branch of that name, including those of forks, by when they were first
   * requested; empty for a workflow that does not exist. Needs the permission `actions: read`.
   */
  workflowRuns(repository: Repository, workflowId: number, branch: string): Promise<readonly WorkflowRunFacts[]>;
  labels(repository: Repository): Promise<readonly string[]>;
  repository(repository: Repository): Promise<RepositoryFacts | Missing>;
}

/** A sub-issue, and the issue itself as it is now. */
export type SubIssue = Reference & { readonly issue: IssueFacts };

/** Who has edited the text of an issue, and when. */
export interface IssueEdits {
  /** Logins, each once. */
  readonly editors: readonly string[];
  /** `null`: never. */
  readonly lastEditedAt: Instant | null;
  /** Newest first. `by`: login; `null`: GitHub does not say. */
  readonly edits: readonly { readonly at: Instant; readonly by: string | null }[];
}

export interface ComparedCommits {
  readonly commits: readonly CommitFacts[];
  /** Whether these are all of them. */
  readonly isWhole: boolean;
  /** Where the two diverge; `null`: the server does not say. */
  readonly mergeBase: string | null;
}

export interface RepositoryFacts {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  /** Not visible to everybody: an enterprise's internal repository is private too. */
  readonly isPrivate: boolean;
  readonly archived: boolean;
  /** GitHub has locked it: nothing in it can be changed. */
  readonly isDisabled: boolean;
  readonly isFork: boolean;
  readonly hasIssues: boolean;
}

/**
 * `done`; `unsupported`: there is no such feature, and Sevgate carries on without it; `gone`: the thing itself no
 * longer exists (GitHub answers 404 to both).
 */
export type OptionalResult = "done" | "unsupported" | "gone";

/** GitHub's refusal, in one line. */
export type Refused = Pick<RevertRefusal, "refused"> & {
  /** The app has not been given what it takes: so it is in every repository of the installation. */
  readonly lacksRights?: true;
};

/** Room in the budget for a chain of several creations (`GitHubWriter.reserve`). */
export interface CreationRoom {
  /** Uses one of them; `false`: none is left. */
  take(): boolean;
  /** Gives back what was not used. */
  release(): void;
}

/** A file as "Create a tree" takes it with its text, which then needs no request of its own. */
export interface NewFile {
  readonly path: string;
  readonly mode: "100644";
  readonly type: "blob";
  readonly content: string;
}

/** Why `revertPullRequest` may be refused. */
export type MutationRefused = Refused & {
  /** GitHub looked at the change itself, so any other way leads to the same result. */
  readonly isFinal: boolean;
  /** The mutation is not for this app at all, whatever the pull request. */
  readonly isForNoApp?: true;
};

/**
 * Everything Sevgate changes on GitHub. No call is ever repeated by the client: a failed write ends the pass.
 *
 * Throws as `GitHubReader` does; `missing` (404, 410) is a `TerminalError` here. What creates content belongs to a
 * class (`creates`): `HeldBackError` when what is left of the budget is kept for higher ones. Labels are upkeep,
 * reverts the team's.
 */
export interface GitHubWriter {
  createComment(repository: Repository, number: number, body: string, creates: ContentClass): Promise<CommentFacts>;
  editComment(repository: Repository, commentId: number, body: string): Promise<CommentFacts>;
  /** Deleting what is already gone is success. */
  deleteComment(repository: Repository, commentId: number): Promise<void>;
  pinComment(repository: Repository, commentId: number): Promise<OptionalResult>;
  react(
    repository: Repository,
    commentId: number,
    reaction: "+1" | "confused" | "rocket" | "eyes",
  ): Promise<OptionalResult>;
  closeIssue(repository: Repository, number: number, reason: "completed" | "not_planned"): Promise<IssueFacts>;
  reopenIssue(repository: Repository, number: number): Promise<IssueFacts>;
  retitleIssue(repository: Repository, number: number, title: string): Promise<IssueFacts>;
  editIssueBody(repository: Repository, number: number, body: string): Promise<IssueFacts>;
  /** By the type's name. One that GitHub does not take is left out without an error: the answer says which it has. */
  setIssueType(repository: Repository, number: number, type: string): Promise<IssueFacts>;
  createIssue(
    repository: Repository,
    issue: { readonly title: string; readonly body: string; readonly labels: readonly string[] },
    creates: ContentClass,
  ): Promise<IssueFacts>;
  /** `child`: the issue's `id`, not its number. One that has a parent already stays where it is (422). */
  addSubIssue(repository: Repository, number: number, child: number): Promise<OptionalResult>;
  addLabels(repository: Repository, number: number, labels: readonly string[]): Promise<void>;
  /** Removing what is gone already is success. */
  removeLabel(repository: Repository, number: number, label: string): Promise<void>;
  /** Already there (422) is success. `color`: six hexadecimal digits. */
  createLabel(
    repository: Repository,
    label: { readonly name: string; readonly color: string; readonly description: string },
  ): Promise<void>;
  /** People GitHub does not accept are left out without an error; the answer says who is now assigned. */
  assign(repository: Repository, number: number, logins: readonly string[]): Promise<readonly string[]>;
  /** Removing somebody who is not assigned is success. */
  unassign(repository: Repository, number: number, logins: readonly string[]): Promise<void>;
  /**
   * Opens the pull request that reverts a merged one (GraphQL `revertPullRequest`). `refused`: GitHub says why not, in
   * one line. `unsupported` if the server has no GraphQL.
   */
  revertPullRequest(
    repository: Repository,
    pullRequest: Pick<PullRequestFacts, "number" | "nodeId">,
    content: { readonly title: string; readonly body: string },
    room?: CreationRoom,
  ): Promise<PullRequestFacts | "unsupported" | MutationRefused>;
  /**
   * The SHA of the tree that is `base` with these changes, or just these entries (`null`). A new file brings its text along.
   * Not visible anywhere yet; the same tree again is the same SHA.
   */
  createTree(
    repository: Repository,
    base: string | null,
    changes: readonly (TreeChange | NewFile)[],
    room?: CreationRoom,
  ): Promise<string | Refused>;
  /**
   * The SHA of a new commit, by the app, now; GitHub signs commits made without an author ("Signature verification for
   * bots"). Not visible anywhere yet.
   */
  createCommit(
    repository: Repository,
    commit: { readonly message: string; readonly tree: string; readonly parent: string },
    room?: CreationRoom,
  ): Promise<string | Refused>;
  /** A branch that already exists is refused. */
  createBranch(repository: Repository, branch: string, sha: string, room?: CreationRoom): Promise<"done" | Refused>;
  /** Removing what is gone already is success. */
  deleteBranch(repository: Repository, branch: string): Promise<void>;
  /** From a branch of the repository itself. */
  openPullRequest(
    repository: Repository,
    pullRequest: { readonly title: string; readonly body: string; readonly branch: string; readonly base: string },
    room?: CreationRoom,
  ): Promise<PullRequestFacts | Refused>;
  /**
   * Takes room in the budget for that many creations, all or none, before a chain of them begins. Asks GitHub nothing.
   * What is not used has to be given back.
   */
  reserve(repository: Repository, creates: ContentClass, requests: number): Promise<CreationRoom>;
  /** Somebody GitHub does not accept (422) is not asked. */
  requestReview(repository: Repository, number: number, login: string): Promise<OptionalResult>;
  /** A completed run is never changed: changes are posted as a new one. */
  createCheckRun(repository: Repository, content: CheckRunContent): Promise<CheckRunFacts>;
}

/** A webhook delivery GitHub remembers (3 days on github.com). */
export interface DeliveryFacts {
  /** A 64-bit number as text: a JavaScript number would lose its last digits (octokit/request.js issue 797). */
  readonly id: string;
  readonly guid: string;
  readonly deliveredAt: Instant;
  readonly ok: boolean;
}

/** What GitHub grants an installation in an hour: its primary rate limit. */
export interface RequestLimit {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: Instant;
}

/** An issue or pull request, as GitHub's search gives it. */
export interface ChangedEntry {
  /** `owner/name`, by its present name. Includes public repositories where the app is not installed. */
  readonly repository: string;
  readonly number: number;
  readonly isPullRequest: boolean;
  readonly labels: readonly string[];
  readonly updatedAt: Instant;
}

/** What one question found. */
export interface ChangedEntries {
  readonly entries: readonly ChangedEntry[];
  /** Where to continue, because there is more than was read; `null`: everything was read. */
  readonly continueFrom: Instant | null;
}

/** The app at one account. */
export interface Installation {
  readonly id: number;
  readonly account: string;
  readonly suspended: boolean;
  /** What its owner has accepted; left out: untold. */
  readonly permissions?: Readonly<Record<string, string>>;
  /** Its page, where an owner accepts new permissions; left out: untold. */
  readonly url?: string;
}

/** What the app as a whole can ask (JSON Web Token, not an installation token). */
export interface GitHubApp {
  /** The app's own id and bot login, `slug[bot]`. Throws `TerminalError` when GitHub refuses the credentials. */
  identity(): Promise<{ readonly appId: number; readonly botLogin: string; readonly slug: string }>;
  installations(): Promise<readonly Installation[]>;
  /** `unsupported` if the server does not list them; then only repositories already seen are swept. */
  repositories(installationId: number): Promise<readonly Repository[] | "unsupported">;
  /** From the last answer to the installation, without asking; `null`: none has said. */
  requestLimit(installationId: number): Promise<RequestLimit | null>;
  /**
   * Issues and pull requests of an account updated at or after `since`, in one question for all its repositories
   * ("Search issues and pull requests"); `openWith`: only open issues with one of these labels. What changed in the
   * last few minutes may be missing: the search index lags. `unsupported` if the server cannot search, or cannot search
   * this account.
   */
  changedSince(
    installationId: number,
    account: string,
    since: Instant,
    openWith: readonly string[] | null,
  ): Promise<ChangedEntries | "unsupported">;
  /** Deliveries since `since`, newest first; `unsupported` if the server keeps none. */
  deliveries(since: Instant): Promise<readonly DeliveryFacts[] | "unsupported">;
  redeliver(deliveryId: string): Promise<void>;
}

/** The app as it is set up on GitHub. */
export interface AppSettings {
  /** Granted to the app: permission → `read`, `write` or `admin`, in GitHub's words. */
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** The server's clock, to the second; `null`: the answer did not say. */
  readonly serverTime: Instant | null;
  /** Of an Enterprise Server: `3.17.2`; `null`: the answer did not say, as github.com's does not. */
  readonly serverVersion: string | null;
}

/** What the owner of an installation has accepted. */
export interface InstallationSettings {
  readonly id: number;
  readonly permissions: Readonly<Record<string, string>>;
  /** Those it is sent; `null`: untold. */
  readonly events: readonly string[] | null;
  /** Its page, where an owner accepts new permissions; `null`: untold. */
  readonly url: string | null;
}

/** How the server answered a webhook. */
export interface DeliveryAnswer {
  /** `null`: there was no answer. */
  readonly statusCode: number | null;
  /** GitHub's words for it: `OK`, `timed out`. */
  readonly said: string;
}

/** A check that a ruleset requires before a merge. */
export interface RequiredCheck {
  readonly name: string;
  /** The only app whose check counts; `null`: anybody's does. */
  readonly appId: number | null;
}

/**
 * What only the self-check asks (src/doctor/); no pass needs it. `untold`: the server does not have the route.
 *
 * Throws as `GitHubReader` does.
 */
export interface GitHubInspection {
  appSettings(): Promise<AppSettings>;
  webhook(): Promise<
    { readonly url: string | null; readonly contentType: string | null; readonly checksTls: boolean } | "untold"
  >;
  installationSettings(): Promise<readonly InstallationSettings[]>;
  /** How the last hundred deliveries were answered, newest first. */
  deliveryAnswers(): Promise<readonly DeliveryAnswer[] | "untold">;
  /**
   * Repositories of an account, as `owner/name`, that have a policy, as far as the search for code knows and the app may
   * see: public ones also where it is not installed. `untold`: the search did not answer, or there is none.
   */
  withPolicy(installationId: number, account: string): Promise<readonly string[] | "untold">;
  /**
   * As `GitHubReader.requiredChecks`, and what classic branch protection requires; what the app may not read is a
   * `TerminalError` here.
   */
  requiredChecks(repository: Repository, branch: string): Promise<readonly RequiredCheck[] | "untold" | "not-in-plan">;
}

/** An app that has posted a check. */
export interface PostingApp {
  readonly id: number;
  readonly slug: string;
  /** Whether it asks for `statuses: write`, without which GitHub's page does not offer it as a source; `null`: untold. */
  readonly asksForStatuses: boolean | null;
}

/** A change of what a branch requires, as it is sent. */
export interface ProtectionChange {
  /** Method and path with placeholders. */
  readonly route: string;
  /** What the placeholders stand for. */
  readonly at: Readonly<Record<string, string | number>>;
  readonly body: object;
}

/**
 * What `sevgate protect` asks and changes, as a person. The app never has the right to.
 *
 * Throws as `GitHubReader` does.
 */
export interface GitHubProtection {
  /** Whose token it is; `null`: no person's. */
  person(): Promise<string | null>;
  repository(
    owner: string,
    name: string,
  ): Promise<{ readonly repository: Repository; readonly defaultBranch: string; readonly isAdmin: boolean } | Missing>;
  /**
   * Everything in force on a branch that requires the check, and a ruleset of the repository with that name, in force or not.
   * `not-in-plan`: private repositories have no rulesets on a free plan. `untold`: the server has none at all.
   */
  required(
    repository: Repository,
    branch: string,
    check: string,
    name: string,
  ): Promise<
    { readonly required: readonly Requirement[]; readonly named: NamedRuleset | null } | "not-in-plan" | "untold"
  >;
  /** The apps that posted the check on the heads of the ten pull requests that changed last, each once. */
  postedBy(repository: Repository, check: string): Promise<readonly PostingApp[]>;
  /**
   * The request that carries out a plan, and leaves everything else of what is there as it is; `null`: it cannot be left as it is,
   * because GitHub does not show all of it.
   *
   * @param ruleset the one that is created, and whose check is put into those that are there
   */
  requestFor(
    plan: Exclude<ProtectionPlan, { readonly kind: "nothing" }>,
    repository: Repository,
    branch: string,
    ruleset: Ruleset,
  ): Promise<ProtectionChange | null>;
  change(change: ProtectionChange): Promise<void>;
}

/** The adapter as a whole. */
export interface GitHub {
  readonly app: GitHubApp;
  readonly read: GitHubReader;
  readonly write: GitHubWriter;
  /** Forgets the cached tokens of an installation that was suspended, removed or changed. */
  forget(installationId: number): void;
}
