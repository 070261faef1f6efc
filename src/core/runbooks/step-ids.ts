import type { History } from "../record/history.ts";
import { type RunbookText, stepId, stepIdPrefix } from "./runbook.ts";

/** The ids that steps in the status comment may have. */
export interface RunbookStepIds {
  /** Those of the steps whose words are known now. */
  readonly all: readonly string[];
  /** How the ids of all listed runbooks begin, including those that could not be read. */
  readonly prefixes: readonly string[];
}

/** Which ids of steps are the app's own, according to what the record lists. */
export function stepIdsOf(listed: History["runbooks"], texts: ReadonlyMap<string, RunbookText>): RunbookStepIds {
  const shas = (listed ?? []).map(({ sha }) => sha);
  return {
    all: shas.flatMap((sha) => (texts.get(sha)?.steps ?? []).map((_, at) => stepId(sha, at))),
    prefixes: shas.map(stepIdPrefix),
  };
}
