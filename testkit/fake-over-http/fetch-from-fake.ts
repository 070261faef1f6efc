import { createHash } from "node:crypto";
import type { Instant } from "../../src/core/model.ts";
import type { FakeGitHub } from "../fake-github/fake-github.ts";
import { fakeOverHttp } from "./fake-over-http.ts";

/** A request as GitHub answered it. */
export interface AnsweredRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  /** The document of a GraphQL request; `null`: it is none. */
  readonly document: string | null;
}

const TOKEN_MS = 3_600_000;

/**
 * The fake as `fetch` finds GitHub's API: an entity tag for every answer, "not modified" for one that is known, and
 * tokens that live for an hour.
 *
 * @param now the time on the fake's clock
 * @param onAnswer called with every request, once it is answered
 */
export function fetchFromFake(
  github: FakeGitHub,
  now: () => Instant,
  onAnswer: (request: AnsweredRequest) => void,
): typeof globalThis.fetch {
  const places = new Map<string, ReturnType<typeof fakeOverHttp>>();
  const answersOf = (place: string) => {
    const all = github.allRepositories();
    const repository = all.find(({ owner, name }) => `${owner}/${name}` === place) ?? all[0];
    if (repository === undefined) throw new Error("there is no repository");
    const id = `${repository.owner}/${repository.name}`;
    const known = places.get(id) ?? fakeOverHttp(github, repository);
    places.set(id, known);
    return known;
  };

  return async (input, { method = "GET", headers, body } = {}) => {
    const url = new URL(String(input));
    const given = new Headers(headers);
    const path = `${url.pathname}${url.search}`;
    const sent: unknown = typeof body === "string" && body !== "" ? JSON.parse(body) : undefined;
    const document = url.pathname === "/graphql" ? (sent as { readonly query: string }).query : null;
    const told = (status: number) => onAnswer({ method, path, status, document });
    if (isForToken(method, url.pathname)) {
      told(201);
      const token = { token: `ghs_${now()}`, expires_at: new Date(now() + TOKEN_MS).toISOString() };
      return Response.json(token, { status: 201 });
    }
    const place = /^\/repos\/([^/]+\/[^/]+)/.exec(url.pathname)?.[1] ?? "";
    const version = given.get("x-github-api-version") ?? undefined;
    const answer = await answersOf(place)(method, path, sent, version);
    const text = answer.status === 204 ? null : JSON.stringify(answer.body ?? null);
    const etag = entityTag(text ?? "", given);
    if (method === "GET" && answer.status === 200 && given.get("if-none-match") === etag) {
      told(304);
      return new Response(null, { status: 304, headers: { etag } });
    }
    told(answer.status);
    const fields = { "content-type": "application/json; charset=utf-8", etag, ...answer.headers };
    return new Response(text, { status: answer.status, headers: fields });
  };
}

/** Whether GitHub counts it against the limit of the installation: not what it asks as the app, nor "not modified". */
export function isCounted({ method, path, status }: AnsweredRequest): boolean {
  return status !== 304 && !isForToken(method, path) && !/^\/app\b/.test(path);
}

/**
 * The tag of an answer: whoever asks in the same words with the same token gets the same one for the same text, whether it
 * answers a read or a write.
 */
export function entityTag(text: string, asked: Pick<Headers, "get">): string {
  const words = [asked.get("accept"), asked.get("authorization"), text].filter((one) => one !== null);
  return `W/"${createHash("sha256").update(words.join(":")).digest("hex")}"`;
}

function isForToken(method: string, path: string): boolean {
  return method === "POST" && /\/access_tokens$/.test(path);
}
