import type { Logger } from "pino";
import { applyAlert, applyStorm } from "../apply/apply-alert.ts";
import type { Trace } from "../base/trace.ts";
import { alertRule } from "../core/alerts/alert-rule.ts";
import type { Key } from "../core/model.ts";
import { alertStepId, planAlert, planStorm } from "../core/plan/plan-alert.ts";
import { stormId } from "../core/render/alert-issue.ts";
import { observeAlert } from "../observe/observe-alert.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import type { PassParts } from "./pass-parts.ts";

type AlertKey = Extract<Key, { kind: "alert" }>;

/** An alert takes five steps at most: a slot, a label, an issue, its opening, a note. */
const MAX_STEPS = 8;

/**
 * One pass over an alert: observe → plan → apply, until it has its issue. What that means for the incident is judged by
 * the incident's own pass, which follows.
 */
export async function alertPass(
  look: PassParts & { readonly log: Logger; readonly trace: Trace },
  key: AlertKey,
  write: GitHubWriter,
): Promise<PassResult> {
  const { alerts, log, trace } = look;
  const { repository } = key;
  const parts = { write, alerts, index: look.index, repository };
  const found = await observeAlert(look, key);
  if (found === null) return NOTHING_MORE;

  if (found.kind === "storm") {
    let seen = found.storm;
    let issue: number | null = null;
    for (const step of steps()) {
      const action = planStorm(seen);
      if (action === null) break;
      if (action.kind === "note-issue") issue = action.issue;
      const now = seen;
      seen = await trace.take(alertStepId(action), "plan:storm", () => applyStorm(parts, now, action));
      expectEnd(step);
    }
    return alsoIncident(key, issue);
  }

  let seen = found.alert;
  const { state } = seen.alert;
  if (state.status !== "resolved" && alertRule(seen.policy, state) === null) {
    // It was accepted before the policy had been read; from then on the sender is told.
    log.warn(
      { endpoint: state.endpoint, source: state.source, repository: repository.id },
      "an alert came for an endpoint that the policy does not name",
    );
  }
  for (const step of steps()) {
    const action = planAlert(seen);
    if (action === null) break;
    const now = seen;
    seen = await trace.take(alertStepId(action), `plan:alert:${state.status}`, () => applyAlert(parts, now, action));
    if (action.kind === "fold") {
      const storm: Key = { kind: "alert", repository, alert: stormId(action.severity) };
      return { checkAgainIn: null, alsoLookAt: [storm] };
    }
    expectEnd(step);
  }
  const { issue, earlierIssue } = seen.alert;
  return alsoIncident(key, issue, issue === found.alert.alert.issue ? null : earlierIssue);
}

/** The issue it belonged to before no longer shows it. */
function alsoIncident({ repository }: AlertKey, ...numbers: readonly (number | null)[]): PassResult {
  const known = numbers.filter((number) => number !== null);
  return { checkAgainIn: null, alsoLookAt: known.map((number): Key => ({ kind: "incident", repository, number })) };
}

function steps(): Iterable<number> {
  return Array.from({ length: MAX_STEPS }, (_, step) => step + 1);
}

function expectEnd(step: number): void {
  if (step === MAX_STEPS) throw new Error("a pass over an alert does not come to an end");
}
