import type { Instant } from "../model.ts";
import { MINUTE_MS } from "../time-units.ts";
import { KEY_TIMES, type KeyTime } from "./entry.ts";
import type { Correction, History, Moment } from "./history.ts";

/** When something really was. */
export interface KeyMoment extends Moment {
  /** `by` is who did it; of what nobody did in the record, `null`. */
  readonly by: string | null;
  /** Who put it right, and what it was before; `null`: nobody did. */
  readonly corrected: Pick<Correction, "by" | "was"> | null;
}

/** The times of an incident, as people have put them right; `null`: not known. */
export type KeyTimes = Readonly<Record<KeyTime, KeyMoment | null>>;

/** When things really were, for whoever reads about the incident. Nothing is decided by it but `key-times`. */
export function keyTimes({ acknowledged, mitigated, resolved, corrected }: History): KeyTimes {
  const of = (time: KeyTime, said: Moment | null): KeyMoment | null => {
    const correction = corrected.get(time);
    if (correction === undefined) return said === null ? null : { ...said, corrected: null };
    return { at: correction.to, by: said?.by ?? null, corrected: { by: correction.by, was: correction.was } };
  };
  const over = of("resolved", resolved);
  // `/resolve` without a mitigation before it is both at once, and stays so, also when it is said again.
  const isLater = mitigated !== null && over !== null && mitigated.at > over.at;
  const isBoth = !corrected.has("mitigated") && (isLater || (mitigated !== null && mitigated.at === resolved?.at));
  return {
    started: of("started", null),
    detected: of("detected", null),
    acknowledged: of("acknowledged", acknowledged),
    mitigated: isBoth ? over : of("mitigated", mitigated),
    resolved: over,
  };
}

/** What one of the times would contradict: another one that has to come before or after it. */
export interface OutOfOrder {
  readonly other: KeyTime;
  readonly otherAt: Instant;
  readonly has: "to-come-before" | "to-come-after";
}

/**
 * Whether a time would still be in order with the others, as people read them: to the minute, and those that are not
 * known left out. `null`: it would.
 */
export function outOfOrder(times: KeyTimes, time: KeyTime, at: Instant): OutOfOrder | null {
  const place = KEY_TIMES.indexOf(time);
  const isBoth = time === "resolved" && times.mitigated === times.resolved;
  for (const [index, other] of KEY_TIMES.entries()) {
    const otherAt = times[other]?.at;
    if (index === place || otherAt === undefined || (other === "mitigated" && isBoth)) continue;
    const isBefore = minute(otherAt) < minute(at);
    const isAfter = minute(otherAt) > minute(at);
    if (index < place && isAfter) return { other, otherAt, has: "to-come-before" };
    if (index > place && isBefore) return { other, otherAt, has: "to-come-after" };
  }
  return null;
}

function minute(at: Instant): number {
  return Math.floor(at / MINUTE_MS);
}

/** Since when the responder has it, put right where that was the acknowledgement; `null`: nobody has. */
export function hasItSince(history: History): Instant | null {
  const { acknowledged, responderSince } = history;
  const isFirst = acknowledged !== null && acknowledged.at === responderSince;
  return isFirst ? (keyTimes(history).acknowledged?.at ?? responderSince) : responderSince;
}
