import { person } from "../markdown/escape.ts";
import type { Instant, Millis } from "../model.ts";
import type { KeyMoment } from "../record/key-times.ts";
import { inWords, utcOn } from "../words/time.ts";

/** `after 15 minutes`, or `15 minutes before it was declared`. */
export function sinceDeclared(at: Instant, declaredAt: Instant): string {
  return at < declaredAt
    ? `${inWords((declaredAt - at) as Millis)} before it was declared`
    : `after ${inWords((at - declaredAt) as Millis)}`;
}

/** Who put a time right, and what it was: ` · corrected by alice, was 11:03 UTC`. Empty: nobody did. */
export function correctionNote({ at, corrected }: KeyMoment): string {
  if (corrected === null) return "";
  const by = corrected.by === null ? "" : ` by ${person(corrected.by)}`;
  return corrected.was === null ? ` · added${by}` : ` · corrected${by}, was ${utcOn(corrected.was, at)}`;
}
