import { readJudgedId } from "../core/merge/judged.ts";
import type { CheckRunContent, Key } from "../core/model.ts";
import type { MadeAnew } from "../core/plan/plan-checks.ts";
import type { ObserveParts } from "./observe-parts.ts";

const NAMES: readonly CheckRunContent["name"][] = ["sevgate/close-gate", "sevgate/policy"];
/** Pull requests that had this head once and may have it still. */
const MAX_ASKED = 20;

/** What a wish to look again comes to. */
export interface SeenRecheck {
  /** The pull request or merge group whose pass grants it; `null`: it is granted, or nothing open is known to have this head. */
  readonly key: Extract<Key, { kind: "pull-request" | "merge-group" }> | null;
  /** Where the head may be known otherwise. */
  readonly alsoLookAt: readonly Key[];
  readonly anew: MadeAnew;
}

/**
 * Reads whether a wish to look again still stands, and for what.
 *
 * It is granted as soon as a run is there that is newer than the one it was made at. A wish made at a suite stands while
 * GitHub shows the suite as queued, which it is from the request to the next run (GitHub REST, "Rerequest a check suite"; A-010).
 * The pull requests of a suite or a run are empty for forks and merge groups: our own runs on the commit tell of them.
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
  // Without a run of ours GitHub's own list has to do; it leaves out those of forks.
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
