import type { IncidentObservation } from "../core/observation.ts";
import type { Wanted } from "../core/wanted.ts";
import type { createEvidencePlaces } from "./evidence-places.ts";
import type { ObserveParts } from "./observe-parts.ts";
import type { OrWait } from "./or-wait.ts";

/** What one look at an incident reads with. */
export interface Reading extends ObserveParts {
  readonly places: ReturnType<typeof createEvidencePlaces>;
  readonly orWait: OrWait;
}

/**
 * Reads what is wanted of one kind; nothing if it is not wanted.
 *
 * @returns what is new in the observation
 * @throws TransientError, TerminalError as the port does
 */
export type Reader = (reading: Reading, seen: IncidentObservation, wanted: Wanted) => Promise<Facts>;

/** Some fields of the observation. */
export type Facts = Partial<IncidentObservation>;
