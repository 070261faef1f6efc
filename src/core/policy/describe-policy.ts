import type { Millis } from "../model.ts";
import { defaultPolicy } from "./default-policy.ts";
import { describePolicyChange, showCondition } from "./describe-change.ts";
import type { Policy } from "./policy.ts";
import { shortDuration } from "./show-duration.ts";

/** What a policy means, for somebody who wrote it and wants to see whether that was understood. Plain text. */
export interface PolicyMeaning {
  /** Most severe first. */
  readonly severities: readonly SeverityMeaning[];
  /** What else is not as built in, as one sentence each without a full stop. */
  readonly otherwise: readonly string[];
}

export interface SeverityMeaning {
  readonly severity: string;
  readonly label: string;
  /** As the file has them, such as `15m`; `null`: there is none. */
  readonly "acknowledge-within": string | null;
  readonly "update-every": string | null;
  readonly "post-mortem-within": string | null;
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
      "needs-to-close": showCondition(severity["close-requires"]),
    })),
    otherwise: describePolicyChange({ ...defaultPolicy(), severities: policy.severities }, policy),
  };
}

function deadline(limit: Millis | null): string | null {
  return limit === null ? null : shortDuration(limit);
}
