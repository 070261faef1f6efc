import type { KnownSetting } from "../base/known-setting.ts";
import { ALERT_SETTINGS } from "../ingress/alerts/alert-settings.ts";
import { PAGING_SETTINGS } from "../systems/paging-settings.ts";

/** Everything the server reads from the environment, in the order of docs/operations.md. */
export const KNOWN_SETTINGS = [
  { name: "APP_ID", default: "required", help: "the App ID of the GitHub App" },
  {
    name: "PRIVATE_KEY",
    default: "required",
    help: "a private key of the app: PEM, or the whole of it in base64",
    isSecret: true,
  },
  { name: "PRIVATE_KEY_PATH", default: "", help: "a file with that key, instead of PRIVATE_KEY" },
  {
    name: "WEBHOOK_SECRET",
    default: "required",
    help: "the webhook secret of the app, at least 20 characters",
    isSecret: true,
  },
  { name: "WEBHOOK_SECRET_PREVIOUS", default: "", help: "also accepted, while rotating", isSecret: true },
  { name: "PORT", default: "3000", help: "where to listen; 0 takes a free one" },
  { name: "HOST", default: "0.0.0.0", help: "the address to listen on" },
  {
    name: "GITHUB_API_URL",
    default: "https://api.github.com",
    help: "or https://HOST/api/v3 of a GitHub Enterprise Server",
  },
  { name: "DATABASE_URL", default: "", help: "PostgreSQL; without it, embedded in DATA_DIR", isSecret: true },
  { name: "DATA_DIR", default: "./data", help: "the folder of the embedded store" },
  {
    name: "RECORD_KEY",
    default: "from the private key",
    help: "signs the records, at least 32 characters",
    isSecret: true,
  },
  {
    name: "RECORD_KEY_PREVIOUS",
    default: "",
    help: "older ones that still verify, with commas between them",
    isSecret: true,
  },
  { name: "APP_ID_PREVIOUS", default: "", help: "apps as which it ran before, e.g. 15368 for GitHub Actions" },
  {
    name: "SLACK_BOT_TOKEN",
    default: "",
    help: "the Bot User OAuth Token (xoxb-…); without it nothing is posted to Slack",
    isSecret: true,
  },
  {
    name: "SLACK_SIGNING_SECRET",
    default: "",
    help: "without it buttons and commands in Slack do nothing",
    isSecret: true,
  },
  {
    name: "SLACK_CHANNELS",
    default: "",
    help: "which channels may be posted to, such as alert, ops=acme/*; without it none",
  },
  { name: "SLACK_API_URL", default: "https://slack.com/api", help: "for Slack's government cloud" },
  { name: "SWEEP_EVERY", default: "5m", help: "how often everything is looked at again" },
  { name: "ONBOARDING", default: "on", help: "off: repositories without a policy get no pull request that shows one" },
  { name: "DRAIN_FOR", default: "3s", help: "how long the port stays open once the server is stopping" },
  ...PAGING_SETTINGS,
  ...ALERT_SETTINGS,
  {
    name: "CALENDAR_SECRET",
    default: "",
    help: "signs the addresses of calendars; without it there are none",
    isSecret: true,
  },
  { name: "NODE_EXTRA_CA_CERTS", default: "", help: "a file with the certificates of your own authorities, in PEM" },
  { name: "LOG_LEVEL", default: "info", help: "trace, debug, info, warn, error, fatal or silent" },
  { name: "LOG_FORMAT", default: "pretty in a terminal, else json", help: "json or pretty" },
] as const satisfies readonly KnownSetting[];
