import type { Requirement, Requires } from "../../policy/policy.ts";
import { ACKNOWLEDGED } from "./acknowledged.ts";
import { ACTION_ITEMS_FILED } from "./action-items-filed.ts";
import { FIX_MERGED } from "./fix-merged.ts";
import { KEY_TIMES_GIVEN } from "./key-times.ts";
import { POST_MORTEM } from "./post-mortem.ts";
import type { GateRead, RequirementRule } from "./requirement-rule.ts";
import { RUNBOOK_PR } from "./runbook-pr.ts";

/** Every requirement. Does not compile while one is missing. */
export const REQUIREMENT_RULES = {
  acknowledged: ACKNOWLEDGED,
  "post-mortem": POST_MORTEM,
  "runbook-pr": RUNBOOK_PR,
  "fix-merged": FIX_MERGED,
  "action-items-filed": ACTION_ITEMS_FILED,
  "key-times": KEY_TIMES_GIVEN,
} satisfies { readonly [Name in Requirement]: RequirementRule<{ readonly requirement: Name }> };

/** What was found for one requirement. Rendered in `core/render/verdict.ts`. */
export type Finding = ReturnType<(typeof REQUIREMENT_RULES)[Requirement]["judge"]>["finding"];

/** Whether something is read for what a severity asks for. */
export function asksToRead(requires: Requires, what: GateRead): boolean {
  return requires.kind === "requirement"
    ? REQUIREMENT_RULES[requires.name].reads.includes(what)
    : requires.of.some((part) => asksToRead(part, what));
}
