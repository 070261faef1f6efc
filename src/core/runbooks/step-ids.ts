import type { History } from "../record/history.ts";
import { type RunbookText, stepId, stepIdPrefix } from "./runbook.ts";

/** The ids that steps in the status comment may have. */
export interface RunbookStepIds {
  /** Of the steps whose words are known now. */
  readonly all: readonly string[];
  /** What the ids of all listed runbooks begin with, also of those that could not be read. */
  readonly prefixes: readonly string[];
}

/** Which ids of steps are the app's own, by what the record lists. */
export function stepIdsOf(listed: History["runbooks"], texts: ReadonlyMap<string, RunbookText>): RunbookStepIds {
  const shas = (listed ?? []).map(({ sha }) => sha);
  return {
    all: shas.flatMap((sha) => (texts.get(sha)?.steps ?? []).map((_, at) => stepId(sha, at))),
    prefixes: shas.map(stepIdPrefix),
  };
}
