import { describe, expect, it } from "@jest/globals";
import type { GitCommit, Instant, Repository } from "../../../src/core/model.ts";
import {
  nextOnboardingStep,
  noOnboarding,
  type OnboardingObservation,
  type OnboardingStanding,
} from "../../../src/core/plan/plan-onboarding.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { ONBOARDING_TITLE } from "../../../src/core/render/onboarding-pull-request.ts";

const REPOSITORY: Repository = { installationId: 1, id: 2, owner: "acme", name: "ops" };
const STANDING: OnboardingStanding = {
  repository: REPOSITORY,
  isOwners: false,
  hasPolicy: false,
  hasIncidents: false,
  openInAccount: 0,
  pullRequests: 0,
};

function commit(sha: string, more: Partial<GitCommit> = {}): GitCommit {
  const authoredAt = 0 as Instant;
  return { sha, tree: `tree of ${sha}`, parents: [], message: "Start", authorEmail: "", authoredAt, ...more };
}

const BASE = commit("base");
const SEEN: OnboardingObservation = {
  repository: REPOSITORY,
  base: { branch: "main", commit: BASE },
  branch: null,
  files: [{ path: ".github/sevgate.yml", text: "version: 1\n" }],
  found: {
    policy: defaultPolicy(),
    labelCount: 3,
    severityLike: [],
    wouldBecome: [],
    check: "untold",
    added: [],
    kept: [],
  },
  turn: null,
  tree: null,
  commit: null,
  opened: null,
  refused: null,
  lacksRights: false,
};
const OURS = commit("ours", { parents: ["base"], message: `${ONBOARDING_TITLE}\n`, tree: "with files" });

describe("Whether a repository gets the pull request", () => {
  it("is a matter of its standing: a plain one does", () => {
    expect(noOnboarding(STANDING)).toBeNull();
  });

  it.each<readonly [Partial<OnboardingStanding>, "for good" | "for now" | "for the account"]>([
    [{ repository: null }, "for now"],
    [{ isOwners: true }, "for good"],
    [{ hasPolicy: true }, "for now"],
    [{ hasIncidents: true }, "for now"],
    [{ openInAccount: 1 }, "for the account"],
    [{ pullRequests: 1 }, "for good"],
    // An answer counts, whatever else there is.
    [{ pullRequests: 1, hasIncidents: true, openInAccount: 3 }, "for good"],
  ])("%j: none, %s", (change, howLong) => {
    const end = noOnboarding({ ...STANDING, ...change });
    const again = end?.again ?? null;
    expect(end?.kind).toBe("nothing");
    expect(again === null ? "for good" : again.forAccount ? "for the account" : "for now").toBe(howLong);
  });
});

describe("The next step towards it", () => {
  it.each<readonly [string, Partial<OnboardingObservation>, string]>([
    ["with nothing made yet", {}, "take-turn"],
    ["without a turn", { turn: false }, "nothing"],
    ["with a turn", { turn: true }, "create-tree"],
    ["with a tree", { turn: true, tree: "t" }, "create-commit"],
    ["with a commit", { turn: true, tree: "t", commit: "c" }, "create-branch"],
    ["with a branch of an earlier pass, without another turn", { branch: { commit: OURS, on: BASE } }, "create-tree"],
    [
      "with that branch, whose tree is ours",
      { branch: { commit: OURS, on: BASE }, tree: "with files" },
      "open-pull-request",
    ],
    ["with that branch, whose tree is another", { branch: { commit: OURS, on: BASE }, tree: "others" }, "nothing"],
    ["with a branch of more than one commit", { branch: { commit: OURS, on: null } }, "nothing"],
    [
      "with a branch that says something else",
      { branch: { commit: commit("x", { message: "Mine" }), on: BASE }, tree: "tree of x" },
      "nothing",
    ],
    ["without a commit in the repository", { base: null }, "nothing"],
    ["without the policy among the files", { files: [{ path: "a", text: "" }] }, "nothing"],
    ["once GitHub has refused one", { turn: true, tree: "t", refused: "no" }, "nothing"],
    ["once it is open", { turn: true, tree: "t", opened: 7 }, "nothing"],
  ])("%s", (_, change, kind) => {
    expect(nextOnboardingStep({ ...SEEN, ...change }).kind).toBe(kind);
  });
});
