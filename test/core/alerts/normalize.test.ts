import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  ALERT_SOURCES,
  type AlertChange,
  type Grouping,
  type InboundSource,
} from "../../../src/core/alerts/alert-change.ts";
import { normalizeAlert } from "../../../src/core/alerts/normalize-alert.ts";
import {
  alertmanagerGroup,
  betterStackIncident,
  grafanaGroup,
  pagerDutyEvent,
  pagerDutyWebhook,
} from "../../../testkit/alert-payloads.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";

function changesOf(source: InboundSource, payload: unknown, grouping: Grouping = "related"): readonly AlertChange[] {
  const read = normalizeAlert(source, payload, grouping);
  if (read.kind !== "changes") throw new Error(JSON.stringify(read));
  return read.changes;
}

describe("an alert is read in the words of its source:", () => {
  it.each<{
    readonly says: string;
    readonly source: InboundSource;
    readonly payload: unknown;
    readonly means: Partial<AlertChange>;
  }>([
    {
      says: "Better Stack, an outage began",
      source: "better-stack",
      payload: betterStackIncident("started"),
      means: {
        change: "fired",
        key: "monitor:4",
        externalId: "1",
        at: Date.parse("2026-01-05T09:00:00Z") as never,
        title: "Checkout",
        summary: "Status 500",
        url: "https://shop.example/checkout",
      },
    },
    {
      says: "Better Stack, somebody acknowledged",
      source: "better-stack",
      payload: betterStackIncident("acknowledged", { acknowledged_by: "ada@example.com" }),
      means: { change: "acknowledged", actor: { name: null, email: "ada@example.com" } },
    },
    {
      says: "Better Stack, the monitor is up again",
      source: "better-stack",
      payload: betterStackIncident("resolved", { resolved_by: "Monitor" }),
      means: { change: "resolved", actor: { name: "Monitor", email: null } },
    },
    {
      says: "Alertmanager, a group of two fires",
      source: "alertmanager",
      payload: alertmanagerGroup("firing"),
      means: {
        change: "fired",
        key: 'group:["sevgate",[["alertname","HighErrorRate"]]]',
        externalId: null,
        at: Date.parse("2026-01-05T09:02:00Z") as never,
        title: "Too many errors",
        severity: "critical",
        url: "https://prometheus.example/graph",
      },
    },
    {
      says: "Alertmanager, the group is quiet",
      source: "alertmanager",
      payload: alertmanagerGroup("resolved"),
      means: { change: "resolved", at: Date.parse("2026-01-05T09:30:00Z") as never, title: "Too many errors" },
    },
    {
      says: "Grafana, which adds fields of its own",
      source: "grafana",
      payload: grafanaGroup("firing"),
      means: { change: "fired", title: "Disk almost full", severity: "warning" },
    },
    {
      says: "PagerDuty, an incident was triggered",
      source: "pagerduty",
      payload: pagerDutyWebhook("incident.triggered"),
      means: { change: "fired", key: "PGR0VU2", externalId: "PGR0VU2", severity: "p1", title: "A little bump" },
    },
    {
      says: "PagerDuty, Earline acknowledged it",
      source: "pagerduty",
      payload: pagerDutyWebhook("incident.acknowledged"),
      means: { change: "acknowledged", actor: { name: "Earline Greenholt", email: null } },
    },
    {
      says: "PagerDuty, nobody is on it any more",
      source: "pagerduty",
      payload: pagerDutyWebhook("incident.unacknowledged"),
      means: { change: "unacknowledged" },
    },
    {
      says: "PagerDuty's Events API, any tool triggers",
      source: "pagerduty-events",
      payload: pagerDutyEvent("trigger"),
      means: { change: "fired", key: "db-1/disk", severity: "critical", title: "Disk full on db-1", at: null },
    },
    {
      says: "PagerDuty's Events API, and resolves by key alone",
      source: "pagerduty-events",
      payload: { routing_key: "R", event_action: "resolve", dedup_key: "db-1/disk" },
      means: { change: "resolved", key: "db-1/disk" },
    },
  ])("$says", ({ source, payload, means }) => {
    const changes = changesOf(source, payload);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject(means);
  });

  it("two outages of one monitor are one alert, or two where the policy says each", () => {
    const first = betterStackIncident("started");
    const second = { ...first, data: { ...first.data, id: "2" } };
    const keys = (grouping: Grouping) => [first, second].map((one) => changesOf("better-stack", one, grouping)[0]?.key);
    expect(keys("related")).toEqual(["monitor:4", "monitor:4"]);
    expect(keys("each")).toEqual(["incident:1", "incident:2"]);
  });

  it("a group of Alertmanager is one alert, or one for each fingerprint where the policy says each", () => {
    const apart = changesOf("alertmanager", alertmanagerGroup("firing"), "each");
    expect(apart.map(({ key, change }) => [key, change])).toEqual([
      ["alert:aaaa", "fired"],
      ["alert:bbbb", "fired"],
    ]);
  });

  it.each<[string, InboundSource, unknown]>([
    ["a comment on a Better Stack incident", "better-stack", betterStackIncident("commented")],
    ["a note in PagerDuty", "pagerduty", pagerDutyWebhook("incident.annotated")],
    ["PagerDuty's ping", "pagerduty", { event: { event_type: "pagey.ping", data: { message: "Hello!" } } }],
  ])("nothing to do: %s", (_says, source, payload) => {
    expect(normalizeAlert(source, payload, "related")).toEqual({ kind: "ignored" });
  });

  it.each<[string, InboundSource, unknown]>([
    ["nothing at all", "better-stack", null],
    ["the payload of another source", "better-stack", alertmanagerGroup("firing")],
    ["a group without a key", "alertmanager", { status: "firing", alerts: [] }],
    ["a trigger without a summary", "pagerduty-events", { event_action: "trigger", payload: {} }],
    ["a resolve of nobody knows what", "pagerduty-events", { event_action: "resolve" }],
  ])("says what is wrong with %s", (_says, source, payload) => {
    const read = normalizeAlert(source, payload, "related");
    expect(read).toMatchObject({ kind: "problem", message: expect.stringMatching(/\w{4,}.*\.$/) });
  });

  it("an address that is not http is left out, and so is one with a password in it", () => {
    for (const url of ["javascript:alert(1)", "https://user:secret@example.com/", "//example.com", "x".repeat(600)]) {
      expect(changesOf("better-stack", betterStackIncident("started", { url }))[0]?.url).toBeNull();
    }
  });
});

