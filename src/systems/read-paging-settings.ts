import * as z from "zod";
import { withoutEnd } from "../core/without-end.ts";
import { type AllowedPaging, readPagingAllowList } from "./paging-allow-list.ts";
import type { PAGING_SETTINGS } from "./paging-settings.ts";

/** The keys of paging systems, from the environment. Secrets: never log them. `null`: not used. */
export interface PagingSettings {
  readonly betterStack: {
    readonly token: string;
    /** A user on the team there. */
    readonly requesterEmail: string;
    readonly baseUrl: string;
  } | null;
  readonly pagerDuty: { readonly routingKey: string; readonly baseUrl: string } | null;
  /** For PagerDuty's REST API, which is told what became of its incidents. */
  readonly pagerDutyApi: {
    readonly token: string;
    /** A user of the account there. */
    readonly fromEmail: string;
    readonly baseUrl: string;
  } | null;
  /** Which repositories may use which channel; empty: none may. */
  readonly allowed: readonly AllowedPaging[];
}

/** A variable to fix; `message` says how and never holds a secret. */
interface Problem {
  readonly name: string;
  readonly message: string;
}

type PagingSetting = (typeof PAGING_SETTINGS)[number]["name"];

/** No keys: pages are comments on the issue alone. */
export const NO_PAGING: PagingSettings = { betterStack: null, pagerDuty: null, pagerDutyApi: null, allowed: [] };

/**
 * Reads `PAGING_SETTINGS`. Reports every problem at once.
 *
 * @param value a variable, trimmed; `undefined` when it is missing or empty
 */
export function readPagingSettings(value: (name: PagingSetting) => string | undefined): {
  readonly paging: PagingSettings;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const address = (name: PagingSetting, fallback: string) => {
    const given = value(name) ?? fallback;
    if (isGoodAddress(given)) return withoutEnd(given, "/");
    problems.push({ name, message: `${name} is an address that begins with https:, such as ${fallback}.` });
    return fallback;
  };
  const token = value("BETTER_STACK_API_TOKEN");
  const requesterEmail = value("BETTER_STACK_REQUESTER_EMAIL");
  const betterStackUrl = address("BETTER_STACK_API_URL", "https://uptime.betterstack.com");
  if (token !== undefined && !z.email().safeParse(requesterEmail).success) {
    problems.push({
      name: "BETTER_STACK_REQUESTER_EMAIL",
      message:
        "BETTER_STACK_REQUESTER_EMAIL is the e-mail address of a user of your Better Stack team: incidents are created " +
        "there in that name. Set it beside BETTER_STACK_API_TOKEN.",
    });
  }
  const routingKey = value("PAGERDUTY_ROUTING_KEY");
  const eventsUrl = address("PAGERDUTY_EVENTS_URL", "https://events.pagerduty.com");
  if (routingKey !== undefined && !/^[\w-]{16,64}$/.test(routingKey)) {
    problems.push({
      name: "PAGERDUTY_ROUTING_KEY",
      message:
        "PAGERDUTY_ROUTING_KEY is the integration key of a PagerDuty service with “Events API V2”: 32 characters.",
    });
  }
  const apiToken = value("PAGERDUTY_API_TOKEN");
  const fromEmail = value("PAGERDUTY_FROM_EMAIL");
  const apiUrl = address("PAGERDUTY_API_URL", "https://api.pagerduty.com");
  if (apiToken !== undefined && !/^[!-~]{10,200}$/.test(apiToken)) {
    problems.push({
      name: "PAGERDUTY_API_TOKEN",
      message:
        "PAGERDUTY_API_TOKEN is a REST API key of PagerDuty (Integrations, API Access Keys): about 20 characters.",
    });
  }
  if (apiToken !== undefined && !z.email().safeParse(fromEmail).success) {
    problems.push({
      name: "PAGERDUTY_FROM_EMAIL",
      message:
        "PAGERDUTY_FROM_EMAIL is the e-mail address of a user of your PagerDuty account: incidents are acknowledged and " +
        "resolved there in that name. Set it beside PAGERDUTY_API_TOKEN.",
    });
  }
  const allowed = readPagingAllowList(value("PAGING_CHANNELS") ?? "");
  if (allowed === null) {
    problems.push({
      name: "PAGING_CHANNELS",
      message:
        "PAGING_CHANNELS is a list such as pagerduty=acme/*, better-stack=acme/ops: a channel (better-stack or pagerduty), " +
        "= and who may page through it: an owner, owner/name, or the id of a repository.",
    });
  }
  const paging: PagingSettings = {
    betterStack:
      token === undefined || requesterEmail === undefined ? null : { token, requesterEmail, baseUrl: betterStackUrl },
    pagerDuty: routingKey === undefined ? null : { routingKey, baseUrl: eventsUrl },
    pagerDutyApi:
      apiToken === undefined || fromEmail === undefined ? null : { token: apiToken, fromEmail, baseUrl: apiUrl },
    allowed: allowed ?? [],
  };
  return { paging, problems };
}

/** https, or http on this machine; no user name, nothing after the path. */
function isGoodAddress(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const url = new URL(given);
  const isHere = url.protocol === "http:" && /^(?:localhost|127(?:\.\d{1,3}){3})$/.test(url.hostname);
  return (url.protocol === "https:" || isHere) && url.username === "" && url.search === "" && url.hash === "";
}
