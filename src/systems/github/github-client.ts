import type { Logger } from "pino";
import { Probot, ProbotOctokit } from "probot";
import { AnswerTooLongError } from "../../base/bounded-text.ts";
import type { Clock } from "../../base/clock.ts";
import { TerminalError, TransientError } from "../../base/errors.ts";
import type { ContentClass } from "../../core/trust/content-class.ts";
import { ApiVersions } from "./api-version.ts";
import { askVersions, createFetch } from "./create-fetch.ts";
import { errorFor, type HttpAnswer, isTimeOut, networkErrorFor, tokenErrorFor, UnauthorizedError } from "./errors.ts";
import { KnownAnswers } from "./known-answers.ts";
import type { CreationRoom, RequestLimit } from "./ports.ts";
import { RateLimits } from "./rate-limits.ts";
import { TokenCache } from "./token-cache.ts";

/** One request that GitHub answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The path with placeholders: few different values, and nobody's names. */
  readonly route: string;
  readonly status: number;
  /** `null` for requests by the app as a whole. */
  readonly installationId: number | null;
}

/** How a client asks, whoever it asks as. */
interface AskingOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly onRequest?: ((request: AnsweredRequest) => void) | undefined;
  /** Default 10 s. */
  readonly requestTimeoutMs?: number | undefined;
}

/** As the app. */
export interface GitHubClientOptions extends AskingOptions {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
}

/** As whoever the token is of. Nothing of the app as a whole can be asked then, and installations make no difference. */
export interface TokenClientOptions extends AskingOptions {
  readonly token: string;
  /** The app whose installation the token is of; left out: it is somebody else's. */
  readonly ofApp?: number | undefined;
}

/** A successful answer. `url` is where it came from, after redirects. */
export interface Answer extends HttpAnswer {
  readonly url: string;
}

/** A list, or what was read of it. */
export interface ListPart<T> {
  readonly entries: readonly T[];
  /** `false`: there are more, which were not read. */
  readonly isWhole: boolean;
}

/** The app as a whole, authenticated by JSON Web Token. */
export const AS_APP = null;

const REQUEST_TIMEOUT_MS = 10_000;
/**
 * The longest list that is read unless more is expected: 5,000 entries. Anything longer is a runaway, and reading on
 * would use up the rate limit.
 */
const MAX_PAGES = 50;
const PER_PAGE = 100;
/** A page of a hundred bodies or comments of 262,144 bytes, GitHub's longest, plus what surrounds them. */
const LONGEST_ANSWER_BYTES = 48 * 1_048_576;
/** GitHub takes seconds to make a new token known everywhere. */
const TOKEN_SPREAD_MS = 5_000;
const TOKEN_ROUTE = "POST /app/installations/{installation_id}/access_tokens";

type Octokit = Awaited<ReturnType<Probot["auth"]>>;

/**
 * Asks GitHub, once. It authenticates, keeps to the rate limits, and turns failures into our errors; it knows nothing
 * about issues or pull requests.
 *
 * No request is repeated, except in one case: a 401 means that GitHub looked at the token and did nothing, so the
 * request, read or write, is sent once more with a new token.
 */
export class GitHubClient {
  readonly #options: GitHubClientOptions | TokenClientOptions;
  readonly #probot: Probot;
  readonly #tokens: TokenCache;
  readonly #limits: RateLimits;
  readonly #known = new KnownAnswers();
  readonly #versions: ApiVersions;

