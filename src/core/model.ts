declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A moment, in milliseconds since the Unix epoch, UTC. Only `base/clock.ts` and GitHub's answers make one. */
export type Instant = Brand<number, "Instant">;
/** A length of time, in milliseconds. Never negative. */
export type Millis = Brand<number, "Millis">;

/** A repository as an installation of the app sees it. `id` identifies it; the names may change. */
export interface Repository {
  readonly installationId: number;
  readonly id: number;
  readonly owner: string;
  readonly name: string;
}

/**
 * What the queue holds: where to look. It carries no event data.
 *
 * Two keys with the same `keyId` (src/core/key.ts) are the same work.
 */
export type Key =
  | { readonly kind: "incident"; readonly repository: Repository; readonly number: number }
  | { readonly kind: "pull-request"; readonly repository: Repository; readonly number: number }
  /** A pull request on which somebody wrote a command: whoever may use it is told where commands work. */
  | { readonly kind: "stray-command"; readonly repository: Repository; readonly number: number }
  | {
      readonly kind: "merge-group";
      readonly repository: Repository;
      readonly headSha: string;
      /** The entry before it in the queue, else the tip of the branch: each entry is built on the one before. */
      readonly baseSha: string;
      /** The branch the queue serves; `null`: not known. */
      readonly base: string | null;
      /** The pull request its branch is named after, the last one in it; `null`: not known. */
      readonly pullRequest: number | null;
    }
  /**
   * A request to look at a commit again, made on the check run or check suite with this id. It is fulfilled once there
   * is a newer run; a run is posted even if nothing has changed, because nothing else shows people that something
   * happened.
   */
  | {
      readonly kind: "recheck";
      readonly repository: Repository;
      readonly headSha: string;
      readonly of: "run" | "suite";
      readonly id: number;
    }
  | { readonly kind: "repository"; readonly repository: Repository }
  /** The numbers of the last period that is over: is there an issue with them, if the policy wants one? */
  | { readonly kind: "report"; readonly repository: Repository }
  /** A repository that has no policy yet: was it shown one, in a pull request? */
  | { readonly kind: "onboarding"; readonly repository: Repository }
  /** What is late in a repository after its incidents: does its one issue say so? */
  | { readonly kind: "follow-ups"; readonly repository: Repository }
  /** The incident in a chat: a key of its own, so that the chat does not hold up anything on GitHub. */
  | { readonly kind: "thread"; readonly repository: Repository; readonly number: number }
  /** An incident that somebody declares in a chat, by the id of the kept request. */
  | { readonly kind: "declaration"; readonly repository: Repository; readonly id: string }
  /**
   * The pages of an incident that go to other systems: a key of its own, so that they do not hold up anything on
   * GitHub.
   */
  | { readonly kind: "page"; readonly repository: Repository; readonly number: number }
  /** An alert of another system, by `alertId` (core/alerts/alert-state.ts): does it have its issue? */
  | { readonly kind: "alert"; readonly repository: Repository; readonly alert: string }
  /** A workflow of GitHub Actions, by its id: does it work on the default branch? */
  | { readonly kind: "workflow"; readonly repository: Repository; readonly workflow: number }
  /**
   * The source of an alert: does it know what became of it? A key of its own, so that it does not hold up anything on
   * GitHub.
   */
  | { readonly kind: "alert-source"; readonly repository: Repository; readonly alert: string };

/** An issue or pull request by number; `repository` is `owner/name`, or `null` for the incident's own repository. */
export interface Reference {
  readonly repository: string | null;
  readonly number: number;
}

/** Somebody on GitHub. A deleted account has no `Person`: facts hold `null`. */
export interface Person {
  readonly id: number;
  readonly login: string;
  readonly isBot: boolean;
}

/** Why GitHub says an issue is closed. Anything GitHub adds later is read as `completed`: the gate then holds. */
export type CloseReason = "completed" | "not_planned" | "duplicate";

