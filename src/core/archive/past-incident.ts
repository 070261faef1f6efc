import type { IssueFacts } from "../model.ts";
import type { History } from "../record/history.ts";
import type { IncidentRecord } from "../record/record.ts";

/** An incident as its issue and its record tell it: what was, without another look at its evidence. */
export interface PastIncident {
  readonly issue: IssueFacts;
  readonly record: IncidentRecord;
  /** The record, folded. */
  readonly history: History;
}

/** The incidents of a repository. */
export interface Archive {
  /** By number, drills among them. */
  readonly incidents: readonly PastIncident[];
  /** Issues with the label of a severity whose record is missing, or cannot be trusted, by number. */
  readonly unreadable: readonly number[];
  /** Issues that were not looked at because there are too many: the oldest. */
  readonly unread: number;
}
