import type { Grouping, Normalised } from "./alert-change.ts";
import { normalisePrometheusGroup } from "./prometheus-group.ts";

/** A webhook of Prometheus Alertmanager, version 4 (prometheus.io/docs/alerting, "webhook_config"). */
export function normaliseAlertmanager(payload: unknown, grouping: Grouping): Normalised {
  return normalisePrometheusGroup(payload, grouping, "Alertmanager");
}
