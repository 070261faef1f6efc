import type { IncomingMessage } from "node:http";

/** What the server behind a proxy answered. */
export interface ForwardedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The headers of an answer that a client of GitHub reads. */
const KEPT_HEADERS = ["content-type", "link", "location"];

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Sends a request on to `targetUrl`, as it came. */
export async function forwardRequest(
  request: IncomingMessage,
  targetUrl: string,
  body: Buffer,
): Promise<ForwardedAnswer> {
  const headers = new Headers();
  for (const name of ["authorization", "accept", "content-type", "user-agent", "x-github-api-version"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const answer = await fetch(`${targetUrl}${request.url}`, {
    method: request.method ?? "GET",
    headers,
    redirect: "manual",
    ...(hasBody ? { body: new Uint8Array(body) } : {}),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

/** The answer as it leaves the proxy: the server's own URL in it becomes the proxy's. */
export function readdressed(
  answer: ForwardedAnswer,
  targetUrl: string,
  ownUrl: string,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) headers[name] = value.replaceAll(targetUrl, ownUrl);
  }
  return { headers, body: answer.status === 204 ? "" : answer.body.replaceAll(targetUrl, ownUrl) };
}
