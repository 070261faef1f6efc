import { TransientError } from "../base/errors.ts";
import type { Reader } from "./reading.ts";

/**
 * When comments were edited; nothing if the server does not tell. While only GraphQL is down, comments whose timestamps
 * are the same count as unedited: no `/ack` waits for that.
 */
export const readEdits: Reader = async ({ read }, { repository, issue }, { edits: wanted }) => {
  if (wanted === null) return {};
  try {
    const edits = await read.commentEdits(repository, issue.number);
    return edits === "unsupported" ? {} : { edits };
  } catch (error) {
    if (wanted === "rather" && error instanceof TransientError && error.retryAfterMs === null) return {};
    throw error;
  }
};
