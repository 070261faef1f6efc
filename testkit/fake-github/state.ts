import { TerminalError } from "../../src/base/errors.ts";
import type {
  ChangedFile,
  CheckRunContent,
  CheckRunFacts,
  CloseReason,
  GitEntry,
  Instant,
  MergeQueueEntry,
  Permission,
  Person,
  Reference,
  Repository,
  TimelineFacts,
  WorkflowRunFacts,
} from "../../src/core/model.ts";
import { isAppLogin } from "../../src/core/names.ts";
import type { RequiredCheck } from "../../src/systems/github/ports.ts";

/** What the fake remembers about an issue or pull request; they share numbers, labels and comments, as on GitHub. */
export interface IssueState {
  readonly id: number;
  readonly nodeId: string;
  readonly number: number;
  readonly createdAt: Instant;
  readonly author: string;
  title: string;
  body: string;
  state: "open" | "closed";
  closeReason: CloseReason | null;
  closedAt: Instant | null;
  closedBy: string | null;
  locked: boolean;
  labels: string[];
  assignees: string[];
  updatedAt: Instant;
  subIssues: Reference[];
  /** GitHub's field *Target date*; `null`: it has none. */
  targetDate: string | null;
  /** The day its milestone is due; `null`: it has none. */
  milestoneDue: string | null;
  /** The name of its issue type. */
  type: string | null;
  /** Every edit of its body, oldest first. */
  bodyEdits: { readonly login: string; readonly at: Instant }[];
  timeline: TimelineState[];
  pullRequest: PullRequestState | null;
}

export interface TimelineState extends Omit<TimelineFacts, "actor"> {
  readonly actor: string;
}

export interface PullRequestState {
  headRef: string;
  draft: boolean;
  merged: boolean;
  mergedAt: Instant | null;
  mergeSha: string | null;
  headSha: string;
  baseRef: string;
  fromFork: boolean;
  files: ChangedFile[];
  /** The text of files, applied to the default branch by the merge. */
  contents: Record<string, string | null>;
  /** Oldest first. */
  commits: string[];
  /** Linked by hand in the "Development" sidebar. */
  links: Reference[];
  /** Logins asked for a review. */
  reviewers: string[];
}

export interface CommentState {
  readonly id: number;
  readonly issue: number;
  author: string;
  readonly appId: number | null;
  readonly createdAt: Instant;
  body: string;
  updatedAt: Instant;
  pinned: boolean;
  /** GraphQL `lastEditedAt`; `null`: never. */
  lastEditedAt: Instant | null;
  reactions: { readonly login: string; readonly reaction: string }[];
}

export interface CheckRunState extends CheckRunFacts {
  readonly content: CheckRunContent;
  readonly appId: number;
}

export interface LabelState {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string;
}

export interface CommitState {
  readonly sha: string;
  readonly message: string;
  readonly parent: string | null;
  readonly at: Instant;
  readonly author: string | null;
  /** What it changes: path → text, `null`: removed. */
  readonly changes: Readonly<Record<string, string | null>>;
  /** For one made from git objects: its tree, by SHA; it has no `changes`. */
  readonly tree?: string;
  /** For a rebased one: when it was first made. */
  readonly authoredAt?: Instant;
  /** For a merge commit: what was merged. */
  readonly second?: string;
}

/** A ruleset in GitHub's words. */
export interface RulesetState {
  readonly id: number;
  name: string;
  target: string;
  enforcement: string;
  bypass_actors: readonly unknown[];
  conditions: {
    readonly ref_name: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  } | null;
  rules: readonly { readonly type: string; readonly parameters?: Readonly<Record<string, unknown>> }[];
}

