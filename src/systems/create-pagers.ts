import type { PagingChannel } from "../core/policy/policy.ts";
import { createBetterStackPager } from "./better-stack/better-stack-pager.ts";
import type { Pager } from "./pager.ts";
import { createPagerDutyPager } from "./pagerduty/pagerduty-pager.ts";
import type { PagingSettings } from "./read-paging-settings.ts";

/** The channels that work, by name. */
export type Pagers = ReadonlyMap<PagingChannel, Pager>;

/** Makes a pager for every channel that has its keys. */
export function createPagers({ betterStack, pagerDuty }: PagingSettings): Pagers {
  const pagers = [
    ...(betterStack === null
      ? []
      : [createBetterStackPager(betterStack.token, betterStack.requesterEmail, betterStack.baseUrl)]),
    ...(pagerDuty === null ? [] : [createPagerDutyPager(pagerDuty.routingKey, pagerDuty.baseUrl)]),
  ];
  return new Map(pagers.map((pager) => [pager.channel, pager]));
}
