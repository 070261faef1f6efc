import type { IncidentObservation } from "./observation.ts";

/** Whether GitHub takes changes of the app's own comments on the issue: on a locked one not every server may. */
export function canSay({ issue, can }: Pick<IncidentObservation, "issue" | "can">): boolean {
  return !issue.locked || can.editLocked;
}
