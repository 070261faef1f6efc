import type { ClosingSource, MergeObservation, Unread } from "../core/merge/merge-observation.ts";
import type { CommitFacts, Key, PullRequestFacts, Repository } from "../core/model.ts";
import type { ComparedCommits, GitHubReader } from "../systems/github/ports.ts";
import { readTargets, textsOf } from "./observe-merge.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** The most requests for the issues of a merge group, which people with write access have put together. */
const MAX_REQUESTS = 200;

/** A queue puts at most 100 pull requests into a group (GitHub docs, "Managing a merge queue"). */
const MAX_PULL_REQUESTS = 100;
/** For how many commits the pull requests are looked up one by one, when no queue tells. */
const MAX_COMMITS_ASKED = 50;

type GroupKey = Extract<Key, { kind: "merge-group" }>;

/**
 * Reads a merge group: everything that reaches the branch when it is merged, that is, every entry of the queue up to
 * this one. The commit it is built on may be the entry before it, whose own check need not have passed.
 *
 * The key says where to look; the queue, the commits and the pull requests say what is true. What cannot be found is
 * `unread`: a group is never green because nothing was found.
 */
export async function observeMergeGroup(parts: ObserveParts, key: GroupKey): Promise<MergeObservation> {
  const { read } = parts;
  const { repository, headSha, baseSha } = key;
  const [{ policy, onCall }, facts, checks] = await Promise.all([
    parts.policies.rules(repository),
    read.repository(repository),
    read.checkRuns(repository, headSha),
  ]);
  const defaultBranch = facts === "missing" ? null : facts.defaultBranch;
  const base = key.base ?? null;
  const asked = base ?? defaultBranch;
  const queued = asked === null ? "untold" : await queuedWith(read, key, asked);
  const branch = base ?? (typeof queued === "string" ? null : asked);
  const compared = await read.commitsBetween(repository, branch ?? baseSha, headSha);
  const found = await readPullRequests(read, key, { branch, queued, commits: compared.commits });
  const open = found.pullRequests.filter(({ state }) => state === "open");
  const toDefaultBranch = branch === null || branch === defaultBranch;
  const linked = toDefaultBranch ? await Promise.all(open.map((one) => read.closingReferences(repository, one))) : [];
  const sources: ClosingSource[] = [
    ...open.flatMap(textsOf),
    ...compared.commits.map((commit) => ({ kind: "commit", sha: commit.sha, text: commit.message }) as const),
  ];
  const allLinked = linked.some((one) => one === "unsupported")
    ? ("unsupported" as const)
    : linked.flatMap((one) => (one === "unsupported" ? [] : one));
  const [first] = found.pullRequests;
  const host = first === undefined ? "github.com" : new URL(first.url).host;
  const named = toDefaultBranch
    ? await readTargets(parts, repository, sources, allLinked, host, MAX_REQUESTS)
    : { targets: [], unread: [] };
  return {
    at: parts.clock.now(),
    repository,
    headSha,
    pullRequest: null,
    group: { baseSha, base: branch },
    isOpen: true,
    toDefaultBranch,
    base: branch ?? "a branch that is not known yet",
    sources,
    linked: allLinked,
    targets: named.targets,
    unread: [...unreadOf(compared, found, branch, defaultBranch), ...named.unread],
    checks,
    policy,
    files: [],
    openItems: null,
    headPolicy: null,
    ownerPolicy: null,
    onCall,
    headOnCall: null,
    isGateRequired: false,
    host,
  };
}

function unreadOf(
  { commits, isWhole }: ComparedCommits,
  found: FoundPullRequests,
  branch: string | null,
  defaultBranch: string | null,
): readonly Unread[] {
  const unread: Unread[] = [];
  // A pull request to it proves which branch it is.
  if (branch === null || found.pullRequests.length === 0) unread.push({ kind: "branch" });
  if (defaultBranch === null || found.pullRequests.some((one) => one.defaultBranch !== defaultBranch)) {
    unread.push({ kind: "default-branch" });
  }
  if (!found.isWhole || commits.length === 0) unread.push({ kind: "pull-requests" });
  if (!isWhole) unread.push({ kind: "commits", read: commits.length });
  return unread;
}

