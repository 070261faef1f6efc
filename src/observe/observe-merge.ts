import { isDeepStrictEqual } from "node:util";
import { TerminalError, TransientError } from "../base/errors.ts";
import { derive } from "../core/derive.ts";
import { closingReferences, plainReferences } from "../core/markdown/references.ts";
import { readJudgedId } from "../core/merge/judged.ts";
import type { ClosingSource, HeadFile, MergeObservation, SeenTarget, Unread } from "../core/merge/merge-observation.ts";
import type {
  ChangedFile,
  ChangedFiles,
  CheckRunFacts,
  CommitFacts,
  Key,
  Person,
  PullRequestFacts,
  Reference,
  Repository,
  Standing,
} from "../core/model.ts";
import { fromHere, fullName } from "../core/names.ts";
import type { PolicyInForce } from "../core/observation.ts";
import { ON_CALL_PATH } from "../core/oncall/parse-on-call.ts";
import { matchesAny } from "../core/policy/glob.ts";
import { extendsOwner, type OwnerPolicy, POLICY_PATH, parsePolicy } from "../core/policy/parse.ts";
import type { Policy } from "../core/policy/policy.ts";
import { revertedNumbers } from "../core/regressions/reverts.ts";
import type { GitHubReader } from "../systems/github/ports.ts";
import { countReads } from "./count-reads.ts";
import { standingOf } from "./known-people.ts";
import type { LearnedLink } from "./learned-in-look.ts";
import { observeIncident } from "./observe-incident.ts";
import type { ObserveParts } from "./observe-parts.ts";
import { shownRepositories } from "./other-repository.ts";
import { readOwnerPolicy } from "./read-owner-policy.ts";
import type { SeenIncident } from "./seen-incidents.ts";

/** How many issues are looked at for one merge; a pull request that closes more is rare. */
const MAX_TARGETS = 50;
/** How many of the incidents a pull request names may look at it as evidence. */
const MAX_NAMED = 20;
/** How many other repositories' issues are looked at; each repository is asked about first. */
const MAX_PLACES = 5;
/** How many requests one look may take for issues; the next one, a minute later, continues with those not seen yet. */
const MAX_REQUESTS = 8;
/**
 * How many other pull requests with the same head are looked at. More than a few are made on purpose, and each costs
 * requests.
 */
export const MAX_SAME_HEAD = 20;
/** GitHub lists at most this many commits of a pull request. */
const COMMITS_LISTED = 250;
/** How much of the messages of one merge is scanned. */
const MOST_MESSAGE_CHARACTERS = 1_000_000;
/** How many commits are named as not read; one is enough to know that something is missing. */
const MOST_UNREAD_TOLD = 10;

const NO_FILES: ChangedFiles = { files: [], isWhole: true };

/** What a pull request means to the loop, in addition to what its merge would close. */
export interface SeenPullRequest {
  readonly merge: MergeObservation;
  readonly author: Person | null;
  /** The other open pull requests with the same head: a check belongs to the commit. */
  readonly others: readonly MergeObservation[];
  /** Those that were previously judged with the same head, open or not. */
  readonly sharesHeadWith: readonly number[];
  /** Incidents it matters to, by number: its text names them, or it reverts what counts as their evidence. */
  readonly names: readonly number[];
  /** How far it can be trusted; `untold` if it matters to no incident. */
  readonly standing: Standing;
  readonly touchesRunbooks: boolean;
}

