import { assertNever } from "../model.ts";
import type { Grouping, InboundSource, Normalised } from "./alert-change.ts";
import { normaliseAlertmanager } from "./alertmanager.ts";
import { normaliseBetterStack } from "./better-stack.ts";
import { normaliseGrafana } from "./grafana.ts";
import { normalisePagerDuty } from "./pagerduty.ts";
import { normalisePagerDutyEvent } from "./pagerduty-events.ts";

/** Reads a delivery of `source`. Pure; never throws, whatever the payload holds. */
export function normaliseAlert(source: InboundSource, payload: unknown, grouping: Grouping): Normalised {
  switch (source) {
    case "better-stack":
      return normaliseBetterStack(payload, grouping);
    case "alertmanager":
      return normaliseAlertmanager(payload, grouping);
    case "grafana":
      return normaliseGrafana(payload, grouping);
    case "pagerduty":
      return normalisePagerDuty(payload);
    case "pagerduty-events":
      return normalisePagerDutyEvent(payload);
    default:
      return assertNever(source);
  }
}
