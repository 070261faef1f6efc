import type { OnCallFinding } from "../oncall/lint-on-call.ts";
import { MOST_CHANGES, showLogin } from "../oncall/roles-now.ts";
import { showMoment } from "../oncall/show-moment.ts";
import type { OnCallChange } from "../oncall/who-changes.ts";
import { count } from "../words/time.ts";

/** Who is on call instead of whom, one line each, in the zone of the schedule; plain text. Empty: nobody notices. */
export function changeLines(changes: readonly OnCallChange[], zone: string): readonly string[] {
  const lines = changes
    .slice(0, MOST_CHANGES)
    .map(
      ({ role, was, is, from, to }) =>
        `${showMoment(from, zone)} to ${showMoment(to, zone)}  ${role}: ${showLogin(is)} instead of ${showLogin(was)}`,
    );
  const rest = changes.length - MOST_CHANGES;
  return rest > 0 ? [...lines, `and ${rest} more`] : lines;
}

/** `file:line:column  path  level: message`, the form editors and terminals turn into a link. */
export function findingLine(file: string, finding: OnCallFinding): string {
  return `${file}:${finding.line}:${finding.column}  ${finding.path}  ${finding.level}: ${finding.message}`;
}

/** `1 error, 2 warnings`; empty: nothing was found. */
export function findingCounts(findings: readonly OnCallFinding[]): string {
  return (["error", "warning", "notice"] as const)
    .map((level) => ({ level, found: findings.filter((one) => one.level === level).length }))
    .filter(({ found }) => found > 0)
    .map(({ level, found }) => count(found, level))
    .join(", ");
}