/** Reads a pull request, its commits, and every incident its merge would close. `null`: it is gone. */
export async function observePullRequest(
  parts: ObserveParts,
  key: Extract<Key, { kind: "pull-request" }>,
): Promise<SeenPullRequest | null> {
  const { read } = parts;
  const { repository, number } = key;
  const [rules, answer] = await Promise.all([
    parts.policies.rules(repository),
    read.pullRequestAtOnce(repository, number),
  ]);
  const pullRequest = parts.missing.check("pull request", repository, number, answer);
  if (pullRequest === "missing") return null;
  const host = new URL(pullRequest.url).host;
  const names = await namedIncidents(parts, repository, pullRequest, host);
  const isOpen = pullRequest.state === "open";
  const [checks, changed] = await Promise.all([
    read.checkRuns(repository, pullRequest.headSha),
    isOpen || names.length > 0 ? parts.files.of(repository, pullRequest) : NO_FILES,
  ]);
  const sharesHeadWith = judgedWith(checks, pullRequest);
  const merge = await observeMerge(parts, repository, pullRequest, { ...rules, checks }, changed);
  const others: MergeObservation[] = [];
  for (const other of isOpen ? sharesHeadWith.slice(0, MAX_SAME_HEAD) : []) {
    const found = await read.pullRequestAtOnce(repository, other);
    if (found === "missing" || found.state !== "open" || found.headSha !== pullRequest.headSha) continue;
    const its = await parts.files.of(repository, found);
    others.push(await observeMerge(parts, repository, found, { ...rules, checks }, its));
  }
  const isCut = isOpen && sharesHeadWith.length > MAX_SAME_HEAD;
  const unread = [...merge.unread, ...(isCut ? [{ kind: "same-head", read: MAX_SAME_HEAD } as const] : [])];

  // There may be a runbook among the files that GitHub does not list.
  const touchesRunbooks = touches(rules.policy, changed.files) || !changed.isWhole;
  const takenBack = await noteReverts(parts, repository, pullRequest, host);
  const matters = names.length + takenBack.length > 0 || merge.targets.some((target) => target.kind === "incident");
  const standing = matters ? await standingOfMerge(parts, repository, pullRequest) : "untold";
  for (const incident of names) {
    const kinds = touchesRunbooks ? (["pull-request", "runbook-pr"] as const) : (["pull-request"] as const);
    for (const kind of kinds) noteLink(parts, repository, pullRequest, { home: repository, incident, kind, standing });
  }
  await noteTargets(parts, repository, pullRequest, merge.targets, standing);
  return {
    merge: { ...merge, unread },
    author: pullRequest.author,
    others,
    sharesHeadWith,
    names: [...new Set([...names, ...takenBack])],
    standing,
    touchesRunbooks,
  };
}

/** The pull requests that the runs on a commit name, newest first (core/merge/judged.ts). */
function judgedWith(checks: readonly CheckRunFacts[], { number, headSha }: PullRequestFacts): readonly number[] {
  const numbers = checks
    .filter((check) => check.headSha === headSha)
    .toSorted((a, b) => b.id - a.id)
    .flatMap(({ externalId }) => {
      const judged = readJudgedId(externalId);
      return judged?.kind === "pull-requests" ? judged.numbers : [];
    });
  return [...new Set(numbers)].filter((one) => one !== number);
}

/**
 * Reads what merging one pull request would bring; for a closed one, no more than is already known.
 *
 * (A-088)
 */
async function observeMerge(
  parts: ObserveParts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  known: Pick<MergeObservation, "policy" | "onCall" | "checks">,
  changed: ChangedFiles,
): Promise<MergeObservation> {
  const { read } = parts;
  const { number, headSha, baseRef, defaultBranch } = pullRequest;
  const host = new URL(pullRequest.url).host;
  const isOpen = pullRequest.state === "open";
  const [{ commits, unread }, linked] = await Promise.all([
    isOpen ? readCommits(read, repository, pullRequest) : { commits: [], unread: [] },
    isOpen ? read.closingReferences(repository, pullRequest) : [],
  ]);
  const sources: ClosingSource[] = [
    ...textsOf(pullRequest),
    ...commits.map((commit) => ({ kind: "commit", sha: commit.sha, text: commit.message }) as const),
  ];
  // The branch is worth a second question only if it decides whether something is closed.
  const matters = isOpen && (unread.length > 0 || closesSomething(sources, linked, repository, host));
  const facts = matters ? await read.repository(repository) : "missing";
  const isMoved = facts !== "missing" && facts.defaultBranch !== defaultBranch;
  const toDefaultBranch = baseRef === defaultBranch || (isMoved && baseRef === facts.defaultBranch);
  const head = await readHeadFiles(parts, repository, pullRequest, changed);
  const ownerPolicy =
    head.policy?.kind === "text" && extendsOwner(head.policy.text) ? await readOwnerPolicy(read, repository) : null;
  const found = toDefaultBranch
    ? await readTargets(parts, repository, sources, linked, host)
    : { targets: [], unread: [] };
  return {
    ...known,
    files: changed.files,
    openItems: isOpen ? await openItemsOf(parts, repository, known.policy.policy, changed) : null,
    at: parts.clock.now(),
    repository,
    headSha,
    pullRequest: number,
    group: null,
    isOpen,
    toDefaultBranch,
    base: baseRef,
    sources,
    linked,
    targets: found.targets,
    unread: [...unread, ...found.unread, ...(isMoved ? [{ kind: "default-branch" } as const] : [])],
    headPolicy: head.policy,
    ownerPolicy,
    headOnCall: head.onCall,
    replay: null,
    isGateRequired: await isGateAtStake(parts, repository, pullRequest, head.policy, ownerPolicy),
    host,
  };
}