  constructor(options: GitHubClientOptions | TokenClientOptions) {
    this.#options = options;
    this.#tokens = new TokenCache(options.clock);
    this.#limits = new RateLimits(options.clock);
    this.#versions = new ApiVersions(options.apiUrl, options.clock);
    const tokens = this.#tokens;
    // Probot logs request bodies at `debug`.
    const log = options.log.child({}, { level: options.log.isLevelEnabled("warn") ? "warn" : "silent" });
    this.#probot = new Probot({
      ...("token" in options
        ? { githubToken: options.token }
        : { appId: options.appId, privateKey: options.privateKey }),
      baseUrl: options.apiUrl,
      log,
      // `log` too: octokit writes to the console without it.
      request: { log, fetch: this.#fetchAs(AS_APP, TOKEN_ROUTE) },
      // As a function: Probot overrides the object form, and would throttle and retry by itself.
      Octokit: ProbotOctokit.defaults((given: Readonly<Record<string, unknown>>) => ({
        ...given,
        retry: { enabled: false },
        throttle: { enabled: false },
        auth: { ...(given["auth"] as object | undefined), cache: tokens },
      })),
    });
  }

  /** `null`: it asks as somebody else. */
  get appId(): number | null {
    return "token" in this.#options ? (this.#options.ofApp ?? null) : this.#options.appId;
  }

  get apiUrl(): string {
    return this.#options.apiUrl;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** What the last answer said about the installation's hourly limit. */
  requestLimit(installationId: number): RequestLimit | null {
    return this.#limits.told(installationId);
  }

  /** As `RateLimits.reserve`. */
  reserve(installationId: number, route: string, creates: ContentClass, requests: number): CreationRoom {
    return this.#limits.reserve(installationId, route, creates, requests);
  }

  forget(installationId: number): void {
    this.#tokens.forget(installationId);
    this.#limits.forget(installationId);
    this.#known.forget(installationId);
  }

  /**
   * Sends one request and returns the answer, with a status of 200 to 299.
   *
   * Throws `TransientError`, `RefusedError`, or `NotThereError` for 404 and 410 (errors.ts).
   *
   * @param route      method and path with placeholders, filled from `parameters`; the remaining ones become query or
   *   body
   * @param options    `creates`: what the content is for, and counts against GitHub's limit for content-creating
   *                   requests; `room`: reserved for it before. `mostBytes`: a longer answer is an `AnswerTooLongError`
   */
  async request(
    installationId: number | typeof AS_APP,
    route: string,
    parameters: Readonly<Record<string, unknown>> = {},
    options: {
      readonly creates?: ContentClass;
      readonly room?: CreationRoom | undefined;
      readonly name?: string;
      readonly mostBytes?: number;
    } = {},
  ): Promise<Answer> {
    const name = options.name ?? route;
    refuseDotSegments(name, parameters);
    this.#limits.admit(installationId ?? 0, name, options.creates ?? null, options.room);
    const octokit = await this.#octokit(installationId, name);
    try {
      return await this.#send(octokit, installationId, route, name, parameters, options.mostBytes);
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || installationId === AS_APP) throw error;
      this.#tokens.forget(installationId);
    }
    try {
      return await this.#send(octokit, installationId, route, name, parameters, options.mostBytes);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      this.#tokens.forget(installationId);
      // A new token that is refused is not known everywhere yet; wrong credentials get no token at all.
      throw new TransientError(`${name}: GitHub answered 401 to a new token. It is tried again later.`, {
        retryAfterMs: TOKEN_SPREAD_MS,
      });
    }
  }

  /**
   * Reads a list from its beginning, up to 5,000 entries, or `maxPages` of 100. For callers that are content with the
   * first ones, or ask for no more than there can be; otherwise `listPart` says whether it is all.
   *
   * @param entriesOf extracts the entries from a page
   * @param options   `enough` says that no further page is wanted
   */
  async list<T>(
    installationId: number | typeof AS_APP,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    entriesOf: (data: unknown) => readonly T[],
    options: { readonly enough?: (entries: readonly T[]) => boolean; readonly maxPages?: number } = {},
  ): Promise<readonly T[]> {
    return (await this.listPart(installationId, route, parameters, entriesOf, { part: "first", ...options })).entries;
  }

  /**
   * Reads a list, or the part that matters of a very long one (more than 5,000 entries, or `maxPages` of 100): an
   * incomplete answer is no reason to give up, but does not mean "there is nothing else" either.
   *
   * @param options `part`: the `first` entries, the `last` ones, or half of each (`ends`). If the server does not say how
   *                long the list is, the first ones are read. `mostBytes`: for one page
   */
  async listPart<T>(
    installationId: number | typeof AS_APP,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    entriesOf: (data: unknown) => readonly T[],
    options: {
      readonly part: "first" | "last" | "ends";
      readonly enough?: (entries: readonly T[]) => boolean;
      readonly maxPages?: number;
      readonly mostBytes?: number;
    },
  ): Promise<ListPart<T>> {
    const { part, enough = () => false, maxPages = MAX_PAGES } = options;
    const sizes = options.mostBytes === undefined ? {} : { mostBytes: options.mostBytes };
    let entries: T[] = [];
    let page: Readonly<Record<string, unknown>> = { ...parameters, per_page: PER_PAGE };
    let isWhole = true;
    for (let pages = 1; ; pages += 1) {
      const answer = await this.request(installationId, route, page, sizes);
      for (const entry of entriesOf(answer.data)) entries.push(entry);
      const next = nextPage(answer);
      if (next === null || enough(entries)) return { entries, isWhole };
      if (pages >= maxPages) return { entries, isWhole: false };
      page = { ...page, ...next };
      const last = pages === 1 && isWhole && part !== "first" ? lastPage(answer) : null;
      if (last !== null && last > maxPages) {
        isWhole = false;
        if (part === "last") entries = [];
        const kept = part === "last" ? 0 : Math.floor(maxPages / 2);
        for (let at = 2; at <= kept; at += 1) {
          const more = await this.request(installationId, route, { ...page, page: at }, sizes);
          for (const entry of entriesOf(more.data)) entries.push(entry);
        }
        pages = kept;
        page = { ...page, page: last - (maxPages - kept) + 1 };
      }
    }
  }

  async #octokit(installationId: number | typeof AS_APP, name: string): Promise<Octokit> {
    try {
      const isAsGiven = installationId === AS_APP || "token" in this.#options;
      return isAsGiven ? await this.#probot.auth() : await this.#probot.auth(installationId);
    } catch (error) {
      throw new TerminalError(`${name}: the app cannot authenticate. Check APP_ID and PRIVATE_KEY.`, { cause: error });
    }
  }

  async #send(
    octokit: Octokit,
    installationId: number | typeof AS_APP,
    route: string,
    name: string,
    parameters: Readonly<Record<string, unknown>>,
    mostBytes: number | undefined,
  ): Promise<Answer> {
    let answer: Answer;
    try {
      const response = await octokit.request(route, {
        ...parameters,
        request: { fetch: this.#fetchAs(installationId, name, mostBytes) },
      });
      answer = {
        status: response.status,
        headers: textHeaders(response.headers),
        data: response.data,
        url: response.url,
      };
    } catch (error) {
      throw this.#errorFor(installationId, name, error);
    }
    this.#limits.learn(installationId ?? 0, name, answer);
    // A page from a proxy in between, or an answer cut short: not what GitHub says.
    if (typeof answer.data !== "object" && answer.status !== 204) {
      if (answer.data !== "") throw new TransientError(`${name}: the answer was not JSON. It is tried again later.`);
    }
    return answer;
  }

  #errorFor(installationId: number | typeof AS_APP, name: string, error: unknown): Error {
    const http = httpFailure(error);
    if (http === null) {
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
        if (cause instanceof AnswerTooLongError) return new AnswerTooLongError(`${name}: ${cause.message}`);
        if (cause instanceof TerminalError)
          return new TerminalError(`${name}: ${cause.message}`, { status: cause.status });
        if (cause instanceof UnauthorizedError) return cause;
      }
      if (installationId !== AS_APP && isTimeOut(error)) this.#limits.learnSilence(installationId);
      return networkErrorFor(name, error);
    }
    const limit = this.#limits.learn(installationId ?? 0, name, http);
    if (limit !== null) return limit;
    if (http.isToken) return tokenErrorFor(TOKEN_ROUTE, http);
    if (http.status === 401 && "token" in this.#options) {
      return new TerminalError(`${name}: GitHub answered 401: it refuses the token. Check GITHUB_TOKEN.`, {
        status: 401,
      });
    }
    if (installationId === AS_APP && http.status === 401) return tokenErrorFor(name, http);
    return errorFor(name, http);
  }

  /** The way to the network for one route, so that every answer can be reported under it. */
  #fetchAs(
    installationId: number | typeof AS_APP,
    name: string,
    mostBytes = LONGEST_ANSWER_BYTES,
  ): typeof globalThis.fetch {
    const { onRequest, log, apiUrl, requestTimeoutMs } = this.#options;
    const [, route = name] = /^\S+ (.*)$/.exec(name) ?? [];
    const onAnswer = (method: string, status: number) => {
      log.debug({ method, route, status, installationId }, "GitHub answered");
      onRequest?.({ method, route, status, installationId });
    };
    const known = installationId === AS_APP ? null : this.#known.of(installationId);
    const limits = { timeoutMs: requestTimeoutMs ?? REQUEST_TIMEOUT_MS, mostBytes };
    const send = createFetch(apiUrl, limits, onAnswer, known, (authorization) =>
      this.#versions.of(name, () =>
        askVersions(apiUrl, authorization, limits.timeoutMs, (method, status) =>
          onRequest?.({ method, route: "/versions", status, installationId: null }),
        ),
      ),
    );
    if (installationId === AS_APP || "token" in this.#options) return send;
    return async (input, init) => {
      const response = await send(input, init);
      // Thrown here, because @octokit/auth-app reacts to a 401 by sleeping and retrying.
      if (response.status === 401) throw new UnauthorizedError(`${name}: 401`);
      return response;
    };
  }
}

