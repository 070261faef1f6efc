import { documentLink } from "../words/documents.ts";
import { inDrill } from "../words/in-drill.ts";
import { markerOf } from "../words/markers.ts";

/** How the server notices a drill that was started from the command line, although the app opened it. */
const DRILL_ISSUE_MARKER = markerOf("drill-issue");

/** The issue that `sevgate drill` opens. */
export function drillIssue(severity: string): { readonly title: string; readonly body: string } {
  const lines = [
    `This is a drill of a ${severity}, started with \`sevgate drill\`. Respond as if it were real: everything works, and no number counts it.`,
    "",
    `End it with \`/resolve\`, or with \`/cancel REASON\` when you have practiced enough. ${documentLink("drills", "More about drills")}`,
    "",
    DRILL_ISSUE_MARKER,
  ];
  return { title: inDrill(true, `${severity} for practice`), body: `${lines.join("\n")}\n` };
}

/** Whether the body of an issue of ours is that of such a drill. In anybody else's it is just text. */
export function isDrillIssue(body: string): boolean {
  return body.includes(DRILL_ISSUE_MARKER);
}
