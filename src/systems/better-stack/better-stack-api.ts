import * as z from "zod";
import { betterStackOrigin, externalIdOf } from "../../core/alerts/external-id.ts";
import { payloadFields } from "../../core/alerts/payload-fields.ts";
import { readJson } from "../../core/read-json.ts";
import { addressUnder } from "../address-under.ts";
import type { AlertSourceApi, SourceAnswer, SourceIncident } from "../alert-source.ts";
import { sendJson, unsuccessful } from "../send-json.ts";

const { Id, text, When } = payloadFields;

const Related = z
  .object({ data: z.object({ id: Id }) })
  .nullish()
  .catch(null);

/** What is read from "Get a single incident". */
const Incident = z.object({
  data: z.object({
    id: Id,
    attributes: z.object({
      name: text(1_024),
      started_at: When,
      acknowledged_at: When,
      acknowledged_by: text(254),
    }),
    relationships: z.object({ monitor: Related, heartbeat: Related }).nullish().catch(null),
  }),
});
type Incident = z.output<typeof Incident>["data"];

/** The result of asking for an incident. */
type Read =
  | { readonly kind: "read"; readonly incident: Incident }
  | Exclude<SourceAnswer, { kind: "done" }>
  | { readonly kind: "missing" };

const NO_ID = { kind: "refused", why: "the id it came with is none of Better Stack's" } as const;

/**
 * Tells Better Stack what became of its incidents here (Better Stack documentation, "Get a single incident",
 * "Acknowledge an ongoing incident", "Resolve an ongoing incident"). `409` says that it is already so.
 *
 * @param token   an Uptime API token of the team
 * @param baseUrl `https://uptime.betterstack.com`, without a trailing slash
 */
export function createBetterStackApi(token: string, baseUrl: string): AlertSourceApi {
  const headers = { authorization: `Bearer ${token}` };
  const addressOf = (id: string, ...what: readonly string[]) =>
    externalIdOf("better-stack", id) === null ? null : addressUnder(baseUrl, "api", "v3", "incidents", id, ...what);

  async function read(externalId: string): Promise<Read> {
    const address = addressOf(externalId);
    if (address === null) return NO_ID;
    const answer = await sendJson("GET", address, headers, null);
    if (answer.kind === "answered" && answer.status === 404) return { kind: "missing" };
    if (answer.kind !== "answered" || answer.status < 200 || answer.status >= 300) return unsuccessful(answer);
    const incident = incidentIn(answer.body);
    if (incident?.id !== externalId) return { kind: "failed", why: "its answer was not understood" };
    return { kind: "read", incident };
  }

  async function tell(
    { externalId, origin }: SourceIncident,
    what: "acknowledge" | "resolve",
    content: object,
  ): Promise<SourceAnswer> {
    const found = await read(externalId);
    if (found.kind === "missing") return { kind: "refused", why: "it knows no such incident" };
    if (found.kind !== "read") return found;
    if (origin === null || originOf(found.incident) !== origin) {
      return { kind: "refused", why: "the incident with that id is another one there" };
    }
    const address = addressOf(externalId, what);
    if (address === null) return NO_ID;
    const answer = await sendJson("POST", address, headers, content);
    const isDone =
      answer.kind === "answered" && ((answer.status >= 200 && answer.status < 300) || answer.status === 409);
    return isDone ? { kind: "done" } : unsuccessful(answer);
  }

  return {
    source: "better-stack",
    acknowledge: (incident, by) => tell(incident, "acknowledge", { acknowledged_by: by }),
    resolve: (incident, by) => tell(incident, "resolve", { resolved_by: by }),
    async acknowledgement(externalId) {
      const found = await read(externalId);
      if (found.kind === "failed") return { kind: "failed", why: found.why };
      if (found.kind !== "read") return { kind: "none" };
      const { acknowledged_at: at, acknowledged_by: by } = found.incident.attributes;
      return at === null ? { kind: "none" } : { kind: "acknowledged", at, by };
    },
  };
}

function originOf({ attributes, relationships }: Incident): string | null {
  return betterStackOrigin({
    monitor: relationships?.monitor?.data.id ?? null,
    heartbeat: relationships?.heartbeat?.data.id ?? null,
    name: attributes.name,
    startedAt: attributes.started_at,
  });
}

function incidentIn(body: string): Incident | null {
  return readJson(Incident, body)?.data ?? null;
}
