import type { Grouping, Normalised } from "./alert-change.ts";
import { normalisePrometheusGroup } from "./prometheus-group.ts";

/** A webhook contact point of Grafana alerting: Alertmanager's form with fields of its own (grafana.com/docs, "Webhook"). */
export function normaliseGrafana(payload: unknown, grouping: Grouping): Normalised {
  return normalisePrometheusGroup(payload, grouping, "Grafana");
}
