import { TerminalError, TransientError } from "../base/errors.ts";
import type { Instant } from "../core/model.ts";
import type { CommandRead, Waiting } from "../core/waiting.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** Reads something that only commands need; `null`: it cannot be read now, and they wait (`IncidentObservation.waits`). */
export type OrWait = <T>(what: CommandRead, read: () => Promise<T>) => Promise<T | null>;

/** What commands need holds up nothing else, whether GitHub refuses it or does not answer. */
export function createOrWait(
  { unanswered }: ObserveParts,
  incident: string,
  at: Instant,
  waits: Map<string, Waiting>,
): OrWait {
  return async (what, read) => {
    try {
      const answer = await read();
      unanswered.answered(incident, what);
      waits.delete(what);
      return answer;
    } catch (error) {
      if (error instanceof TerminalError) waits.set(what, { since: at, again: at, isRefused: true });
      else if (error instanceof TransientError)
        waits.set(what, unanswered.note(incident, what, at, error.retryAfterMs));
      else throw error;
      return null;
    }
  };
}
