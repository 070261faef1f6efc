import { runbookQuestion } from "../core/judge/judge-runbook-list.ts";
import type { IncidentObservation } from "../core/observation.ts";
import type { History } from "../core/record/history.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** The runbooks, when they are looked for; and the words of those that the record lists. */
export async function readRunbooks(
  { runbooks: source }: ObserveParts,
  seen: IncidentObservation,
  history: History,
  lists: boolean,
): Promise<Pick<IncidentObservation, "runbooks" | "runbookTexts">> {
  const globs = seen.policy.policy.runbooks.paths;
  const looks = lists || (history.runbooks === null && history.closed === null && globs.length > 0);
  const listed = (history.runbooks ?? []).map(({ sha }) => sha);
  const [runbooks, texts] = await Promise.all([
    looks ? source.shelf(seen.repository, globs, runbookQuestion(seen, history.severity)) : null,
    source.texts(seen.repository, listed),
  ]);
  return { runbooks, runbookTexts: new Map([...texts, ...(runbooks?.kind === "read" ? runbooks.texts : [])]) };
}