/** An issue as GitHub shows it now (GitHub REST, "Get an issue"). */
export interface IssueFacts {
  readonly id: number;
  readonly nodeId: string;
  readonly number: number;
  readonly url: string;
  readonly title: string;
  /** Empty when GitHub says `null`. */
  readonly body: string;
  readonly state: "open" | "closed";
  /** `null` while open. */
  readonly closeReason: CloseReason | null;
  readonly closedAt: Instant | null;
  readonly closedBy: Person | null;
  readonly locked: boolean;
  readonly labels: readonly string[];
  readonly author: Person | null;
  /** Logins. */
  readonly assignees: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** How many comments the issue has. */
  readonly commentCount: number;
  readonly subIssueCount: number;
  /** The day its milestone is due, as `2026-12-01`; `null`: it has none, or that has no day. */
  readonly milestoneDue: string | null;
  /** The name of its issue type; `null`: none, or the server has no types. */
  readonly type: string | null;
}

/** A comment as GitHub shows it now. */
export interface CommentFacts {
  readonly id: number;
  readonly url: string;
  readonly author: Person | null;
  /** The app that posted it (`performed_via_github_app`); `null` when a person did, or the server does not say. */
  readonly appId: number | null;
  readonly body: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** One line of the issue's history, as far as Sevgate reads it. */
export interface TimelineFacts {
  /** `converted_to_discussion`: GitHub then also closes and locks the issue, for good; nothing else tells. */
  readonly kind: "labeled" | "unlabeled" | "closed" | "reopened" | "cross-referenced" | "converted_to_discussion";
  readonly at: Instant;
  readonly actor: Person | null;
  /** For `labeled` and `unlabeled`. */
  readonly label: string | null;
  /** For `cross-referenced`: the issue or pull request that mentions this one. */
  readonly source: (Reference & { readonly isPullRequest: boolean }) | null;
}

/** A pull request as GitHub shows it now. */
export interface PullRequestFacts {
  readonly number: number;
  readonly nodeId: string;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly merged: boolean;
  readonly mergedAt: Instant | null;
  readonly draft: boolean;
  readonly author: Person | null;
  readonly headSha: string;
  /** The commit it became when it was merged; else `null`, or a test merge. */
  readonly mergeSha: string | null;
  readonly baseRef: string;
  readonly defaultBranch: string;
}

/** A file a pull request changes. */
export interface ChangedFile {
  readonly path: string;
  readonly status: "added" | "modified" | "removed" | "renamed" | "copied" | "changed" | "unchanged";
}

/** The files a pull request changes, or as many of them as could be read. */
export interface ChangedFiles {
  readonly files: readonly ChangedFile[];
  /** `false`: there may be more. */
  readonly isWhole: boolean;
}

/** GitHub lists this many files of a pull request and no more (GitHub REST, "List pull requests files"). */
export const MOST_FILES_LISTED = 3_000;

/** A commit of a pull request or merge group. */
export interface CommitFacts {
  readonly sha: string;
  /** Headline and body, or as much of them as is read. */
  readonly message: string;
  /** The message continues, and the rest was not read. */
  readonly isCut: boolean;
}

/** A name in one folder of a git tree (GitHub REST, "Get a tree"). */
export interface GitEntry {
  readonly name: string;
  /** `100644`, `100755` (executable), `120000` (symbolic link), `160000` (submodule) or `040000` (folder). */
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly sha: string;
}

/** A commit as git keeps it. */
export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly authorEmail: string;
  readonly authoredAt: Instant;
}

/** A commit of the default branch, as a line of its history. */
export interface HistoryFacts {
  readonly sha: string;
  /** When it was committed: for a merge or squash, when it was merged. */
  readonly at: Instant;
  /** The account that wrote it; `null`: none is known for its e-mail address. */
  readonly author: Person | null;
}

