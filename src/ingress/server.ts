import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { errorCode } from "../error-code.ts";
import { TerminalError, TransientError } from "../errors.ts";
import { withDeadline } from "../queue/with-deadline.ts";
import { type AlertIntake, MAX_ALERT_BYTES } from "./alerts.ts";
import { type Answer, json, parseJson, unavailable } from "./answer.ts";
import type { CalendarFeed } from "./calendar.ts";
import type { Accepted } from "./enqueue-hints.ts";
import type { WebhookEvent } from "./hints.ts";
import type { DeliveryResult, Metrics } from "./metrics.ts";
import { isSignature, verifySignature } from "./verify-signature.ts";

/** Where GitHub sends webhooks; app.yml says the same. */
export const WEBHOOK_PATH = "/api/github/webhooks";

/** How long and how large anything may be. */
export interface IngressLimits {
  /** GitHub sends at most 25 MB (GitHub docs, "Webhook events and payloads"). */
  readonly maxBodyBytes: number;
  /** All bodies being read at the same time: signatures are known only at their end. */
  readonly maxBufferedBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** GitHub waits 10 s for an answer; a failure must be told before, or it counts as delivered. */
  readonly acceptTimeoutMs: number;
  readonly readyTimeoutMs: number;
}

export const DEFAULT_LIMITS: IngressLimits = {
  maxBodyBytes: 25 * 1024 * 1024,
  maxBufferedBytes: 256 * 1024 * 1024,
  headersTimeoutMs: 5_000,
  bodyTimeoutMs: 8_000,
  acceptTimeoutMs: 5_000,
  readyTimeoutMs: 2_000,
};

/** What comes in another way, as bytes. Rejects with `TransientError` when it cannot be kept. */
export type OtherWay = (request: {
  header(name: string): string | undefined;
  readonly body: Buffer;
}) => Promise<{ readonly status: number; readonly body: string }>;

export interface IngressParts {
  /** The current webhook secret and, while rotating, the previous one. Never empty. */
  readonly secrets: readonly string[];
  /** Makes the event's keys durable. */
  accept(event: WebhookEvent): Promise<Accepted>;
  /** The way in for alerts of other systems; left out: there is none. */
  readonly alerts?: AlertIntake;
  /** Calendars of who is on call; left out: there are none. */
  readonly calendars?: CalendarFeed | null;
  /** What is not ready yet, in words; empty when all is. */
  notReady(): Promise<readonly string[]>;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Other ways in, by path, for POST: each verifies the bytes for itself, and answers within 3 s. */
  readonly otherWays?: ReadonlyMap<string, OtherWay>;
  readonly limits?: Partial<IngressLimits>;
}

export interface Ingress {
  /** Port 0 takes a free one. Throws `TerminalError` when the address cannot be had. */
  listen(port: number, host: string): Promise<{ readonly port: number; readonly url: string }>;
  /** Takes no new requests, answers those begun, and closes what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Why a body was not taken. */
type BodyFailure = "too-large" | "too-slow" | "too-many" | "aborted";

/** What other systems send is small. */
const OTHER_BODY_BYTES = 1024 * 1024;
/** Slack waits 3 s. */
const OTHER_WAY_MS = 2_500;
/** How long a client may go on sending what nobody keeps, so that it sees the answer before the connection closes. */
const LINGER_MS = 1_000;

/**
 * The HTTP server in front of the queue: bytes in, verified event out, `202` once its keys are durable.
 *
 * Before the signature is known to be right nothing of a request is logged, parsed or kept.
 */
export function createIngress(parts: IngressParts): Ingress {
  const limits = { ...DEFAULT_LIMITS, ...parts.limits };
  const { metrics, log } = parts;
  let stopping = false;
  let bufferedBytes = 0;

  const server = createServer({ connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs) });
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.headersTimeoutMs + limits.bodyTimeoutMs;
  server.keepAliveTimeout = 5_000;
  server.on("request", (request, response) => {
    handle(request).then(
      (answer) => send(request, response, answer, stopping),
      (error: unknown) => {
        log.error({ err: error }, "a request failed unexpectedly");
        send(request, response, json(500, "Something went wrong. The log of Sevgate says more."), true);
      },
    );
  });

