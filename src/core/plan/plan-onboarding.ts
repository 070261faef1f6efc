import type { GitCommit, Repository } from "../model.ts";
import { POLICY_PATH } from "../policy/parse.ts";
import type { OnboardingFound } from "../render/onboarding-pull-request.ts";
import { ONBOARDING_TITLE, onboardingBody } from "../render/onboarding-pull-request.ts";
import type { SetupFile } from "../setup/setup-file.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time-units.ts";

/** The branch the pull request comes from: by it, GitHub remembers that there was one. */
export const ONBOARDING_BRANCH = "sevgate/onboarding";

/** What the first look at a repository shows: whether it may get the pull request at all. */
export interface OnboardingStanding {
  /** `null`: it is gone, archived, locked, a fork, or has no issues. */
  readonly repository: Repository | null;
  /** Its policy would count for all repositories of its owner: nobody is offered that. */
  readonly isOwners: boolean;
  /** Its own, its owner's, one that is broken, or one with a name that nobody reads. */
  readonly hasPolicy: boolean;
  /** Whether anything in it is, or ever was, an incident. */
  readonly hasIncidents: boolean;
  /** How many incidents are open in the repositories of the account, as far as they are known. */
  readonly openInAccount: number;
  /** How many pull requests have come from the branch, whatever became of them. */
  readonly pullRequests: number;
}

/** Everything a pass has seen that may open the pull request, and what its own steps have made. */
export interface OnboardingObservation {
  readonly repository: Repository;
  /** The tip of the default branch; `null`: there are no commits. */
  readonly base: { readonly branch: string; readonly commit: GitCommit } | null;
  /** `null`: there is no such branch. */
  readonly branch: {
    readonly commit: GitCommit;
    /** What its one commit stands on; `null`: more than one, or something that the default branch does not have. */
    readonly on: GitCommit | null;
  } | null;
  /** Those that are not there yet. */
  readonly files: readonly SetupFile[];
  readonly found: OnboardingFound;
  /** Whether the account's turn was taken; `null`: not asked yet. */
  readonly turn: boolean | null;
  /** The tree with the files; `null`: not made yet. */
  readonly tree: string | null;
  /** The commit with them; `null`: not made yet. */
  readonly commit: string | null;
  /** The pull request that this pass has opened. */
  readonly opened: number | null;
  /** Why GitHub refuses a step for good: nothing more is tried. */
  readonly refused: string | null;
  /** It does so in every repository of the account. */
  readonly lacksRights: boolean;
}

export type OnboardingStep =
  | { readonly kind: "take-turn" }
  | { readonly kind: "create-tree"; readonly base: string }
  | { readonly kind: "create-commit"; readonly message: string; readonly tree: string; readonly parent: string }
  | { readonly kind: "create-branch"; readonly sha: string }
  | { readonly kind: "open-pull-request"; readonly title: string; readonly body: string; readonly base: string }
  | OnboardingEnd;

/** There is nothing to do. */
export interface OnboardingEnd {
  readonly kind: "nothing";
  /** In words, for the log. */
  readonly why: string;
  /** How long nobody need look again, and whether that is so for the whole account; `null`: for good. */
  readonly again: { readonly inMs: number; readonly forAccount: boolean } | null;
}

const FOR_NOW = { inMs: 6 * HOUR_MS, forAccount: false };
const SOON = { inMs: 5 * MINUTE_MS, forAccount: true };
/** A look that finds no turn left has cost a dozen requests. */
const NEXT_TURN = { inMs: 15 * MINUTE_MS, forAccount: true };

/** Whether, by the first look, the repository gets no pull request; `null`: it may. */
export function noOnboarding(seen: OnboardingStanding): OnboardingEnd | null {
  if (seen.repository === null) return nothing("it is gone, archived, locked, a fork, or has no issues", FOR_NOW);
  if (seen.isOwners) return nothing("its policy would be that of all its owner's repositories", null);
  if (seen.hasPolicy) return nothing("there is a policy", FOR_NOW);
  // Closed or merged, it was an answer.
  if (seen.pullRequests > 0) return nothing("it had its pull request", null);
  if (seen.hasIncidents) return nothing("there have been incidents", FOR_NOW);
  if (seen.openInAccount > 0) return nothing("incidents of the account are open", SOON);
  return null;
}

/**
 * The next step towards the pull request: one commit with the files, on a branch, and the pull request from it. Whatever is there
 * already is not made again, and a branch with anything else on it is left to whoever made it.
 */
export function nextOnboardingStep(seen: OnboardingObservation): OnboardingStep {
  const { base, branch, files, tree } = seen;
  if (seen.opened !== null) return nothing("it was opened", null);
  if (seen.refused !== null) {
    // A rule of one repository, such as one about its branches, says nothing about the others.
    return nothing(`GitHub refuses: ${seen.refused}`, { inMs: DAY_MS, forAccount: seen.lacksRights });
  }
  if (base === null) return nothing("there are no commits", FOR_NOW);
  if (!files.some(({ path }) => path === POLICY_PATH)) return nothing("the policy cannot be added", FOR_NOW);
  if (branch === null) {
    if (seen.turn === null) return { kind: "take-turn" };
    if (!seen.turn) return nothing("the account has had its pull requests of this hour", NEXT_TURN);
    if (tree === null) return { kind: "create-tree", base: base.commit.tree };
    if (seen.commit === null) {
      return { kind: "create-commit", message: ONBOARDING_TITLE, tree, parent: base.commit.sha };
    }
    return { kind: "create-branch", sha: seen.commit };
  }
  // A pass that ended here had got as far as the branch, or somebody else made it: the same tree has the same name.
  if (branch.on === null || branch.commit.message.trim() !== ONBOARDING_TITLE) return nothing(OTHERS, null);
  if (tree === null) return { kind: "create-tree", base: branch.on.tree };
  if (tree !== branch.commit.tree) return nothing(OTHERS, null);
  return {
    kind: "open-pull-request",
    title: ONBOARDING_TITLE,
    body: onboardingBody(seen.found),
    base: base.branch,
  };
}

const OTHERS = "its branch holds something else";

function nothing(why: string, again: OnboardingEnd["again"]): OnboardingEnd {
  return { kind: "nothing", why, again };
}
