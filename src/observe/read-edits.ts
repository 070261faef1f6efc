import { TransientError } from "../base/errors.ts";
import type { asksForEdits } from "../core/judge/pending-commands.ts";
import type { IncidentObservation } from "../core/observation.ts";
import type { ObserveParts } from "./observe-parts.ts";

/**
 * When comments were edited; nothing, where the server does not tell. While GraphQL alone is down, comments whose times are
 * the same count as they were written: no `/ack` waits for that.
 */
export async function readEdits(
  { read }: ObserveParts,
  { repository, issue }: IncidentObservation,
  asks: ReturnType<typeof asksForEdits>,
): Promise<Pick<IncidentObservation, "edits">> {
  if (asks === null) return {};
  try {
    const edits = await read.commentEdits(repository, issue.number);
    return edits === "unsupported" ? {} : { edits };
  } catch (error) {
    if (asks === "rather" && error instanceof TransientError && error.retryAfterMs === null) return {};
    throw error;
  }
}