/** The open action items that its files may touch; of a policy that wants no check nothing is asked. */
async function openItemsOf(
  parts: ObserveParts,
  repository: Repository,
  policy: Policy,
  { files, isWhole }: ChangedFiles,
): Promise<MergeObservation["openItems"]> {
  if (policy["follow-ups"].check === "off") return null;
  if (files.length === 0) return { items: [], isWhole };
  const seen = await parts.openItems.of(parts, repository, policy);
  return { items: seen.items, isWhole: seen.isWhole && (isWhole || seen.items.length === 0) };
}

/**
 * Reads the commits of a pull request. GitHub lists 250 of them (GitHub REST, "List commits on a pull request"); the
 * rest are found by comparing the branches.
 */
async function readCommits(
  read: GitHubReader,
  repository: Repository,
  pullRequest: PullRequestFacts,
): Promise<{ readonly commits: readonly CommitFacts[]; readonly unread: readonly Unread[] }> {
  const { baseRef, headSha } = pullRequest;
  const { commits: listed, isWhole } = await read.pullRequestCommits(repository, pullRequest);
  if (!isWhole) return { ...readable(listed), unread: [{ kind: "commits", read: listed.length }] };
  const isAll = listed.length < COMMITS_LISTED;
  const compared = isAll ? null : await read.commitsBetween(repository, baseRef, headSha);
  const all = [...listed, ...(compared?.commits ?? [])];
  const commits = [...new Map(all.map((commit) => [commit.sha, commit])).values()];
  if (compared?.isWhole === false) {
    return { ...readable(commits), unread: [{ kind: "commits", read: commits.length }] };
  }
  if (commits.length > 0 && !commits.some((commit) => commit.sha === headSha)) {
    // One of the two answers is stale. A verdict on a commit that was not read would be a guess.
    throw new TransientError("the commits listed do not reach the head of the pull request yet");
  }
  return readable(commits);
}

/**
 * The commits whose messages are read, and what is not: only the beginning of each message, and a limited amount of all
 * together.
 */
export function readable(all: readonly CommitFacts[]): {
  readonly commits: readonly CommitFacts[];
  readonly unread: readonly Unread[];
} {
  const commits: CommitFacts[] = [];
  const unread: Unread[] = [];
  let characters = 0;
  for (const commit of all) {
    characters += commit.message.length;
    if (commit.isCut || characters > MOST_MESSAGE_CHARACTERS) {
      if (unread.length < MOST_UNREAD_TOLD) unread.push({ kind: "commit-message", sha: commit.sha });
      if (characters > MOST_MESSAGE_CHARACTERS) continue;
    }
    commits.push(commit);
  }
  return { commits, unread };
}

function closesSomething(
  sources: readonly ClosingSource[],
  linked: readonly Reference[] | "unsupported",
  repository: Repository,
  host: string,
): boolean {
  if (linked !== "unsupported" && linked.length > 0) return true;
  return sources.some(({ text }) => closingReferences(text, fullName(repository), host).length > 0);
}