describe("whatever a payload holds", () => {
  const anything = fc.oneof(
    fc.anything({ withNullPrototype: true, withBigInt: false }),
    fc.record({ event: hostileText, data: fc.record({ id: hostileText, attributes: fc.anything() }) }),
    fc.record({ groupKey: hostileText, status: fc.constant("firing"), alerts: fc.array(fc.anything()) }),
    fc.record({
      groupKey: hostileText,
      status: fc.constant("firing"),
      commonLabels: fc.dictionary(hostileText, hostileText),
    }),
    fc.record({ event: fc.record({ event_type: fc.constant("incident.triggered"), data: fc.anything() }) }),
    fc.record({
      event_action: fc.constant("trigger"),
      payload: fc.record({ summary: hostileText }),
      links: fc.anything(),
    }),
  );

  it("reading it never fails, and every text that comes of it is short", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALERT_SOURCES), anything, (source, payload) => {
        const read = normalizeAlert(source, payload, "each");
        if (read.kind !== "changes") return;
        for (const one of read.changes) {
          expect(one.key.length).toBeLessThanOrEqual(255);
          expect(one.title.length).toBeGreaterThan(0);
          expect(one.title.length).toBeLessThanOrEqual(200);
          expect(one.summary.length).toBeLessThanOrEqual(1_000);
          expect(one.url ?? "https://").toMatch(/^https?:\/\//);
          expect(JSON.stringify(one).length).toBeLessThan(30_000);
        }
      }),
      { numRuns: 500 },
    );
  });
});
