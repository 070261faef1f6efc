import type { Instant, Millis, WorkflowRunFacts } from "../model.ts";
import { matchesAny } from "../policy/glob.ts";
import type { WorkflowRunPolicy } from "../policy/policy.ts";
import { type AlertChange, UNSAID } from "./alert-change.ts";
import { type AlertState, alertId } from "./alert-state.ts";
import type { BuildHealth } from "./build-health.ts";
import { mergeChange } from "./merge-change.ts";
import { cut } from "./payload-fields.ts";

const FROM = { source: "github-actions", endpoint: "workflow-runs" } as const;

/** How often a run in progress is looked up: the webhook about its end may be lost. */
const RUNNING_LOOK_MS = 300_000;
/** The longest a job runs (GitHub docs, "Actions limits"); what takes longer waits for people. */
const LONGEST_RUN_MS = 6 * 3_600_000;
/** A broken build is looked at again after half an hour, then after longer and longer, up to this. */
const BROKEN_LOOK_MS = { least: 1_800_000, most: 6 * 3_600_000 } as const;
/** A pass over the alert may have been lost with its process, but not one from long ago. */
const NEWS_MS = 3_600_000;

/** The alert of a workflow: one for each, whatever its name and its runs. */
export function buildAlertId(workflow: number): string {
  return alertId(FROM.source, FROM.endpoint, keyOf(workflow));
}

/** Whether the policy watches the workflow, by its display name or by its file. */
export function isWatched({ workflow, file }: WorkflowRunFacts, policy: WorkflowRunPolicy): boolean {
  const isNamed = (globs: readonly string[]) =>
    [workflow, file].some((name) => name !== null && matchesAny(globs, name));
  return isNamed(policy.workflows) && !isNamed(policy.ignore);
}

/**
 * Where the alert of a workflow stands, after GitHub was asked. Unlike other sources, GitHub says how things are now
 * and not what happened: what was known gives way, whatever the times of the runs.
 */
export function mergeHealth(
  known: AlertState | null,
  workflow: number,
  health: Exclude<BuildHealth, { kind: "unknown" }>,
  branch: string,
  now: Instant,
): AlertState {
  const broken = health.kind === "broken";
  const at = broken ? health.first.updatedAt : health.latest.updatedAt;
  const change = changeOf(workflow, {
    change: broken ? "fired" : "resolved",
    at: Math.max(at, notBefore(known, broken)) as Instant,
    title: `${branch} build is broken in CI: ${health.latest.workflow}`,
    url: health.latest.url,
    labels: labelsOf(health),
  });
  return mergeChange(known, FROM, change, now);
}

/** The alert of a workflow as it was when it opened its issue, for a process that knows only the issue. */
export function buildAlertSince(workflow: number, title: string, at: Instant): AlertState {
  return mergeChange(null, FROM, changeOf(workflow, { change: "fired", at, title, url: null, labels: {} }), at);
}

/** When to look again if no webhook comes. A build that works costs nothing. */
export function lookAgainIn(
  seen: { readonly at: Instant; readonly runningSince: Instant | null },
  state: AlertState | null,
): Millis | null {
  if (seen.runningSince !== null && seen.at - seen.runningSince < LONGEST_RUN_MS) return RUNNING_LOOK_MS as Millis;
  if (state === null || state.status === "resolved") return null;
  const { least, most } = BROKEN_LOOK_MS;
  return Math.min(most, Math.max(least, seen.at - (state.firedAt ?? seen.at))) as Millis;
}

/** Whether the alert has to be looked at: while it is firing, and shortly after it has ended. */
export function isNews(state: AlertState | null, at: Instant): boolean {
  return state !== null && (state.status !== "resolved" || at - (state.resolvedAt ?? 0) < NEWS_MS);
}

function keyOf(workflow: number): string {
  return `workflow:${workflow}`;
}

function changeOf(
  workflow: number,
  told: Pick<AlertChange, "change" | "at" | "title" | "url" | "labels">,
): AlertChange {
  return {
    ...UNSAID,
    ...told,
    key: keyOf(workflow),
    externalId: null,
    order: "time",
    title: cut(told.title, 200),
    summary: "",
    severity: null,
    actor: null,
  };
}

/** The time from which on the change wins. */
function notBefore(known: AlertState | null, broken: boolean): number {
  if (known === null) return 0;
  const last = Math.max(known.lastStartAt ?? 0, known.acknowledgedAt ?? 0, known.resolvedAt ?? 0);
  // A continuing failure says nothing new; one after the end of the last is a new firing.
  if (broken) return known.status === "resolved" ? last + 1 : 0;
  return known.status === "resolved" ? 0 : last;
}

function labelsOf(health: Exclude<BuildHealth, { kind: "unknown" }>): Readonly<Record<string, string>> {
  const { latest } = health;
  const first = health.kind === "broken" && health.first.number !== latest.number ? health.first : null;
  return {
    workflow: cut(latest.workflow, 200),
    file: cut(latest.file ?? "", 200),
    commit: latest.sha,
    run: `${latest.number}${latest.attempt > 1 ? `, attempt ${latest.attempt}` : ""}`,
    event: cut(latest.event, 200),
    result: cut(latest.conclusion ?? "", 200),
    ...(first === null ? {} : { "failing since": `run ${first.number}, commit ${first.sha}` }),
  };
}
