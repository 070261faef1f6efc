import { pino } from "pino";
import { type Clock, systemClock } from "../base/clock.ts";
import { sameName } from "../core/names.ts";
import { explain } from "../core/plan/explain.ts";
import { EXPLANATION_VERSION, type Explanation, type NoExplanation } from "../core/plan/explanation.ts";
import { explanationText, noExplanationText } from "../core/plan/explanation-text.ts";
import { type Environment, loadDotEnvForToken, readSettings, type Settings } from "../run/settings.ts";
import { createGitHub } from "../systems/github/create-github.ts";
import { createTokenReader } from "../systems/github/create-token-reader.ts";
import type { GitHubApp, GitHubReader } from "../systems/github/ports.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { githubProblem } from "./github-problem.ts";
import { jsonLine } from "./json-line.ts";
import { lookFromOutside, type Place, type Problem } from "./look-from-outside.ts";
import { withStores } from "./open-stores.ts";
import { ownApp } from "./own-app.ts";
import { readToken } from "./read-token.ts";
import { shownArgument } from "./shown-argument.ts";
import { UsageError } from "./usage-error.ts";
import { wrongAddress } from "./wrong-address.ts";

export interface ExplainOptions {
  /** `owner/repo#12`, or the URL. */
  readonly place: string;
  /** The app's slug, if there is only a token; `undefined`: whoever wrote the status comment. */
  readonly app: string | undefined;
  /** One JSON object (schema/explain.schema.json) instead of lines. */
  readonly json: boolean;
  readonly env?: Environment;
  readonly clock?: Clock;
  readonly write?: (text: string) => void;
  /** How GitHub is reached; tests bring their own. */
  readonly connect?: (access: Access, onRequest: () => void) => Connection;
}

/** What we can look with, according to the environment. */
export type Access =
  | { readonly kind: "app"; readonly settings: Settings }
  | { readonly kind: "token"; readonly token: string; readonly apiUrl: string };

export interface Connection {
  readonly read: GitHubReader;
  /** `null`: with a token. */
  readonly app: Pick<GitHubApp, "identity" | "installations" | "repositories"> | null;
}

const PLACE = /^([\w-]{1,100})\/([\w.-]{1,100})#(\d{1,10})$/;
/** Followed by whatever a browser adds: a comment, a query. */
const ADDRESS = /^https?:\/\/(?<host>[\w.:-]{1,200})\/([\w-]{1,100})\/([\w.-]{1,100})\/issues\/(\d{1,10})\/?(?:$|[?#])/;

/**
 * `sevgate explain owner/repo#12`: reads GitHub once, writes nothing, and says what an incident is and why: its record, what each
 * judge finds new, the verdict, the timers, and the steps a pass would take now.
 *
 * @returns the exit code: 1 if there is nothing to explain, or it cannot be read; 2, in JSON, if `place` is not understood
 * @throws UsageError for the same, in text
 */
export async function explainIncident(options: ExplainOptions): Promise<0 | 1 | typeof EXIT_USAGE> {
  const { json, write = (text) => process.stdout.write(text) } = options;
  const explained = await explainedOrProblem(options);
  if ("kind" in explained) {
    const isUsage = explained.kind === "bad-argument";
    if (isUsage && !json) throw new UsageError(explained.message);
    const none: NoExplanation = { version: EXPLANATION_VERSION, error: explained };
    write(json ? jsonLine(none) : noExplanationText(none));
    return isUsage ? EXIT_USAGE : 1;
  }
  write(json ? jsonLine(explained) : explanationText(explained));
  return 0;
}

async function explainedOrProblem({
  place: given,
  app: named,
  env,
  clock = systemClock,
  connect = connectTo,
}: ExplainOptions): Promise<Explanation | Problem> {
  const place = placeOf(given);
  if (place === null) {
    return {
      kind: "bad-argument",
      message: `“${shownArgument(given)}” is no incident: write acme/ops#12 or the URL of its issue.`,
    };
  }
  if (env === undefined) loadDotEnvForToken({ unlessServer: true });
  const access = accessBy(env ?? process.env);
  if ("message" in access) return access;
  const apiUrl = access.kind === "token" ? access.apiUrl : access.settings.githubApiUrl;
  const asked = ADDRESS.exec(given)?.groups?.["host"] ?? null;
  const reached = hostOfApi(apiUrl);
  if (asked !== null && reached !== null && !sameName(asked, reached)) {
    const message = `That issue is on ${asked}, and I ask ${reached}. Set GITHUB_API_URL to the API of ${asked}.`;
    return { kind: "settings", message };
  }
  let requests = 0;
  try {
    const { read, app } = connect(access, () => {
      requests += 1;
    });
    const parts = { read, clock, named: named ?? null };
    const looked =
      access.kind === "token" || app === null
        ? await lookFromOutside({ ...parts, app: null, stores: null, store: "not-asked" }, place)
        : await withStores(access.settings, (stores, store) =>
            lookFromOutside({ ...parts, app: ownApp(app, access.settings), stores, store }, place),
          );
    if ("kind" in looked) return looked;
    const explained = explain(looked.seen, { ...looked.looked, requests });
    return explained ?? { kind: "not-an-incident", message: `${given} is no incident. A severity label makes it one.` };
  } catch (error) {
    const rights =
      access.kind === "token" ? "The token needs to read issues, pull requests, contents and metadata there." : "";
    return githubProblem(error, clock, rights);
  }
}

function placeOf(given: string): Place | null {
  const [, owner, name, number] = PLACE.exec(given) ?? ADDRESS.exec(given)?.slice(1) ?? [];
  return owner === undefined || name === undefined ? null : { owner, name, number: Number(number) };
}

/** The host on which people see what an API serves: a company's own server has one name for both. `null`: not a URL. */
export function hostOfApi(apiUrl: string): string | null {
  if (!URL.canParse(apiUrl)) return null;
  const { host } = new URL(apiUrl);
  return host === "api.github.com" ? "github.com" : host.replace(/^api\.(?=[\w-]+\.ghe\.com$)/, "");
}

/** The server's settings if they are complete, else a token. */
export function accessBy(given: Environment): Access | Problem {
  const read = readSettings(given);
  if (read.kind === "ok") return { kind: "app", settings: read.settings };
  const told = readToken(given);
  if ("message" in told) return told;
  const { token, apiUrl } = told;
  const wrong = token === "" ? null : wrongAddress(apiUrl);
  if (wrong !== null) return { kind: "settings", message: wrong };
  if (token !== "") return { kind: "token", token, apiUrl };
  const missing = read.problems.map(({ message }) => message).join(" ");
  return { kind: "settings", message: `Set GITHUB_TOKEN, or the settings of the server: ${missing}` };
}

/** Connects to GitHub, and changes nothing there. */
export function connectTo(access: Access, onRequest: () => void): Connection {
  const common = { log: pino({ level: "silent" }), clock: systemClock, onRequest };
  if (access.kind === "token") {
    return { read: createTokenReader({ ...common, token: access.token, apiUrl: access.apiUrl }), app: null };
  }
  const { appId, privateKey, githubApiUrl: apiUrl } = access.settings;
  const { read, app } = createGitHub({ ...common, appId, privateKey, apiUrl });
  return { read, app };
}
