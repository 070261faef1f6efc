import { TransientError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import {
  ONBOARDING_BRANCH,
  type OnboardingEnd,
  type OnboardingObservation,
  type OnboardingStep,
} from "../core/plan/plan-onboarding.ts";
import { ONBOARDING_TITLE } from "../core/render/onboarding-pull-request.ts";
import type { SetupFile } from "../core/setup/setup-file.ts";
import type { CreationRoom, GitHubWriter, NewFile } from "../systems/github/ports.ts";

/** How many things a pull request takes: tree, commit, branch and pull request. */
export const ONBOARDING_CREATIONS = 4;

/**
 * Takes one step on GitHub, and says what is there afterwards. One that GitHub refuses is an answer. Tree and commit are not visible
 * anywhere, and the same tree twice is one; the branch is found again by the next pass.
 *
 * @throws TransientError as the writer does, and if somebody else made the branch at the same time
 */
export async function applyOnboarding(
  {
    write,
    repository,
    room,
  }: { readonly write: GitHubWriter; readonly repository: Repository; readonly room: CreationRoom },
  seen: OnboardingObservation,
  step: Exclude<OnboardingStep, OnboardingEnd | { kind: "take-turn" }>,
): Promise<OnboardingObservation> {
  switch (step.kind) {
    case "create-tree": {
      const tree = await write.createTree(repository, step.base, seen.files.map(asNewFile), room);
      return typeof tree === "string" ? { ...seen, tree } : { ...seen, ...tree };
    }
    case "create-commit": {
      const { message, tree, parent } = step;
      const commit = await write.createCommit(repository, { message, tree, parent }, room);
      return typeof commit === "string" ? { ...seen, commit } : { ...seen, ...commit };
    }
    case "create-branch": {
      const made = await write.createBranch(repository, ONBOARDING_BRANCH, step.sha, room);
      if (made === "done") return withBranch(seen, step.sha);
      if (/already exists/i.test(made.refused)) throw new TransientError("the branch was made at the same time");
      return { ...seen, ...made };
    }
    case "open-pull-request": {
      const { title, body, base } = step;
      const opened = await write.openPullRequest(repository, { title, body, base, branch: ONBOARDING_BRANCH }, room);
      if (!("refused" in opened)) return { ...seen, opened: opened.number };
      // A branch of ours that leads nowhere is of no use to anybody; one that was there before is left alone.
      const isOpen = /already exists/i.test(opened.refused);
      if (seen.commit !== null && !isOpen) await write.deleteBranch(repository, ONBOARDING_BRANCH);
      return { ...seen, ...opened };
    }
    default:
      return step satisfies never;
  }
}

function asNewFile({ path, text: content }: SetupFile): NewFile {
  return { path, mode: "100644", type: "blob", content };
}

/** What the next look would find. */
function withBranch(seen: OnboardingObservation, sha: string): OnboardingObservation {
  const { base, tree } = seen;
  if (base === null || tree === null) return seen;
  const commit = { ...base.commit, sha, tree, parents: [base.commit.sha], message: ONBOARDING_TITLE };
  return { ...seen, branch: { commit, on: base.commit } };
}
