import type { SlackSettings } from "../run/settings.ts";
import type { PagingSettings } from "../systems/read-paging-settings.ts";
import { sendJson } from "../systems/send-json.ts";
import type { Slack } from "../systems/slack/ports.ts";
import { SlackRefusedError } from "../systems/slack/slack-refused-error.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

export interface SystemsParts {
  readonly slack: Pick<SlackSettings, "signingSecret" | "channels"> | null;
  readonly paging: PagingSettings;
  /** Only called when Slack is set up. */
  createSlack(): Pick<Slack, "ping">;
}

/**
 * Whether the other systems that were set up accept their keys. It only reads there, so PagerDuty's routing key is not
 * tried: all it can do is call somebody.
 */
export async function examineSystems(parts: SystemsParts): Promise<readonly Finding[]> {
  return [...(await examineSlack(parts)), ...(await examinePaging(parts.paging))];
}

async function examineSlack({ slack, createSlack }: SystemsParts): Promise<readonly Finding[]> {
  if (slack === null) return [ok("Slack", "not set up: nothing is announced there")];
  return [
    await createSlack()
      .ping()
      .then(() => ok("Slack", "knows the token"), notReached),
    slack.channels.length === 0
      ? warning("Slack's channels", "none is allowed: nothing is posted", "Set SLACK_CHANNELS, such as alert.")
      : ok("Slack's channels", slack.channels.map(({ channel }) => channel).join(", ")),
    slack.signingSecret === null
      ? warning(
          "Slack's buttons",
          "they and /incident do nothing: nothing proves that Slack sent them",
          "Set SLACK_SIGNING_SECRET to the Signing Secret of the Slack app.",
        )
      : ok("Slack's buttons", "their secret is set"),
  ];
}

function notReached(error: unknown): Finding {
  if (error instanceof SlackRefusedError) {
    const remedy =
      "Set SLACK_BOT_TOKEN to the Bot User OAuth Token of the Slack app, and install the app in the workspace.";
    return failed("Slack", `refuses the token (${error.reason})`, remedy);
  }
  return warning(
    "Slack",
    "does not answer",
    "Try again in a minute; look at SLACK_API_URL and the way out of this network.",
  );
}

async function examinePaging({ betterStack, pagerDuty, pagerDutyApi }: PagingSettings): Promise<readonly Finding[]> {
  return [
    ...(betterStack === null
      ? []
      : [
          await knowsKey("Better Stack", "BETTER_STACK_API_TOKEN", `${betterStack.baseUrl}/api/v3/incidents`, {
            authorization: `Bearer ${betterStack.token}`,
          }),
        ]),
    ...(pagerDuty === null ? [] : [ok("PagerDuty's routing key", "set; it cannot be tried without paging someone")]),
    ...(pagerDutyApi === null
      ? []
      : [
          await knowsKey("PagerDuty", "PAGERDUTY_API_TOKEN", `${pagerDutyApi.baseUrl}/abilities`, {
            authorization: `Token token=${pagerDutyApi.token}`,
            accept: "application/vnd.pagerduty+json;version=2",
          }),
        ]),
  ];
}

/** By reading: "List all incidents" of Better Stack, "List abilities" of PagerDuty. */
async function knowsKey(
  system: string,
  variable: string,
  address: string,
  headers: Readonly<Record<string, string>>,
): Promise<Finding> {
  const answer = await sendJson("GET", address, headers, null);
  if (answer.kind === "silent") {
    return warning(system, `${answer.why}`, "Try again in a minute; look at the way out of this network.");
  }
  if (answer.status === 401 || answer.status === 403) {
    return failed(
      system,
      `refuses the key (HTTP ${answer.status})`,
      `Set ${variable} to a key that is in force there.`,
    );
  }
  if (answer.status >= 400) return warning(system, `answers HTTP ${answer.status}`, "Try again in a minute.");
  return ok(system, "knows the key");
}
