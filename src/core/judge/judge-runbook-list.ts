import { textLines } from "../markdown/text-lines.ts";
import type { Instant } from "../model.ts";
import type { IncidentObservation, RunbookShelf } from "../observation.ts";
import type { Entry } from "../record/entry.ts";
import type { Known } from "../record/known.ts";
import { type MatchedRunbook, matchRunbooks, type RunbookQuestion } from "../runbooks/match-runbooks.ts";
import { type Judged, NOTHING } from "./judged.ts";

/** How soon runbooks that GitHub did not return are asked for again. */
const READ_AGAIN_MS = 60_000;
/** The longest path the record accepts, in UTF-16 code units. */
const LONGEST_PATH_CHARACTERS = 300;

/** Lists the matching runbooks once, as soon as they can be read. The incident never waits for them. */
export function judgeRunbookList(seen: IncidentObservation, { history }: Known): Judged {
  if (history.runbooks !== null || seen.runbooks === null) return NOTHING;
  if (seen.runbooks.kind === "unread" && !seen.runbooks.isForGood) {
    return { ...NOTHING, lookAgainAt: (seen.at + READ_AGAIN_MS) as Instant };
  }
  return { ...NOTHING, entries: [runbooksMatched(seen, history.severity)] };
}

/** What the record remembers about looking for runbooks. */
export function runbooksMatched(seen: IncidentObservation, severity: string): Entry {
  const shelf = seen.runbooks;
  const matching = shelf?.kind === "read" ? matchingRunbooks(seen, shelf, severity) : [];
  return {
    kind: "runbooks-matched",
    at: seen.at,
    by: null,
    runbooks: matching.map(({ runbook: { path, sha } }) => ({ path, sha, changedAt: changedAt(shelf, path) })),
  };
}

/** The runbooks that match an incident of this severity, best first. */
export function matchingRunbooks(
  seen: Pick<IncidentObservation, "issue">,
  shelf: Extract<RunbookShelf, { kind: "read" }>,
  severity: string,
): readonly MatchedRunbook[] {
  const listable = shelf.runbooks.filter(({ path }) => path.length <= LONGEST_PATH_CHARACTERS);
  return matchRunbooks(listable, runbookQuestion(seen, severity));
}

/** What is asked of the runbooks for an incident. */
export function runbookQuestion({ issue }: Pick<IncidentObservation, "issue">, severity: string): RunbookQuestion {
  const text = textLines(issue.body)
    .map((line) => line.text)
    .join("\n");
  return { title: issue.title, text, labels: issue.labels, severity };
}

function changedAt(shelf: RunbookShelf | null, path: string): Instant | null {
  return shelf?.kind === "read" ? (shelf.changedAt.get(path) ?? null) : null;
}