  async function handle(request: IncomingMessage): Promise<Answer> {
    if (stopping) return unavailable("Sevgate is stopping. Send the delivery again later.");
    const path = (request.url ?? "").split("?", 1)[0];
    if (request.method === "POST" && path === WEBHOOK_PATH) return await handleWebhook(request);
    if (request.method === "POST" && parts.alerts?.isAt(path ?? ""))
      return await handleAlert(request, path ?? "", parts.alerts);
    const other = request.method === "POST" ? parts.otherWays?.get(path ?? "") : undefined;
    if (other !== undefined) return await handleOther(request, other);
    if (request.method !== "GET" && request.method !== "HEAD") return notFound();
    switch (path) {
      case "/healthz":
        return json(200, "alive");
      case "/readyz":
        return await readiness();
      case "/metrics":
        return {
          status: 200,
          body: await metrics.registry.metrics(),
          contentType: metrics.registry.contentType,
        };
      default:
        return (await parts.calendars?.at(path ?? "", header(request, "if-none-match"))) ?? notFound();
    }
  }

  async function handleWebhook(request: IncomingMessage): Promise<Answer> {
    const eventName = header(request, "x-github-event");
    const signature = header(request, "x-hub-signature-256");
    if (!/^application\/json\s*(?:;|$)/i.test(header(request, "content-type") ?? "")) {
      return refused(415, "Send application/json. Set the content type in the webhook settings of the GitHub App.");
    }
    if (eventName === undefined || !/^\w{1,100}$/.test(eventName)) {
      return refused(400, "The X-GitHub-Event header is missing.");
    }
    if (!isSignature(signature)) {
      return refused(401, "The X-Hub-Signature-256 header is missing. Set a webhook secret in the GitHub App.");
    }
    const body = await readBody(request, limits.maxBodyBytes);
    if (typeof body === "string") {
      if (body !== "too-many") metrics.countDelivery(null, "refused" satisfies DeliveryResult);
      return refuseBody(body, limits.maxBodyBytes);
    }
    if (!verifySignature(body, signature, parts.secrets)) {
      return refused(401, "The signature does not match. Use the same webhook secret in the GitHub App and here.");
    }
    const payload = parseJson(body);
    if (payload === undefined) return refused(400, "The body is not valid JSON.");
    return await acceptEvent({ name: eventName, payload });
  }

  async function handleAlert(request: IncomingMessage, path: string, alerts: AlertIntake): Promise<Answer> {
    const door = alerts.knock(path, request.headers);
    if ("status" in door) return door;
    const body = await readBody(request, MAX_ALERT_BYTES);
    if (typeof body !== "string") return await door.accept(body);
    door.refuse();
    return refuseBody(body, MAX_ALERT_BYTES);
  }

  async function handleOther(request: IncomingMessage, other: OtherWay): Promise<Answer> {
    const body = await readBody(request, OTHER_BODY_BYTES);
    if (typeof body === "string") return refuseBody(body, OTHER_BODY_BYTES);
    try {
      const asked = other({ header: (name) => header(request, name), body });
      return await withDeadline(OTHER_WAY_MS, "keeping a request", asked);
    } catch (error) {
      log[error instanceof TransientError ? "warn" : "error"]({ err: error }, "a request could not be kept");
      return unavailable("Sevgate cannot store the request now. Please try again.");
    }
  }

  async function acceptEvent(event: WebhookEvent): Promise<Answer> {
    try {
      const accepted = await withDeadline(limits.acceptTimeoutMs, "queueing a delivery", parts.accept(event));
      metrics.countDelivery(event.name, accepted);
      return { status: 202, body: '{"ok":true}' };
    } catch (error) {
      metrics.countDelivery(event.name, "store-failed");
      const foreseen = error instanceof TransientError;
      log[foreseen ? "warn" : "error"]({ event: event.name, err: error }, "a delivery could not be queued");
      return unavailable("Sevgate cannot store the delivery now. It asks GitHub for it again later.");
    }
  }

