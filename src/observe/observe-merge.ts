import { closingReferences, plainReferences } from "../core/closing/keywords.ts";
import { revertedNumbers } from "../core/closing/reverts.ts";
import { derive } from "../core/derive.ts";
import { fromHere } from "../core/judge/judge-commands.ts";
import type { ChangedFile, Key, PullRequestFacts, Reference, Repository } from "../core/model.ts";
import { fullName, type PolicyInForce } from "../core/observation.ts";
import { ON_CALL_PATH } from "../core/oncall/parse-on-call.ts";
import { matchesAny } from "../core/policy/glob.ts";
import type { HeadFile } from "../core/policy/policy-check.ts";
import type { ClosingSource, MergeObservation, SeenTarget } from "../core/pull-request/merge-observation.ts";
import { POLICY_FILE } from "../core/pull-request/plan-checks.ts";
import { TerminalError, TransientError } from "../errors.ts";
import { type ObserveParts, observeIncident } from "./observe-incident.ts";
import { shownRepositories } from "./other-repository.ts";

/** Issues one merge is looked at for; a pull request that closes more is rare, and each costs requests. */
const MAX_TARGETS = 20;
/** GitHub lists at most this many commits of a pull request. */
const COMMITS_LISTED = 250;

/** What a pull request is to the loop, besides what its merge would close. */
export interface SeenPullRequest {
  readonly merge: MergeObservation;
  /** Incidents it matters to, by number: its text names them, or it takes back what counts as their evidence. */
  readonly names: readonly number[];
  readonly touchesRunbooks: boolean;
}

/** Reads a pull request, its commits, and every incident its merge would close. `null`: it is gone. */
export async function observePullRequest(
  parts: ObserveParts,
  key: Extract<Key, { kind: "pull-request" }>,
): Promise<SeenPullRequest | null> {
  const { read, index } = parts;
  const { repository, number } = key;
  const [{ policy, onCall }, pullRequest] = await Promise.all([
    parts.policies.rules(repository),
    read.pullRequest(repository, number),
  ]);
  if (pullRequest === "missing") return null;
  const host = new URL(pullRequest.url).host;
  const names = await namedIncidents(parts, repository, pullRequest, host);
  const isOpen = pullRequest.state === "open";
  const [commits, linked, checks, files] = await Promise.all([
    isOpen ? read.pullRequestCommits(repository, number) : [],
    isOpen ? read.closingReferences(repository, number) : [],
    isOpen ? read.checkRuns(repository, pullRequest.headSha) : [],
    isOpen || names.length > 0 ? parts.files.of(repository, pullRequest) : [],
  ]);
  const listsHead = commits.length >= COMMITS_LISTED || commits.some((commit) => commit.sha === pullRequest.headSha);
  if (isOpen && commits.length > 0 && !listsHead) {
    // One of the two answers is old. A verdict on a commit nobody read would be a guess.
    throw new TransientError("the commits listed do not reach the head of the pull request yet");
  }
  const sources: ClosingSource[] = [
    ...textsOf(pullRequest),
    ...commits.map((commit) => ({ kind: "commit", sha: commit.sha, text: commit.message }) as const),
  ];
  const toDefaultBranch = pullRequest.baseRef === pullRequest.defaultBranch;
  const targets = toDefaultBranch ? await readTargets(parts, repository, sources, linked, host) : [];
  const merge: MergeObservation = {
    at: parts.clock.now(),
    repository,
    headSha: pullRequest.headSha,
    externalId: `pr:${number}`,
    pullRequest: number,
    isOpen,
    toDefaultBranch,
    base: pullRequest.baseRef,
    sources,
    linked,
    targets,
    unread: [],
    checks,
    policy,
    files,
    headPolicy: await readHeadFile(parts, repository, pullRequest, files, POLICY_FILE),
    onCall,
    headOnCall: await readHeadFile(parts, repository, pullRequest, files, ON_CALL_PATH),
    host,
  };
  const touchesRunbooks = touches(policy, files);
  for (const incident of names) {
    await index.addLink(repository.id, incident, "pull-request", fullName(repository), number);
    if (touchesRunbooks) await index.addLink(repository.id, incident, "runbook-pr", fullName(repository), number);
  }
  await rememberTargets(parts, repository, number, targets);
  const takenBack = await rememberReverts(parts, repository, pullRequest, host);
  return { merge, names: [...new Set([...names, ...takenBack])], touchesRunbooks };
}

