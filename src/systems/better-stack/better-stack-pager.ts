import * as z from "zod";
import { externalIdOf } from "../../core/alerts/external-id.ts";
import { readJson } from "../../core/read-json.ts";
import { addressUnder } from "../address-under.ts";
import type { Pager } from "../pager.ts";
import { sendJson, unsuccessful } from "../send-json.ts";

/** What is read from "Create a new incident". */
const Created = z.object({ data: z.object({ id: z.coerce.string().min(1).max(100) }) });

/**
 * Better Stack through its incidents API (Better Stack documentation, "Create a new incident", "Resolve an ongoing
 * incident"): it alerts whoever is on call there. It has no key for recognising the same page: one that was sent but
 * whose answer was lost is sent again.
 *
 * @param token          an Uptime API token of the team
 * @param requesterEmail a user on the team, in whose name incidents are created
 * @param baseUrl        `https://uptime.betterstack.com`, without a trailing slash
 */
export function createBetterStackPager(token: string, requesterEmail: string, baseUrl: string): Pager {
  const headers = { authorization: `Bearer ${token}` };
  return {
    channel: "better-stack",
    async page({ summary, description, url }) {
      const answer = await sendJson("POST", `${baseUrl}/api/v3/incidents`, headers, {
        requester_email: requesterEmail,
        name: summary.slice(0, 255),
        summary: summary.slice(0, 255),
        description: `${description}\n${url}`,
        call: true,
        sms: true,
        email: true,
        push: true,
      });
      if (answer.kind !== "answered" || answer.status < 200 || answer.status >= 300) return unsuccessful(answer);
      return { kind: "taken", externalId: idIn(answer.body) };
    },
    async end({ externalId }) {
      const id = externalId === null ? null : externalIdOf("better-stack", externalId);
      const address = id === null ? null : addressUnder(baseUrl, "api", "v3", "incidents", id, "resolve");
      // Without its id there it cannot be withdrawn: people end it themselves.
      if (address === null) return { kind: "taken", externalId: null };
      const answer = await sendJson("POST", address, headers, { resolved_by: "Sevgate" });
      const isDone = answer.kind === "answered" && (answer.status < 300 || [404, 409].includes(answer.status));
      return isDone ? { kind: "taken", externalId } : unsuccessful(answer);
    },
  };
}

function idIn(body: string): string | null {
  const created = readJson(Created, body);
  return created === null ? null : externalIdOf("better-stack", created.data.id);
}
