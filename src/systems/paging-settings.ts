import type { KnownSetting } from "../base/known-setting.ts";

/** What the server reads from the environment about the systems that page (read-paging-settings.ts). */
export const PAGING_SETTINGS = [
  {
    name: "BETTER_STACK_API_TOKEN",
    default: "",
    help: "pages through Better Stack, and reports back what becomes of its alerts",
    isSecret: true,
  },
  { name: "BETTER_STACK_REQUESTER_EMAIL", default: "", help: "in whose name incidents are created there" },
  { name: "BETTER_STACK_API_URL", default: "https://uptime.betterstack.com", help: "its API" },
  {
    name: "PAGERDUTY_ROUTING_KEY",
    default: "",
    help: "pages through a PagerDuty service (Events API V2)",
    isSecret: true,
  },
  { name: "PAGERDUTY_EVENTS_URL", default: "https://events.pagerduty.com", help: "its Events API" },
  {
    name: "PAGERDUTY_API_TOKEN",
    default: "",
    help: "reports to PagerDuty what becomes of its incidents",
    isSecret: true,
  },
  { name: "PAGERDUTY_FROM_EMAIL", default: "", help: "in whose name that is done" },
  { name: "PAGERDUTY_API_URL", default: "https://api.pagerduty.com", help: "its REST API" },
  {
    name: "PAGING_CHANNELS",
    default: "",
    help: "who may page through them, such as pagerduty=acme/*; without it nobody",
  },
] as const satisfies readonly KnownSetting[];
