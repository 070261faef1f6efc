import type { AlertPolicy, Policy, Severity } from "../policy/policy.ts";
import type { AlertState } from "./alert-state.ts";

/** Where `workflow_run` comes in: no address, and a section of its own in the policy. */
export const WORKFLOW_ENDPOINT = "github-actions";

/** What the policy says about one alert. */
export interface AlertRule {
  /** `null`: an issue without a severity, for people to declare. */
  readonly severity: Severity | null;
  readonly autoResolve: AlertPolicy["auto-resolve"];
  readonly reopenWithin: AlertPolicy["reopen-within"];
}

/** The rule for an alert; `null`: the policy says nothing about its endpoint, so it does nothing. */
export function alertRule(
  { alerts, severities }: Policy,
  state: Pick<AlertState, "endpoint" | "source" | "severity">,
): AlertRule | null {
  const named = (name: string) => severities.find((one) => one.name === name) ?? severities.at(-1) ?? null;
  if (state.source === "github-actions") {
    const runs = alerts["workflow-runs"];
    return runs.watch === "off" ? null : { severity: named(runs.severity), ...ending(runs) };
  }
  const endpoint = alerts.endpoints.find(({ name }) => name === state.endpoint);
  if (endpoint === undefined) return null;
  const own = state.severity === null ? null : Object.entries(endpoint.severities);
  const mapped = own?.find(([word]) => word === state.severity)?.[1];
  const severity = endpoint.opens === "issue" ? null : named(mapped ?? endpoint.severity);
  return { severity, ...ending(endpoint) };
}

function ending(policy: AlertPolicy): Pick<AlertRule, "autoResolve" | "reopenWithin"> {
  return { autoResolve: policy["auto-resolve"], reopenWithin: policy["reopen-within"] };
}
