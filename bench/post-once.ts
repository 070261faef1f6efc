import { type Agent, request } from "node:http";

/** As long as GitHub waits (GitHub docs, "Best practices for using webhooks"). */
const ANSWER_LIMIT_MS = 10_000;

/** Posts a body, and resolves to the status of the answer; `null`: there was none within 10 s. */
export function postOnce(
  agent: Agent,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number | null> {
  return new Promise((resolve) => {
    const outgoing = request(url, {
      agent,
      method: "POST",
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    outgoing.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? null));
      response.on("error", () => resolve(null));
    });
    outgoing.on("error", () => resolve(null));
    outgoing.end(body);
  });
}
