import type { Millis } from "../model.ts";
import { defaultPolicy } from "./default-policy.ts";
import { describePolicyChange, pairSeverities, showCondition } from "./describe-change.ts";
import type { Policy, Severity } from "./policy.ts";
import { shortDuration } from "./show-duration.ts";
import { showChoice } from "./show-value.ts";

/** What a policy means, for somebody who wrote it and wants to see whether that was understood. Plain text. */
export interface PolicyMeaning {
  /** Most severe first. */
  readonly severities: readonly SeverityMeaning[];
  /** What it changes from the built-in policy, as one sentence each without a full stop. */
  readonly otherwise: readonly string[];
}

export interface SeverityMeaning {
  readonly severity: string;
  readonly label: string;
  /** As the file has them, such as `15m`; `null`: there is none. */
  readonly "acknowledge-within": string | null;
  readonly "update-every": string | null;
  readonly "post-mortem-within": string | null;
  readonly "action-items-within": string | null;
  /** What it needs to close, such as `a post-mortem or a runbook pull request`. */
  readonly "needs-to-close": string;
}

/** Says in words what a policy means. */
export function describePolicy(policy: Policy): PolicyMeaning {
  return {
    severities: policy.severities.map((severity) => ({
      severity: severity.name,
      label: severity.label,
      "acknowledge-within": deadline(severity["acknowledge-within"]),
      "update-every": deadline(severity["update-every"]),
      "post-mortem-within": deadline(severity["post-mortem-within"]),
      "action-items-within": deadline(severity["action-items-within"]),
      "needs-to-close": showCondition(severity["close-requires"]),
    })),
    otherwise: [
      ...lostSeverities(defaultPolicy().severities, policy.severities),
      ...describePolicyChange({ ...defaultPolicy(), severities: policy.severities }, policy),
    ],
  };
}

/**
 * What `severities:` takes away by leaving it out, as it replaces all built-in ones. Somebody who shares none of them has chosen
 * severities of their own and misses nothing.
 */
function lostSeverities(builtIn: readonly Severity[], own: readonly Severity[]): readonly string[] {
  const pairs = pairSeverities(builtIn, own).flatMap(({ was, is }) => (was === null ? [] : [{ was, is }]));
  const lost = pairs.flatMap(({ was, is }) => (is === null ? [was.name] : []));
  if (lost.length === pairs.length) return [];
  return [
    ...(lost.length === 0
      ? []
      : [`${showChoice(lost, "and")} ${lost.length === 1 ? "is no incident" : "are no incidents"} here`]),
    ...pairs.flatMap(({ was, is }) => {
      if (is === null) return [];
      const gone = DEADLINES.filter(([key]) => was[key] !== null && is[key] === null).map(([, what]) => what);
      return gone.length === 0 ? [] : [`${is.name} has no ${showChoice(gone)} deadline`];
    }),
  ];
}

const DEADLINES = [
  ["acknowledge-within", "acknowledgment"],
  ["update-every", "update"],
  ["post-mortem-within", "post-mortem"],
] as const;

function deadline(limit: Millis | null): string | null {
  return limit === null ? null : shortDuration(limit);
}