export interface RepositoryState {
  readonly repository: Repository;
  defaultBranch: string;
  headSha: string;
  isPrivate: boolean;
  archived: boolean;
  isDisabled: boolean;
  isFork: boolean;
  hasIssues: boolean;
  nextNumber: number;
  readonly roles: Map<string, Permission>;
  readonly labels: LabelState[];
  readonly issues: Map<number, IssueState>;
  /** Numbers that went to another repository, and where to. */
  readonly moved: Map<number, Reference>;
  readonly comments: Map<number, CommentState>;
  readonly checkRuns: Map<number, CheckRunState>;
  /** By head SHA: all runs of the app on that commit. */
  readonly checkSuites: Map<string, { readonly id: number; status: "queued" | "in_progress" | "completed" }>;
  /** Tips of branches besides the default one. */
  readonly branches: Map<string, string>;
  /** By branch, next first. */
  readonly mergeQueues: Map<string, MergeQueueEntry[]>;
  /** What rulesets of the organization require of the default branch. */
  requiredChecks: RequiredCheck[];
  /** Of the repository itself, oldest first. */
  readonly rulesets: RulesetState[];
  /** What classic protection of the default branch requires; `null`: it has none. */
  classicChecks: readonly { readonly context: string; readonly app_id: number | null }[] | null;
  readonly files: Map<string, string>;
  /** Every text a file ever had, by blob SHA. */
  readonly blobs: Map<string, string>;
  readonly commits: Map<string, CommitState>;
  /** Folders, by SHA. */
  readonly trees: Map<string, readonly GitEntry[]>;
  /** Tag → commit. */
  readonly tags: Map<string, string>;
  /** Those that succeeded, newest first. */
  readonly deployments: { readonly sha: string; readonly environment: string }[];
  /** Tags, oldest first. */
  readonly releases: string[];
  /** Commits whose checks passed. */
  readonly green: Set<string>;
  /** By workflow, newest first. */
  readonly workflowRuns: Map<number, WorkflowRunFacts[]>;
}

export interface PersonState extends Person {
  readonly gone: boolean;
}

export function issueOf(state: RepositoryState, number: number): IssueState {
  const issue = state.issues.get(number);
  if (issue === undefined) throw new TerminalError(`There is no issue #${number} (404).`, { status: 404 });
  return issue;
}

export function commentOf(state: RepositoryState, commentId: number): CommentState {
  const comment = state.comments.get(commentId);
  if (comment === undefined) throw new TerminalError(`There is no comment ${commentId} (404).`, { status: 404 });
  return comment;
}

export function commentsOf(state: RepositoryState, number: number): CommentState[] {
  return [...state.comments.values()].filter((comment) => comment.issue === number).sort((a, b) => a.id - b.id);
}

export function pullOf(issue: IssueState): PullRequestState {
  if (issue.pullRequest === null) throw new Error(`#${issue.number} is an issue, not a pull request`);
  return issue.pullRequest;
}

export function suiteOf(state: RepositoryState, headSha: string) {
  const suite = state.checkSuites.get(headSha);
  if (suite === undefined) throw new Error(`no check suite on ${headSha}`);
  return suite;
}

/** The open pull request of a branch. */
export function openFrom(state: RepositoryState, branch: string): IssueState | null {
  const isFrom = ({ state: is, pullRequest }: IssueState) =>
    is === "open" && pullRequest?.fromFork === false && pullRequest.headRef === branch;
  return [...state.issues.values()].find(isFrom) ?? null;
}

export function isDiscussion(issue: IssueState): boolean {
  return issue.timeline.some(({ kind }) => kind === "converted_to_discussion");
}

export function roleOf(state: RepositoryState, login: string): Permission {
  const role = state.roles.get(login.toLowerCase());
  if (role !== undefined) return role;
  // Everybody may read a public repository, and GitHub says so about everybody.
  return state.isPrivate ? "none" : "read";
}

/** People with write access may; an app may not, whatever its permissions (GitHub docs, "Locking conversations"; A-044). */
export function mayWhenLocked(state: RepositoryState, login: string): boolean {
  return !isAppLogin(login) && ["write", "maintain", "admin"].includes(roleOf(state, login));
}
