import { createHash } from "node:crypto";
import type { Repository } from "../src/core/model.ts";
import { FakeGitHub } from "../testkit/fake-github/fake-github.ts";
import { fakeOverHttp } from "../testkit/fake-over-http/fake-over-http.ts";
import { seededRandom } from "../testkit/seeded-random.ts";
import { VirtualClock } from "../testkit/virtual-clock.ts";

/** Requests of one virtual hour. */
export interface HourOfRequests {
  /** The installation's, answered in full: they count against its limit. */
  counted: number;
  /** Searches: they have a limit of their own. */
  searches: number;
  /** "Not modified": GitHub does not count them. */
  free: number;
  /** By the app as a whole, and for tokens. */
  asApp: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The most GitHub grants an installation; with `null` in its place it grants anything. */
export const MOST_AN_HOUR = 12_500;
const ANYTHING = 10_000_000;
const INCIDENTS_A_REPOSITORY = 10;
const PULL_REQUESTS_IN_TEN = 2;
const SEVERITIES = ["sev:P0", "sev:P1", "sev:P2"];

/**
 * An organization in memory, on a virtual clock, that answers `fetch` the way GitHub's REST API does: entity tags
 * belong to a token, and a token lives for an hour.
 */
export class LargeOrganization {
  readonly clock = new VirtualClock();
  readonly github = new FakeGitHub({ clock: this.clock });
  readonly repositories: readonly Repository[];
  readonly openIncidents: readonly { readonly repository: Repository; readonly number: number }[];
  readonly hours = new Map<number, HourOfRequests>();
  /** Whether requests are counted. */
  counts = true;
  readonly #limit: number;
  readonly #answers = new Map<string, ReturnType<typeof fakeOverHttp>>();
  readonly #random: () => number;
  #fetch: typeof globalThis.fetch | null = null;

  /** @param limit requests per hour, as stated in the answers; `null`: anything */
  constructor(options: {
    readonly repositories: number;
    readonly openIncidents: number;
    readonly limit: number | null;
  }) {
    this.#limit = options.limit ?? ANYTHING;
    this.#random = seededRandom(options.repositories);
    this.repositories = Array.from({ length: options.repositories }, (_, at) =>
      this.github.addRepository({ name: `shop-${at}`, labels: SEVERITIES, isPrivate: true }),
    );
    for (const [at, repository] of this.repositories.entries()) {
      const bob = this.github.as("bob", repository);
      for (let count = 0; count < INCIDENTS_A_REPOSITORY; count += 1) {
        const label = SEVERITIES[(at + count) % SEVERITIES.length] ?? "";
        const { number } = bob.openIssue({ title: `Incident ${count}`, body: "It was down.", labels: [label] });
        bob.close(number);
      }
      bob.openIssue({ title: "A question", body: "How is this done?" });
      if (at % 10 < PULL_REQUESTS_IN_TEN) bob.openPullRequest({ title: "Go on", body: "Words." });
    }
    this.clock.advance(100 * DAY_MS);
    const step = Math.floor(options.repositories / options.openIncidents);
    this.openIncidents = Array.from({ length: options.openIncidents }, (_, count) => {
      const repository = this.#repository(count * step);
      this.github.setRole("alice", "maintain", repository);
      const label = SEVERITIES[count % SEVERITIES.length] ?? "";
      const { number } = this.github
        .as("bob", repository)
        .openIssue({ title: "Down", body: "Words.", labels: [label] });
      return { repository, number };
    });
  }

  /** People act somewhere. Returns the place if it is an incident. */
  change(): { readonly repository: Repository; readonly number: number } | null {
    const kind = this.#random();
    if (kind < 0.1) {
      const incident = this.openIncidents[this.#below(this.openIncidents.length)];
      if (incident === undefined) return null;
      this.github.as("alice", incident.repository).comment(incident.number, "I look at it, too.");
      return incident;
    }
    const repository = this.#repository(this.#below(this.repositories.length));
    const bob = this.github.as("bob", repository);
    if (kind < 0.5) {
      const open = this.github.numbers(repository).find((number) => number === INCIDENTS_A_REPOSITORY + 2);
      if (open === undefined) bob.openPullRequest({ title: "Go on", body: "Words." });
      else bob.comment(open, "Looks good.");
    } else bob.comment(INCIDENTS_A_REPOSITORY + 1, "Like this.");
    return null;
  }

  /** From now on `fetch` asks this organization. */
  listen(): void {
    this.#fetch = globalThis.fetch;
    globalThis.fetch = async (input, init) => await this.#answer(new URL(String(input)), init ?? {});
  }

  stop(): void {
    if (this.#fetch !== null) globalThis.fetch = this.#fetch;
  }

  async #answer(url: URL, { method = "GET", headers, body }: RequestInit): Promise<Response> {
    const given = new Headers(headers);
    const hour = this.counts ? this.#hour() : noRequests();
    const path = `${url.pathname}${url.search}`;
    const asApp = url.pathname.startsWith("/app");
    this.github.forgetCalls();
    if (/\/access_tokens$/.test(url.pathname)) {
      hour.asApp += 1;
      const now = this.clock.now();
      return Response.json(
        { token: `ghs_${now}`, expires_at: new Date(now + HOUR_MS).toISOString() },
        { status: 201, headers: { "content-type": "application/json" } },
      );
    }
    const place = /^\/repos\/([^/]+\/[^/]+)/.exec(url.pathname)?.[1] ?? "";
    const answer = await this.#answersOf(place)(method, path, typeof body === "string" ? JSON.parse(body) : undefined);
    const text = answer.status === 204 ? null : JSON.stringify(answer.body ?? null);
    const etag = `W/"${createHash("sha1")
      .update(`${given.get("authorization")}\n${text}`)
      .digest("hex")}"`;
    const isSearch = url.pathname.startsWith("/search/");
    const isKnown = method === "GET" && answer.status === 200 && given.get("if-none-match") === etag;
    if (asApp) hour.asApp += 1;
    else if (isKnown) hour.free += 1;
    else if (isSearch) hour.searches += 1;
    else hour.counted += 1;
    const told: Record<string, string> = {
      "content-type": "application/json",
      etag,
      "x-ratelimit-resource": isSearch ? "search" : "core",
      "x-ratelimit-limit": String(this.#limit),
      "x-ratelimit-remaining": String(Math.max(0, this.#limit - hour.counted)),
      "x-ratelimit-reset": String(((Math.floor(this.clock.now() / HOUR_MS) + 1) * HOUR_MS) / 1_000),
      ...answer.headers,
    };
    return isKnown
      ? new Response(null, { status: 304, headers: told })
      : new Response(text, { status: answer.status, headers: told });
  }

  #answersOf(place: string): ReturnType<typeof fakeOverHttp> {
    const known = this.#answers.get(place);
    if (known !== undefined) return known;
    const repository = this.repositories.find(({ owner, name }) => `${owner}/${name}` === place) ?? this.#repository(0);
    const made = fakeOverHttp(this.github, repository);
    this.#answers.set(place, made);
    return made;
  }

  #hour(): HourOfRequests {
    const at = Math.floor(this.clock.now() / HOUR_MS);
    const hour = this.hours.get(at) ?? noRequests();
    this.hours.set(at, hour);
    return hour;
  }

  #repository(at: number): Repository {
    const repository = this.repositories[at];
    if (repository === undefined) throw new Error(`there is no repository ${at}`);
    return repository;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

function noRequests(): HourOfRequests {
  return { counted: 0, searches: 0, free: 0, asApp: 0 };
}
