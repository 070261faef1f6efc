import type { Instant } from "../model.ts";
import type { AlertState } from "./alert-state.ts";

/** How many starts are remembered, to recognise flapping. */
const KEPT_STARTS = 10;

/** The alert, or its group, begins to fire again: nobody has answered this firing yet, and nothing has joined it. */
export function fireAgain(known: AlertState, at: Instant): AlertState {
  return {
    ...known,
    status: "firing",
    firedAt: at,
    lastStartAt: at,
    acknowledgedAt: null,
    acknowledgedBy: null,
    times: known.times + 1,
    starts: [...known.starts, at].slice(-KEPT_STARTS),
    ...(known.joined === undefined ? {} : { joined: null }),
  };
}
