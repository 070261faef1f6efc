import { together } from "../linked-evidence.ts";
import { judgePostMortems } from "./post-mortem.ts";
import type { RequirementRule } from "./requirement-rule.ts";

/** How many action items of the post-mortem name an issue or pull request, and how many do not. */
export interface ActionItemsFinding {
  readonly requirement: "action-items-filed";
  readonly filed: number;
  readonly unfiled: number;
  readonly inPostMortem: boolean;
  /** The post-mortem is in a private repository: nothing is said about its items. */
  readonly isSealed: boolean;
}

/** Each action item of the post-mortem names an issue. */
export const ACTION_ITEMS_FILED: RequirementRule<ActionItemsFinding> = {
  reads: [],
  judge(seen, history) {
    const found = judgePostMortems(seen, history);
    const best = found.find((candidate) => candidate.status === "met") ?? found[0];
    const filed = best?.filedItems ?? 0;
    const unfiled = best?.unfiledItems ?? 0;
    const met = filed > 0 && unfiled === 0;
    const isUnknown = together(found, seen.unread["post-mortem"]).status === "unknown";
    return {
      status: met ? "met" : isUnknown ? "unknown" : "unmet",
      finding: {
        requirement: "action-items-filed",
        filed,
        unfiled,
        inPostMortem: best !== undefined,
        isSealed: best?.isSealed === true,
      },
      satisfiedBy: [],
    };
  },
};
