import { documentLink } from "../words/documents.ts";
import { DRILL_ISSUE_MARKER } from "../words/drill-mark.ts";
import { inDrill } from "../words/in-drill.ts";

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