/** Whether whoever merged it may write here; else it counts for as much as its author. */
async function standingOfMerge(
  parts: ObserveParts,
  repository: Repository,
  { merged, author }: PullRequestFacts,
): Promise<Standing> {
  const standing = await standingOf(parts, repository, author);
  return merged ? (standing === "team" ? "merged-of-team" : "merged") : standing;
}

/**
 * A revert matters to every incident to which the reverted pull request does, even if no webhook said so; but not until
 * it is merged.
 */
async function noteReverts(
  parts: ObserveParts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  host: string,
): Promise<readonly number[]> {
  const incidents: number[] = [];
  if (!pullRequest.merged) return incidents;
  for (const reverted of revertedNumbers(pullRequest, fullName(repository), host).slice(0, MAX_NAMED)) {
    for (const { repositoryId, incident, kind } of await parts.index.linksTo(fullName(repository), reverted)) {
      if (repositoryId !== repository.id || kind === "revert") continue;
      noteLink(parts, repository, pullRequest, { home: repository, incident, kind: "revert", standing: "merged" });
      incidents.push(incident);
    }
  }
  return incidents;
}

/** So that a change to an incident is a hint for every pull request that would close it, wherever it says so. */
async function noteTargets(
  parts: ObserveParts,
  repository: Repository,
  pullRequest: PullRequestFacts,
  targets: readonly SeenTarget[],
  standing: Standing,
): Promise<void> {
  for (const seen of targets) {
    if (seen.kind !== "incident") continue;
    const { target } = seen.incident;
    const home =
      target.repository === null ? repository : (await parts.index.repositoryByName(target.repository))?.repository;
    if (home === undefined) continue;
    noteLink(parts, repository, pullRequest, { home, incident: target.number, kind: "pull-request", standing });
  }
}

function noteLink(
  { learned }: ObserveParts,
  repository: Repository,
  { number }: PullRequestFacts,
  { home, ...link }: { readonly home: Repository } & Pick<LearnedLink, "incident" | "kind" | "standing">,
): void {
  learned.noteLink({ repositoryId: home.id, target: { repository: fullName(repository), number }, ...link });
}

/** The texts of a pull request that become a commit message when it is squashed. */
export function textsOf(pullRequest: PullRequestFacts): readonly ClosingSource[] {
  return [
    { kind: "title", pullRequest: pullRequest.number, text: pullRequest.title },
    { kind: "body", pullRequest: pullRequest.number, text: pullRequest.body },
  ];
}

/** Which incidents the pull request's own text names; the index knows them, and sweeps fill it. */
export async function namedIncidents(
  { index }: Pick<ObserveParts, "index">,
  repository: Repository,
  pullRequest: PullRequestFacts,
  host: string,
): Promise<readonly number[]> {
  const text = `${pullRequest.title}\n\n${pullRequest.body}`;
  const mentioned = plainReferences(text, fullName(repository), host).filter((one) => one.repository === null);
  const all = [...new Set(mentioned.map((one) => one.number))];
  const open = all.length <= MAX_NAMED ? [] : (await index.openIncidents(repository.id)).map((one) => one.number);
  // A long list of other issues before it must not hide an incident.
  const numbers = all.toSorted((a, b) => Number(open.includes(b)) - Number(open.includes(a))).slice(0, MAX_NAMED);
  const known = await Promise.all(numbers.map((number) => index.incident(repository.id, number)));
  return numbers.filter((_, at) => known[at] !== null);
}

/**
 * Looks at the issues that would be closed; whoever writes them does not decide how many requests that may take.
 *
 * @param requests roughly how many it may take; what they are not enough for is left for the next look
 */
