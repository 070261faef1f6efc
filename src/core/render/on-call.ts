import type { Instant, Millis } from "../model.ts";
import type { OnCallFinding } from "../oncall/lint-on-call.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import { type Shift, shiftsIn, stretches } from "../oncall/shifts.ts";
import { showMoment } from "../oncall/show-moment.ts";
import type { OnCallChange } from "../oncall/who-changes.ts";
import { type LayerAnswer, type OnCall, whoIsOn } from "../oncall/who-is-on.ts";
import { count, inWords } from "./time.ts";

const DAY_MS = 86_400_000;
/** How far ahead the next handoff is looked for. */
const NEXT_HANDOFF_MS = 60 * DAY_MS;
/** A list of changes longer than this is counted instead. */
const MOST_CHANGES = 30;

/** A role now and next, as one line of a list says it. */
export interface RoleNow {
  readonly now: OnCall;
  /** `null`: not within two months. */
  readonly next: Shift | null;
}

/** Every role at `at`, with the handoff after it. */
export function rolesNow(schedule: OnCallSchedule, at: Instant): readonly RoleNow[] {
  const ahead = stretches(schedule, at, (at + NEXT_HANDOFF_MS) as Instant);
  return whoIsOn(schedule, at).map((now) => ({ now, next: shiftsIn(ahead, now.role)[1] ?? null }));
}

/** Who is on call, for a terminal: plain text, lines ending with a newline. */
export function onCallText(
  schedule: OnCallSchedule,
  at: Instant,
  { days, explain }: { readonly days: number; readonly explain: boolean },
): string {
  const { zone } = schedule;
  const roles = rolesNow(schedule, at);
  const width = Math.max(...roles.map(({ now }) => now.role.length));
  const personWidth = Math.max(...roles.map(({ now }) => showLogin(now.login).length));
  const lines = [`${showMoment(at, zone)} (${zone})`, ""];
  for (const { now, next } of roles) {
    const until = next === null ? "" : `until ${showMoment(next.from, zone)}, then ${showLogin(next.login)}`;
    lines.push(`${now.role.padEnd(width)}  ${showLogin(now.login).padEnd(personWidth)}  ${until}`.trimEnd());
    if (now.shadows.length > 0) lines.push(`${" ".repeat(width)}  looking on: ${now.shadows.join(", ")}`);
    if (explain) lines.push(...whyLines(now, schedule).map((line) => `${" ".repeat(width)}  ${line}`));
  }
  if (days > 0) {
    const ahead = stretches(schedule, at, (at + days * DAY_MS) as Instant);
    for (const { now } of roles) {
      lines.push("", `${now.role}, the next ${count(days, "day")}`);
      for (const shift of shiftsIn(ahead, now.role)) {
        const length = inWords((shift.to - shift.from) as Millis);
        lines.push(`  ${showMoment(shift.from, zone)}  ${showLogin(shift.login)}, ${length}${takenOver(shift)}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Why somebody has a role: one line for each thing that decided it. */
export function whyLines(now: OnCall, schedule: OnCallSchedule): readonly string[] {
  const lines = now.asked.map(layerLine);
  const { via } = now;
  if (via.kind === "layer" && via.follows !== null) {
    lines.push(`${via.rotation}: comes after ${via.follows} in turn`);
  } else if (via.kind === "override") {
    const { override, instead } = via;
    const reason = override.reason === null ? "" : ` (${override.reason})`;
    const until = showMoment(override.to, schedule.zone);
    lines.push(
      `overrides[${override.index}]: ${override.user} instead of ${showLogin(instead)} until ${until}${reason}`,
    );
  } else if (via.kind === "gap") {
    lines.push("nobody is left: whoever is called next has to answer");
  }
  return lines;
}

function layerLine({ rotation, answer, order, away }: LayerAnswer): string {
  const missing = away.length === 0 ? "" : `; away: ${away.join(", ")}`;
  switch (answer) {
    case "taken-from":
      return `${rotation}: ${order.join(", ")} in turn${missing}`;
    case "not-started":
      return `${rotation}: has not begun`;
    case "ended":
      return `${rotation}: is over`;
    case "outside-hours":
      return `${rotation}: outside its hours`;
    case "left-open":
      return `${rotation}: this turn is left open`;
    case "all-away":
      return `${rotation}: everybody is away (${away.join(", ")})`;
    case "all-busy":
      return `${rotation}: everybody left has another role, or is replaced in one${missing}`;
  }
}

function takenOver(shift: Shift): string {
  return shift.via.kind === "override" ? " (override)" : "";
}

/** A login, or `nobody`. */
export function showLogin(login: string | null): string {
  return login ?? "nobody";
}

/** Who changes, one line each, in the zone of the schedule; plain text. Empty: nobody notices. */
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
