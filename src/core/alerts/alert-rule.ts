import type { AlertPolicy, Policy, Severity } from "../policy/policy.ts";
import { type AlertState, burningMembers } from "./alert-state.ts";

/** What the policy says about one alert. */
export interface AlertRule {
  /** `null`: an issue without a severity, for people to declare. */
  readonly severity: Severity | null;
  readonly autoResolve: AlertPolicy["auto-resolve"];
  readonly reopenWithin: AlertPolicy["reopen-within"];
}

/**
 * The rule for an alert, with the most severe level any firing part of it asks for; `null`: the policy does not mention
 * its source, so it has no effect.
 */
export function alertRule(
  { alerts, severities }: Policy,
  state: Pick<AlertState, "source" | "endpoint" | "severity" | "members">,
): AlertRule | null {
  const named = (name: string) => severities.find((one) => one.name === name) ?? severities.at(-1) ?? null;
  if (state.source === "github-actions") {
    const builds = alerts["workflow-runs"];
    return builds === null ? null : { severity: named(builds.severity), ...ending(builds) };
  }
  const endpoint = alerts.endpoints.find(({ name }) => name === state.endpoint);
  if (endpoint === undefined) return null;
  const own = new Map(Object.entries(endpoint.severities));
  const asked = wordsOf(state).map((word) => named((word === null ? undefined : own.get(word)) ?? endpoint.severity));
  // The policy names the most severe first.
  const worst = severities.find((one) => asked.includes(one)) ?? null;
  return { severity: endpoint.opens === "issue" ? null : worst, ...ending(endpoint) };
}

/** The source's own severity words for whatever is firing, each once; for a group, those of its members. */
export function wordsOf(state: Pick<AlertState, "severity" | "members">): readonly (string | null)[] {
  const burning = burningMembers(state);
  return burning.length === 0 ? [state.severity] : [...new Set(burning.map(({ severity }) => severity))];
}

function ending(policy: AlertPolicy): Pick<AlertRule, "autoResolve" | "reopenWithin"> {
  return { autoResolve: policy["auto-resolve"], reopenWithin: policy["reopen-within"] };
}
