import type { IncidentObservation } from "../observation.ts";
import { canSay } from "../observation.ts";
import type { Known } from "../record/known.ts";
import { type RunbookStepIds, stepIdsOf } from "../runbooks/step-ids.ts";
import { ITEM, ITEM_IDS } from "../words/checklist-items.ts";

/**
 * Reads the ticks from the status comment as it is. An item that is no longer there keeps its earlier tick.
 *
 * Anyone GitHub lets edit the comment may tick: that takes write access.
 */
export function readTicks(
  statusText: string,
  earlier: readonly string[],
  automatic: readonly string[],
  steps: RunbookStepIds = { all: [], prefixes: [] },
): readonly string[] {
  // Ticks of runbooks that are no longer listed are dropped with them: the record has room for a few.
  const ticks = new Set(
    earlier.filter((id) => !id.startsWith("step-") || steps.prefixes.some((prefix) => id.startsWith(prefix))),
  );
  for (const line of statusText.split(/[\n\r\u2028\u2029]/)) {
    const match = ITEM.exec(line);
    if (match === null) continue;
    const { id, mark } = match.groups as { id: string; mark: string };
    // What the app never wrote is not an item, and must not fill the record.
    if (!ITEM_IDS.has(id) && !steps.all.includes(id)) continue;
    // A tick that Sevgate set itself is not a person's: it goes when its reason goes.
    if (automatic.includes(id)) continue;
    if (mark === " ") ticks.delete(id);
    else ticks.add(id);
  }
  return [...ticks].sort();
}

export function withTicks(seen: IncidentObservation, known: Known): Known {
  // If the comment cannot be written, only the record is up to date.
  if (seen.status === null || !canSay(seen)) return known;
  const { record, history } = known;
  const automatic = ["learn"];
  if (history.acknowledged !== null) automatic.push("acknowledge");
  if (history.lastUpdate !== null) automatic.push("update");
  if (history.reverts.length > 0) automatic.push("revert");
  if (history.announced !== null) automatic.push("thread");
  const steps = stepIdsOf(history.runbooks, seen.runbookTexts);
  return known.withTicks(readTicks(seen.status.text, record.ticks, automatic, steps));
}

/**
 * The ids of the boxes of the status comment, from the top, as people see them: a template of the repository may show
 * others, in another order.
 *
 * @param statusText as it is; `null`: there is none
 */
export function boxIds(statusText: string | null, steps: RunbookStepIds): readonly string[] {
  const shown = (statusText ?? "").split(/[\n\r\u2028\u2029]/).flatMap((line) => ITEM.exec(line)?.groups?.["id"] ?? []);
  return [...new Set(shown.filter((id) => ITEM_IDS.has(id) || steps.prefixes.some((prefix) => id.startsWith(prefix))))];
}
