import { judgeGate } from "../gate/verdict.ts";
import type { IncidentObservation } from "../observation.ts";
import type { Known } from "../record/known.ts";
import { closersInQuestion } from "./judge-closing.ts";
import { labelersInQuestion } from "./judge-labels.ts";

/**
 * The people whose rights decide what they did on the issue itself, by login: who closed it, opened it again, or swapped the
 * severity label. Nobody, as long as it makes no difference.
 *
 * @param seen all but these rights
 */
export function peopleInQuestion(seen: IncidentObservation, known: Known): readonly string[] {
  const gate = judgeGate(seen, known.history);
  return [...new Set([...closersInQuestion(seen, known, gate), ...labelersInQuestion(seen, known)])];
}
