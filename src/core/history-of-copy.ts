import { fold, type History } from "./history.ts";
import { IncidentRecord } from "./record/record.ts";

/** What the index's copy of a record amounts to; `null` when there is none, or none that can be read. */
export function historyOfCopy(copy: string | null | undefined): History | null {
  if (copy == null) return null;
  try {
    const parsed = IncidentRecord.safeParse(JSON.parse(copy));
    return parsed.success ? fold(parsed.data.entries) : null;
  } catch {
    return null;
  }
}
