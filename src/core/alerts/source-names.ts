import type { AlertSource } from "./alert-change.ts";

/** How people call a source. */
export const SOURCE_NAMES: Readonly<Record<AlertSource, string>> = {
  "better-stack": "Better Stack",
  alertmanager: "Alertmanager",
  grafana: "Grafana",
  pagerduty: "PagerDuty",
  "pagerduty-events": "an event",
  "github-actions": "GitHub Actions",
  sevgate: "Sevgate",
};
