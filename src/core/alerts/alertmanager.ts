import type { Grouping, Normalized } from "./alert-change.ts";
import { normalizePrometheusGroup } from "./prometheus-group.ts";

/** A webhook of Prometheus Alertmanager, version 4 (prometheus.io/docs/alerting, "webhook_config"). */
export function normalizeAlertmanager(payload: unknown, grouping: Grouping): Normalized {
  return normalizePrometheusGroup(payload, grouping, "Alertmanager");
}
