import type { Trace } from "../base/trace.ts";
import type { AlertState } from "../core/alerts/alert-state.ts";
import { buildAlertId, isNews, lookAgainIn, mergeHealth } from "../core/alerts/build-alert.ts";
import type { Key } from "../core/model.ts";
import { observeWorkflow } from "../observe/observe-workflow.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { PassParts } from "./pass-parts.ts";

/** One pass over a workflow: does it work on the default branch? Its alert then says so, and the alert's pass follows. */
export async function workflowPass(
  look: PassParts & { readonly trace: Trace },
  key: Extract<Key, { kind: "workflow" }>,
  lease: Lease,
): Promise<PassResult> {
  const { repository, workflow } = key;
  const seen = await observeWorkflow(look, key);
  if (seen === null) return NOTHING_MORE;
  const { at, branch, health } = seen;
  const id = buildAlertId(workflow);
  let state = seen.known;
  if (health.kind !== "unknown" && (health.kind === "broken" || state !== null)) {
    await lease.assertHeld();
    const merge = (known: AlertState | null) => mergeHealth(known, workflow, health, branch, at);
    const report = () => look.alerts.report(repository.id, id, at, merge);
    state = (await look.trace.take("report-build", `plan:build:${health.kind}`, report)).after;
  }
  const checkAgainIn = lookAgainIn(seen, state);
  return { checkAgainIn, alsoLookAt: isNews(state, at) ? [{ kind: "alert", repository, alert: id }] : [] };
}