/**
 * The pull requests of the queue's entries up to the group's own. `not-listed`: the queue has other entries; `untold`:
 * it has none, or the server does not say.
 */
type Queued = readonly number[] | "not-listed" | "untold";

async function queuedWith(read: GitHubReader, key: GroupKey, branch: string): Promise<Queued> {
  const queue = await read.mergeQueue(key.repository, branch);
  if (queue === "unsupported" || queue.length === 0) return "untold";
  const own = queue.filter(({ headSha }) => headSha === key.headSha);
  if (own.length === 0) return "not-listed";
  const last = Math.max(...own.map(({ position }) => position));
  return queue.filter(({ position }) => position <= last).map(({ pullRequest }) => pullRequest);
}

/** `isWhole`: none is missing. Includes those already merged. */
interface FoundPullRequests {
  readonly pullRequests: readonly PullRequestFacts[];
  readonly isWhole: boolean;
}

//
async function readPullRequests(
  read: GitHubReader,
  { repository, pullRequest: last }: GroupKey,
  asked: { readonly branch: string | null; readonly queued: Queued; readonly commits: readonly CommitFacts[] },
): Promise<FoundPullRequests> {
  const { branch, queued, commits } = asked;
  const mayBeIn = ({ state, merged, baseRef }: PullRequestFacts) =>
    // An entry before the group's own may already be merged. A closed one is in no group.
    (state === "open" || merged) && (branch === null || baseRef === branch);
  if (typeof queued !== "string") {
    const pullRequests = (await readAll(read, repository, queued)).filter(mayBeIn);
    return { pullRequests, isWhole: pullRequests.length === new Set(queued).size };
  }
  // A squash's subject ends with the number, a merge's begins with it. Written by others: it says where to look.
  const told = new Map(commits.map((commit) => [commit.sha, numberInSubject(commit.message)]));
  const numbers = [last ?? null, ...told.values()].filter((one) => one !== null);
  const named = (await readAll(read, repository, numbers)).filter(mayBeIn);
  const others = commits.filter(({ sha }) => !named.some(({ number }) => number === told.get(sha)));
  const listed = await Promise.all(
    others.slice(0, MAX_COMMITS_ASKED).map(async ({ sha }) => {
      return (await read.pullRequestsOfCommit(repository, sha)).filter(mayBeIn);
    }),
  );
  const all = [...named, ...listed.flat()];
  return {
    pullRequests: [...new Map(all.map((one) => [one.number, one])).values()],
    // A queue that lists others but not this group was rebuilt, or is out of date.
    isWhole: queued === "untold" && others.length <= MAX_COMMITS_ASKED && listed.every((pulls) => pulls.length > 0),
  };
}

async function readAll(
  read: GitHubReader,
  repository: Repository,
  numbers: readonly number[],
): Promise<readonly PullRequestFacts[]> {
  const wanted = [...new Set(numbers)].slice(0, MAX_PULL_REQUESTS);
  const found = await Promise.all(wanted.map((number) => read.pullRequest(repository, number)));
  return found.filter((one) => one !== "missing");
}

/** `Title (#12)` of a squash, `Merge pull request #12 from …` of a merge (GitHub docs, "About merge methods"). */
function numberInSubject(message: string): number | null {
  const [subject = ""] = message.split("\n", 1);
  const number =
    /\(#(\d{1,10})\)\s?$/.exec(subject.slice(-20))?.[1] ?? /^Merge pull request #(\d{1,10}) from /.exec(subject)?.[1];
  return number === undefined || Number(number) === 0 ? null : Number(number);
}
