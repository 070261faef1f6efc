import type { AlertPolicy, Policy, Severity } from "../policy/policy.ts";
import type { AlertState } from "./alert-state.ts";

/** What the policy says about one alert. */
export interface AlertRule {
  /** `null`: an issue without a severity, for people to declare. */
  readonly severity: Severity | null;
  readonly autoResolve: AlertPolicy["auto-resolve"];
  readonly reopenWithin: AlertPolicy["reopen-within"];
}

/** The rule for an alert; `null`: the policy says nothing about where it comes from, so it does nothing. */
export function alertRule(
  { alerts, severities }: Policy,
  state: Pick<AlertState, "source" | "endpoint" | "severity">,
): AlertRule | null {
  const named = (name: string) => severities.find((one) => one.name === name) ?? severities.at(-1) ?? null;
  if (state.source === "github-actions") {
    const builds = alerts["workflow-runs"];
    return builds === null ? null : { severity: named(builds.severity), ...ending(builds) };
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
