import type { Instant } from "../core/model.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { GitHubInspection, RequiredCheck } from "../systems/github/ports.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";
import type { QueueState } from "./inspect-store.ts";
import { onPage } from "./on-page.ts";
import { sinceWords } from "./since-words.ts";

/** What app.yml asks GitHub for. */
export interface Needs {
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

const UNTOLD = "this server does not say";
/** The app's tokens are backdated by 60 s; beyond that, GitHub takes them to be dated in the future. */
const CLOCK_FAILS_MS = 60_000;
/** GitHub's `Date` is in whole seconds, and the journey takes some time too. */
const CLOCK_WARNS_MS = 5_000;
const WAITS_LONG_MS = 10 * 60_000;
const LEVELS: readonly string[] = ["read", "write", "admin"];

/** The permissions that are needed and not granted, as `checks: write`. */
export function missingPermissions(needed: Needs["permissions"], granted: Needs["permissions"]): readonly string[] {
  return Object.entries(needed)
    .filter(([name, level]) => LEVELS.indexOf(granted[name] ?? "") < LEVELS.indexOf(level))
    .map(([name, level]) => `${name}: ${level}`);
}

/**
 * @param place `the app`, or the account of an installation
 * @param page  of the installation, where an owner accepts them; `null`: not known
 */
export function judgePermissions(
  needed: Needs["permissions"],
  granted: Needs["permissions"],
  place: string,
  page: string | null = null,
): Finding {
  const check = `permissions of ${place}`;
  const missing = missingPermissions(needed, granted);
  const more = Object.entries(granted)
    .filter(([name, level]) => LEVELS.indexOf(level) > LEVELS.indexOf(needed[name] ?? ""))
    .map(([name, level]) => `${name}: ${level}`);
  if (missing.length > 0) {
    const remedy =
      place === "the app"
        ? "Add them under Permissions & events in the app's settings; then owners accept them."
        : `An owner of the account accepts them ${onPage(page)}; everything else goes on.`;
    return failed(check, `missing: ${missing.join(", ")}`, remedy);
  }
  if (more.length > 0) {
    return warning(check, `more than needed: ${more.join(", ")}`, "Take them away in the app's settings.");
  }
  return ok(check, "as app.yml asks");
}

/**
 * What an installation is not sent although the app asks for it, because an owner has not accepted the permission it comes
 * with; `null`: nothing.
 *
 * @param sent `null`: the server does not say
 */
export function judgeEventsOf(
  asked: readonly string[],
  sent: readonly string[] | null,
  account: string,
  page: string | null,
): Finding | null {
  const missing = sent === null ? [] : asked.filter((event) => !sent.includes(event));
  if (missing.length === 0) return null;
  const remedy = `An owner accepts the new permissions ${onPage(page)}. Until then only the sweep notices.`;
  return failed(`events of ${account}`, `not sent there: ${missing.join(", ")}`, remedy);
}

export function judgeEvents(needed: readonly string[], subscribed: readonly string[]): Finding {
  const missing = needed.filter((event) => !subscribed.includes(event));
  if (missing.length === 0) return ok("events", "as app.yml asks");
  const remedy = "Tick them under Permissions & events in the app's settings. Until then only the sweep notices.";
  return failed("events", `not subscribed: ${missing.join(", ")}`, remedy);
}

export function judgeClock(now: Instant, serverTime: Instant | null): Finding {
  if (serverTime === null) return ok("clock", UNTOLD);
  const offsetMs = now - serverTime;
  const says = `${Math.abs(offsetMs / 1_000).toFixed(1)} s ${offsetMs < 0 ? "behind" : "ahead of"} GitHub's`;
  const remedy = "Set this machine's clock by a time server (NTP).";
  if (Math.abs(offsetMs) > CLOCK_FAILS_MS) return failed("clock", says, remedy);
  if (Math.abs(offsetMs) > CLOCK_WARNS_MS) return warning("clock", says, remedy);
  return ok("clock", says);
}

export function judgeWebhook(hook: Awaited<ReturnType<GitHubInspection["webhook"]>>, path: string): Finding {
  const check = "webhook";
  const settings = "in the app's settings, under Webhook";
  if (hook === "untold") return ok(check, UNTOLD);
  if (hook.url === null || hook.url === "") {
    return failed(check, "no address is set", `Set https://YOUR-SERVER${path} ${settings}.`);
  }
  if (!URL.canParse(hook.url) || new URL(hook.url).pathname !== path) {
    return failed(check, `goes to ${shownUrl(hook.url)}`, `The address ends in ${path}: correct it ${settings}.`);
  }
  if (hook.contentType !== "json") {
    return failed(check, `is sent as ${hook.contentType ?? "form"}`, `Choose application/json ${settings}.`);
  }
  if (!hook.url.startsWith("https:") || !hook.checksTls) {
    const remedy = `Use an https address, and turn SSL verification on ${settings}.`;
    return warning(check, `${shownUrl(hook.url)} without a checked certificate: others may read along`, remedy);
  }
  return ok(check, shownUrl(hook.url));
}

/** An address without what may be secret in it: a name and password, and what is asked of a proxy. */
function shownUrl(given: string): string {
  if (!URL.canParse(given)) return "something that is no address";
  const { origin, pathname, search } = new URL(given);
  return `${origin}${pathname}${search === "" ? "" : "?…"}`;
}

/**
 * @param place          `owner/name`
 * @param canBeSource    whether the installation grants `statuses: write`: as the source of a
 *                       required check, GitHub offers only apps that have it (GitHub docs, "Available rules for
 *                       rulesets")
 */
export function judgeRequiredCheck(
  required: readonly RequiredCheck[] | "untold" | "not-in-plan",
  name: string,
  appId: number,
  place: string,
  canBeSource = true,
): Finding {
  const check = `required check of ${place}`;
  if (required === "untold") return ok(check, UNTOLD);
  if (required === "not-in-plan") {
    return ok(
      check,
      "this plan of GitHub's has no rulesets for private repositories: the gate reopens what was closed",
    );
  }
  const found = required.filter((one) => one.name === name);
  if (found.length === 0) {
    const remedy = `If merges should wait for it, run: sevgate protect ${place}`;
    return warning(check, `${name} is not required: a merge may close an incident first`, remedy);
  }
  const others = [...new Set(found.flatMap((one) => (one.appId === null || one.appId === appId ? [] : [one.appId])))];
  if (others.length > 0) {
    return failed(
      check,
      `${name} is required from another app (id ${others.join(", ")}): merges wait for its check`,
      `In that rule choose this app (id ${appId}) as the source, or take the check out; then run: sevgate protect ${place}`,
    );
  }
  if (!found.some((one) => one.appId === appId)) {
    const remedy = canBeSource
      ? `Give it Sevgate as its source: sevgate protect ${place}`
      : "Accept statuses: write on the installation's page, without which GitHub does not offer Sevgate as the source of a " +
        `check; then run: sevgate protect ${place}`;
    return failed(check, `${name} is required, but counts from anyone`, remedy);
  }
  return ok(check, `${name} is required, from Sevgate alone`);
}

/** A required check where the action runs the repository: it must not be waited for from this server's app. */
export function judgeLeftCheck(
  required: readonly RequiredCheck[] | "untold" | "not-in-plan",
  name: string,
  appId: number,
  place: string,
): Finding {
  const check = `required check of ${place}`;
  const isOurs = typeof required !== "string" && required.some((one) => one.name === name && one.appId === appId);
  if (!isOurs) return ok(check, "does not wait for this server");
  const remedy = "In the ruleset, choose the app whose token the workflow uses as the source of the check.";
  return failed(
    check,
    `${name} is required from this server's app, and the action posts it: merges wait for ever`,
    remedy,
  );
}

/**
 * A required check that is not posted on everything is waited for indefinitely; `null`: nothing is wrong with it.
 *
 * @param mode `pull-requests.check` of the policy in force
 *
 * (A-028)
 */
export function judgeCheckMode(
  required: readonly RequiredCheck[] | "untold" | "not-in-plan",
  name: string,
  mode: Policy["pull-requests"]["check"],
  place: string,
): Finding | null {
  if (typeof required === "string" || mode === "always" || !required.some((one) => one.name === name)) return null;
  const says = `${name} is required, and by \`check: ${mode}\` most pull requests and merge groups never get it`;
  const remedy = "Write `pull-requests: { check: always }` in the policy, or take the check out of the ruleset.";
  return failed(`policy for the required check of ${place}`, says, remedy);
}

export function judgeQueue(queue: QueueState): readonly Finding[] {
  const { waiting, running, setAside, oldestWaitsFor } = queue;
  const says = `${waiting} waiting, ${running} running`;
  const late = oldestWaitsFor !== null && oldestWaitsFor > WAITS_LONG_MS;
  const remedy = "See runbooks/queue-stuck.md.";
  return [
    late
      ? failed("queue", `${says}; the oldest has waited for ${sinceWords(oldestWaitsFor)}`, remedy)
      : ok("queue", says),
    setAside > 0
      ? failed("set aside", `${setAside} failed five times in an unexpected way`, remedy)
      : ok("set aside", "none"),
  ];
}
