import { z } from "zod";
import { type JsonAnswer, sendJson, unsuccessful } from "../paging/send-json.ts";
import type { AlertSourceApi, SourceAnswer } from "./alert-source.ts";

type State = "acknowledged" | "resolved";

const Incident = z.object({ incident: z.object({ status: z.enum(["triggered", "acknowledged", "resolved"]) }) });
const RANKS = { triggered: 0, acknowledged: 1, resolved: 2 } as const;

/**
 * The incidents of PagerDuty, told what became of them here (PagerDuty REST API, "Update an incident"), in the name of the
 * person where the on-call file has an address for them, else of `fromEmail`.
 *
 * A `400` says both that PagerDuty does not know that user and that the incident is past that state, and in no documented
 * form which: so the incident is asked for, and then the other name is tried.
 *
 * @param token     a REST API key, of the account or of a user, that may write
 * @param fromEmail a user of the account
 * @param baseUrl   `https://api.pagerduty.com`, without a slash at the end
 */
export function createPagerDutyApi(token: string, fromEmail: string, baseUrl: string): AlertSourceApi {
  const headers = { authorization: `Token token=${token}`, accept: "application/vnd.pagerduty+json;version=2" };
  const placeOf = (id: string) => `${baseUrl}/incidents/${encodeURIComponent(id)}`;

  async function tell(id: string, status: State, by: string): Promise<SourceAnswer> {
    // `github:login` and `Sevgate` are no users there.
    const isAddress = /^[^\s@:]+@[^\s@]+$/.test(by) && by.toLowerCase() !== fromEmail.toLowerCase();
    const content = { incident: { type: "incident_reference", status } };
    const put = (from: string) => sendJson("PUT", placeOf(id), { ...headers, from }, content);
    let answer = await put(isAddress ? by : fromEmail);
    if (isBadRequest(answer)) {
      if (await isSoAlready(id, status)) return { kind: "done" };
      if (isAddress) answer = await put(fromEmail);
    }
    return isGood(answer) ? { kind: "done" } : unsuccessful(answer);
  }

  /** Whether it is in that state, or past it. What cannot be read is not. */
  async function isSoAlready(id: string, status: State): Promise<boolean> {
    const answer = await sendJson("GET", placeOf(id), headers, null);
    const is = answer.kind === "answered" ? statusIn(answer.body) : null;
    return is !== null && RANKS[is] >= RANKS[status];
  }

  return {
    source: "pagerduty",
    acknowledge: (externalId, by) => tell(externalId, "acknowledged", by),
    resolve: (externalId, by) => tell(externalId, "resolved", by),
  };
}

function isGood(answer: JsonAnswer): boolean {
  return answer.kind === "answered" && answer.status >= 200 && answer.status < 300;
}

function isBadRequest(answer: JsonAnswer): boolean {
  return answer.kind === "answered" && answer.status === 400;
}

function statusIn(body: string): keyof typeof RANKS | null {
  try {
    return Incident.safeParse(JSON.parse(body)).data?.incident.status ?? null;
  } catch {
    return null;
  }
}
