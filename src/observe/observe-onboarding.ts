import type { GitCommit, Instant, Repository } from "../core/model.ts";
import { hasLabel, sameName } from "../core/names.ts";
import { isOwnAccount } from "../core/own.ts";
import {
  noOnboarding,
  ONBOARDING_BRANCH,
  type OnboardingEnd,
  type OnboardingObservation,
  type OnboardingStanding,
} from "../core/plan/plan-onboarding.ts";
import { isOwnersRepository } from "../core/policy/owners-repository.ts";
import type { Policy } from "../core/policy/policy.ts";
import { severityLikeLabels } from "../core/policy/severity-like-labels.ts";
import { STATE_LABEL_NAMES } from "../core/record/state-label.ts";
import type { OnboardingFound } from "../core/render/onboarding-pull-request.ts";
import type { SetupFile } from "../core/setup/setup-file.ts";
import { encodeSegment } from "../core/words/links.ts";
import { markerOf } from "../core/words/markers.ts";
import type { FolderEntry, GitHubReader, RepositoryFacts } from "../systems/github/ports.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** For how many labels open issues are counted: each costs a request. */
const MOST_COUNTED = 5;

/**
 * Reads what the onboarding of a repository needs; of one that gets no pull request, only as much as it takes to know that.
 *
 * @param openInAccount how many incidents are open in the account, as far as the index knows
 */
export async function observeOnboarding(
  parts: ObserveParts,
  asked: Repository,
  files: readonly SetupFile[],
  openInAccount: number,
): Promise<OnboardingObservation | OnboardingEnd> {
  const { read } = parts;
  const facts = await read.repository(asked);
  const none: OnboardingStanding = {
    repository: presentOf(asked, facts),
    isOwners: isOwnersRepository(asked),
    hasPolicy: false,
    hasIncidents: false,
    openInAccount,
    pullRequests: 0,
  };
  const { repository } = none;
  const early = noOnboarding(none);
  if (early !== null || repository === null || facts === "missing") return early ?? GONE;
  const rules = await parts.policies.rules(repository);
  const { policy } = rules.policy;
  const hasPolicy = rules.policy.source !== null || rules.policy.trouble !== null || rules.misnamed.length > 0;
  const asThere = noOnboarding({ ...none, hasPolicy });
  if (asThere !== null) return asThere;
  const pullRequests = await countAnswers(parts, repository);
  const asAsked = noOnboarding({ ...none, pullRequests });
  if (asAsked !== null) return asAsked;
  const labels = await read.labels(repository);
  const hasIncidents = await haveBeenIncidents(parts, repository, policy, labels);
  const end = noOnboarding({ ...none, hasIncidents });
  if (end !== null) return end;

  const tip = await commitAt(read, repository, facts.defaultBranch);
  const there = await foldersOf(read, repository, files);
  const added = files.filter(({ path }) => !isThere(there, path) && canHold(there, path));
  const kept = files.filter(({ path }) => isThere(there, path)).map(({ path }) => path);
  return {
    repository,
    base: tip === null ? null : { branch: facts.defaultBranch, commit: tip },
    branch: await branchOf(read, repository, facts.defaultBranch),
    files: added,
    found: {
      policy,
      added: added.map(({ path }) => path),
      kept,
      ...(await ownLabels(read, repository, policy, labels)),
      check: await checkOf(read, repository, facts.defaultBranch),
    },
    turn: null,
    tree: null,
    commit: null,
    opened: null,
    refused: null,
    lacksRights: false,
  };
}

const GONE: OnboardingEnd = { kind: "nothing", why: "it is gone", again: null };

function presentOf(asked: Repository, facts: RepositoryFacts | "missing"): Repository | null {
  if (facts === "missing" || facts.id !== asked.id) return null;
  if (facts.archived || facts.isDisabled || facts.isFork || !facts.hasIssues) return null;
  return { ...asked, owner: facts.owner, name: facts.name };
}

/**
 * How many such pull requests there ever were. Should a server not find one by a branch that is gone, it may be among those
 * that were changed last. (A-144)
 */
