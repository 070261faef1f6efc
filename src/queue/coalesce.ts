import type { WorkRow } from "./queue-rows.ts";

/**
 * What becomes of a key that is added: it waits once, at the best place it was ever given. A key that is being worked on
 * waits for one more pass, however often it is added in the meantime: the running pass may have read before the hint.
 *
 * @param known the row the key already has; `null`: none
 */
export function coalesce(known: WorkRow | null, added: WorkRow, isWorkedOn: boolean): WorkRow {
  if (known === null) return { ...added, again: isWorkedOn };
  if (isWorkedOn && !known.again) return { ...added, starts: known.starts, again: true };
  return known.rank >= added.rank ? known : { ...known, rank: added.rank };
}