/** A revert matters to every incident for which the reverted pull request does, also when no webhook told of it. */
async function rememberReverts(
  { index }: ObserveParts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  host: string,
): Promise<readonly number[]> {
  const incidents: number[] = [];
  for (const reverted of revertedNumbers(pullRequest, fullName(repository), host).slice(0, MAX_TARGETS)) {
    for (const link of await index.linksTo(fullName(repository), reverted)) {
      if (link.repositoryId !== repository.id || link.kind === "revert") continue;
      await index.addLink(repository.id, link.incident, "revert", fullName(repository), pullRequest.number);
      incidents.push(link.incident);
    }
  }
  return incidents;
}

/** So that a change of an incident is a hint for every pull request that would close it, wherever it says so. */
async function rememberTargets(
  { index }: ObserveParts,
  repository: Repository,
  number: number,
  targets: readonly SeenTarget[],
): Promise<void> {
  for (const seen of targets) {
    if (seen.kind !== "incident") continue;
    const { target } = seen.incident;
    const home =
      target.repository === null ? repository : (await index.repositoryByName(target.repository))?.repository;
    if (home !== undefined) await index.addLink(home.id, target.number, "pull-request", fullName(repository), number);
  }
}

/** Reads a merge group: every pull request and commit in it. */
export async function observeMergeGroup(
  parts: ObserveParts,
  key: Extract<Key, { kind: "merge-group" }>,
): Promise<MergeObservation> {
  const { read } = parts;
  const { repository, headSha, baseSha } = key;
  const [{ policy, onCall }, commits, checks] = await Promise.all([
    parts.policies.rules(repository),
    read.commitsBetween(repository, baseSha, headSha),
    read.checkRuns(repository, headSha),
  ]);
  const found = await Promise.all(
    commits.slice(0, 50).map((commit) => read.pullRequestsOfCommit(repository, commit.sha)),
  );
  const pullRequests = new Map(
    found
      .flat()
      .filter((one) => one.state === "open")
      .map((one) => [one.number, one]),
  );
  const known = [...pullRequests.values()];
  const host = known[0] === undefined ? "github.com" : new URL(known[0].url).host;
  const linked = await Promise.all(known.map((one) => read.closingReferences(repository, one.number)));
  const sources: ClosingSource[] = [
    ...known.flatMap(textsOf),
    ...commits.map((commit) => ({ kind: "commit", sha: commit.sha, text: commit.message }) as const),
  ];
  const allLinked = linked.some((one) => one === "unsupported")
    ? ("unsupported" as const)
    : linked.flatMap((one) => (one === "unsupported" ? [] : one));
  return {
    at: parts.clock.now(),
    repository,
    headSha,
    externalId: `merge-group:${baseSha}`,
    pullRequest: null,
    isOpen: true,
    // A queue may serve another branch; what its pull requests say decides. None found: hold to the strict side.
    toDefaultBranch: known.length === 0 || known.some((one) => one.baseRef === one.defaultBranch),
    base: known[0]?.baseRef ?? "the queue's branch",
    sources,
    linked: allLinked,
    targets: await readTargets(parts, repository, sources, allLinked, host),
    unread: [],
    checks,
    policy,
    files: [],
    headPolicy: null,
    onCall,
    headOnCall: null,
    host,
  };
}

function textsOf(pullRequest: PullRequestFacts): readonly ClosingSource[] {
  return [
    { kind: "title", pullRequest: pullRequest.number, text: pullRequest.title },
    { kind: "body", pullRequest: pullRequest.number, text: pullRequest.body },
  ];
}

/** Which incidents the pull request's own words name; the index knows them, and a sweep fills it. */
async function namedIncidents(
  { index }: ObserveParts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  host: string,
): Promise<readonly number[]> {
  const text = `${pullRequest.title}\n\n${pullRequest.body}`;
  const mentioned = plainReferences(text, fullName(repository), host).filter((one) => one.repository === null);
  const numbers = [...new Set(mentioned.map((one) => one.number))].slice(0, MAX_TARGETS);
  const known = await Promise.all(numbers.map((number) => index.incident(repository.id, number)));
  return numbers.filter((_, at) => known[at] !== null);
}

