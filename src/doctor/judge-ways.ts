import { isAllowed } from "../core/chat/allowed-channels.ts";
import type { Repository } from "../core/model.ts";
import type { PagingChannel, Policy } from "../core/policy/policy.ts";
import type { SlackSettings } from "../run/settings.ts";
import { mayPage } from "../systems/paging-allow-list.ts";
import type { PagingSettings } from "../systems/read-paging-settings.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

/** The ways to reach people that the operator has set up. */
export interface Ways {
  readonly slack: Pick<SlackSettings, "channels"> | null;
  readonly paging: PagingSettings;
}

const KEYS: Readonly<Record<PagingChannel, string>> = {
  "better-stack": "BETTER_STACK_API_TOKEN",
  pagerduty: "PAGERDUTY_ROUTING_KEY",
};

/** Whether what a policy asks for will reach anybody: the channel in Slack, the systems that page. */
export async function judgeWays(
  { paging, slack }: Pick<Policy, "paging" | "slack">,
  repository: Repository,
  isPrivate: boolean,
  ways: Ways,
): Promise<readonly Finding[]> {
  const place = `${repository.owner}/${repository.name}`;
  const findings: Finding[] = [];
  if (ways.slack !== null) {
    const check = `Slack for ${place}`;
    findings.push(
      isAllowed(ways.slack.channels, [slack.channel], repository, isPrivate)
        ? ok(check, `announced in ${slack.channel}`)
        : warning(
            check,
            `its policy names ${slack.channel}, which SLACK_CHANNELS does not allow for it: nothing is announced there`,
            `Add ${slack.channel.replace(/^#/, "")}=${place} to SLACK_CHANNELS, or name another channel in the policy.`,
          ),
    );
  }
  for (const channel of new Set(Object.values(paging.channels).flat())) {
    findings.push(await judgeChannel(channel, repository, place, ways.paging));
  }
  return findings;
}

async function judgeChannel(
  channel: PagingChannel,
  repository: Repository,
  place: string,
  paging: PagingSettings,
): Promise<Finding> {
  const check = `paging of ${place}`;
  const key = channel === "pagerduty" ? paging.pagerDuty : paging.betterStack;
  if (key === null) {
    const remedy = `Set ${KEYS[channel]}, or take ${channel} out of paging.channels there.`;
    return failed(
      check,
      `its policy pages through ${channel}, whose key is not set: only the comment on the issue pages people`,
      remedy,
    );
  }
  // The way the server will know it, unless another repository had the name before.
  const firstNamed = async (name: string) => (name.toLowerCase() === place.toLowerCase() ? repository.id : null);
  if (await mayPage(paging.allowed, { firstNamed }, channel, repository)) return ok(check, `through ${channel}`);
  const remedy = `Add ${channel}=${place} to PAGING_CHANNELS, or take ${channel} out of paging.channels there.`;
  return failed(check, `its policy pages through ${channel}, which the operator does not allow it`, remedy);
}
