import { pino } from "pino";
import * as z from "zod";
import type { Clock } from "../../base/clock.ts";
import { TerminalError } from "../../base/errors.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { ApiVersions } from "./api-version.ts";
import { graphqlUrl } from "./ask-graphql.ts";
import { askVersions, createFetch } from "./create-fetch.ts";
import { type HttpAnswer, networkErrorFor, RefusedError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import { AS_APP, GitHubClient } from "./github-client.ts";

/** What a plain question may add. */
export interface PlainOptions {
  /** An entity tag: "not modified" (304) is then the answer. */
  readonly ifNoneMatch?: string | undefined;
}

/**
 * Asks GitHub once and gives the answer as it is, refusals included, for those who want to know what GitHub says rather than what
 * is there. Throws `TransientError` if there is no answer, and `TerminalError` if it has moved or cannot be asked.
 */
export type PlainAsk = (
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  options?: PlainOptions,
) => Promise<HttpAnswer>;

interface PlainAskerOptions {
  readonly apiUrl: string;
  readonly clock: Clock;
  /** Whose token the next question carries. */
  readonly token: () => Promise<string>;
}

const REQUEST_TIMEOUT_MS = 15_000;
const LONGEST_ANSWER_BYTES = 8 * 1_048_576;

/**
 * Asks with a token, by the same way to the network as everything else: to this host only, in a version of the API that Sevgate was
 * written for, within a time limit, and never twice.
 */
export function createPlainAsker({ apiUrl: given, clock, token }: PlainAskerOptions): PlainAsk {
  const apiUrl = withoutEnd(given, "/");
  const versions = new ApiVersions(apiUrl, clock);
  const limits = { timeoutMs: REQUEST_TIMEOUT_MS, mostBytes: LONGEST_ANSWER_BYTES };
  return async (route, parameters, options = {}) => {
    const { method, url, body } = requestOf(apiUrl, route, parameters);
    const etag = options.ifNoneMatch;
    let status = 0;
    const known = etag === undefined ? null : { get: () => ({ etag, text: "null", headers: [] }), set: () => {} };
    const send = createFetch(
      apiUrl,
      limits,
      (_method, answered) => {
        status = answered;
      },
      known,
      (authorization) => versions.of(route, () => askVersions(apiUrl, authorization, limits.timeoutMs, () => {})),
    );
    const headers = {
      authorization: `Bearer ${await token()}`,
      ...(body === null ? {} : { "content-type": "application/json" }),
    };
    let response: Response;
    try {
      response = await send(url, { method, headers, ...(body === null ? {} : { body }) });
    } catch (error) {
      // Moved elsewhere, or another host: trying again does not help.
      if (error instanceof TerminalError) throw error;
      throw networkErrorFor(route, error);
    }
    return { status, headers: Object.fromEntries(response.headers), data: jsonOf(await response.text()) };
  };
}

/** The app itself, as it asks plainly: as a whole, and with the tokens of its installations. */
export interface PlainApp {
  /** As the app as a whole. What it is refused has a status and GitHub's message. */
  readonly whole: PlainAsk;
  /** A token of an installation, for `createPlainAsker`; a new one when the last is about to run out. */
  installationToken(installationId: number): Promise<string>;
}

const Token = z.object({ token: z.string(), expires_at: z.string() });
/** Tokens live for an hour. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Throws `TerminalError` later on if the key is none: it asks nothing until it is used. */
export function createPlainApp(options: {
  readonly appId: number;
  readonly privateKey: string;
  readonly apiUrl: string;
  readonly clock: Clock;
}): PlainApp {
  const client = new GitHubClient({
    ...options,
    apiUrl: withoutEnd(options.apiUrl, "/"),
    log: pino({ level: "silent" }),
  });
  let held: { readonly token: string; readonly until: number } | null = null;
  return {
    async whole(route, parameters) {
      try {
        const { status, headers, data } = await client.request(AS_APP, route, parameters);
        return { status, headers, data };
      } catch (error) {
        if (!(error instanceof RefusedError) || error.status === null) throw error;
        return { status: error.status, headers: {}, data: { message: error.reason } };
      }
    },
    async installationToken(installationId) {
      if (held !== null && held.until > options.clock.now()) return held.token;
      const { data } = await client.request(AS_APP, "POST /app/installations/{installation_id}/access_tokens", {
        installation_id: installationId,
      });
      const made = readAnswer("token", Token, data);
      held = { token: made.token, until: Date.parse(made.expires_at) - RENEW_BEFORE_MS };
      return held.token;
    },
  };
}

const WITH_SLASHES: ReadonlySet<string> = new Set(["path", "ref", "branch"]);

/** A URL would go up by a label called `..`, and the request to something else: to the repository itself. */
function encodedSegment(route: string, value: string): string {
  if (value === "." || value === "..") throw new TerminalError(`${route}: “${value}” cannot be asked about.`);
  return encodeURIComponent(value);
}

function requestOf(apiUrl: string, route: string, parameters: Readonly<Record<string, unknown>>) {
  const [method = "GET", path = "/"] = route.split(" ");
  const left = new Map(Object.entries(parameters));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(left.get(name) ?? "");
    left.delete(name);
    // Paths of files and names of branches keep their slashes; a label may have one.
    if (!WITH_SLASHES.has(name)) return encodedSegment(route, value);
    return value
      .split("/")
      .map((part) => encodedSegment(route, part))
      .join("/");
  });
  const url = new URL(path === "/graphql" ? graphqlUrl(apiUrl) : `${apiUrl}${filled}`);
  if (method === "GET") for (const [name, value] of left) url.searchParams.set(name, String(value));
  const body = method === "GET" || left.size === 0 ? null : JSON.stringify(Object.fromEntries(left));
  return { method, url, body };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A page of a proxy in between, or no body at all.
    return null;
  }
}
