import { assertNever } from "../model.ts";
import type { Grouping, InboundSource, Normalized } from "./alert-change.ts";
import { normalizeAlertmanager } from "./alertmanager.ts";
import { normalizeBetterStack } from "./better-stack.ts";
import { normalizeGrafana } from "./grafana.ts";
import { normalizePagerDuty } from "./pagerduty.ts";
import { normalizePagerDutyEvent } from "./pagerduty-events.ts";

/** Reads a delivery of `source`. Pure; never throws, whatever the payload holds. */
export function normalizeAlert(source: InboundSource, payload: unknown, grouping: Grouping): Normalized {
  switch (source) {
    case "better-stack":
      return normalizeBetterStack(payload, grouping);
    case "alertmanager":
      return normalizeAlertmanager(payload, grouping);
    case "grafana":
      return normalizeGrafana(payload, grouping);
    case "pagerduty":
      return normalizePagerDuty(payload);
    case "pagerduty-events":
      return normalizePagerDutyEvent(payload);
    default:
      return assertNever(source);
  }
}
