import { TransientError } from "../base/errors.ts";
import type { Reader } from "./reading.ts";

/**
 * When comments were edited; nothing, where the server does not tell. While GraphQL alone is down, comments whose times are
 * the same count as they were written: no `/ack` waits for that.
 */
export const readEdits: Reader = async ({ read }, { repository, issue }, { edits: wanted }) => {
  if (wanted === undefined) return {};
  try {
    const edits = await read.commentEdits(repository, issue.number);
    return edits === "unsupported" ? {} : { edits };
  } catch (error) {
    if (wanted === "rather" && error instanceof TransientError && error.retryAfterMs === null) return {};
    throw error;
  }
};