async function countAnswers({ read, app }: ObserveParts, repository: Repository): Promise<number> {
  const fromBranch = await read.pullRequestsEverFrom(repository, ONBOARDING_BRANCH);
  if (fromBranch.length > 0) return fromBranch.length;
  const marker = markerOf("onboarding");
  const latest = await read.pullRequestsSince(repository, 0 as Instant);
  return latest.filter(({ author, body }) => isOwnAccount(app, author) && body.includes(marker)).length;
}

async function haveBeenIncidents(
  { read, index }: ObserveParts,
  repository: Repository,
  { severities }: Policy,
  labels: readonly string[],
): Promise<boolean> {
  // Labels that are made for the first incident.
  if (STATE_LABEL_NAMES.some((name) => hasLabel(labels, name))) return true;
  if ((await index.openIncidents(repository.id)).length > 0) return true;
  for (const { label } of severities) {
    if ((await read.issuesWithLabel(repository, label, { state: "all", since: null })).length > 0) return true;
  }
  return false;
}

async function ownLabels(
  read: GitHubReader,
  repository: Repository,
  { severities }: Policy,
  labels: readonly string[],
): Promise<Pick<OnboardingFound, "labelCount" | "severityLike" | "wouldBecome">> {
  const ours = severities.map(({ label }) => label);
  const severityLike = severityLikeLabels(labels.filter((label) => !hasLabel(ours, label)));
  const wouldBecome = await Promise.all(
    severityLike.slice(0, MOST_COUNTED).map(async (label) => {
      const issues = await read.issuesWithLabel(repository, label, { state: "open", since: null });
      const [first] = issues;
      const home = first?.url.replace(/\/issues\/\d+$/, "/issues");
      const query = `?q=${encodeSegment(`is:issue is:open label:"${label}"`)}`;
      return { label, open: issues.length, url: home === undefined ? null : `${home}${query}` };
    }),
  );
  return { labelCount: labels.length, severityLike, wouldBecome };
}

async function checkOf(read: GitHubReader, repository: Repository, branch: string): Promise<OnboardingFound["check"]> {
  const required = await read.requiredChecks(repository, branch);
  if (typeof required === "string") return required;
  return required.some(({ name }) => name === "sevgate/close-gate") ? "required" : "can-be-required";
}

async function commitAt(read: GitHubReader, repository: Repository, branch: string): Promise<GitCommit | null> {
  const tip = await read.branchTip(repository, branch);
  const commit = tip === "missing" ? tip : await read.gitCommit(repository, tip);
  return commit === "missing" ? null : commit;
}

async function branchOf(
  read: GitHubReader,
  repository: Repository,
  defaultBranch: string,
): Promise<OnboardingObservation["branch"]> {
  const commit = await commitAt(read, repository, ONBOARDING_BRANCH);
  if (commit === null) return null;
  const [parent] = commit.parents;
  if (parent === undefined || commit.parents.length !== 1) return { commit, on: null };
  const { mergeBase } = await read.commitsBetween(repository, defaultBranch, parent);
  const on = mergeBase === parent ? await read.gitCommit(repository, parent) : "missing";
  return { commit, on: on === "missing" ? null : on };
}

type Folders = ReadonlyMap<string, Awaited<ReturnType<GitHubReader["folder"]>>>;

/** The folders that the files go into, outer ones first. */
async function foldersOf(read: GitHubReader, repository: Repository, files: readonly SetupFile[]): Promise<Folders> {
  const there = new Map<string, Awaited<ReturnType<GitHubReader["folder"]>>>();
  for (const folder of [...new Set(files.flatMap(({ path }) => foldersAbove(path)))]) {
    there.set(folder, await read.folder(repository, folder));
  }
  return there;
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** What has this path, whatever its case: some file systems have only one of the two. */
function entryAt(there: Folders, path: string): FolderEntry | undefined {
  return [...there.values()]
    .flatMap((entries) => (typeof entries === "string" ? [] : entries))
    .find((entry) => sameName(entry.path, path));
}

function isThere(there: Folders, path: string): boolean {
  return entryAt(there, path) !== undefined;
}

/** Whether every folder above it is one, by this very name, or not there yet. A tree would put ours in the place of anything else. */
function canHold(there: Folders, path: string): boolean {
  return foldersAbove(path).every((folder) => {
    const entry = entryAt(there, folder);
    const isOther = entry !== undefined && (entry.kind !== "folder" || entry.path !== folder);
    return there.get(folder) !== "not-a-folder" && !isOther;
  });
}
