import { TerminalError, TransientError } from "../base/errors.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import type { Reader } from "./reading.ts";

/** Who did what on the issue, and when. */
export const readTimeline: Reader = async ({ read, people }, { repository, issue }, { timeline: wanted }) => {
  if (wanted === null) return {};
  const { author } = issue;
  if (wanted === "unless-of-the-team" && author !== null) {
    if (isOfTheTeam(await people.permission(repository, author.login))) return {};
  }
  try {
    const { events, isWhole } = await read.timeline(repository, issue.number);
    return { timeline: events, isTimelineCut: !isWhole };
  } catch (error) {
    const isTold = error instanceof TransientError && error.retryAfterMs !== null;
    if (wanted !== "if-told" || isTold || !(error instanceof TransientError || error instanceof TerminalError))
      throw error;
    return {};
  }
};
