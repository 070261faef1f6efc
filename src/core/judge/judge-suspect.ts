import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";
import type { History } from "../record/history.ts";
import type { Known } from "../record/known.ts";
import { namedFiles, suspectsOf, suspectsSince } from "../regressions/suspects.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** How soon GitHub is asked again, and for how long: after that, people will have found the cause. */
const READ_AGAIN_MS = 60_000;
const WORTH_ASKING_MS = 15 * 60_000;

/** Names the likeliest cause once, if the policy wants reverts first. The incident never waits for it. */
export function judgeSuspect(seen: IncidentObservation, { history }: Known): Judged {
  const facts = suspectsSince(seen.regressions?.suspects ?? [], history.knownGood);
  if (!wantsSuspect(seen, history)) return NOTHING;
  // Finding none when not all were looked at is not an answer either.
  if (facts === null || (facts.isCut && facts.merged.length === 0)) {
    const isYoung = seen.at - history.declared.at < WORTH_ASKING_MS;
    return isYoung ? { ...NOTHING, lookAgainAt: (seen.at + READ_AGAIN_MS) as Instant } : NOTHING;
  }
  const [first] = suspectsOf(facts, namedFiles(seen.issue));
  const good = facts.good === null ? null : facts.good.name.slice(0, 150);
  const pullRequest = first?.pullRequest.number ?? null;
  return { ...NOTHING, entries: [{ kind: "suspected", at: seen.at, by: null, pullRequest, good }] };
}

/** Whether the likeliest cause is still to be named. */
export function wantsSuspect(seen: Pick<IncidentObservation, "policy">, history: History): boolean {
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  return severity?.regressions === "revert" && history.suspected === null && history.closed === null;
}
