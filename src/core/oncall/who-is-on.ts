import type { Instant } from "../model.ts";
import type { OnCall } from "./on-call.ts";
import { createRoleFiller } from "./role-filler.ts";
import type { OnCallSchedule } from "./schedule.ts";
import { turnAt } from "./turn.ts";

/** Who is on call at `at`: every role, in the order of the file. */
export function whoIsOn(schedule: OnCallSchedule, at: Instant): readonly OnCall[] {
  return createRoleFiller(schedule).fill(at, (rotation) => turnAt(rotation, at));
}

/** The person of one role at `at`; `null`: nobody, or no such role. */
export function loginOn(schedule: OnCallSchedule, role: string, at: Instant): string | null {
  return whoIsOn(schedule, at).find((one) => one.role === role)?.login ?? null;
}
