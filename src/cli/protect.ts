import { pino } from "pino";
import { type Clock, systemClock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import { oneLine } from "../core/markdown/escape.ts";
import { fullName } from "../core/names.ts";
import { planProtection, type Requirement, RULESET_NAME } from "../core/protection/plan-protection.ts";
import { type Bypass, closeGateRuleset } from "../core/protection/ruleset.ts";
import { readCheckMode } from "../observe/read-check-mode.ts";
import { type Environment, loadDotEnvForToken } from "../run/settings.ts";
import { createProtection } from "../systems/github/create-protection.ts";
import { createTokenReader } from "../systems/github/create-token-reader.ts";
import type { GitHubProtection, GitHubReader, PostingApp, ProtectionChange } from "../systems/github/ports.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { hostOfApi } from "./explain.ts";
import { githubProblem } from "./github-problem.ts";
import { jsonLine, safeJson } from "./json-line.ts";
import { PROTECTION_VERSION, type Protection, type ProtectionProblem } from "./protect-answer.ts";
import { readRepository } from "./read-repository.ts";
import { readToken } from "./read-token.ts";
import { shownArgument } from "./shown-argument.ts";
import { UsageError } from "./usage-error.ts";
import { wrongAddress } from "./wrong-address.ts";

export interface ProtectOptions {
  /** `owner/repo`; `undefined` with `rulesetJson` alone. */
  readonly repository: string | undefined;
  /** Sends the change; otherwise it is only shown. */
  readonly apply: boolean;
  /** Sends it also where it may hold every merge. */
  readonly force: boolean;
  readonly bypass: Bypass;
  /** The app whose check is required; `undefined`: APP_ID, else the app that has posted the check there. */
  readonly appId: number | undefined;
  /** Prints a ruleset that GitHub's page imports, and asks nothing. */
  readonly rulesetJson: boolean;
  readonly json: boolean;
  readonly env?: Environment;
  readonly clock?: Clock;
  readonly write?: (text: string) => void;
  /** How GitHub is reached; tests bring their own. */
  readonly connect?: (token: string, apiUrl: string) => ProtectConnection;
}

export interface ProtectConnection {
  readonly protection: GitHubProtection;
  readonly read: Pick<GitHubReader, "file" | "repository">;
}

type Warning = Protection["warnings"][number];

const CHECK = "sevgate/close-gate";
/** What every workflow of a repository posts as. */
const ACTIONS = "github-actions";
/** Without these, the rule holds every merge: they need a word of the person. */
const HOLDS_MERGES: ReadonlySet<Warning["kind"]> = new Set(["never-seen", "policy"]);
const RIGHTS =
  "It takes an admin of the repository: a classic token with the scope repo, or a fine-grained one with Administration: " +
  "read and write, Checks, Contents and Pull requests: read.";

/**
 * `sevgate protect owner/repo`: shows the smallest change after which a merge into the default branch waits for the check
 * of this app and of no other, and with `apply` makes it, by a person's token.
 *
 * @returns the exit code: 1 if it cannot be said, or was not done; 2, in JSON, if the command line cannot be meant
 * @throws UsageError for the same, in text
 */
export async function protect(options: ProtectOptions): Promise<0 | 1 | typeof EXIT_USAGE> {
  const { json, write = (text) => process.stdout.write(text) } = options;
  if (options.env === undefined) loadDotEnvForToken();
  const env = options.env ?? process.env;
  if (options.rulesetJson) {
    const appId = options.appId ?? settingOf(env);
    if (appId === null) {
      throw new UsageError("--ruleset-json needs the app's id: add --app-id, the App ID on the app's settings page.");
    }
    write(`${safeJson(closeGateRuleset(CHECK, appId, options.bypass), 2)}\n`);
    return 0;
  }
  const found = await protectionOrProblem(options, env, options.clock ?? systemClock);
  if ("kind" in found) {
    if (found.kind === "bad-argument" && !json) throw new UsageError(found.message);
    write(json ? jsonLine({ version: PROTECTION_VERSION, error: found }) : `${found.message}\n`);
    return found.kind === "bad-argument" ? EXIT_USAGE : 1;
  }
  write(json ? jsonLine(found) : textOf(found, options.bypass));
  return 0;
}

async function protectionOrProblem(
  options: ProtectOptions,
  env: Environment,
  clock: Clock,
): Promise<Protection | ProtectionProblem> {
  const { repository: given = "", connect = connectTo } = options;
  const named = readRepository(given);
  if (named === null) {
    return { kind: "bad-argument", message: `“${shownArgument(given)}” is no repository: write acme/ops.` };
  }
  const { owner, name } = named;
  const access = tokenOf(env);
  if ("message" in access) return access;
  const { protection, read } = connect(access.token, access.apiUrl);
  try {
    const person = await personOf(protection, access.apiUrl);
    if (person === null) return NO_PERSON;
    if (typeof person !== "string") return person;
    const place = await protection.repository(owner, name);
    if (place === "missing") {
      const message = `There is no ${owner}/${name} that this token may read. Look at the spelling, or give it access.`;
      return { kind: "no-repository", message };
    }
    const { repository, defaultBranch: branch } = place;
    const state = await protection.required(repository, branch, CHECK, RULESET_NAME);
    if (state === "not-in-plan") {
      const message = `GitHub has no rules for private repositories on the plan of ${owner}: nothing can require the check there. The gate works without: it reopens what was closed too early. A paid plan, or a public repository, can have the rule.`;
      return { kind: "plan", message };
    }
    if (state === "untold") {
      const message = `GitHub shows no rules of ${owner}/${name}. ${RIGHTS} A server that has no rulesets needs classic branch protection, by hand.`;
      return { kind: "refused", message };
    }
    const posted = await protection.postedBy(repository, CHECK);
    const app = appOf(options.appId, env, posted);
    if ("message" in app) return app;
    const plan = planProtection(state.required, state.named, app.id);
    const common: Omit<Protection, "plan" | "request" | "warnings" | "applied"> = {
      version: PROTECTION_VERSION,
      repository: fullName(repository),
      branch,
      check: CHECK,
      app,
      required: [...state.required],
    };
    if (plan.kind === "nothing") {
      const warnings = otherSources(state.required, app.id);
      return { ...common, plan: "nothing", request: null, warnings, applied: false };
    }
    const ruleset = closeGateRuleset(CHECK, app.id, options.bypass);
    const change = await protection.requestFor(plan, repository, branch, ruleset);
    const beside = state.named === null ? ({ kind: "create" } as const) : null;
    const planned = change !== null ? plan : beside;
    const request =
      change ?? (beside === null ? null : await protection.requestFor(beside, repository, branch, ruleset));
    if (planned === null || request === null) {
      const message = `GitHub does not show all of the ruleset that would have to be changed, so it is left alone. ${RIGHTS}`;
      return { kind: "refused", message };
    }
    const mode = await readCheckMode(read, repository);
    const shown: Protection = {
      ...common,
      plan: planned.kind,
      request: shownRequest(request),
      warnings: [
        ...warningsOf(app, posted, mode),
        ...otherSources(
          state.required.filter(({ id }) => planned.kind !== "repair" || id !== planned.ruleset.id),
          app.id,
        ),
      ],
      applied: false,
    };
    if (!options.apply) return shown;
    const holding = shown.warnings.filter(({ kind }) => HOLDS_MERGES.has(kind));
    if (holding.length > 0 && !options.force) {
      const why = holding.map(({ message }) => message).join(" ");
      return { kind: "would-hold-merges", message: `Nothing was changed. ${why} With --force it is done anyway.` };
    }
    const refused = await send(protection, request, clock);
    if (refused !== null) return refused;
    const inForce = async () => {
      const after = await protection.required(repository, branch, CHECK, RULESET_NAME);
      return typeof after === "object" && planProtection(after.required, after.named, app.id).kind === "nothing";
    };
    // Whatever GitHub answers now, the change is made.
    const holds = await inForce().catch((error: unknown) => {
      if (error instanceof TransientError || error instanceof TerminalError) return false;
      throw error;
    });
    if (holds) return { ...shown, applied: true };
    const page = rulesPage(access.apiUrl, fullName(repository));
    const message = `GitHub took the change, and does not show ${CHECK} as required of ${branch} yet. Look at ${page}, or run this again in a minute.`;
    return { kind: "not-in-force", message };
  } catch (error) {
    return githubProblem(error, clock, RIGHTS);
  }
}

/** Whose token it is; `null`: no person's. */
async function personOf(protection: GitHubProtection, apiUrl: string): Promise<string | null | ProtectionProblem> {
  try {
    return await protection.person();
  } catch (error) {
    const isApi = !(error instanceof Error && (statusOf(error) === 404 || error.message.includes("was not JSON")));
    if (isApi) throw error;
    const { host } = new URL(apiUrl);
    const message = `No API of GitHub answers at GITHUB_API_URL. That of an Enterprise Server is https://${host}/api/v3; for github.com, leave it out.`;
    return { kind: "settings", message };
  }
}

/** Sends the change; `null`: GitHub took it. */
async function send(
  protection: GitHubProtection,
  request: ProtectionChange,
  clock: Clock,
): Promise<ProtectionProblem | null> {
  try {
    await protection.change(request);
    return null;
  } catch (error) {
    if (statusOf(error) === 404) return { kind: "refused", message: `GitHub refuses the change (404). ${RIGHTS}` };
    const problem = githubProblem(error, clock, RIGHTS);
    if (problem.kind !== "later") return { ...problem, message: `Nothing was changed. ${problem.message}` };
    const unsure = "It may have made the change all the same: run this again, and it says what is left.";
    return { ...problem, message: `${problem.message} ${unsure}` };
  }
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && "status" in error ? error.status : null;
}

const NO_PERSON: ProtectionProblem = {
  kind: "no-person",
  message:
    "This token is no person's. An app must not change what protects against it: set GITHUB_TOKEN to the token of a " +
    "person who may, such as `GITHUB_TOKEN=$(gh auth token)`.",
};

/** A person's token; GitHub's own client calls it GH_TOKEN. */
function tokenOf(env: Environment): { readonly token: string; readonly apiUrl: string } | ProtectionProblem {
  const told = readToken(env);
  if ("message" in told) return told;
  const { apiUrl } = told;
  const token = told.token || env["GH_TOKEN"]?.trim() || "";
  if (token === "") {
    const message =
      "Set GITHUB_TOKEN to the token of a person who may change the rules, such as `GITHUB_TOKEN=$(gh auth token)`.";
    return { kind: "settings", message };
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return { kind: "settings", message: "GITHUB_TOKEN holds characters that no token has. Copy it again." };
  }
  // Installations of apps, GITHUB_TOKEN of workflows among them. (A-148)
  if (token.startsWith("ghs_")) return NO_PERSON;
  const wrong = wrongAddress(apiUrl);
  if (wrong !== null) return { kind: "settings", message: wrong };
  return { token, apiUrl };
}

/**
 * Whose check is to be required. Only what the person or the server says is certain: anybody who may post checks can post
 * one of this name, so a check is believed only when one single app has ever posted it, and no workflow could have.
 */
function appOf(
  given: number | undefined,
  env: Environment,
  posted: readonly PostingApp[],
): Protection["app"] | ProtectionProblem {
  const slugOf = (id: number) => posted.find((app) => app.id === id)?.slug ?? null;
  if (given !== undefined) return { id: given, slug: slugOf(given), from: "option" };
  const setting = settingOf(env);
  if (setting !== null) return { id: setting, slug: slugOf(setting), from: "setting" };
  const [one] = posted;
  if (one !== undefined && posted.length === 1 && one.slug !== ACTIONS) {
    return { id: one.id, slug: one.slug, from: "check" };
  }
  const says =
    posted.length === 0
      ? `No app has posted ${CHECK} there yet, so I cannot tell which is yours.`
      : `${CHECK} was posted there by ${posted.map(({ id, slug }) => `${oneLine(slug)} (${id})`).join(" and ")}: I cannot tell which is yours.`;
  return {
    kind: "which-app",
    message: `${says} Name it with --app-id, the App ID on the app's settings page, or set APP_ID as the server has it.`,
  };
}

function settingOf(env: Environment): number | null {
  const text = env["APP_ID"]?.trim() ?? "";
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function warningsOf(app: Protection["app"], posted: readonly PostingApp[], mode: string): Warning[] {
  const own = posted.find(({ id }) => id === app.id);
  const others = posted.filter(({ id }) => id !== app.id);
  const warnings: Warning[] = [];
  if (own === undefined) {
    warnings.push({
      kind: "never-seen",
      message: `The app has not posted ${CHECK} on the last ten pull requests there, and a required check that never comes holds every merge. Install the app and open a pull request first.`,
    });
  }
  // (A-028)
  if (mode !== "always") {
    warnings.push({
      kind: "policy",
      message: `By \`check: ${mode}\` in the policy most pull requests never get the check, and would wait for it forever. Write \`pull-requests: { check: always }\` first.`,
    });
  }
  if (others.length > 0) {
    const names = others.map(({ id, slug }) => `${oneLine(slug)} (${id})`).join(", ");
    warnings.push({
      kind: "other-app",
      message: `${CHECK} is also posted by ${names}, whose check will not count.`,
    });
  }
  if (own?.slug === ACTIONS) {
    warnings.push({
      kind: "any-workflow",
      message: "Every workflow of the repository posts as this app: whoever may change one can post the check.",
    });
  }
  // (A-006)
  if (own?.asksForStatuses === false) {
    warnings.push({
      kind: "statuses",
      message:
        "The app does not ask for statuses: write, without which GitHub's page does not offer it as a source, and may " +
        "refuse it here. Grant it in the app's settings, and accept it for the installation.",
    });
  }
  return warnings;
}

/** Rules that want the check from another app: they stay, and so do merges that wait for it. */
function otherSources(required: readonly Requirement[], own: number): Warning[] {
  return required
    .filter(({ appId }) => appId !== null && appId !== own)
    .map((one) => ({
      kind: "other-source",
      message: `${sentenceCase(requirementText(one, own))} Merges wait for that app, too, until somebody chooses ${own} there, or takes the check out.`,
    }));
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function shownRequest({ route, at, body }: ProtectionChange): NonNullable<Protection["request"]> {
  const [method = "", template = ""] = route.split(" ");
  const path = template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(at[name] ?? "")));
  return { method, path, body: { ...body } };
}

function rulesPage(apiUrl: string, place: string): string {
  return `https://${hostOfApi(apiUrl)}/${place}/settings/rules`;
}

const FROM = { option: "--app-id", setting: "APP_ID", check: "the check it posted there" } as const;
const MAY_BYPASS: Readonly<Record<Bypass, string>> = {
  admins: "An admin of the repository may merge a pull request without it, for the day Sevgate is down.",
  maintainers: "Admins and maintainers may merge a pull request without it, for the day Sevgate is down.",
  none: "Nobody may merge without it, also on the day Sevgate is down.",
};

function textOf(found: Protection, bypass: Bypass): string {
  const { repository, branch, app, required, plan, request, warnings, applied } = found;
  const slug = app.slug === null || app.slug === "" ? "" : `${oneLine(app.slug)}, `;
  const lines = [
    `${repository}, branch ${oneLine(branch)}, app ${slug}id ${app.id} (by ${FROM[app.from]})`,
    ...(required.length === 0
      ? [`Now:      nothing requires ${CHECK}.`]
      : required.map((one) => `Now:      ${requirementText(one, app.id)}`)),
  ];
  const warned = warnings.map(({ message }) => `Warning:  ${message}`);
  if (request === null) {
    const end = warned.length === 0 ? "Nothing is left to do." : "There is nothing to send.";
    return `${[...lines, ...warned, end].join("\n")}\n`;
  }
  lines.push(
    `Change:   ${PLANS[plan]}`,
    "",
    `${request.method} ${request.path}`,
    safeJson(request.body, 2),
    "",
    `Then:     a commit gets into ${oneLine(branch)} only with the check, and so by a pull request or a merge queue. ` +
      `Nobody pushes straight to it any more, bots neither.${plan === "create" ? ` ${MAY_BYPASS[bypass]}` : ""}`,
    ...warned,
    "",
    applied
      ? `Done: ${CHECK} is required from this app alone.`
      : "Nothing was changed. Add --apply to send it, with the token of a person who may.",
  );
  return `${lines.join("\n")}\n`;
}

const PLANS: Readonly<Record<Protection["plan"], string>> = {
  nothing: "none",
  pin: "the check gets this app as its source; everything else stays as it is.",
  repair: `the ruleset “${RULESET_NAME}” is put in force again, with the check; everything else of it stays as it is.`,
  create: `a new ruleset, “${RULESET_NAME}”; what is there stays as it is.`,
};

function requirementText({ kind, name, appId }: Requirement, own: number): string {
  const shown = oneLine(name);
  const where = {
    ruleset: `the ruleset “${shown}”`,
    inherited: `a ruleset of ${shown === "" ? "the organization" : shown}`,
    classic: `branch protection of ${shown}`,
  }[kind];
  const from = appId === own ? "from this app alone" : appId === null ? "from anybody" : `from the app ${appId}`;
  return `${where} requires ${CHECK} ${from}.`;
}

function connectTo(token: string, apiUrl: string): ProtectConnection {
  const common = { log: pino({ level: "silent" }), clock: systemClock, token, apiUrl };
  return { protection: createProtection(common), read: createTokenReader(common) };
}