async function readTargets(
  parts: ObserveParts,
  repository: Repository,
  sources: readonly ClosingSource[],
  linked: readonly Reference[] | "unsupported",
  host: string,
): Promise<readonly SeenTarget[]> {
  const found = sources.flatMap((source) => closingReferences(source.text, fullName(repository), host));
  const written = found.map((one) => fromHere({ repository }, one.reference));
  const inSidebar = linked === "unsupported" ? [] : linked.map((reference) => fromHere({ repository }, reference));
  const targets = new Map<string, Reference>();
  for (const target of [...written, ...inSidebar]) {
    if (!targets.has(targetId(target))) targets.set(targetId(target), target);
  }
  const places = await placesOf(parts, repository, [...targets.values()]);
  const shown = [...targets.values()].filter((target) => places.has(placeOf(target)));
  // What people wrote themselves they may read again. A link in the sidebar is shown by GitHub to those who see its end.
  const hidden = [...new Map(written.map((target) => [targetId(target), target])).values()].filter(
    (target) => !places.has(placeOf(target)),
  );
  const ranked = await openIncidentsFirst(parts, places, shown);
  return [
    ...(await Promise.all(
      ranked.slice(0, MAX_TARGETS).map((target) => readTarget(parts, places.get(placeOf(target))!, target)),
    )),
    ...hidden.slice(0, MAX_TARGETS).map((target): SeenTarget => ({ kind: "not-visible", target })),
  ];
}

/** The repositories of the targets that may be shown in this one, by `placeOf`; so many names are looked up. */
async function placesOf(
  parts: ObserveParts,
  repository: Repository,
  targets: readonly Reference[],
): Promise<ReadonlyMap<string, Repository>> {
  const names = [...new Set(targets.flatMap((target) => (target.repository === null ? [] : placeOf(target))))];
  const others = await shownRepositories(parts, repository, names.slice(0, MAX_TARGETS));
  return new Map([["", repository], ...others]);
}

/** `owner/name` in lower case; empty: the pull request's own repository. */
function placeOf({ repository }: Reference): string {
  return repository?.toLowerCase() ?? "";
}

/** What the index knows to be open comes first: a long list of other issues in front of it must not hide an incident. */
async function openIncidentsFirst(
  { index }: ObserveParts,
  places: ReadonlyMap<string, Repository>,
  targets: readonly Reference[],
): Promise<readonly Reference[]> {
  if (targets.length <= MAX_TARGETS) return targets;
  const open = new Set<string>();
  for (const [name, place] of places) {
    for (const { number } of await index.openIncidents(place.id)) open.add(targetId({ repository: name, number }));
  }
  const rank = (target: Reference) => (open.has(targetId(target)) ? 0 : 1);
  return targets.toSorted((a, b) => rank(a) - rank(b));
}

function targetId({ repository, number }: Reference): string {
  return `${repository?.toLowerCase() ?? ""}#${number}`;
}

/** @param place what the target names; it may be shown here */
async function readTarget(parts: ObserveParts, place: Repository, target: Reference): Promise<SeenTarget> {
  try {
    const seen = await observeIncident(parts, { kind: "incident", repository: place, number: target.number });
    const incident = "kind" in seen ? null : derive(seen);
    if ("kind" in seen || incident === null) return { kind: "no-incident", target };
    return {
      kind: "incident",
      incident: {
        target,
        url: seen.issue.url,
        title: seen.issue.title,
        severity: incident.history.severity,
        phase: incident.history.phase,
        isOpen: seen.issue.state === "open",
        gate: incident.gate,
      },
    };
  } catch (error) {
    if (error instanceof TerminalError && target.repository !== null) return { kind: "not-visible", target };
    throw error;
  }
}

async function readHeadFile(
  { read }: ObserveParts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  files: readonly ChangedFile[],
  path: string,
): Promise<HeadFile | null> {
  if (pullRequest.state !== "open" || !files.some((file) => file.path === path)) return null;
  try {
    const file = await read.file(repository, path, pullRequest.headSha);
    return file === "missing" ? { kind: "missing" } : { kind: "text", text: file.text };
  } catch (error) {
    if (error instanceof TerminalError) return { kind: "unreadable", why: error.message };
    throw error;
  }
}

function touches({ policy }: PolicyInForce, files: readonly ChangedFile[]): boolean {
  return files.some((file) => file.status !== "removed" && matchesAny(policy.runbooks.paths, file.path));
}
