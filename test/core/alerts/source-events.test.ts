import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { ALERT_SOURCES, type InboundSource } from "../../../src/core/alerts/alert-change.ts";
import { normalizeAlert } from "../../../src/core/alerts/normalize-alert.ts";
import { SOURCE_EVENTS } from "../../../src/core/alerts/source-events.ts";
import {
  alertmanagerGroup,
  betterStackIncident,
  grafanaGroup,
  pagerDutyEvent,
  pagerDutyWebhook,
} from "../../../testkit/alert-payloads.ts";

const PAYLOADS: Readonly<Record<InboundSource, (event: string) => unknown>> = {
  "better-stack": betterStackIncident,
  alertmanager: (event) => alertmanagerGroup(event as "firing"),
  grafana: (event) => grafanaGroup(event as "firing"),
  pagerduty: pagerDutyWebhook,
  "pagerduty-events": (event) => pagerDutyEvent(event as "trigger"),
};

describe("what an event of a source means", () => {
  it("stands in docs/alerts.md for every one of them", () => {
    const page = readFileSync(new URL("../../../docs/alerts.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `([\w-]+)` \| `([\w.]+)` \| ([a-z]+)(?:[:;.,].*)? \|$/gm)];
    const shown = rows.map(([, source, event, meaning]) => `${source} ${event} ${meaning}`);
    const known = ALERT_SOURCES.flatMap((source) =>
      Object.entries(SOURCE_EVENTS[source]).map(([event, meaning]) => `${source} ${event} ${meaning}`),
    );
    expect(shown.toSorted()).toEqual(known.toSorted());
  });

  it.each(ALERT_SOURCES)("is what a delivery of it does: %s", (source) => {
    for (const [event, meaning] of Object.entries(SOURCE_EVENTS[source])) {
      const read = normalizeAlert(source, PAYLOADS[source](event), "related");
      const does = read.kind === "changes" ? read.changes.map(({ change }) => change) : [read.kind];
      expect([event, ...does]).toEqual([event, meaning]);
    }
  });

  it("is nothing for one that nobody documents, and for the webhooks of other things", () => {
    const monitor = { event: "resolved", data: { id: "4", type: "monitor", attributes: { name: "Checkout" } } };
    for (const [source, payload] of [
      ["better-stack", betterStackIncident("commented")],
      ["better-stack", monitor],
      ["pagerduty", pagerDutyWebhook("incident.invented")],
      ["pagerduty", pagerDutyWebhook("constructor")],
      ["pagerduty-events", { routing_key: "k", payload: { summary: "Deployed 1.2", source: "ci" }, links: [] }],
    ] as const) {
      expect(normalizeAlert(source, payload, "related")).toEqual({ kind: "ignored" });
    }
  });

  it("is nothing for the test button of a Grafana contact point", () => {
    const labels = { alertname: "TestAlert", instance: "Grafana" };
    const group = grafanaGroup("firing");
    const test = {
      ...group,
      groupLabels: labels,
      commonLabels: labels,
      alerts: group.alerts.map((one) => ({ ...one, labels, annotations: { summary: "Notification test" } })),
    };
    expect(normalizeAlert("grafana", test, "related")).toEqual({ kind: "ignored" });
  });
});
