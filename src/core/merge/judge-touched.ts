import { type TouchedItem, touchedItems } from "../debt/touched-items.ts";
import { sameTarget } from "../names.ts";
import { closersOf } from "./closers.ts";
import type { MergeObservation } from "./merge-observation.ts";

/** What a merge means for open action items. */
export interface TouchedFinding {
  /** Those it touches and does not close, what is late first. */
  readonly touched: readonly TouchedItem[];
  /** Those of them that are late and not snoozed. */
  readonly late: readonly TouchedItem[];
  /** Not everything could be read: there may be more. */
  readonly isUnsure: boolean;
}

/** Judges which open action items a merge touches. What it closes, it is about. Pure. */
export function judgeTouched(seen: MergeObservation): TouchedFinding {
  if (seen.openItems === null) return { touched: [], late: [], isUnsure: false };
  const { items, isWhole } = seen.openItems;
  const closed = closersOf(seen).map(({ target }) => target);
  const touched = touchedItems(seen.files, items).filter(
    ({ open }) => !closed.some((target) => sameTarget(target, open.item.target)),
  );
  const isLate = ({ open }: TouchedItem) => open.due !== null && open.due.at < seen.at && !open.isAsleep;
  const inOrder = touched.toSorted((a, b) => Number(isLate(b)) - Number(isLate(a)));
  return { touched: inOrder, late: inOrder.filter(isLate), isUnsure: !isWhole };
}
