import { ALERT_LABEL } from "../core/plan/plan-alert.ts";
import type { Policy } from "../core/policy/policy.ts";
import { SEVERITY_COLORS, STATE_LABELS } from "../core/record/state-label.ts";

/** The labels Sevgate works with in a repository; missing ones are created, the others are left as they are. */
export function neededLabels(
  policy: Policy,
): readonly { readonly name: string; readonly color: string; readonly description: string }[] {
  return [
    ...policy.severities.map((severity, at) => ({
      name: severity.label,
      color: SEVERITY_COLORS[Math.min(at, SEVERITY_COLORS.length - 1)]!,
      description: severity.description.slice(0, 100),
    })),
    ...Object.values(STATE_LABELS),
    ...(takesAlerts(policy) ? [{ name: ALERT_LABEL, color: "fbca04", description: "Opened by an alert" }] : []),
    { name: policy["post-mortem"].label, color: "1d76db", description: "What happened, why, and what follows from it" },
  ];
}

function takesAlerts({ alerts }: Policy): boolean {
  return alerts.endpoints.length > 0;
}
