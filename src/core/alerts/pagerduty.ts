import * as z from "zod";
import { IGNORED, type Normalized, UNSAID } from "./alert-change.ts";
import { externalIdOf, pagerDutyOrigin } from "./external-id.ts";
import { ownPage } from "./own-page.ts";
import { firstOf, payloadFields, severityWord } from "./payload-fields.ts";
import { meaningOf } from "./source-events.ts";

const { Address, Id, text, When } = payloadFields;

const Named = z
  .object({ summary: text(100) })
  .nullish()
  .catch(null);

const Payload = z.object({
  event: z.object({
    event_type: z.string(),
    occurred_at: When,
    agent: Named,
    data: z.unknown(),
  }),
});

const Service = z
  .object({ id: text(64), summary: text(100) })
  .nullish()
  .catch(null);

const Incident = z.object({
  id: Id,
  number: text(20),
  status: text(20),
  incident_key: text(1_024),
  title: text(1_000),
  html_url: Address,
  urgency: text(32),
  priority: Named,
  service: Service,
});

/**
 * A PagerDuty webhook v3 (developer.pagerduty.com/docs, "Webhooks Overview"). Types of event we do not act on are
 * ignored, never refused: three refusals in a row switch the subscription off for a day.
 */
export function normalizePagerDuty(payload: unknown): Normalized {
  const event = Payload.safeParse(payload).data?.event;
  if (event === undefined) {
    return { kind: "problem", message: "This is not a webhook v3 of PagerDuty: event.event_type is missing." };
  }
  const change = meaningOf("pagerduty", event.event_type);
  if (change === "ignored") return IGNORED;
  const incident = Incident.safeParse(event.data).data;
  if (incident === undefined) return IGNORED;
  const { priority, service, urgency } = incident;
  // Escalating something that has ended by now starts nothing.
  if (change === "changed" && incident.status === "resolved") return IGNORED;
  const page = ownPage(null, incident.incident_key);
  return {
    kind: "changes",
    changes: [
      {
        ...UNSAID,
        change,
        key: incident.id,
        externalId: externalIdOf("pagerduty", incident.id),
        origin: pagerDutyOrigin({ service: service?.id ?? null, number: incident.number ?? null }),
        at: event.occurred_at,
        order: "time",
        title: firstOf([incident.title?.slice(0, 200)], `PagerDuty incident ${incident.id}`.slice(0, 200)),
        summary: service?.summary ? `Service: ${service.summary}` : "",
        // PagerDuty has two urgencies; priorities are defined by each account.
        severity: severityWord(priority?.summary ?? (urgency === "high" ? "critical" : urgency)),
        url: incident.html_url,
        actor:
          change === "fired" || change === "changed" || !event.agent?.summary
            ? null
            : { name: event.agent.summary, email: null },
        labels: {},
        page,
      },
    ],
  };
}
