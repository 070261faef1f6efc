import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../src/base/clock.ts";
import type { Repository } from "../../src/core/model.ts";
import { allLabels } from "../../src/core/plan/labels.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";
import { STATUS_MARKER } from "../../src/core/words/markers.ts";

import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { fakeOverHttp } from "../../testkit/fake-over-http/fake-over-http.ts";
import { type Listening, listenOnLoopback } from "../../testkit/listen-on-loopback.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { drawLatencyMs } from "./latency.ts";
import { repositoriesAt } from "./power-law.ts";

/** How GitHub is. `refusing`: it answers 502 at once. `silent`: it takes requests and never answers. */
export type Health = "well" | "refusing" | "silent";

/** What Sevgate does to an issue; `issue` is `owner/name#number`. */
export interface IssueWatcher {
  read(issue: string): void;
  /** Its status comment is written. */
  written(issue: string): void;
  /** A check run on this commit, `owner/name@sha`. */
  checked(commit: string): void;
}

/** What was asked of GitHub. */
export interface Asked {
  requests: number;
  /** "Not modified", which does not count against the hourly limit. */
  notModified: number;
  tokens: number;
  /** As the app itself. */
  asApp: number;
  /** Refused by the limit on creating content. */
  refusedForContent: number;
}

const HOURLY_LIMIT = 5_000;
/** GitHub docs, "Rate limits for the REST API": about 80 content-creating requests a minute. */
const CONTENT_A_MINUTE = 80;
const PAGE = 100;
const MOST_REMEMBERED = 2_000;
const LABELS = allLabels(defaultPolicy()).map(({ name }) => name);

/**
 * A GitHub in memory with very many installations, over loopback HTTP: the fake of the tests, with a latency drawn by seed,
 * tokens, hourly limits, the limit on creating content, and bad days.
 */
export class ManyInstallations {
  readonly github = new FakeGitHub({ clock: systemClock });
  /** By rank; the id of an installation is its rank plus 1. */
  readonly installations: readonly (readonly Repository[])[];
  readonly asked: Asked = { requests: 0, notModified: 0, tokens: 0, asApp: 0, refusedForContent: 0 };
  health: Health = "well";
  /** The rank of the one whose requests are never answered. */
  silentFor: number | null = null;
  /** Only so many are there yet. */
  shown: number;
  readonly #repositories = new Map<string, Repository>();
  readonly #answers = new Map<string, ReturnType<typeof fakeOverHttp>>();
  readonly #created = new Map<number, number[]>();
  readonly #spent = new Map<number, number>();
  readonly #random: () => number;
  readonly #watcher: IssueWatcher;
  readonly #resetsAt = Math.ceil(Date.now() / 1_000) + 3_600;

  /** @param policyOf the text of a policy, by rank; `null`: none */
  constructor(
    installations: number,
    seed: number,
    watcher: IssueWatcher,
    policyOf: (rank: number) => string | null = () => null,
  ) {
    this.#random = seededRandom(seed);
    this.#watcher = watcher;
    this.shown = installations;
    this.installations = Array.from({ length: installations }, (_, rank) =>
      Array.from({ length: repositoriesAt(rank) }, (__, at) => {
        const policy = at === 0 ? policyOf(rank) : null;
        const repository = this.github.addRepository({
          installationId: rank + 1,
          owner: `acme-${rank + 1}`,
          name: `shop-${at}`,
          labels: LABELS,
          isPrivate: true,
          ...(policy === null ? {} : { files: { ".github/sevgate.yml": policy } }),
        });
        this.#repositories.set(nameOf(repository), repository);
        return repository;
      }),
    );
  }