  function readBody(request: IncomingMessage, most: number): Promise<Buffer | BodyFailure> {
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > most) return Promise.resolve("too-large");
    return new Promise((done) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const timer = setTimeout(() => finish("too-slow"), limits.bodyTimeoutMs);
      function finish(result: Buffer | BodyFailure): void {
        clearTimeout(timer);
        request.off("data", onData);
        bufferedBytes -= size;
        size = 0;
        chunks.length = 0;
        done(result);
      }
      function onData(chunk: Buffer): void {
        size += chunk.length;
        bufferedBytes += chunk.length;
        chunks.push(chunk);
        if (size > most) finish("too-large");
        else if (bufferedBytes > limits.maxBufferedBytes) finish("too-many");
      }
      request.on("data", onData);
      request.once("end", () => finish(Buffer.concat(chunks)));
      request.once("close", () => finish("aborted"));
      request.once("error", () => finish("aborted"));
    });
  }

  function refuseBody(why: BodyFailure, most: number): Answer {
    switch (why) {
      case "too-large":
        return json(413, `The body is larger than ${most} bytes.`);
      case "too-many":
        return unavailable("Too many deliveries at once. Send the delivery again later.");
      default:
        return json(408, "The body did not arrive in time.");
    }
  }

  async function readiness(): Promise<Answer> {
    const reasons = await withDeadline(limits.readyTimeoutMs, "asking for readiness", parts.notReady()).catch(() => [
      "the store does not answer",
    ]);
    return reasons.length === 0
      ? json(200, "ready")
      : { ...json(503, `not ready: ${reasons.join("; ")}`), headers: { "retry-after": "5" } };
  }

  function refused(status: number, message: string): Answer {
    // Nobody has proved anything yet: the event's name is not counted.
    metrics.countDelivery(null, "refused" satisfies DeliveryResult);
    return json(status, message);
  }

  return {
    async listen(port, host) {
      await new Promise<void>((done, fail) => {
        server.once("error", (error) => fail(listenError(error, port, host)));
        server.listen(port, host, () => {
          server.removeAllListeners("error");
          done();
        });
      });
      server.on("error", (error) => log.error({ err: error }, "the HTTP server met an error"));
      return addressOf(server, host);
    },
    async stop(graceMs) {
      stopping = true;
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      await withDeadline(graceMs, "answering the last requests", closed).catch(() => {
        server.closeAllConnections();
      });
    },
  };
}

function listenError(error: Error, port: number, host: string): unknown {
  const place = `${host}:${port}`;
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return new TerminalError(`${place} is in use by another program. Stop it, or set PORT to another one.`);
    case "EACCES":
      return new TerminalError(`This user may not listen on ${place}. Set PORT to a number from 1024.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new TerminalError(`${host} is not an address of this machine. Set HOST to one, or to 0.0.0.0 for all.`);
    default:
      return error;
  }
}

function addressOf(server: Server, host: string): { readonly port: number; readonly url: string } {
  const { port } = server.address() as AddressInfo;
  // What listens everywhere is reached on this machine by its own name.
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return { port, url: `http://${name}:${port}` };
}

/** Ends the request. A body that was not read to its end is let run dry for a moment; then the connection closes. */
function send(request: IncomingMessage, response: ServerResponse, answer: Answer, close: boolean): void {
  if (response.destroyed || response.headersSent) return;
  const unread = !request.complete;
  response.writeHead(answer.status, {
    "content-type": answer.contentType ?? "application/json; charset=utf-8",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    ...answer.headers,
    ...(unread || close ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : answer.body);
  if (!unread) return;
  const { socket } = request;
  request.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

function notFound(): Answer {
  return json(404, `Nothing is here. Webhooks go to POST ${WEBHOOK_PATH}.`);
}

/** `undefined` when the header is missing; a header sent twice comes joined and matches no pattern. */
function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
