import type { Instant, Millis } from "../model.ts";
import { rolesNow, showLogin, takenOver, whyLines } from "../oncall/roles-now.ts";
import type { OnCallSchedule } from "../oncall/schedule.ts";
import { shiftsIn, stretches } from "../oncall/shifts.ts";
import { showMoment } from "../oncall/show-moment.ts";
import { DAY_MS } from "../time-units.ts";
import { count, inWords } from "../words/time.ts";

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
    if (now.shadows.length > 0) lines.push(`${" ".repeat(width)}  shadowing: ${now.shadows.join(", ")}`);
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
