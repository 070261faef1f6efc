import type { Instant } from "../model.ts";
import { DAY_MS } from "../time-units.ts";
import type { LayerAnswer, OnCall } from "./on-call.ts";
import type { OnCallSchedule } from "./schedule.ts";
import { type Shift, shiftsIn, stretches } from "./shifts.ts";
import { showMoment } from "./show-moment.ts";
import { whoIsOn } from "./who-is-on.ts";

/** How far ahead the next handoff is looked for. */
const NEXT_HANDOFF_MS = 60 * DAY_MS;
/** Longer lists of changes are counted instead of shown. */
export const MOST_CHANGES = 30;

/** A role now and next, as shown on one line of a list. */
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
    lines.push("nobody is left: whoever is paged next has to answer");
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

export function takenOver(shift: Shift): string {
  return shift.via.kind === "override" ? " (override)" : "";
}

/** A login, or `nobody`. */
export function showLogin(login: string | null): string {
  return login ?? "nobody";
}
