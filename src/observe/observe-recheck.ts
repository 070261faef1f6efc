import { readJudgedId } from "../core/merge/judged.ts";
import type { CheckRunContent, Key } from "../core/model.ts";
import type { MadeAnew } from "../core/plan/plan-checks.ts";
import type { ObserveParts } from "./observe-parts.ts";

const NAMES: readonly CheckRunContent["name"][] = ["sevgate/close-gate", "sevgate/policy", "sevgate/follow-ups"];
/** How many pull requests that once had this head, and may still have it, are looked at. */
const MAX_ASKED = 20;

/** What a request to look again amounts to. */
export interface SeenRecheck {
  /**
   * The pull request or merge group whose pass fulfils it; `null`: it is fulfilled, or nothing open is known to have
   * this head.
   */
  readonly key: Extract<Key, { kind: "pull-request" | "merge-group" }> | null;
  /** Where else the head may be known. */
  readonly alsoLookAt: readonly Key[];
  readonly anew: MadeAnew;
}

/**
 * Reads whether a request to look again is still open, and what for.
 *
 * It is fulfilled as soon as there is a run newer than the one it was made on. A request made on a suite stays open as
 * long as GitHub shows the suite as queued, which it is from the request until the next run (GitHub REST, "Rerequest a
 * check suite"; A-010). For forks and merge groups the pull requests of a suite or run are empty: our own runs
 * on the commit name them.
 */
export async function observeRecheck(
  { read }: ObserveParts,
  { repository, headSha, of, id }: Extract<Key, { kind: "recheck" }>,
): Promise<SeenRecheck> {
  const granted: SeenRecheck = { key: null, alsoLookAt: [], anew: null };
  const checks = (await read.checkRuns(repository, headSha)).toSorted((a, b) => b.id - a.id);
  let anew: MadeAnew = "all";
  if (of === "run") {
    const asked = checks.find((check) => check.id === id);
    const newest = checks.find((check) => check.name === asked?.name);
    if (newest !== undefined && newest.id > id) return granted;
    anew = NAMES.find((name) => name === asked?.name) ?? "all";
  } else {
    const suite = await read.checkSuite(repository, id);
    if (suite !== "missing" && suite.status !== "queued") return granted;
  }
  for (const judged of checks.map(({ externalId }) => readJudgedId(externalId))) {
    if (judged?.kind !== "merge-group") continue;
    const { baseSha, base } = judged;
    const key = { kind: "merge-group", repository, headSha, baseSha, base, pullRequest: null } as const;
    return { ...granted, key, anew };
  }
  // Without a run of ours, GitHub's own list has to do; it leaves out those of forks.
  const numbers = new Set(checks.flatMap(({ externalId }) => numbersOf(externalId)));
  if (numbers.size === 0) {
    for (const { number } of await read.pullRequestsOfCommit(repository, headSha)) numbers.add(number);
  }
  for (const number of [...numbers].slice(0, MAX_ASKED)) {
    const found = await read.pullRequest(repository, number);
    if (found === "missing" || found.state !== "open" || found.headSha !== headSha) continue;
    return { ...granted, key: { kind: "pull-request", repository, number }, anew };
  }
  return checks.length > 0 ? granted : { ...granted, alsoLookAt: [{ kind: "repository", repository }] };
}

function numbersOf(externalId: string | null): readonly number[] {
  const judged = readJudgedId(externalId);
  return judged?.kind === "pull-requests" ? judged.numbers : [];
}
