import type { Logger } from "pino";
import { type ApplyParts, applyAction } from "../apply/apply-action.ts";
import { orUnanswered } from "../apply/or-unanswered.ts";
import type { Trace } from "../base/trace.ts";
import { derive } from "../core/derive.ts";
import type { Key } from "../core/model.ts";
import type { IncidentObservation } from "../core/observation.ts";
import { after } from "../core/plan/after.ts";
import { planSteps } from "../core/plan/plan.ts";
import type { RecordKeys } from "../core/record/seal.ts";
import { lookAtIncident } from "../observe/look-at-incident.ts";
import { readAfterwards } from "../observe/read-afterwards.ts";
import { StatusLook } from "../observe/status-look.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import { fenceIndex } from "../store/fence-index.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { followUps } from "./follow-ups.ts";
import { openRevert } from "./open-revert.ts";
import { PageFirst } from "./page-first.ts";
import type { PassParts } from "./pass-parts.ts";
import type { RevertMemory } from "./revert-memory.ts";
import { Steps } from "./steps.ts";

/**
 * One pass over an incident, the loop itself: observe once; then derive, plan and apply the first step, on the
 * observation after each step, until nothing is left to do.
 */
export async function incidentPass(
  parts: PassParts & {
    readonly recordKeys: RecordKeys;
    readonly memory: RevertMemory;
    readonly log: Logger;
    readonly trace: Trace;
  },
  key: Extract<Key, { kind: "incident" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const { index, chat, clock, memory } = parts;
  const lookWith = { ...parts, index: fenceIndex(index) };
  let seen = await lookAtIncident(lookWith, key);
  if ("kind" in seen) return followUps.elsewhere(index, key, seen, chat?.threads ?? null);
  const statusLook = new StatusLook(lookWith);
  const steps = new Steps(parts);
  const pageFirst = new PageFirst();
  for (;;) {
    const now: IncidentObservation = seen;
    const incident = derive(now);
    if (incident === null) return NOTHING_MORE;
    const step = steps.next(planSteps(now, incident));
    if (step === null) {
      const more = await readAfterwards(lookWith, now, incident.history);
      if (more === null) return followUps.ofIncident(lookWith, key, now, incident, chat, clock.now());
      seen = more;
      continue;
    }
    const { action } = step;
    seen = await statusLook.before(action, now);
    if (seen !== now) continue;
    const revert: ApplyParts["openRevert"] = (pullRequest, content) =>
      openRevert({ read: lookWith.read, write, memory }, now.repository, pullRequest, content);
    const apply = () => applyAction({ ...lookWith, write, openRevert: revert }, now, action);
    const learned = await steps.take(step, () =>
      pageFirst.take(action, () => orUnanswered(lookWith, now, action, apply)),
    );
    if (learned !== null) seen = after(now, action, learned);
  }
}
