import * as z from "zod";
import { type AlertActor, type Grouping, IGNORED, type Normalized, UNSAID } from "./alert-change.ts";
import { betterStackOrigin, externalIdOf } from "./external-id.ts";
import { ownPage } from "./own-page.ts";
import { cutAtWord, firstOf, payloadFields, severityWord } from "./payload-fields.ts";
import { meaningOf } from "./source-events.ts";

const { Address, Id, Labels, text, When } = payloadFields;

const Related = z
  .object({ data: z.object({ id: Id }) })
  .nullish()
  .catch(null);

/** What a monitor or an integration attached: words, or lists of words, with or without `{ value }` around them. */
const Metadata = z
  .record(z.string(), z.unknown())
  .nullish()
  .catch(null)
  .transform((given): Readonly<Record<string, string>> => {
    const words = Object.entries(given ?? {}).flatMap(([name, value]) => {
      const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
      const bare = first !== null && typeof first === "object" && "value" in first ? first.value : first;
      return [[name, bare] as const];
    });
    return Labels.parse(Object.fromEntries(words.slice(0, 20)));
  });

/** Only what identifies the incident is required; everything else may be missing or strange. */
const Payload = z.object({
  event: z.string(),
  data: z.object({
    id: Id,
    type: text(40),
    attributes: z
      .object({
        name: text(1_024),
        cause: text(4_000),
        url: Address,
        started_at: When,
        acknowledged_at: When,
        resolved_at: When,
        acknowledged_by: text(254),
        resolved_by: text(254),
        metadata: Metadata,
      })
      .nullish()
      .catch(null),
    relationships: z.object({ monitor: Related, heartbeat: Related }).nullish().catch(null),
  }),
});

/**
 * A Better Stack (BetterUptime) incident webhook (betterstack.com/docs/uptime/webhooks). There, every outage is an
 * incident of its own; `related` treats all of one monitor or heartbeat as one alert.
 */
export function normalizeBetterStack(payload: unknown, grouping: Grouping): Normalized {
  const parsed = Payload.safeParse(payload).data;
  if (parsed === undefined) {
    return {
      kind: "problem",
      message: "This is not an incident webhook of Better Stack: event and data.id are missing.",
    };
  }
  const change = meaningOf("better-stack", parsed.event);
  // Webhooks about monitors and on-call contacts come in the same form.
  if (change === "ignored" || (parsed.data.type !== null && parsed.data.type !== "incident")) return IGNORED;
  const { id, attributes, relationships } = parsed.data;
  const monitor = relationships?.monitor?.data.id ?? null;
  const heartbeat = relationships?.heartbeat?.data.id ?? null;
  const related = monitor !== null ? `monitor:${monitor}` : heartbeat !== null ? `heartbeat:${heartbeat}` : null;
  const moments = {
    fired: parsed.event === "started" ? attributes?.started_at : null,
    acknowledged: attributes?.acknowledged_at,
    resolved: attributes?.resolved_at,
    unacknowledged: null,
    changed: null,
  };
  const who = { fired: null, acknowledged: attributes?.acknowledged_by, resolved: attributes?.resolved_by };
  const cause = cutAtWord(attributes?.cause ?? "", 1_000);
  const metadata = attributes?.metadata ?? {};
  // An incident made through the API has no monitor behind it.
  const page = related === null ? ownPage(attributes?.name ?? null, null) : null;
  return {
    kind: "changes",
    changes: [
      {
        ...UNSAID,
        change,
        key: grouping === "related" && related !== null ? related : `incident:${id}`,
        externalId: externalIdOf("better-stack", id),
        origin: betterStackOrigin({
          monitor,
          heartbeat,
          name: attributes?.name ?? null,
          startedAt: attributes?.started_at ?? null,
        }),
        at: moments[change] ?? null,
        order: "time",
        title: firstOf([attributes?.name?.slice(0, 200), cause.slice(0, 200)], `Better Stack incident ${id}`),
        summary: cause,
        severity: severityWord(metadata["severity"]),
        url: attributes?.url ?? null,
        actor: change === "unacknowledged" || change === "changed" ? null : actorOf(who[change] ?? null),
        labels: metadata,
        page,
      },
    ],
  };
}

function actorOf(written: string | null): AlertActor | null {
  if (written === null) return null;
  const isEmail = /^[^\s@]+@[^\s@]+$/.test(written);
  return isEmail ? { name: null, email: written } : { name: written.slice(0, 100), email: null };
}
