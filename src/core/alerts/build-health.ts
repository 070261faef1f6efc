import type { Instant, WorkflowRunFacts } from "../model.ts";

/** Whether a workflow works on the default branch, by its newest run that says anything. */
export type BuildHealth =
  /** `first`: the oldest run of the failures in a row, as far as the list goes. */
  | { readonly kind: "broken"; readonly latest: WorkflowRunFacts; readonly first: WorkflowRunFacts }
  | { readonly kind: "works"; readonly latest: WorkflowRunFacts }
  /** No run says anything, or the one that did is being re-run. */
  | { readonly kind: "unknown" };

/** Events that only somebody with write access can cause. A workflow on issues or comments runs for every stranger. */
const EVENTS: ReadonlySet<string> = new Set(["push", "schedule", "workflow_dispatch", "repository_dispatch"]);
/** The others (cancelled, skipped, neutral, stale, action_required) say nothing about the commit. */
const FAILED: ReadonlySet<string> = new Set(["failure", "timed_out", "startup_failure"]);
const UNKNOWN: BuildHealth = { kind: "unknown" };

/** The runs on the repository's own default branch, newest first. A fork may have a branch of the same name. */
export function ownRuns(
  runs: readonly WorkflowRunFacts[],
  repositoryId: number,
  branch: string,
): readonly WorkflowRunFacts[] {
  return runs
    .filter(
      (run) =>
        run.branch === branch && run.headRepositoryId === repositoryId && run.file !== null && EVENTS.has(run.event),
    )
    .toSorted((a, b) => b.number - a.number);
}

/**
 * Judges the runs of one workflow, as `ownRuns` gives them. The run of the newest commit decides, not the run that
 * ended last: re-running an old commit changes nothing, and re-running the newest replaces its earlier attempt.
 *
 * Nobody asked for a scheduled run: one failure says nothing, but two in a row do, and so does one that fails again
 * when re-run.
 */
export function buildHealth(own: readonly WorkflowRunFacts[]): BuildHealth {
  const newest = own.find((run) => isTelling(run) || isRunAgain(run));
  if (newest === undefined || isRunAgain(newest)) return UNKNOWN;
  const telling = own.filter(isTelling);
  if (!hasFailed(newest)) return { kind: "works", latest: newest };
  const before = telling[1];
  if (newest.event === "schedule" && newest.attempt === 1 && (before === undefined || !hasFailed(before))) {
    return before === undefined ? UNKNOWN : { kind: "works", latest: before };
  }
  const good = telling.findIndex((run) => !hasFailed(run));
  const first = telling[good === -1 ? telling.length - 1 : good - 1] ?? newest;
  return { kind: "broken", latest: newest, first };
}

/** When the last unfinished run began; `null`: none is in progress. */
export function runningSince(own: readonly WorkflowRunFacts[]): Instant | null {
  const running = own.filter((run) => run.conclusion === null);
  return running.length === 0 ? null : (Math.max(...running.map((run) => run.startedAt)) as Instant);
}

function isTelling({ conclusion }: WorkflowRunFacts): boolean {
  return conclusion === "success" || FAILED.has(conclusion ?? "");
}

function isRunAgain({ conclusion, attempt }: WorkflowRunFacts): boolean {
  return conclusion === null && attempt > 1;
}

function hasFailed({ conclusion }: WorkflowRunFacts): boolean {
  return FAILED.has(conclusion ?? "");
}
