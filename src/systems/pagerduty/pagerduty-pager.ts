import type { PageAnswer, Pager } from "../pager.ts";
import { sendJson, unsuccessful } from "../send-json.ts";

/** PagerDuty's own limit. */
const LONGEST_SUMMARY_CHARACTERS = 1_024;

/**
 * PagerDuty through its Events API v2 (PagerDuty developer documentation, "Events API v2"): `trigger` with a
 * `dedup_key`, so that the same page is one incident there however often it is sent, and `resolve` with the same key.
 *
 * @param routingKey the integration key of the service to page
 * @param baseUrl    `https://events.pagerduty.com`, without a trailing slash
 */
export function createPagerDutyPager(routingKey: string, baseUrl: string): Pager {
  async function enqueue(event: object): Promise<PageAnswer> {
    const answer = await sendJson("POST", `${baseUrl}/v2/enqueue`, {}, { routing_key: routingKey, ...event });
    if (answer.kind === "answered" && answer.status === 202) return { kind: "taken", externalId: null };
    return unsuccessful(answer);
  }
  return {
    channel: "pagerduty",
    page: ({ dedupKey, summary, description, url, source, isMostSevere }) =>
      enqueue({
        event_action: "trigger",
        dedup_key: dedupKey,
        payload: {
          summary: summary.slice(0, LONGEST_SUMMARY_CHARACTERS),
          source,
          severity: isMostSevere ? "critical" : "error",
          custom_details: { description },
        },
        links: [{ href: url, text: "The incident on GitHub" }],
        client: "Sevgate",
        client_url: url,
      }),
    end: ({ dedupKey }) => enqueue({ event_action: "resolve", dedup_key: dedupKey }),
  };
}
