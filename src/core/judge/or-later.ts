import type { Instant } from "../model.ts";
import type { IncidentObservation } from "../observation.ts";

/** How long GitHub is asked again for what it does not tell. */
const CANNOT_TELL_AFTER_MS = 15 * 60_000;
const CANNOT_TELL_AGAIN_MS = 30_000;
const RIGHTS_AGAIN_AT_MOST_MS = 5 * 60_000;

/**
 * How long somebody who asks, in a comment or in a chat, still waits for GitHub's answer; `null`: it has been asked for
 * long enough, so say so.
 *
 * @param since when it was asked for; if that was found late, the time runs from when GitHub was first asked
 */
export function orLater(seen: Pick<IncidentObservation, "at" | "unansweredSince">, since: Instant): "later" | null {
  return seen.at < overAt(since, seen.unansweredSince ?? since) ? "later" : null;
}

/** The moment by which GitHub has been asked for long enough, for something wanted since `since`. */
function overAt(since: Instant, firstAsked: Instant): Instant {
  return (Math.max(since, firstAsked) + CANNOT_TELL_AFTER_MS) as Instant;
}

/**
 * When GitHub is asked again, at the latest, for the rights of somebody whose incident the budget holds back because
 * they are unknown: after half a minute, then after a quarter of the time it has been waiting, so that an hour's outage
 * does not cost each of them a pass twice a minute.
 */
export function askRightsAgainAt(now: Instant, since: Instant): Instant {
  const inMs = Math.max(CANNOT_TELL_AGAIN_MS, Math.floor((now - since) / 4));
  return (now + Math.min(inMs, RIGHTS_AGAIN_AT_MOST_MS)) as Instant;
}

/** When GitHub is asked again for what it did not tell at `now`. */
export function askAgainAt(now: Instant): Instant {
  return (now + CANNOT_TELL_AGAIN_MS) as Instant;
}

/**
 * Whether something that one command needs from GitHub is asked for now, or at a later moment, or has been asked for
 * long enough (`over`), or is `refused`.
 *
 * @param ask   what it is (`IncidentObservation.waits`)
 * @param since when the command was written
 */
export function whenToAsk(
  seen: Pick<IncidentObservation, "at" | "waits">,
  ask: string,
  since: Instant,
): "now" | "over" | "refused" | { readonly at: Instant } {
  const waiting = seen.waits.get(ask);
  if (waiting === undefined) return "now";
  if (waiting.isRefused) return "refused";
  const over = overAt(since, waiting.since);
  if (seen.at >= over) return "over";
  return seen.at >= waiting.again ? "now" : { at: Math.min(waiting.again, over) as Instant };
}
