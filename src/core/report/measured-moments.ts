import type { Instant } from "../model.ts";
import type { Entry } from "../record/entry.ts";
import { type History, isUngated } from "../record/history.ts";
import { keyTimes } from "../record/key-times.ts";
import type { Measure } from "./report.ts";

/** From when durations of an incident count, and when each of what is measured happened; `null`: it has not. */
export type MeasuredMoments = Readonly<Record<Measure, Instant | null>> & { readonly began: Instant };

/**
 * What is measured of an incident, for reports and for `/metrics`. Whoever closes it past the gate says that it is over; whoever
 * says that it is over says that it is mitigated. It is learned from by a close with evidence.
 */
export function measuredMoments(history: History): MeasuredMoments {
  const { detected, acknowledged, mitigated, resolved } = keyTimes(history);
  const { closed, declared } = history;
  const over = resolved?.at ?? (isUngated(history) ? closed!.closedAt : null);
  const isFound = closed !== null && (closed.evidence.length > 0 || closed.as === "resolved");
  return {
    began: detected?.at ?? declared.at,
    acknowledge: acknowledged?.at ?? null,
    mitigate: mitigated?.at ?? over,
    resolve: over,
    learn: isFound && isGated(history) ? closed.closedAt : null,
  };
}

/** Whether it is closed with what the policy asks for, which may be nothing. */
export function isGated(history: History): boolean {
  return history.closed !== null && !isUngated(history) && history.closed.how !== "waived";
}

/** Whether somebody has to take the incident anew after it, or end it anew: a time that is put right later may be one of then. */
export function isReset(entry: Entry): boolean {
  if (entry.kind === "alerted") return entry.what === "fired-again";
  return ["resumed", "unacknowledged", "ack-timed-out"].includes(entry.kind);
}
