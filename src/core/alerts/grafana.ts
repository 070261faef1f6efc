import type { Grouping, Normalized } from "./alert-change.ts";
import { normalizePrometheusGroup } from "./prometheus-group.ts";

/** A webhook contact point of Grafana alerting: Alertmanager's form with fields of its own (grafana.com/docs, "Webhook"). */
export function normalizeGrafana(payload: unknown, grouping: Grouping): Normalized {
  return normalizePrometheusGroup(payload, grouping, "Grafana");
}