  async listen(): Promise<Listening> {
    return await listenOnLoopback(
      createServer((request, response) => {
        this.#serve(request, response).catch((error: unknown) => {
          if (!response.headersSent) response.writeHead(500).end(String(error));
        });
      }),
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const url = new URL(request.url ?? "/", "http://localhost");
    const method = request.method ?? "GET";
    const installation = installationOf(request, url);
    this.asked.requests += 1;
    const isSilent = this.health === "silent" || (this.silentFor !== null && installation === this.silentFor + 1);
    // Whoever asks gives up after a while and ends the connection.
    if (isSilent) return;
    if (this.health === "refusing") {
      send(response, 502, {}, { message: "Bad Gateway" });
      return;
    }
    await pause(drawLatencyMs(this.#random));
    const limits = installation === null ? {} : this.#limits(installation);
    const refused = installation === null ? null : this.#refuseContent(installation, method, url.pathname);
    if (refused !== null) {
      send(response, 403, { ...limits, "retry-after": String(refused) }, SECONDARY_LIMIT);
      return;
    }
    const answer = await this.#answer(method, url, body, request, installation);
    if (method !== "GET" || answer.status !== 200) {
      send(response, answer.status, { ...limits, ...answer.headers }, answer.body);
      return;
    }
    const text = JSON.stringify(answer.body ?? null);
    const etag = `W/"${createHash("sha1").update(text).digest("base64url")}"`;
    const isKnown = request.headers["if-none-match"] === etag;
    if (isKnown) this.asked.notModified += 1;
    else if (installation !== null) this.#spent.set(installation, (this.#spent.get(installation) ?? 0) + 1);
    response
      .writeHead(isKnown ? 304 : 200, { "content-type": "application/json", etag, ...limits, ...answer.headers })
      .end(isKnown ? undefined : text);
  }

  async #answer(
    method: string,
    url: URL,
    body: unknown,
    request: IncomingMessage,
    installation: number | null,
  ): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: unknown }> {
    const { pathname } = url;
    const [, tokenFor] = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(pathname) ?? [];
    if (tokenFor !== undefined) {
      this.asked.tokens += 1;
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      return { status: 201, headers: {}, body: { token: `ghs_${tokenFor}_${"t".repeat(300)}`, expires_at: expires } };
    }
    if (pathname === "/app/installations") {
      this.asked.asApp += 1;
      const all = Array.from({ length: this.shown }, (_, rank) => rank + 1);
      return page(url, request, all, (id) => ({ id, account: { login: `acme-${id}` }, suspended_at: null }));
    }
    if (pathname === "/installation/repositories") {
      const all = this.installations[(installation ?? 0) - 1] ?? [];
      const { body: some, ...rest } = page(url, request, all, ({ id, name, owner }) => ({
        id,
        name,
        owner: { login: owner },
      }));
      return { ...rest, body: { total_count: all.length, repositories: some } };
    }
    if (pathname.startsWith("/app") || pathname === "/versions") this.asked.asApp += 1;
    const repository = this.#repositoryOf(pathname, body);
    if (repository === null) return { status: 404, headers: {}, body: { message: "Not Found" } };
    this.github.forgetCalls();
    const answer = await this.#answersOf(repository)(method, `${pathname}${url.search}`, body, versionOf(request));
    if (answer.status < 300) this.#watch(method, pathname, body, answer.body, repository);
    return answer;
  }

  #watch(method: string, path: string, sent: unknown, answered: unknown, repository: Repository): void {
    // An issue that has no comments yet is read without them.
    const [, number] = /\/issues\/(\d+)(?:\/comments)?$/.exec(path) ?? [];
    if (number !== undefined && method === "GET") this.#watcher.read(`${nameOf(repository)}#${number}`);
    const { body, head_sha: sha } = (sent ?? {}) as { readonly body?: unknown; readonly head_sha?: unknown };
    if (method === "POST" && path.endsWith("/check-runs")) this.#watcher.checked(`${nameOf(repository)}@${sha}`);
    if (method === "GET" || typeof body !== "string" || !body.includes(STATUS_MARKER)) return;
    const { html_url: shownAt = "" } = (answered ?? {}) as { readonly html_url?: string };
    const [, written] = /\/issues\/(\d+)#/.exec(shownAt) ?? [];
    if (written !== undefined) this.#watcher.written(`${nameOf(repository)}#${written}`);
  }

  #repositoryOf(pathname: string, body: unknown): Repository | null {
    if (pathname === "/graphql") {
      const { owner, name } = (body as { readonly variables: Readonly<Record<string, unknown>> }).variables;
      return this.#repositories.get(`${owner}/${name}`) ?? null;
    }
    const [, place] = /^\/repos\/([^/]+\/[^/]+)/.exec(pathname) ?? [];
    if (place !== undefined) return this.#repositories.get(place) ?? null;
    // What is no repository's is answered by any of them.
    return pathname.startsWith("/repositories/") ? null : (this.installations[0]?.[0] ?? null);
  }

  /** Made when first asked for; the ones not asked for longest are forgotten. */
  #answersOf(repository: Repository): ReturnType<typeof fakeOverHttp> {
    const name = nameOf(repository);
    const answers = this.#answers.get(name) ?? fakeOverHttp(this.github, repository);
    this.#answers.delete(name);
    this.#answers.set(name, answers);
    if (this.#answers.size > MOST_REMEMBERED) this.#answers.delete(this.#answers.keys().next().value ?? "");
    return answers;
  }

  #limits(installation: number): Readonly<Record<string, string>> {
    return {
      "x-ratelimit-resource": "core",
      "x-ratelimit-limit": String(HOURLY_LIMIT),
      "x-ratelimit-remaining": String(Math.max(1, HOURLY_LIMIT - (this.#spent.get(installation) ?? 0))),
      "x-ratelimit-reset": String(this.#resetsAt),
    };
  }

  /** Seconds until it may create again; `null`: it may now. */
  #refuseContent(installation: number, method: string, path: string): number | null {
    if (method !== "POST" || !/\/(?:issues|comments|pulls)$/.test(path)) return null;
    const now = Date.now();
    const created = (this.#created.get(installation) ?? []).filter((at) => at > now - 60_000);
    this.#created.set(installation, created);
    if (created.length < CONTENT_A_MINUTE) {
      created.push(now);
      return null;
    }
    this.asked.refusedForContent += 1;
    return 60;
  }
}

const SECONDARY_LIMIT = { message: "You have exceeded a secondary rate limit. Please wait a few minutes." };

export function nameOf({ owner, name }: Repository): string {
  return `${owner}/${name}`;
}

function page<T>(
  url: URL,
  request: IncomingMessage,
  all: readonly T[],
  show: (one: T) => unknown,
): { status: number; headers: Readonly<Record<string, string>>; body: readonly unknown[] } {
  const size = Number(url.searchParams.get("per_page") ?? PAGE);
  const at = Number(url.searchParams.get("page") ?? 1);
  const next = new URL(url.pathname + url.search, `http://${request.headers.host ?? "localhost"}`);
  next.searchParams.set("page", String(at + 1));
  const headers: Record<string, string> = at * size < all.length ? { link: `<${next.href}>; rel="next"` } : {};
  return { status: 200, headers, body: all.slice((at - 1) * size, at * size).map(show) };
}

/** Whose token it is; `null`: the app's own. */
function installationOf(request: IncomingMessage, url: URL): number | null {
  const [, id] = /ghs_(\d+)_/.exec(request.headers.authorization ?? "") ?? [];
  const [, asked] = /^\/app\/installations\/(\d+)\//.exec(url.pathname) ?? [];
  return id === undefined && asked === undefined ? null : Number(id ?? asked);
}

function versionOf(request: IncomingMessage): string | undefined {
  const version = request.headers["x-github-api-version"];
  return typeof version === "string" ? version : undefined;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  if (status === 204) response.writeHead(204, headers).end();
  else response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body ?? null));
}
