import type { KnownSetting } from "../../base/known-setting.ts";

/** What the server reads from the environment about the ways in for alerts (alert-endpoints.ts). */
export const ALERT_SETTINGS = [
  { name: "ALERT_ENDPOINTS", default: "", help: "where alerts arrive, such as better-stack/prod=acme/ops" },
  {
    name: "ALERT_SECRET_<NAME>",
    default: "",
    help: "the secret of each, such as ALERT_SECRET_PROD; …_PREVIOUS while rotating",
    isSecret: true,
  },
] as const satisfies readonly KnownSetting[];
