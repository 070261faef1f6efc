import { sendJson, unsuccessful } from "../paging/send-json.ts";
import type { AlertSourceApi, SourceAnswer } from "./alert-source.ts";

/**
 * The incidents of Better Stack, told what became of them here (Better Stack documentation, "Acknowledge an ongoing
 * incident", "Resolve an ongoing incident"). `409` says that it is so already.
 *
 * @param token   an Uptime API token of the team
 * @param baseUrl `https://uptime.betterstack.com`, without a slash at the end
 */
export function createBetterStackApi(token: string, baseUrl: string): AlertSourceApi {
  async function tell(externalId: string, what: string, content: object): Promise<SourceAnswer> {
    const place = `${baseUrl}/api/v3/incidents/${encodeURIComponent(externalId)}/${what}`;
    const answer = await sendJson("POST", place, { authorization: `Bearer ${token}` }, content);
    const isDone =
      answer.kind === "answered" && ((answer.status >= 200 && answer.status < 300) || answer.status === 409);
    return isDone ? { kind: "done" } : unsuccessful(answer);
  }
  return {
    source: "better-stack",
    acknowledge: (externalId, by) => tell(externalId, "acknowledge", { acknowledged_by: by }),
    resolve: (externalId, by) => tell(externalId, "resolve", { resolved_by: by }),
  };
}
