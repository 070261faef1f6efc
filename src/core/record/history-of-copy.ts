import { readJson } from "../read-json.ts";
import { fold, type History } from "./history.ts";
import { IncidentRecord } from "./record.ts";

/** What the index's copy of a record adds up to; `null` when there is none, or none that can be read. */
export function historyOfCopy(copy: string | null | undefined): History | null {
  const record = readJson(IncidentRecord, copy);
  return record === null ? null : fold(record.entries);
}
