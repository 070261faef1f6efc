import type { AlertChange, InboundSource } from "./alert-change.ts";

/** What an event leads to: a change to its alert, or nothing. */
export type EventMeaning = AlertChange["change"] | "ignored";

/**
 * Every event that the documentation of a source names, in the source's own words, and what it leads to. docs/alerts.md
 * shows the same table, and a test holds one to the other. An event that is not here means nothing.
 *
 * Alertmanager and Grafana name no events: these are the statuses of the alerts in a group.
 */
export const SOURCE_EVENTS: Readonly<Record<InboundSource, Readonly<Record<string, EventMeaning>>>> = {
  "better-stack": {
    started: "fired",
    // Not in the documentation; Better Stack's settings name a switch for it.
    reopened: "fired",
    acknowledged: "acknowledged",
    resolved: "resolved",
  },
  alertmanager: { firing: "fired", resolved: "resolved" },
  grafana: { firing: "fired", resolved: "resolved" },
  pagerduty: {
    "incident.triggered": "fired",
    "incident.reopened": "fired",
    "incident.acknowledged": "acknowledged",
    "incident.unacknowledged": "unacknowledged",
    "incident.resolved": "resolved",
    // They carry the whole incident, whose priority and urgency are looked at again.
    "incident.priority_updated": "changed",
    "incident.escalated": "changed",
    "incident.reassigned": "changed",
    "incident.delegated": "changed",
    "incident.service_updated": "changed",
    "incident.incident_type.changed": "changed",
    "incident.annotated": "ignored",
    "incident.status_update_published": "ignored",
    "incident.responder.added": "ignored",
    "incident.responder.replied": "ignored",
    "incident.conference_bridge.updated": "ignored",
    "incident.custom_field_values.updated": "ignored",
    "incident.action_invocation.created": "ignored",
    "incident.action_invocation.updated": "ignored",
    "incident.action_invocation.terminated": "ignored",
    "incident.workflow.started": "ignored",
    "incident.workflow.completed": "ignored",
    "incident.role.assigned": "ignored",
    "incident.role.unassigned": "ignored",
    "service.created": "ignored",
    "service.updated": "ignored",
    "service.deleted": "ignored",
    "service.custom_field_values.updated": "ignored",
    "pagey.ping": "ignored",
  },
  "pagerduty-events": { trigger: "fired", acknowledge: "acknowledged", resolve: "resolved" },
};

/** What an event means; an undocumented one means nothing. */
export function meaningOf(source: InboundSource, event: string): EventMeaning {
  const events = SOURCE_EVENTS[source];
  return Object.hasOwn(events, event) ? (events[event] ?? "ignored") : "ignored";
}
