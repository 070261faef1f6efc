import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { forwardRequest, readBody, readdressed } from "../../testkit/forward-request.ts";
import { listenOnLoopback } from "../../testkit/listen-on-loopback.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";

/** What the proxy does to a request. `cut`: GitHub did it, but the connection breaks before the whole answer arrives. */
export const HTTP_FAULTS = ["cut", "bad-gateway", "delay", "primary-limit", "secondary-limit"] as const;
export type HttpFault = (typeof HTTP_FAULTS)[number];

export interface FaultProxy {
  readonly url: string;
  /** How often each fault struck. */
  readonly struck: ReadonlyMap<HttpFault, number>;
  /** How many requests came although a limit was in force. */
  readonly sentWhileLimited: number;
  /** From now on each request fails with this probability, 0 to 1. */
  fail(chance: number): void;
  close(): Promise<void>;
}

const LIMIT_MS = 1_000;
const DELAY_MS = 300;
/** While requests fail, at most this many in a row do not: a story of forty meets some faults, whatever the probability. */
const MAX_LUCKY_IN_A_ROW = 8;

/**
 * A proxy in front of an emulated GitHub that fails requests, in the same order for the same seed. GitHub's own URL in
 * answers becomes the proxy's.
 */
export async function startFaultProxy(targetUrl: string, seed: number): Promise<FaultProxy> {
  const random = seededRandom(seed);
  const struck = new Map<HttpFault, number>();
  let chance = 0;
  let lucky = 0;
  let limitedUntil = 0;
  let sentWhileLimited = 0;
  let ownUrl = "";

  function next(): HttpFault | null {
    // Always two numbers per request, so that the probability does not shift what comes later.
    const [luck, which] = [random(), Math.floor(random() * HTTP_FAULTS.length)];
    const isStruck = luck < chance || (chance > 0 && lucky >= MAX_LUCKY_IN_A_ROW);
    lucky = isStruck ? 0 : lucky + 1;
    return isStruck ? (HTTP_FAULTS[which] ?? null) : null;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (Date.now() < limitedUntil) sentWhileLimited += 1;
    const fault = next();
    if (fault !== null) struck.set(fault, (struck.get(fault) ?? 0) + 1);
    switch (fault) {
      case "bad-gateway":
        response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>");
        return;
      case "primary-limit": {
        // In whole seconds, as GitHub has it: the first second after the limit.
        const resetSeconds = Math.ceil((Date.now() + LIMIT_MS) / 1_000);
        limitedUntil = resetSeconds * 1_000;
        const limit = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(resetSeconds) };
        json(response, 403, { message: "API rate limit exceeded" }, limit);
        return;
      }
      case "secondary-limit":
        limitedUntil = Date.now() + LIMIT_MS;
        json(response, 429, { message: "You have exceeded a secondary rate limit" }, { "retry-after": "1" });
        return;
      case "delay":
        await new Promise((done) => setTimeout(done, DELAY_MS));
        break;
      default:
        break;
    }
    const answer = await forwardRequest(request, targetUrl, await readBody(request));
    if (fault === "cut") {
      request.socket.destroy();
      return;
    }
    const { headers, body } = readdressed(answer, targetUrl, ownUrl);
    response.writeHead(answer.status, headers).end(body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  const listening = await listenOnLoopback(server);
  ownUrl = listening.url;
  return {
    url: ownUrl,
    struck,
    get sentWhileLimited() {
      return sentWhileLimited;
    },
    fail(next) {
      chance = next;
    },
    close: listening.close,
  };
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
