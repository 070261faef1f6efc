import type { Instant } from "../model.ts";
import type { History } from "../record/history.ts";
import type { KnownAlert } from "./known-alert.ts";

/** Sources that can be told; Alertmanager and Grafana have no acknowledgement, and an event has no address to reply to. */
export const TELLABLE_SOURCES = ["better-stack", "pagerduty"] as const;
export type TellableSource = (typeof TELLABLE_SOURCES)[number];

/** What a source should know of the incident of its alert. */
export interface Telling {
  readonly source: TellableSource;
  /** The id there. */
  readonly externalId: string;
  /** What the source must say about the incident with that id; `null`: not known, and then nothing is done there. */
  readonly origin: string | null;
  readonly state: "acknowledged" | "resolved";
  /** Login; `null`: nobody in particular. */
  readonly by: string | null;
  /** The moment from which the source should know. */
  readonly since: Instant;
}

const RANKS = { firing: 0, acknowledged: 1, resolved: 2 } as const;
/** GitHub keeps whole seconds: the answer to a firing may seem to come just before it. */
const TIMESTAMP_UNIT_MS = 1_000;

/**
 * What the source of an alert does not know yet, found by comparing the two sides; `null`: nothing. An echo of what
 * came from there, or of what it was told, is therefore nothing.
 *
 * A drill is nothing to its alert: whoever looks there must not think that somebody is on it.
 *
 * Only what happened after the alert began to fire counts: the end of an incident says nothing about the next firing.
 */
export function whatToTell(alert: KnownAlert, history: History): Telling | null {
  if (history.drill !== null) return null;
  const { state, told } = alert;
  const source = TELLABLE_SOURCES.find((one) => one === state.source);
  if (source === undefined || state.externalId === null || state.firedAt === null) return null;
  const after = (state.firedAt - TIMESTAMP_UNIT_MS) as Instant;
  const ended = [history.resolved, history.cancelled, history.closed]
    .filter((moment) => moment !== null)
    .toSorted((a, b) => a.at - b.at)
    .find(({ at }) => at >= after);
  const taken = history.acknowledged !== null && history.acknowledged.at >= after ? history.acknowledged : null;
  const moment = ended ?? taken;
  if (moment === null) return null;
  const wanted = ended === undefined ? "acknowledged" : "resolved";
  const knows = told !== null && told.firedAt === state.firedAt ? told.state : "firing";
  if (RANKS[wanted] <= Math.max(RANKS[state.status], RANKS[knows])) return null;
  const { externalId, origin = null } = state;
  return { source, externalId, origin, state: wanted, by: moment.by, since: moment.at };
}
