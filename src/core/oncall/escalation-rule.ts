import type { Instant, Millis } from "../model.ts";
import { MINUTE_MS } from "../time-units.ts";
import type { EscalationRule, EscalationTarget, OnCallSchedule } from "./schedule.ts";
import { whoIsOn } from "./who-is-on.ts";

/** Everybody the schedule calls when nobody else answers. */
export const TEAM = "team";

/** What applies when the file says nothing: primary at once, secondary after 15 minutes, the team after 30. */
const BUILT_IN: EscalationRule = {
  steps: [
    { after: 0 as Millis, notify: ["primary"] },
    { after: (15 * MINUTE_MS) as Millis, notify: ["secondary"] },
    { after: (30 * MINUTE_MS) as Millis, notify: [TEAM] },
  ],
  repeat: null,
  "ack-timeout": null,
};

/** The rule for a severity of the policy (ignoring case): its own, else `default`, else the built-in one. */
export function escalationFor(schedule: OnCallSchedule, severity: string): EscalationRule {
  const own = [...schedule.escalation.keys()].find((name) => name.toLowerCase() === severity.toLowerCase());
  return schedule.escalation.get(own ?? "default") ?? BUILT_IN;
}

/**
 * Whom a target stands for at `at`: the logins to call, in order, each once. Ask when the step fires, not before.
 *
 * Empty: nobody has that role then, or there is no such role. The next step is then due at once
 * (docs/on-call.md).
 */
export function resolveTarget(schedule: OnCallSchedule, target: EscalationTarget, at: Instant): readonly string[] {
  if (target === TEAM) return schedule.team;
  const login = whoIsOn(schedule, at).find(({ role }) => role === target)?.login ?? null;
  return login === null ? [] : [login];
}
