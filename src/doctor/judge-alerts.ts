import type { AlertEndpoint } from "../ingress/alerts/alert-endpoints.ts";
import type { PagingSettings } from "../systems/read-paging-settings.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

/** Whether anybody may page through each channel that has its keys. */
export function judgePaging({ betterStack, pagerDuty, allowed }: PagingSettings): readonly Finding[] {
  const channels = [...(betterStack === null ? [] : ["better-stack"]), ...(pagerDuty === null ? [] : ["pagerduty"])];
  return channels.map((channel) => {
    const who = allowed.filter((one) => one.channel === channel).map((one) => one.who);
    const check = `paging through ${channel}`;
    if (who.length > 0) return ok(check, `allowed for ${who.join(", ")}`);
    return warning(check, "its key is set, and nobody may page through it", remedyForPaging(channel));
  });
}

/** How to let somebody page. */
export function remedyForPaging(channel: string): string {
  return `Say who may, such as PAGING_CHANNELS="${channel}=OWNER/*": an owner, owner/name, or the id of a repository.`;
}

/** What is known about an endpoint's repository, and about its policy. */
export interface EndpointPlace {
  /** `null`: the app does not see it. */
  readonly repository: { readonly id: number; readonly place: string } | null;
  /** Endpoints that the policy in force names; `null`: it could not be read. */
  readonly named: readonly string[] | null;
}

export function judgeEndpoint({ source, name, repository: written }: AlertEndpoint, found: EndpointPlace): Finding {
  const check = `alerts at ${source}/${name}`;
  const { repository, named } = found;
  if (repository === null) {
    const remedy = "Install the app there, or correct ALERT_ENDPOINTS.";
    return failed(check, `their repository ${written} is not seen: alerts are refused with 404`, remedy);
  }
  const place = `${repository.place} (id ${repository.id})`;
  if (named !== null && !named.includes(name)) {
    const remedy = `Add alerts.endpoints.${name} to .github/sevgate.yml there, or take the endpoint away.`;
    return failed(check, `the policy of ${place} does not name it: alerts are refused with 422`, remedy);
  }
  return ok(check, named === null ? `of ${place}, whose policy could not be read` : `of ${place}`);
}

/** What was proven and led to nothing, counted since the server started. */
const LOST = {
  "no-policy": {
    says: "for an endpoint that the policy does not name",
    remedy: "Add the endpoint to alerts.endpoints of the policy; the log of the server names it.",
  },
  "no-repository": {
    says: "for a repository that is not seen",
    remedy: "Install the app there, or correct ALERT_ENDPOINTS; the log of the server names the endpoint.",
  },
  "not-understood": {
    says: "in a form that is not their source's",
    remedy: "Compare the endpoint's source with what sends to it; the log of the server says what was missing.",
  },
} as const;

/**
 * What the running server has counted about alerts that led to nothing.
 *
 * @param metrics its answer at `/metrics`; `null`: it gave none
 */
export function judgeLostAlerts(metrics: string | null): readonly Finding[] {
  const check = "alerts taken";
  if (metrics === null) return [ok(check, "the running server was not asked: name its address with --url")];
  const found = Object.entries(LOST).flatMap(([result, { says, remedy }]) => {
    const count = counted(metrics, result);
    return count === 0 ? [] : [warning(check, `${count} came ${says} since the server started`, remedy)];
  });
  return found.length > 0 ? found : [ok(check, "none was lost since the server started")];
}

function counted(metrics: string, result: string): number {
  const lines = metrics.split("\n").filter((line) => line.startsWith("sevgate_alerts_total{"));
  const own = lines.filter((line) => line.includes(`result="${result}"`));
  return own.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
