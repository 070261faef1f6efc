import type { Instant } from "../model.ts";
import type { TellableSource } from "./what-to-tell.ts";

/** Ids of incidents as the systems document them: a number (Better Stack), capital letters and digits (PagerDuty). */
const SHAPES: Readonly<Record<TellableSource, RegExp>> = {
  "better-stack": /^[0-9]{1,20}$/,
  pagerduty: /^[A-Z0-9]{1,40}$/,
};

/**
 * The id of an incident in another system, if it has the shape that system documents; else `null`. It becomes part of a
 * URL that is called with the operator's token, so nothing else may pass for one.
 */
export function externalIdOf(source: TellableSource, given: string): string | null {
  return SHAPES[source].test(given) ? given : null;
}

/**
 * What Better Stack says about an incident besides its id: what it is about and when it began. Somebody who knows only
 * an id cannot say it. `null`: no start is given.
 */
export function betterStackOrigin(incident: {
  readonly monitor: string | null;
  readonly heartbeat: string | null;
  readonly name: string | null;
  readonly startedAt: Instant | null;
}): string | null {
  const { monitor, heartbeat, name, startedAt } = incident;
  if (startedAt === null) return null;
  const about =
    monitor !== null
      ? `monitor ${monitor}`
      : heartbeat !== null
        ? `heartbeat ${heartbeat}`
        : `named ${(name ?? "").slice(0, 200)}`;
  return `${about} since ${startedAt}`;
}

/** The same for PagerDuty: the service and the number of the incident. `null`: one of them is missing. */
export function pagerDutyOrigin(incident: {
  readonly service: string | null;
  readonly number: string | null;
}): string | null {
  const { service, number } = incident;
  return service && number ? `service ${service.slice(0, 64)} number ${number}` : null;
}
