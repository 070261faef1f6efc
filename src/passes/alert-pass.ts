import type { Logger } from "pino";
import { applyAlert, applyStorm } from "../apply/apply-alert.ts";
import { alertRule } from "../core/alerts/alert-rule.ts";
import type { AlertState } from "../core/alerts/alert-state.ts";
import { buildAlertId, isNews, lookAgainIn, mergeHealth } from "../core/alerts/build-alert.ts";
import { issueOfPageRow } from "../core/alerts/own-page.ts";
import type { Key } from "../core/model.ts";
import { type AlertAction, planAlert, planStorm } from "../core/plan/plan-alert.ts";
import { stormId } from "../core/render/alert-issue.ts";
import { observeAlert } from "../observe/observe-alert.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import { observeWorkflow } from "../observe/observe-workflow.ts";
import type { Lease } from "../queue/lease.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { AlertSourceApis } from "../systems/alert-source.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { tellSource } from "./alert-source-pass.ts";
import { readOwnPage } from "./read-own-page.ts";

type AlertKey = Extract<Key, { kind: "alert" }>;

/** An alert is looked after in four steps at the most: a slot, an issue, its opening, a note. */
const MAX_STEPS = 8;

/**
 * One pass over an alert: observe → plan → apply, until it has its issue. What it means for the incident is judged by the
 * incident's own pass, which follows.
 */
export async function reconcileAlert(
  look: ObserveParts & { readonly log: Logger },
  key: AlertKey,
  write: GitHubWriter,
): Promise<PassResult> {
  const { alerts, log } = look;
  const { repository } = key;
  const parts = { write, alerts, repository };
  const found = await observeAlert(look, key);
  if (found === null) return NOTHING_MORE;
  const note = (action: AlertAction) =>
    log.info({ alert: key.alert, repository: repository.id, action: action.kind }, "a step for an alert");

  if (found.kind === "storm") {
    let seen = found.storm;
    let issue: number | null = null;
    for (const step of steps()) {
      const action = planStorm(seen);
      if (action === null) break;
      if (action.kind === "note-issue") issue = action.issue;
      note(action);
      seen = await applyStorm(parts, seen, action);
      expectEnd(step);
    }
    return alsoIncident(key, issue);
  }

  let seen = found.alert;
  const { state } = seen.alert;
  if (state.status !== "resolved" && alertRule(seen.policy, state) === null) {
    // It was taken while the policy had not been read; after that the sender is told.
    log.warn(
      { endpoint: state.endpoint, source: state.source, repository: repository.id },
      "an alert came for an endpoint that the policy does not name",
    );
  }
  for (const step of steps()) {
    const action = planAlert(seen);
    if (action === null) break;
    note(action);
    seen = await applyAlert(parts, seen, action);
    if (action.kind === "fold") {
      const storm: Key = { kind: "alert", repository, alert: stormId(action.severity) };
      return { checkAgainIn: null, alsoLookAt: [storm] };
    }
    expectEnd(step);
  }
  const { issue, earlierIssue } = seen.alert;
  return alsoIncident(key, issue, issue === found.alert.alert.issue ? null : earlierIssue);
}

/** One pass over a workflow: does it work on the default branch? Its alert says so; that of the alert follows. */
export async function reconcileWorkflow(
  look: ObserveParts & { readonly log: Logger },
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
    state = (await look.alerts.report(repository.id, id, at, merge)).after;
    look.log.info({ repository: repository.id, workflow, alert: id, health: health.kind }, "the state of a build");
  }
  const checkAgainIn = lookAgainIn(seen, state);
  return { checkAgainIn, alsoLookAt: isNews(state, at) ? [{ kind: "alert", repository, alert: id }] : [] };
}

/** One pass over the source of an alert: does it know what became of it? Or over a page there: did somebody answer? */
export async function reconcileAlertSource(
  look: ObserveParts & { readonly apis: AlertSourceApis; readonly log: Logger },
  key: Extract<Key, { kind: "alert-source" }>,
  lease: Lease,
): Promise<PassResult> {
  const { pages, alerts, apis, clock, log } = look;
  if (issueOfPageRow("better-stack", key.alert) !== null) {
    return pages === undefined ? NOTHING_MORE : await readOwnPage({ pages, alerts, apis, clock, log }, key, lease);
  }
  const { onCall } = await look.policies.rules(key.repository);
  return await tellSource(look, key, onCall, lease);
}

/** The one it was with before no longer shows it. */
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
