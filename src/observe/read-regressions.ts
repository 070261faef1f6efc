import type { Instant } from "../core/model.ts";
import type { IncidentObservation, RevertFacts } from "../core/observation.ts";
import { isOwnAccount } from "../core/own.ts";
import type { History } from "../core/record/history.ts";
import { revertMarker } from "../core/regressions/revert-pull-request.ts";
import { type KnownGood, type MergedChange, namedFiles, type SuspectFacts } from "../core/regressions/suspects.ts";
import { type GitHubReader, MOST_CHANGED_SINCE } from "../systems/github/ports.ts";
import type { ObserveParts } from "./observe-parts.ts";
import type { Reader } from "./reading.ts";

/** How far back to look if no good state is known. */
const WITHOUT_GOOD_MS = 7 * 24 * 3_600_000;
/** How many merged pull requests are looked at; if there are more, the newest. */
const MOST_MERGED = 20;
/** How many deployments are tried: the latest may be the very one that broke it, with nothing merged since. */
const MOST_DEPLOYMENTS = 3;
/** How many commits of the default branch are looked at for green checks. */
const MOST_COMMITS = 10;
/** A pull request may show an earlier time than the command that opened it, by as much as clocks differ. */
const CLOCKS_MS = 60_000;

/** What `/suspects`, `/good` and `/revert` need, and the likeliest cause if the policy wants it named. */
export const readRegressions: Reader = async (reading, seen, { regressions: wanted }) => {
  if (wanted === null) return {};
  const { read, orWait } = reading;
  const { refs, reverts, suspects } = wanted;
  const { repository, regressions: known } = seen;
  const [found, commits, taken] = await Promise.all([
    suspects === null
      ? null
      : orWait("read:suspects", () =>
          Promise.all(suspects.since.map((good) => readSuspects(reading, seen, good, suspects.declaredAt))),
        ),
    refs.length === 0
      ? null
      : orWait("read:good", () =>
          Promise.all(refs.map(async (ref) => [ref, await read.commit(repository, ref)] as const)),
        ),
    reverts === null
      ? null
      : orWait("read:revert", () =>
          readReverts(reading, seen, reverts.numbers, (reverts.since - CLOCKS_MS) as Instant),
        ),
  ]);
  return {
    regressions: {
      suspects: [...(known?.suspects ?? []), ...(found ?? [])],
      refs: new Map([...(known?.refs ?? []), ...(commits ?? [])]),
      reverts: new Map([...(known?.reverts ?? []), ...(taken ?? [])]),
    },
  };
};

async function readSuspects(
  { read, files }: ObserveParts,
  seen: IncidentObservation,
  said: History["knownGood"],
  declaredAt: Instant,
): Promise<SuspectFacts> {
  const { repository } = seen;
  let last: SuspectFacts | null = null;
  for await (const good of goodStates(read, seen, said)) {
    const merged = await mergedSince(read, seen, good.at, good.sha);
    last = { good, ...merged };
    if (merged.merged.length > 0) break;
  }
  if (last === null) {
    const merged = await mergedSince(read, seen, (declaredAt - WITHOUT_GOOD_MS) as Instant, null);
    last = { good: null, ...merged };
  }
  if (namedFiles(seen.issue).length === 0) return last;
  const changes = last.merged.map(
    async ({ pullRequest }): Promise<MergedChange> => ({
      pullRequest,
      files: (await files.of(repository, pullRequest)).files,
    }),
  );
  return { ...last, merged: await Promise.all(changes) };
}

async function mergedSince(
  read: GitHubReader,
  seen: IncidentObservation,
  since: Instant,
  goodSha: string | null,
): Promise<Pick<SuspectFacts, "merged" | "isCut">> {
  const changed = await read.pullRequestsSince(seen.repository, since);
  const merged = changed
    .filter((one) => one.merged && one.baseRef === one.defaultBranch && (one.mergedAt ?? 0) >= since)
    .filter((one) => goodSha === null || one.mergeSha !== goodSha)
    .toSorted((a, b) => (b.mergedAt ?? 0) - (a.mergedAt ?? 0));
  return {
    merged: merged.slice(0, MOST_MERGED).map((pullRequest) => ({ pullRequest, files: [] })),
    isCut: merged.length > MOST_MERGED || changed.length >= MOST_CHANGED_SINCE,
  };
}

/** States that may have been good, the most certain first. What was named with `/good` leaves no choice. */
async function* goodStates(
  read: GitHubReader,
  seen: IncidentObservation,
  said: History["knownGood"],
): AsyncGenerator<KnownGood> {
  const { repository } = seen;
  if (said !== null) {
    const { name, sha, committedAt } = said;
    yield { kind: "said", name, sha, at: committedAt };
    return;
  }
  const named = async (kind: KnownGood["kind"], name: string, ref: string): Promise<KnownGood[]> => {
    const commit = await read.commit(repository, ref);
    return commit === "missing" ? [] : [{ kind, name, sha: commit.sha, at: commit.at }];
  };
  const deployments = await read.deployments(repository);
  const shas = new Map(deployments.map(({ sha, environment }) => [sha, environment]));
  for (const [sha, environment] of [...shas].slice(0, MOST_DEPLOYMENTS))
    yield* await named("deployment", environment, sha);
  const tag = await read.latestRelease(repository);
  if (tag !== "missing") yield* await named("release", tag, tag);
  for (const commit of await read.history(repository, null, MOST_COMMITS)) {
    if (!(await read.isGreen(repository, commit.sha))) continue;
    yield { kind: "green-branch", name: commit.sha, sha: commit.sha, at: commit.at };
    return;
  }
}

async function readReverts(
  { read, app }: ObserveParts,
  seen: IncidentObservation,
  numbers: readonly number[],
  since: Instant,
): Promise<ReadonlyMap<number, RevertFacts>> {
  // One from an earlier pass, whose answer was lost: looked for before another one is opened.
  const young = await read.pullRequestsSince(seen.repository, since);
  const own = (number: number) =>
    young.find(
      (one) =>
        isOwnAccount(app, one.author) && one.body.includes(revertMarker(seen.repository.id, seen.issue.number, number)),
    ) ?? null;
  const read1 = numbers.map(async (number) => {
    const pullRequest = await read.pullRequest(seen.repository, number);
    return [number, { pullRequest, revert: own(number) }] as const;
  });
  return new Map(await Promise.all(read1));
}
