import { createHash } from "node:crypto";
import * as z from "zod";
import { type AlertLink, IGNORED, type Normalized, UNSAID } from "./alert-change.ts";
import { boundedKey, cutAtWord, firstOf, payloadFields, severityWord } from "./payload-fields.ts";
import { meaningOf } from "./source-events.ts";

const { Address, Annotations, text, When } = payloadFields;

const Event = z.object({
  event_action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedup_key: z.string().min(1).nullish().catch(null),
  client_url: Address,
  payload: z
    .object({
      summary: text(4_000),
      source: text(200),
      severity: text(32),
      timestamp: When,
      component: text(100),
      group: text(100),
      class: text(100),
      custom_details: Annotations,
    })
    .nullish()
    .catch(null),
  links: z
    .array(z.object({ href: Address, text: text(60) }))
    .nullish()
    .catch(null),
});

const Change = z.object({ event_action: z.undefined().optional(), payload: z.object({ summary: z.string().min(1) }) });

/**
 * An event as tools send it to PagerDuty's Events API v2 (developer.pagerduty.com/docs, "Send an Alert Event"): a way
 * in for anything that can page PagerDuty.
 *
 * Without a `dedup_key` the same source and summary are the same alert; PagerDuty would make a new one each time.
 */
export function normalizePagerDutyEvent(body: unknown): Normalized {
  const event = Event.safeParse(body).data;
  if (event === undefined) {
    // A change event ("Send a Change Event") has the same form without an action: a deployment is not an alert.
    if (Change.safeParse(body).success) return IGNORED;
    return {
      kind: "problem",
      message: "event_action is trigger, acknowledge or resolve, as in PagerDuty's Events API v2.",
    };
  }
  const { payload } = event;
  const change = meaningOf("pagerduty-events", event.event_action);
  if (change === "ignored") return IGNORED;
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
        ...UNSAID,
        change,
        key: dedupKeyOf(event.dedup_key ?? null, payload?.source ?? null, summary),
        externalId: null,
        // `timestamp` says when the trouble began, and only a trigger carries it: changes count in order of arrival.
        at: null,
        order: "time",
        title: firstOf([summary.slice(0, 200)], "Alert without a summary"),
        summary: summary.length > 200 ? cutAtWord(summary, 1_000) : "",
        severity: severityWord(payload?.severity),
        url: event.client_url ?? event.links?.find((one) => one.href !== null)?.href ?? null,
        actor: null,
        labels: { ...short(payload?.custom_details ?? {}), ...Object.fromEntries(named) },
        links: linksOf(event),
        notes: Object.fromEntries(
          Object.entries(payload?.custom_details ?? {})
            .filter(([, value]) => value.length > LONGEST_LABEL)
            .slice(0, 8)
            .map(([name, value]) => [name, cutAtWord(value, 1_000)]),
        ),
      },
    ],
  };
}

const LONGEST_LABEL = 200;

function short(details: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value.length <= LONGEST_LABEL));
}

/** Links as the tool names them, and runbooks and dashboards found among the details. */
function linksOf({ links, payload }: z.output<typeof Event>): readonly AlertLink[] {
  const details = payload?.custom_details ?? {};
  const known = [
    ["Runbook", details["runbook_url"]],
    ["Dashboard", details["dashboard_url"]],
  ] as const;
  const named = known.flatMap(([name, value]) => {
    const url = Address.parse(value ?? null);
    return url === null ? [] : [{ name, url }];
  });
  const given = (links ?? []).flatMap(({ href, text: name }) =>
    href === null ? [] : [{ name: name ?? "Link", url: href }],
  );
  return [...named, ...given].slice(0, 6);
}

/** The key an event is known by; the answer to a trigger contains it, as PagerDuty's does. */
export function dedupKeyOf(given: string | null, source: string | null, summary: string): string {
  if (given !== null) return boundedKey(given);
  return createHash("sha256")
    .update(JSON.stringify([source, summary]))
    .digest("hex")
    .slice(0, 32);
}