/** `fetch` resolves `.` and `..` in a path: a name from outside must not point the request elsewhere. */
function refuseDotSegments(name: string, parameters: Readonly<Record<string, unknown>>): void {
  for (const value of Object.values(parameters)) {
    if (value === "." || value === "..") throw new TerminalError(`${name}: "${value}" is not a name GitHub knows.`);
  }
}

/** What the `Link` header says about the next page: only its parameters, never its host. `null`: this was the last. */
function nextPage(answer: Answer): Readonly<Record<string, string>> | null {
  const next = /<([^<>]+)>;\s*rel="next"/.exec(answer.headers["link"] ?? "")?.[1];
  if (next === undefined) return null;
  const query = new URL(next, answer.url).searchParams;
  const moving = ["page", "cursor", "after"].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return moving.length === 0 ? null : Object.fromEntries(moving);
}

/** The number of the last page according to the `Link` header; `null`: it does not say. */
function lastPage(answer: Answer): number | null {
  const last = /<([^<>]+)>;\s*rel="last"/.exec(answer.headers["link"] ?? "")?.[1];
  const number = Number(last === undefined ? Number.NaN : new URL(last, answer.url).searchParams.get("page"));
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}

/** The answer behind an error of octokit; `null` when there was none. */
function httpFailure(error: unknown): (HttpAnswer & { readonly isToken: boolean }) | null {
  if (!(error instanceof Error) || !("response" in error) || typeof error.response !== "object") return null;
  const response = error.response as { status?: number; headers?: Record<string, unknown>; data?: unknown } | null;
  if (typeof response?.status !== "number") return null;
  const request = "request" in error ? (error.request as { url?: string }) : {};
  return {
    status: response.status,
    headers: textHeaders(response.headers ?? {}),
    data: response.data,
    isToken: /\/app\/installations\/\d+\/access_tokens$/.test(request.url ?? ""),
  };
}

function textHeaders(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), String(value)] as const],
    ),
  );
}