export async function readTargets(
  parts: ObserveParts,
  repository: Repository,
  sources: readonly ClosingSource[],
  linked: readonly Reference[] | "unsupported",
  host: string,
  requests = MAX_REQUESTS,
): Promise<{ readonly targets: readonly SeenTarget[]; readonly unread: readonly Unread[] }> {
  const found = sources.flatMap((source) => closingReferences(source.text, fullName(repository), host));
  const written = found.map((one) => fromHere(repository, one.reference));
  const inSidebar = linked === "unsupported" ? [] : linked.map((reference) => fromHere(repository, reference));
  const targets = new Map<string, Reference>();
  for (const target of [...written, ...inSidebar]) {
    if (!targets.has(targetId(target))) targets.set(targetId(target), target);
  }
  const places = await placesOf(parts, repository, [...targets.values()]);
  const shown = [...targets.values()].filter((target) => places.has(placeOf(target)));
  // People may read what they wrote themselves. A link in the sidebar is shown by GitHub to those who can see its
  // target.
  const hidden = [...new Map(written.map((target) => [targetId(target), target])).values()].filter(
    (target) => !places.has(placeOf(target)),
  );
  const ranked = await openIncidentsFirst(parts, places, shown);
  const looked = ranked.slice(0, MAX_TARGETS);
  const { seen, left } = await lookAtTargets(parts, places, looked, requests);
  const others = new Set([...targets.values()].map(placeOf)).size - (shown.some((one) => placeOf(one) === "") ? 1 : 0);
  const isCut = ranked.length > looked.length || others > MAX_PLACES;
  return {
    targets: [...seen, ...hidden.slice(0, MAX_TARGETS).map((target): SeenTarget => ({ kind: "not-visible", target }))],
    unread: [
      ...(isCut ? [{ kind: "issues", read: MAX_TARGETS } as const] : []),
      ...(left > 0 ? [{ kind: "issues-later" } as const] : []),
    ],
  };
}

/** Looks at those not seen recently, as many as the requests allow; `left`: how many remain. */
async function lookAtTargets(
  parts: ObserveParts,
  places: ReadonlyMap<string, Repository>,
  targets: readonly Reference[],
  requests: number,
): Promise<{ readonly seen: readonly SeenTarget[]; readonly left: number }> {
  const { read, count } = countReads(parts.read);
  const seen = new Map<Reference, SeenTarget>();
  const old = new Map<Reference, SeenTarget>();
  const look = async (target: Reference): Promise<boolean> => {
    if (count() >= requests) return false;
    const place = places.get(placeOf(target))!;
    const policy = await policyOf(parts, place);
    seen.set(
      target,
      policy === null ? { kind: "not-visible", target } : await readTarget({ ...parts, read }, place, target, policy),
    );
    return true;
  };
  for (const target of targets) {
    const place = places.get(placeOf(target))!;
    const policy = await policyOf(parts, place);
    const known = policy === null ? null : await parts.seenIncidents.recall(place, target.number, policy);
    if (known !== null) (known.isFresh ? seen : old).set(target, toTarget(target, known.found));
  }
  // Those about which nothing is known come first, then those seen a while ago.
  let left = 0;
  for (const target of targets) if (!seen.has(target) && !old.has(target) && !(await look(target))) left += 1;
  for (const [target, found] of old) if (!(await look(target))) seen.set(target, found);
  return { seen: targets.flatMap((target) => seen.get(target) ?? []), left };
}

function toTarget(target: Reference, found: SeenIncident): SeenTarget {
  return found === null ? { kind: "no-incident", target } : { kind: "incident", incident: { ...found, target } };
}

/** `null`: GitHub does not let the app look there. */
async function policyOf({ policies }: ObserveParts, place: Repository): Promise<Policy | null> {
  try {
    return (await policies.rules(place)).policy.policy;
  } catch (error) {
    if (error instanceof TerminalError) return null;
    throw error;
  }
}

/**
 * The repositories of the targets that may be shown in this one, by `placeOf`; only a limited number of names is looked
 * up.
 */
async function placesOf(
  parts: ObserveParts,
  repository: Repository,
  targets: readonly Reference[],
): Promise<ReadonlyMap<string, Repository>> {
  const names = [...new Set(targets.flatMap((target) => (target.repository === null ? [] : placeOf(target))))];
  const others = await shownRepositories(parts, repository, names.slice(0, MAX_PLACES));
  return new Map([["", repository], ...others]);
}

