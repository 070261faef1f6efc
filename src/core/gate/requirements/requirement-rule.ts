import type { Reference } from "../../model.ts";
import type { IncidentObservation } from "../../observation.ts";
import type { Requirement } from "../../policy/policy.ts";
import type { History } from "../../record/history.ts";
import type { VerdictStatus } from "../verdict-status.ts";

/** What is read from GitHub for single requirements. `fixes`: the pull requests that name the incident. */
export type GateRead = "fixes";

/** How one of the things a severity can ask for, before its incidents close, is judged. */
export interface RequirementRule<Finding extends { readonly requirement: Requirement }> {
  /** What is read only if a severity asks for it. What is linked to an incident is always read. */
  readonly reads: readonly GateRead[];
  /** Pure. `unknown` if GitHub did not say enough: that neither opens the gate nor accuses anybody. */
  readonly judge: (seen: IncidentObservation, history: History) => Judgement<Finding>;
}

/** Whether a requirement is met. What was found is shown by `core/render/verdict.ts`. */
export interface Judgement<Finding> {
  readonly status: VerdictStatus;
  readonly finding: Finding;
  /** What meets it now; kept with a close, so that its disappearance is noticed. */
  readonly satisfiedBy: readonly Reference[];
}
