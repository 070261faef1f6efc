import type { Logger } from "pino";
import { applyAction } from "./apply/apply-action.ts";
import { applyCheck } from "./apply/apply-check.ts";
import { applyRepository } from "./apply/apply-repository.ts";
import { fenceWriter } from "./apply/fence-writer.ts";
import { type Action, actionId } from "./core/action.ts";
import { after } from "./core/after.ts";
import { derive } from "./core/derive.ts";
import { assertNever, type Key, type Millis } from "./core/model.ts";
import type { TemplateSources } from "./core/observation.ts";
import { plan } from "./core/plan.ts";
import { planChecks } from "./core/pull-request/plan-checks.ts";
import type { RecordKeys } from "./core/record/seal.ts";
import { TerminalError, TransientError } from "./errors.ts";
import type { GitHub, GitHubWriter } from "./github/ports.ts";
import { followUps } from "./observe/follow-ups.ts";
import { observeIncident } from "./observe/observe-incident.ts";
import { observeMergeGroup, observePullRequest } from "./observe/observe-merge.ts";
import { observeRepository } from "./observe/observe-repository.ts";
import { createPolicySource } from "./observe/policy-source.ts";
import { createPullRequestFiles } from "./observe/pull-request-files.ts";
import { allFeatures } from "./observe/server-features.ts";
import type { Clock } from "./queue/clock.ts";
import { fenceIndex } from "./queue/fence-index.ts";
import type { IndexStore } from "./queue/index-store.ts";
import type { Lease } from "./queue/lease.ts";
import type { PassResult } from "./queue/queue.ts";

/** Everything a pass may touch outside `core/`. */
export interface ReconcilerParts {
  readonly github: GitHub;
  readonly index: IndexStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recordKeys: RecordKeys;
  readonly templates: TemplateSources;
}

/** More steps than any incident needs, and more repetitions of one: a plan that never ends is a bug, and stops here. */
const MAX_STEPS = 100;
const MAX_TIMES = 3;
const NOTHING_MORE: PassResult = { checkAgainIn: null, alsoLookAt: [] };
/** For callers that have every key to themselves. */
const ALL_OURS: Lease = { assertHeld: async () => {} };

/**
 * Makes the loop: one pass over one key is observe → derive → plan → apply.
 *
 * A pass is safe at any time, for any reason, any number of times, and may die between any two actions. It throws
 * `TransientError` or `TerminalError` (src/errors.ts); after a throw its outcome is void and the queue decides. It writes
 * only while `lease` holds (docs/decisions/0011-fencing.md).
 */
export function createReconciler(
  parts: ReconcilerParts,
): (key: Key, signal: AbortSignal, lease?: Lease) => Promise<PassResult> {
  const { github, index, clock, log } = parts;
  const features = allFeatures();
  const policies = createPolicySource({ read: github.read, index, clock, templates: parts.templates });
  const files = createPullRequestFiles(github.read);
  let identity: ReturnType<GitHub["app"]["identity"]> | null = null;

  async function lookWith() {
    identity ??= github.app.identity();
    const app = await identity.catch((error: unknown) => {
      identity = null;
      throw error;
    });
    return { read: github.read, index, clock, policies, files, recordKeys: parts.recordKeys, app, features };
  }

  async function incidentPass(key: Extract<Key, { kind: "incident" }>, write: GitHubWriter): Promise<PassResult> {
    const fenced = fenceIndex(index);
    let seen = await observeIncident({ ...(await lookWith()), index: fenced }, key);
    if ("kind" in seen) return followUps.elsewhere(index, key, seen);

    const failed = new Set<string>();
    const times = new Map<string, number>();
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const incident = derive(seen);
      if (incident === null) return NOTHING_MORE;
      const action: Action | undefined = plan(seen, incident).find((one) => !failed.has(actionId(one)));
      if (action === undefined) return followUps.ofIncident(index, key, seen, incident);

      const again = (times.get(actionId(action)) ?? 0) + 1;
      times.set(actionId(action), again);
      if (again > MAX_TIMES) throw new Error(`the plan for incident ${key.number} repeats ${action.kind}`);

      try {
        seen = after(seen, action, await applyAction({ ...parts, index: fenced, write, features }, seen, action));
      } catch (error) {
        if (!(error instanceof TerminalError)) throw error;
        // What GitHub refuses for good must not hold up the rest: a locked issue can still be reopened.
        failed.add(actionId(action));
        log.warn(
          { action: action.kind, issue: key.number, repository: key.repository.id, err: error },
          "action refused",
        );
      }
    }
    throw new TransientError(`a plan for incident ${key.number} did not end`);
  }

  async function checksPass(
    key: Extract<Key, { kind: "pull-request" | "merge-group" }>,
    write: GitHubWriter,
  ): Promise<PassResult> {
    const look = await lookWith();
    const seen = key.kind === "pull-request" ? await observePullRequest(look, key) : null;
    const merge = key.kind === "merge-group" ? await observeMergeGroup(look, key) : seen?.merge;
    if (merge === undefined) return NOTHING_MORE;

    for (const action of planChecks(merge)) await applyCheck(write, merge.repository, action);
    return followUps.ofMerge(key, merge, seen);
  }

  async function repositoryPass(key: Extract<Key, { kind: "repository" }>, write: GitHubWriter): Promise<PassResult> {
    const seen = await observeRepository(await lookWith(), key.repository);
    if (seen === null) return NOTHING_MORE;
    await applyRepository({ write, index, log }, seen);
    return { checkAgainIn: null as Millis | null, alsoLookAt: seen.keys };
  }

  return (key, signal, lease = ALL_OURS) => {
    const write = fenceWriter(github.write, async () => {
      if (signal.aborted) throw new TransientError("the pass was stopped", { cause: signal.reason });
      await lease.assertHeld();
    });
    switch (key.kind) {
      case "incident":
        return incidentPass(key, write);
      case "pull-request":
      case "merge-group":
        return checksPass(key, write);
      case "repository":
        return repositoryPass(key, write);
      default:
        return assertNever(key);
    }
  };
}
