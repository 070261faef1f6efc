import { applyFollowUps, withStepDone } from "../apply/apply-follow-ups.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import type { Key, Repository } from "../core/model.ts";
import {
  type FollowUpsObservation,
  followUpsStepId,
  nextFollowUpsLook,
  planFollowUps,
} from "../core/plan/plan-follow-ups.ts";
import { observeFollowUps } from "../observe/observe-follow-ups.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import type { Logs, PassParts } from "./pass-parts.ts";
import { remember } from "./remember.ts";

/** Keeps the records that the index did not have: the next look would read each of their conversations again. */
async function keepRecords(
  index: PassParts["index"],
  repository: Repository,
  incidents: FollowUpsObservation["incidents"],
): Promise<void> {
  for (const { issue, record } of incidents) {
    if (((await index.incident(repository.id, issue.number))?.record ?? null) !== null) continue;
    await index.saveRecord(repository.id, issue.number, 0, {
      record: JSON.stringify(record),
      recordRevision: record.revision,
      open: issue.state === "open",
    });
  }
}

/** More steps than one pass takes: a plan that never ends is a bug, and stops here. */
const MAX_STEPS = 150;

/**
 * One pass over what is late in a repository: observe → plan → apply, until its one issue says so. A step that GitHub
 * refuses for good holds up no other.
 */
export async function followUpsPass(
  parts: PassParts & Logs,
  key: Extract<Key, { kind: "follow-ups" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const { index, log, trace } = parts;
  const { repository } = key;
  const found = await observeFollowUps(parts, repository);
  await remember(parts);
  if (found === null) return NOTHING_MORE;
  let { seen } = found;
  await keepRecords(index, repository, seen.incidents);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const now: FollowUpsObservation = seen;
    const [action] = planFollowUps(now);
    if (action === undefined) {
      const alsoLookAt = found.touchedBy.map((number): Key => ({ kind: "pull-request", repository, number }));
      return { checkAgainIn: nextFollowUpsLook(now), alsoLookAt };
    }
    const id = followUpsStepId(action);
    try {
      seen = await trace.take(id, "plan:follow-ups", () => applyFollowUps({ write, index, repository }, now, action));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      log.warn({ action: action.kind, err: error }, "action refused");
      seen = withStepDone(now, action);
    }
  }
  throw new TransientError("a plan did not end");
}
