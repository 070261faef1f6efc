import type { Instant, Repository } from "./model.ts";

/** Something that GitHub was asked for because of a command, and did not do or say. */
export interface Waiting {
  /** When it was first asked for in vain. */
  readonly since: Instant;
  /** It is not asked for again before then. */
  readonly again: Instant;
  /** GitHub says no: asking again does not help. */
  readonly isRefused: boolean;
}

/** What is read for commands, as named in `IncidentObservation.waits`; what is made is named by its edge. */
export type CommandRead =
  | "read:suspects"
  | "read:good"
  | "read:revert"
  | "read:who"
  | "read:post-mortem"
  | "read:writers"
  | "read:items";

/** What filing action items, and following them, waits for. */
export const ITEMS_ASK = "items";

/** The id under which it is remembered what an incident is waiting for. */
export function incidentId({ id }: Repository, number: number): string {
  return `${id}#${number}`;
}
