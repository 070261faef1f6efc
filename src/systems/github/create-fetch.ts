import { boundedText } from "../../base/bounded-text.ts";
import { TerminalError } from "../../base/errors.ts";
import { VERSION } from "../../base/version.ts";
import type { ToldVersions } from "./api-version.ts";
import type { KnownAnswer, KnownAnswers } from "./known-answers.ts";

export const USER_AGENT = `sevgate/${VERSION}`;

const MAX_REDIRECTS = 3;
/** A version is a date, so this is plenty. */
const LONGEST_VERSIONS_BYTES = 65_536;

type Fetch = typeof globalThis.fetch;

/**
 * The one way to the network: every request to GitHub, including those for tokens, goes through it.
 *
 * - Only to the host of `apiUrl`: a credential never goes to another one, whatever a redirect says.
 * - In a version of the API that Sevgate was written for, under our own name, and with at most `timeoutMs` and
 *   `mostBytes` for the whole answer.
 * - The body is read to its end here, so that a broken connection is a failure and not an empty answer.
 * - A read follows redirects (renamed repositories, transferred issues: 301). A write follows only 307 and 308, which
 *   keep method and body; after a 301 fetch would send a GET and call it success.
 *
 * - A read says which answer is known; "not modified" (304) returns that answer, as good as a new one. What a write answers
 *   is known as well.
 *
 * @param onAnswer called with every answer, redirects included
 * @param known    `null`: nothing is remembered
 * @param version  the version to use; receives the credential with which to ask which versions exist
 */
export function createFetch(
  apiUrl: string,
  { timeoutMs, mostBytes }: { readonly timeoutMs: number; readonly mostBytes: number },
  onAnswer: (method: string, status: number) => void,
  known: ReturnType<KnownAnswers["of"]> | null,
  version: (authorization: string | null) => Promise<string>,
): Fetch {
  const { origin } = new URL(apiUrl);
  return async (input, init = {}) => {
    const method = init.method ?? "GET";
    const headers = new Headers(init.headers);
    headers.set("user-agent", USER_AGENT);
    headers.set("accept", "application/vnd.github+json");
    headers.set("x-github-api-version", await version(headers.get("authorization")));
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;

    let url = new URL(String(input));
    for (let redirects = 0; ; redirects += 1) {
      if (url.origin !== origin) {
        throw new TerminalError(`A request meant for ${origin} was sent to another host, and stopped.`);
      }
      const before = method === "GET" ? known?.get(url.href) : undefined;
      if (before === undefined) headers.delete("if-none-match");
      else headers.set("if-none-match", before.etag);
      const response = await globalThis.fetch(url, { ...init, headers, signal, redirect: "manual" });
      const text = await boundedText(response, mostBytes);
      onAnswer(method, response.status);
      if (response.status === 304 && before !== undefined) return sameAnswer(response, url, before);
      const etag = response.headers.get("etag");
      const place = placeOf(method, response, url);
      if (place !== null && etag !== null && isJson(response)) {
        known?.set(place, { etag, text, headers: [...response.headers] });
      }
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null) {
        return answerOf(response, url, text);
      }
      //
      const keepsMethod = response.status === 307 || response.status === 308;
      if ((method !== "GET" && !keepsMethod) || redirects >= MAX_REDIRECTS) {
        throw new TerminalError("GitHub says that this has moved; nothing was changed there.", {
          status: response.status,
        });
      }
      url = new URL(location, url);
    }
  };
}

/**
 * Which versions of the API a server has (GitHub REST, "Get all API versions"). Asked without a version, and never an
 * error.
 */
export async function askVersions(
  apiUrl: string,
  authorization: string | null,
  timeoutMs: number,
  onAnswer: (method: string, status: number) => void,
): Promise<ToldVersions> {
  try {
    const response = await globalThis.fetch(`${apiUrl}/versions`, {
      headers: {
        "user-agent": USER_AGENT,
        accept: "application/vnd.github+json",
        ...(authorization === null ? {} : { authorization }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "manual",
    });
    const text = await boundedText(response, LONGEST_VERSIONS_BYTES);
    onAnswer("GET", response.status);
    if (response.status === 404 || response.status === 410) return "none";
    const told: unknown = response.status === 200 ? JSON.parse(text) : null;
    return Array.isArray(told) ? told.filter((one) => typeof one === "string") : "untold";
  } catch {
    return "untold";
  }
}

/** What was answered before, with what GitHub says about its limits now. */
function sameAnswer(response: Response, url: URL, before: KnownAnswer): Response {
  const headers = new Headers(before.headers.map(([name, value]): [string, string] => [name, value]));
  for (const [name, value] of response.headers) headers.set(name, value);
  for (const [name, value] of before.headers) if (name.startsWith("content-")) headers.set(name, value);
  return answerOf(new Response(null, { status: 200, headers }), url, before.text);
}

/**
 * The URL whose content an answer shows: of a read, its own; of a change, that of what was changed; of a creation, where
 * that is now. `null`: none.
 */
function placeOf(method: string, { status, headers }: Response, url: URL): string | null {
  if ((method === "GET" || method === "PATCH") && status === 200) return url.href;
  const created = method === "POST" && status === 201 ? headers.get("location") : null;
  if (created === null) return null;
  const place = new URL(created, url);
  return place.origin === url.origin ? place.href : null;
}

/** A page from a proxy in between is not worth keeping. */
function isJson(response: Response): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/.test(response.headers.get("content-type") ?? "");
}

/** The answer with its body already read; `url` says where it came from. */
function answerOf(response: Response, url: URL, text: string): Response {
  const bodyless = response.status === 204 || response.status === 205 || response.status === 304;
  const answer = new Response(bodyless ? null : text, { status: response.status, headers: response.headers });
  Object.defineProperty(answer, "url", { value: url.href });
  return answer;
}