/** `owner/name` in lower case; empty: the pull request's own repository. */
function placeOf({ repository }: Reference): string {
  return repository?.toLowerCase() ?? "";
}

/** What the index knows to be open comes first: a long list of other issues before it must not hide an incident. */
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

/** @param place the repository the target names, which may be shown here */
async function readTarget(
  parts: ObserveParts,
  place: Repository,
  target: Reference,
  policy: Policy,
): Promise<SeenTarget> {
  const { number } = target;
  try {
    const found = await parts.seenIncidents.look(place, number, policy, async () => {
      const seen = await observeIncident(parts, { kind: "incident", repository: place, number });
      const incident = "kind" in seen ? null : derive(seen);
      if ("kind" in seen || incident === null) return null;
      return {
        url: seen.issue.url,
        title: seen.issue.title,
        severity: incident.history.severity,
        phase: incident.history.phase,
        isDrill: incident.history.drill !== null,
        isOpen: seen.issue.state === "open",
        gate: incident.gate,
      };
    });
    return toTarget(target, found);
  } catch (error) {
    if (error instanceof TerminalError && target.repository !== null) return { kind: "not-visible", target };
    throw error;
  }
}

/** Whether a ruleset requires the check, which the policy at the head would no longer post everywhere. */
async function isGateAtStake(
  { read }: ObserveParts,
  repository: Repository,
  { defaultBranch }: PullRequestFacts,
  headPolicy: HeadFile | null,
  ownerPolicy: OwnerPolicy | null,
): Promise<boolean> {
  if (headPolicy?.kind !== "text") return false;
  const parsed = parsePolicy(headPolicy.text, ownerPolicy ?? undefined);
  if (parsed.kind !== "valid" || parsed.policy["pull-requests"].check === "always") return false;
  const required = await read.requiredChecks(repository, defaultBranch);
  return typeof required !== "string" && required.some(({ name }) => name === "sevgate/close-gate");
}

/** Reads the policy and the on-call file at the head. `null`: the pull request does not touch it. */
async function readHeadFiles(
  { read }: ObserveParts,
  repository: Repository,
  { state, headSha, baseRef }: PullRequestFacts,
  { files, isWhole }: ChangedFiles,
): Promise<{ readonly policy: HeadFile | null; readonly onCall: HeadFile | null }> {
  const isListed = (path: string) => files.some((file) => file.path === path);
  //
  if (state !== "open" || (isWhole && !isListed(POLICY_PATH) && !isListed(ON_CALL_PATH))) {
    return { policy: null, onCall: null };
  }
  // If the list ends early, a file counts as touched if it differs from where the two branches diverge.
  const parting = isWhole ? null : ((await read.commitsBetween(repository, baseRef, headSha)).mergeBase ?? baseRef);
  const headFile = async (path: string): Promise<HeadFile | null> => {
    if (isListed(path)) return readFileAt(read, repository, path, headSha);
    if (parting === null) return null;
    const [before, now] = await Promise.all([
      readFileAt(read, repository, path, parting),
      readFileAt(read, repository, path, headSha),
    ]);
    return isDeepStrictEqual(before, now) ? null : now;
  };
  const [policy, onCall] = await Promise.all([headFile(POLICY_PATH), headFile(ON_CALL_PATH)]);
  return { policy, onCall };
}

async function readFileAt(read: GitHubReader, repository: Repository, path: string, ref: string): Promise<HeadFile> {
  try {
    const file = await read.file(repository, path, ref);
    return file === "missing" ? { kind: "missing" } : { kind: "text", text: file.text };
  } catch (error) {
    if (error instanceof TerminalError) return { kind: "unreadable", why: error.message };
    throw error;
  }
}

function touches({ policy }: PolicyInForce, files: readonly ChangedFile[]): boolean {
  return files.some((file) => file.status !== "removed" && matchesAny(policy.runbooks.paths, file.path));
}
