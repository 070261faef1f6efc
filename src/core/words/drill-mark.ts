import { markerOf } from "./markers.ts";

/** How the server notices a drill that was started from the command line, although the app opened it. */
export const DRILL_ISSUE_MARKER = markerOf("drill-issue");

/** Whether the body of an issue of ours is that of such a drill. In anybody else's it is just text. */
export function isDrillIssue(body: string): boolean {
  return body.includes(DRILL_ISSUE_MARKER);
}
