import type { WatchedItem } from "../debt/touched-items.ts";
import type { GateVerdict } from "../gate/verdict.ts";
import type { ChangedFile, CheckRunFacts, Instant, Reference, Repository } from "../model.ts";
import type { OnCallInForce, PolicyInForce } from "../observation.ts";
import type { OwnerPolicy } from "../policy/parse.ts";
import type { Phase } from "../record/history.ts";

/** A text that GitHub scans for closing keywords when a merge lands. */
export type ClosingSource =
  | { readonly kind: "title" | "body"; readonly pullRequest: number; readonly text: string }
  | { readonly kind: "commit"; readonly sha: string; readonly text: string };

/** An incident as a merge sees it. */
export interface IncidentView {
  readonly target: Reference;
  readonly url: string;
  readonly title: string;
  readonly severity: string;
  readonly phase: Phase;
  readonly isDrill: boolean;
  readonly isOpen: boolean;
  readonly gate: GateVerdict;
}

/**
 * What looking at a reference found: an incident, or another issue. `not-visible`: it was not looked at, because the
 * app is not there, or because what it would find may not be shown here (core/trust/may-show.ts); it does not say
 * which.
 */
export type SeenTarget =
  | { readonly kind: "incident"; readonly incident: IncidentView }
  | { readonly kind: "no-incident"; readonly target: Reference }
  | { readonly kind: "not-visible"; readonly target: Reference };

/**
 * Something a merge may bring that was not read. Until it is, nobody knows whether the merge closes anything: the check
 * is not green, and not red for this reason alone.
 */
export type Unread =
  /** More commits than are read of one merge. */
  | { readonly kind: "commits"; readonly read: number }
  /** A commit message too long to be read whole. */
  | { readonly kind: "commit-message"; readonly sha: string }
  /** The merge names more issues than are looked at. */
  | { readonly kind: "issues"; readonly read: number }
  /** Some of the issues it names are looked at later: each look asks only a limited number of questions. */
  | { readonly kind: "issues-later" }
  /** For a merge group: nothing that was found says which branch it goes to. */
  | { readonly kind: "branch" }
  /** For a merge group: no open pull request was found for some of its commits. */
  | { readonly kind: "pull-requests" }
  /** The commit is the head of more open pull requests than are looked at. */
  | { readonly kind: "same-head"; readonly read: number }
  /** Two answers from GitHub disagree on which branch is the default one: it has just changed. */
  | { readonly kind: "default-branch" };

/** What a merge of a pull request or a merge group would bring to the default branch, read now. */
export interface MergeObservation {
  readonly at: Instant;
  readonly repository: Repository;
  readonly headSha: string;
  /** For a merge group: its branch, and the queue's commit before it. `null` for a pull request. */
  readonly group: { readonly baseSha: string; readonly base: string | null } | null;
  /** `null` for a merge group. */
  readonly pullRequest: number | null;
  readonly isOpen: boolean;
  /** Keywords close only when the merge goes to the default branch (GitHub docs, "Linking a pull request to an issue"). */
  readonly toDefaultBranch: boolean;
  readonly base: string;
  readonly sources: readonly ClosingSource[];
  /** Issues linked in the sidebar (`closingIssuesReferences`); `unsupported`: the server has no GraphQL. */
  readonly linked: readonly Reference[] | "unsupported";
  readonly targets: readonly SeenTarget[];
  /** Empty: all of it was read. */
  readonly unread: readonly Unread[];
  /** The runs on this commit by this app. */
  readonly checks: readonly CheckRunFacts[];
  readonly policy: PolicyInForce;
  readonly files: readonly ChangedFile[];
  /** `null`: not looked for, since nothing is said about them here. */
  readonly openItems: OpenItemsSeen | null;
  /** The policy file at the head; `null`: the pull request does not touch it. */
  readonly headPolicy: HeadFile | null;
  /** What the policy at the head builds on; `null`: it does not say `extends: owner`. */
  readonly ownerPolicy: OwnerPolicy | null;
  /** Whether a ruleset requires `sevgate/close-gate`; only asked if the policy at the head would not always post it. */
  readonly isGateRequired: boolean;
  readonly onCall: OnCallInForce;
  /** The on-call file at the head; `null`: the pull request does not touch it. */
  readonly headOnCall: HeadFile | null;
  /** The host in the URLs of issues. */
  readonly host: string;
}

/** The open action items of the repository. `isWhole` `false`: they, or the files that are changed, could not all be read yet. */
export interface OpenItemsSeen {
  readonly items: readonly WatchedItem[];
  readonly isWhole: boolean;
}

/** A file at the head of a pull request. `unreadable`: GitHub did not give it; `why` is for people. */
export type HeadFile =
  | { readonly kind: "missing" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unreadable"; readonly why: string };
