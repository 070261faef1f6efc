import { generateKeyPairSync } from "node:crypto";
import { pino } from "pino";
import { createGitHub } from "../../src/systems/github/create-github.ts";
import { API_URL } from "../../testkit/fake-over-http/api.ts";
import { type AnsweredRequest, fetchFromFake, isCounted } from "../../testkit/fake-over-http/fetch-from-fake.ts";
import type { InFront } from "./story.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

/** Every request of a story that speaks to its GitHub over HTTP. */
export class OverHttp {
  readonly requests: AnsweredRequest[] = [];
  readonly #fetch = globalThis.fetch;

  /** For `Story.begin`: the real adapter, whose requests the fake answers. */
  readonly inFront: InFront = (github, clock) => {
    globalThis.fetch = fetchFromFake(
      github,
      () => clock.now(),
      (request) => this.requests.push(request),
    );
    return createGitHub({
      appId: github.appId,
      privateKey,
      apiUrl: API_URL,
      log: pino({ level: "silent" }),
      clock,
    });
  };

  /** Gives the network back. */
  stop(): void {
    globalThis.fetch = this.#fetch;
  }

  /** What Sevgate asks because of something: what counts against its limit, and what was "not modified". */
  async of(act: () => Promise<unknown>): Promise<Cost> {
    const before = this.requests.length;
    await act();
    const asked = this.requests.slice(before);
    return {
      counted: asked.filter(isCounted).map(inShort),
      free: asked.filter(({ status }) => status === 304).map(inShort),
    };
  }
}

/** Requests in short: `PATCH issues/comments/{id}`. */
export interface Cost {
  readonly counted: readonly string[];
  readonly free: readonly string[];
}

function inShort({ method, path, document }: AnsweredRequest): string {
  if (document !== null) return `graphql ${/\b(?:mergeQueue|comments|pullRequest)\b/.exec(document)?.[0]}`;
  const [place = "", query = ""] = path.split("?");
  const page = /\bpage=(\d+)/.exec(query.replace("per_page", ""))?.[1];
  const words = place.replace(/^\/repos\/[^/]+\/[^/]+\/?/, "").replace(/[0-9a-f]{40}/g, "{sha}");
  return `${method} ${words === "" ? "repository" : words}${page === undefined ? "" : ` page ${page}`}`;
}
