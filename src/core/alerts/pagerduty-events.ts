import { createHash } from "node:crypto";
import { z } from "zod";
import type { AlertChange, Normalised } from "./alert-change.ts";
import { boundedKey, firstOf, payloadFields, severityWord } from "./payload-fields.ts";

const { Address, Labels, text, When } = payloadFields;

const Event = z.object({
  event_action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedup_key: z.string().min(1).nullish().catch(null),
  client_url: Address,
  payload: z
    .object({
      summary: text(1_000),
      source: text(200),
      severity: text(32),
      timestamp: When,
      component: text(100),
      group: text(100),
      class: text(100),
      custom_details: Labels,
    })
    .nullish()
    .catch(null),
  links: z
    .array(z.object({ href: Address }))
    .nullish()
    .catch(null),
});

const CHANGES = { trigger: "fired", acknowledge: "acknowledged", resolve: "resolved" } as const satisfies Record<
  string,
  AlertChange["change"]
>;

/**
 * An event as tools send it to PagerDuty's Events API v2 (developer.pagerduty.com/docs, "Send an Alert Event"): a way in
 * for everything that can page PagerDuty.
 *
 * Without a `dedup_key` the same source and summary are the same alert; PagerDuty would make a new one each time.
 */
export function normalisePagerDutyEvent(body: unknown): Normalised {
  const event = Event.safeParse(body).data;
  if (event === undefined) {
    return {
      kind: "problem",
      message: "event_action is trigger, acknowledge or resolve, as in PagerDuty's Events API v2.",
    };
  }
  const { payload } = event;
  if (event.event_action === "trigger" && !payload?.summary) {
    return { kind: "problem", message: "A trigger needs payload.summary: it becomes the title of the incident." };
  }
  if (event.event_action !== "trigger" && !event.dedup_key) {
    return { kind: "problem", message: `${event.event_action} needs the dedup_key of the alert it is about.` };
  }
  const summary = payload?.summary ?? "";
  const parts = {
    component: payload?.component,
    group: payload?.group,
    class: payload?.class,
    source: payload?.source,
  };
  const named = Object.entries(parts).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  return {
    kind: "changes",
    changes: [
      {
        change: CHANGES[event.event_action],
        key: dedupKeyOf(event.dedup_key ?? null, payload?.source ?? null, summary),
        externalId: null,
        // `timestamp` says when the trouble began, and only a trigger may say it: changes count as they arrive.
        at: null,
        order: "time",
        title: firstOf([summary.slice(0, 200)], "Alert without a summary"),
        summary: summary.length > 200 ? summary : "",
        severity: severityWord(payload?.severity),
        url: event.client_url ?? event.links?.find((one) => one.href !== null)?.href ?? null,
        actor: null,
        labels: { ...payload?.custom_details, ...Object.fromEntries(named) },
      },
    ],
  };
}

/** The key an event is known by; the answer to a trigger tells it, as PagerDuty's does. */
export function dedupKeyOf(given: string | null, source: string | null, summary: string): string {
  if (given !== null) return boundedKey(given);
  return createHash("sha256")
    .update(JSON.stringify([source, summary]))
    .digest("hex")
    .slice(0, 32);
}
