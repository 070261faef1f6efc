import { judgeGate } from "../gate/verdict.ts";
import type { IncidentObservation } from "../observation.ts";
import { fold } from "../record/history.ts";
import type { IncidentRecord } from "../record/record.ts";
import { closersInQuestion } from "./judge-closing.ts";
import { labelersInQuestion } from "./judge-labels.ts";

/**
 * The people whose rights decide what they did on the issue itself, by login: who closed it, opened it again, or swapped the
 * severity label. Nobody, as long as it makes no difference.
 *
 * @param seen all but these rights
 */
export function peopleInQuestion(seen: IncidentObservation, record: IncidentRecord): readonly string[] {
  const gate = judgeGate(seen, fold(record.entries));
  return [...new Set([...closersInQuestion(seen, record, gate), ...labelersInQuestion(seen, record)])];
}
