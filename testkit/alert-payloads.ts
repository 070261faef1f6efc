/** Deliveries as documented by the sources, with names of our own. */

/** Better Stack, "Outgoing webhooks": incident_change. */
export function betterStackIncident(event: string, attributes: Record<string, unknown> = {}, id = "1", monitor = "4") {
  return {
    event,
    data: {
      id,
      type: "incident",
      attributes: {
        name: "Checkout",
        url: "https://shop.example/checkout",
        http_method: "get",
        cause: "Status 500",
        started_at: "2026-01-05T09:00:00.000Z",
        acknowledged_at: event === "started" ? null : "2026-01-05T09:05:00.000Z",
        resolved_at: event === "resolved" ? "2026-01-05T09:30:00.000Z" : null,
        response_content: null,
        response_url: null,
        screenshot_url: null,
        ...attributes,
      },
      relationships: { monitor: { data: { id: monitor, type: "monitor" } } },
    },
  };
}

/** Alertmanager, "webhook_config", version 4. */
export function alertmanagerGroup(status: "firing" | "resolved", groupKey = '{}:{alertname="HighErrorRate"}') {
  const member = (instance: string, fingerprint: string, startsAt: string) => ({
    status,
    labels: { alertname: "HighErrorRate", severity: "critical", instance },
    annotations: { summary: "Too many errors", description: `More than 5 % of requests to ${instance} fail.` },
    startsAt,
    endsAt: status === "firing" ? "0001-01-01T00:00:00Z" : "2026-01-05T09:30:00Z",
    generatorURL: "https://prometheus.example/graph",
    fingerprint,
  });
  return {
    version: "4",
    groupKey,
    truncatedAlerts: 0,
    status,
    receiver: "sevgate",
    groupLabels: { alertname: "HighErrorRate" },
    commonLabels: { alertname: "HighErrorRate", severity: "critical" },
    commonAnnotations: { summary: "Too many errors" },
    externalURL: "https://alertmanager.example",
    alerts: [member("a", "aaaa", "2026-01-05T09:00:00Z"), member("b", "bbbb", "2026-01-05T09:02:00Z")],
  };
}

/** Grafana alerting, "Webhook notifier": Alertmanager's form with fields of its own. */
export function grafanaGroup(status: "firing" | "resolved") {
  return {
    receiver: "sevgate",
    status,
    orgId: 1,
    alerts: [
      {
        status,
        labels: { alertname: "Disk almost full", severity: "warning" },
        annotations: { summary: "Disk almost full" },
        startsAt: "2026-01-05T09:00:00Z",
        endsAt: status === "firing" ? "0001-01-01T00:00:00Z" : "2026-01-05T09:30:00Z",
        generatorURL: "https://grafana.example/alerting/1",
        fingerprint: "cccc",
        silenceURL: "https://grafana.example/alerting/silence/new",
        dashboardURL: "",
        panelURL: "",
        values: { A: 97 },
      },
    ],
    groupLabels: { alertname: "Disk almost full" },
    commonLabels: { alertname: "Disk almost full", severity: "warning" },
    commonAnnotations: { summary: "Disk almost full" },
    externalURL: "https://grafana.example/",
    version: "1",
    groupKey: '{}/{alertname="Disk almost full"}',
    truncatedAlerts: 0,
    title: "[FIRING:1] Disk almost full",
    state: "alerting",
    message: "**Firing**",
  };
}

/** PagerDuty, "V3 Webhooks": an event about an incident. */
export function pagerDutyWebhook(eventType: string, at = "2026-01-05T09:00:00.000Z", id = "PGR0VU2") {
  return {
    event: {
      id: "5ac64822-4adc-4fda-ade0-410becf0de4f",
      event_type: eventType,
      resource_type: "incident",
      occurred_at: at,
      agent: {
        html_url: "https://acme.pagerduty.com/users/PLH1HKV",
        id: "PLH1HKV",
        self: "https://api.pagerduty.com/users/PLH1HKV",
        summary: "Earline Greenholt",
        type: "user_reference",
      },
      client: { name: "PagerDuty" },
      data: {
        id,
        type: "incident",
        self: `https://api.pagerduty.com/incidents/${id}`,
        html_url: `https://acme.pagerduty.com/incidents/${id}`,
        number: 2,
        status: "triggered",
        incident_key: "d3640fbd41094207a1c11e58e46b1662",
        title: "A little bump",
        service: { id: "PF9KMXH", summary: "API Service", type: "service_reference" },
        priority: { id: "PSO75BM", summary: "P1", type: "priority_reference" },
        urgency: "high",
      },
    },
  };
}

/** PagerDuty, "Events API v2": what tools send. */
export function pagerDutyEvent(action: "trigger" | "acknowledge" | "resolve", dedupKey = "db-1/disk") {
  return {
    routing_key: "R015UVWXYZ",
    event_action: action,
    dedup_key: dedupKey,
    payload: {
      summary: "Disk full on db-1",
      source: "db-1",
      severity: "critical",
      timestamp: "2026-01-05T09:00:00.000+0000",
      component: "disk",
      custom_details: { free: "0 %", mount: "/" },
    },
    client_url: "https://monitor.example/db-1",
    links: [],
    images: [],
  };
}