/** A run of a workflow as its latest attempt stands (GitHub REST, "List workflow runs for a workflow"). */
export interface WorkflowRunFacts {
  /** The workflow's name as its file gives it, else the file's. Written by others. */
  readonly workflow: string;
  /** The name of its file in `.github/workflows`; `null`: it has none there, because GitHub itself runs it. */
  readonly file: string | null;
  /** Counts up with every run of the workflow; a re-run keeps it. */
  readonly number: number;
  /** 1, plus one for every re-run. */
  readonly attempt: number;
  readonly event: string;
  /** `null`: none, or GitHub does not say. */
  readonly branch: string | null;
  readonly sha: string;
  /** The id of the commit's repository, perhaps a fork; `null` when that is gone. */
  readonly headRepositoryId: number | null;
  /** GitHub's word for it once it is over; `null` before. */
  readonly conclusion: string | null;
  /** When this attempt began. */
  readonly startedAt: Instant;
  /** When it was last changed: for a finished run, when it ended. */
  readonly updatedAt: Instant;
  readonly url: string;
}

/** A file in the tree of the default branch. */
export interface TreeEntry {
  readonly path: string;
  /** Blob SHA. */
  readonly sha: string;
  /** `null`: the server does not say. */
  readonly bytes: number | null;
}

/** The rights Sevgate distinguishes, least first (GitHub docs, "Repository roles for an organization"). */
export const PERMISSIONS = ["none", "read", "triage", "write", "maintain", "admin"] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** `cannot-tell`: GitHub did not answer. It never allows, and never accuses. */
export type PermissionAnswer = Permission | "cannot-tell";

/**
 * A check run of this app on one commit. A completed one stays as it is: GitHub answers an update of its status with
 * 200 and changes nothing. Of several with the same name the latest counts (GitHub docs, "About status checks").
 */
export interface CheckRunFacts {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly externalId: string | null;
  /** When it was created; `null`: the server does not say. */
  readonly at: Instant | null;
}

/** All runs of one app on one commit; `queued`: a re-run was asked for, and none was created yet. */
export interface CheckSuiteFacts {
  readonly headSha: string;
  readonly status: "queued" | "in_progress" | "completed";
}

/** A pull request in a merge queue. */
export interface MergeQueueEntry {
  readonly pullRequest: number;
  /** 1 is merged first. */
  readonly position: number;
  /** The commit the queue created for it, on which checks are requested; `null`: not created yet. Entries may share one. */
  readonly headSha: string | null;
}

/** What a check run should say. Limits: summary and text 65,535 characters, 50 annotations a request, 3 actions. */
export interface CheckRunContent {
  readonly name: "sevgate/close-gate" | "sevgate/policy" | "sevgate/follow-ups";
  readonly headSha: string;
  readonly status: "in_progress" | "completed";
  /** `null` while in progress. `neutral` is never used for "could not ask". */
  readonly conclusion: "success" | "failure" | "neutral" | null;
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly CheckAnnotation[];
  readonly actions: readonly { readonly label: string; readonly description: string; readonly identifier: string }[];
  /** What was judged (core/merge/judged.ts): how a re-run finds it again, even for forks. */
  readonly externalId: string;
}

/** A remark on a line of a file in a pull request. Lines are 1-based. */
export interface CheckAnnotation {
  readonly path: string;
  readonly line: number;
  /** 1-based; `null` when only the line is known. */
  readonly column: number | null;
  readonly level: "notice" | "warning" | "failure";
  readonly message: string;
}

/** Fails to compile when a union gains a member that nobody handles. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}

/**
 * What is known about a linked issue or pull request, the most trusted first: somebody who may merge merged it,
 * somebody on the team wrote it, nothing is known yet, somebody without rights wrote it (core/trust/rank-by-trust.ts).
 */
export const STANDINGS = ["merged-of-team", "merged", "team", "untold", "outsider"] as const;
export type Standing = (typeof STANDINGS)[number];
