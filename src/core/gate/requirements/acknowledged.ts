import type { RequirementRule } from "./requirement-rule.ts";

/** `by`: who is on it; `null`: nobody, or nobody we can name. */
export interface AcknowledgedFinding {
  readonly requirement: "acknowledged";
  readonly by: string | null;
  readonly met: boolean;
}

/** Somebody has taken responsibility. */
export const ACKNOWLEDGED: RequirementRule<AcknowledgedFinding> = {
  reads: [],
  judge(_, history) {
    const met = history.acknowledged !== null;
    const finding = { requirement: "acknowledged", by: history.responder, met } as const;
    return { status: met ? "met" : "unmet", finding, satisfiedBy: [] };
  },
};
