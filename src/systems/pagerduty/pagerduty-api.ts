import * as z from "zod";
import { externalIdOf, pagerDutyOrigin } from "../../core/alerts/external-id.ts";
import { payloadFields } from "../../core/alerts/payload-fields.ts";
import { readJson } from "../../core/read-json.ts";
import { addressUnder } from "../address-under.ts";
import type { AlertSourceApi, SourceAnswer, SourceIncident } from "../alert-source.ts";
import { type JsonAnswer, sendJson, unsuccessful } from "../send-json.ts";

type State = "acknowledged" | "resolved";

const { text } = payloadFields;

/** What is read from "Get an incident". */
const Incident = z.object({
  incident: z.object({
    status: z.enum(["triggered", "acknowledged", "resolved"]),
    incident_number: text(20),
    service: z
      .object({ id: text(64) })
      .nullish()
      .catch(null),
  }),
});
type Incident = z.output<typeof Incident>["incident"];
const RANKS = { triggered: 0, acknowledged: 1, resolved: 2 } as const;

/**
 * Tells PagerDuty what became of its incidents here (PagerDuty REST API, "Update an incident"), in the name of the
 * person if the on-call file has an e-mail address for them, else of `fromEmail`.
 *
 * It is asked for the incident first: one already past that state needs nothing, and a `400` then means that PagerDuty
 * does not know that user. Then the other name is tried.
 *
 * @param token     a REST API key, of the account or of a user, with write access
 * @param fromEmail a user of the account
 * @param baseUrl   `https://api.pagerduty.com`, without a trailing slash
 */
export function createPagerDutyApi(token: string, fromEmail: string, baseUrl: string): AlertSourceApi {
  const headers = { authorization: `Token token=${token}`, accept: "application/vnd.pagerduty+json;version=2" };

  async function tell({ externalId, origin }: SourceIncident, status: State, by: string): Promise<SourceAnswer> {
    const address =
      externalIdOf("pagerduty", externalId) === null ? null : addressUnder(baseUrl, "incidents", externalId);
    if (address === null) return { kind: "refused", why: "the id it came with is none of PagerDuty's" };
    const get = () => sendJson("GET", address, headers, null);
    const read = await get();
    if (!isGood(read)) return unsuccessful(read);
    const incident = incidentIn(read);
    if (incident === null) return { kind: "failed", why: "its answer was not understood" };
    const is = pagerDutyOrigin({ service: incident.service?.id ?? null, number: incident.incident_number ?? null });
    if (origin === null || is !== origin) {
      return { kind: "refused", why: "the incident with that id is another one there" };
    }
    if (RANKS[incident.status] >= RANKS[status]) return { kind: "done" };
    // `github:login` and `Sevgate` are not users there.
    const isAddress = /^[^\s@:]+@[^\s@]+$/.test(by) && by.toLowerCase() !== fromEmail.toLowerCase();
    const content = { incident: { type: "incident_reference", status } };
    const put = (from: string) => sendJson("PUT", address, { ...headers, from }, content);
    let answer = await put(isAddress ? by : fromEmail);
    if (isBadRequest(answer) && isAddress) answer = await put(fromEmail);
    // Somebody there may have been quicker.
    if (isBadRequest(answer) && RANKS[incidentIn(await get())?.status ?? "triggered"] >= RANKS[status]) {
      return { kind: "done" };
    }
    return isGood(answer) ? { kind: "done" } : unsuccessful(answer);
  }

  return {
    source: "pagerduty",
    acknowledge: (incident, by) => tell(incident, "acknowledged", by),
    resolve: (incident, by) => tell(incident, "resolved", by),
  };
}

function isGood(answer: JsonAnswer): boolean {
  return answer.kind === "answered" && answer.status >= 200 && answer.status < 300;
}

function isBadRequest(answer: JsonAnswer): boolean {
  return answer.kind === "answered" && answer.status === 400;
}

function incidentIn(answer: JsonAnswer): Incident | null {
  return answer.kind === "answered" ? (readJson(Incident, answer.body)?.incident ?? null) : null;
}
