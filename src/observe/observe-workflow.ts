import type { AlertState } from "../core/alerts/alert-state.ts";
import { buildAlertId, isWatched } from "../core/alerts/build-alert.ts";
import { type BuildHealth, buildHealth, ownRuns, runningSince } from "../core/alerts/build-health.ts";
import type { Instant, Key } from "../core/model.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** What a pass over a workflow works from. */
export interface WorkflowObservation {
  readonly at: Instant;
  /** The default branch. */
  readonly branch: string;
  readonly health: BuildHealth;
  /** When the last unfinished run began; `null`: none is in progress. */
  readonly runningSince: Instant | null;
  /** Where its alert stands; `null`: it never failed. */
  readonly known: AlertState | null;
}

/**
 * Reads the runs of a workflow on the default branch. `null`: the policy does not watch it (then GitHub is not asked
 * for them), or it is gone.
 */
export async function observeWorkflow(
  parts: ObserveParts,
  { repository, workflow }: Extract<Key, { kind: "workflow" }>,
): Promise<WorkflowObservation | null> {
  const { read, alerts, clock } = parts;
  const at = clock.now();
  const { policy } = (await parts.policies.rules(repository)).policy;
  const builds = policy.alerts["workflow-runs"];
  if (builds === null) return null;
  const facts = await read.repository(repository);
  if (facts === "missing" || facts.archived || !facts.hasIssues) return null;
  const branch = facts.defaultBranch;
  const own = ownRuns(await read.workflowRuns(repository, workflow, branch), facts.id, branch);
  if (own[0] === undefined || !isWatched(own[0], builds)) return null;
  const known = (await alerts.alert(repository.id, buildAlertId(workflow)))?.state ?? null;
  return {
    at,
    branch,
    health: buildHealth(own),
    runningSince: runningSince(own),
    known,
  };
}
