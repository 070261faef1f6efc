import type { Instant, Repository } from "./model.ts";

/** Something that GitHub was asked for because of a command, and did not do or tell. */
export interface Waiting {
  /** When it was first asked for in vain. */
  readonly since: Instant;
  /** It is not asked for again before that. */
  readonly again: Instant;
  /** GitHub says no: asking again does not help. */
  readonly isRefused?: true;
}

/** What is read for commands, as `IncidentObservation.waits` calls it; what is made is called by its edge. */
export type CommandRead = "read:suspects" | "read:good" | "read:revert" | "read:who" | "read:post-mortem";

/** By what is remembered what an incident waits for. */
export function incidentId({ id }: Repository, number: number): string {
  return `${id}#${number}`;
}
