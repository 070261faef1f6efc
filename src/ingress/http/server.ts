import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { type Answer, json, parseJson, unavailable } from "../../base/answer.ts";
import { errorCode } from "../../base/error-code.ts";
import { TerminalError, TransientError } from "../../base/errors.ts";
import { withDeadline } from "../../base/with-deadline.ts";
import type { CalendarFeed } from "../../views/calendar.ts";
import type { DeliveryResult, Metrics } from "../../views/metrics.ts";
import type { AlertIntake } from "../alerts/alert-intake.ts";
import type { Accepted } from "../webhooks/enqueue-hints.ts";
import type { WebhookEvent } from "../webhooks/hints.ts";
import { isSignature, verifySignature } from "../webhooks/verify-signature.ts";
import { bodyRefusal, createBodyReader } from "./body-reader.ts";
import { headerOf } from "./header-of.ts";
import { sendAnswer } from "./send-answer.ts";
import { createSideDoors, type OtherWay } from "./side-doors.ts";

/** Where GitHub sends webhooks; app.yml says the same. */
export const WEBHOOK_PATH = "/api/github/webhooks";

/** How long anything may take and how large it may be. */
export interface IngressLimits {
  /** GitHub sends at most 25 MB (GitHub docs, "Webhook events and payloads"). */
  readonly maxBodyBytes: number;
  /** All bodies being read at the same time: signatures can only be checked at the end. */
  readonly maxBufferedBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** GitHub waits 10 s for an answer; a failure must be reported before that, or it counts as delivered. */
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

export interface IngressParts {
  /** The current webhook secret and, while rotating, the previous one. Never empty. */
  readonly secrets: readonly string[];
  /** Makes the event's keys durable. `deliveryId`: as GitHub sent it; for the log, for nothing proves it. */
  accept(event: WebhookEvent, deliveryId: string | null): Promise<Accepted>;
  /** The way in for alerts from other systems; left out: there is none. */
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
  /** Port 0 takes a free one. Throws `TerminalError` if the address is not available. */
  listen(port: number, host: string): Promise<{ readonly port: number; readonly url: string }>;
  /**
   * Says from now on that it is not ready, but goes on accepting requests: whatever sends them here has to notice
   * first.
   */
  drain(): void;
  /** Accepts no new requests, answers those begun, and closes what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/**
 * The HTTP server in front of the queue: bytes in, verified event out, `202` once its keys are durable.
 *
 * Until the signature is known to be right, nothing of a request is logged, parsed or kept.
 */
export function createIngress(parts: IngressParts): Ingress {
  const limits = { ...DEFAULT_LIMITS, ...parts.limits };
  const { metrics, log } = parts;
  let draining = false;
  let stopping = false;
  const bodies = createBodyReader(limits);
  const sideDoors = createSideDoors({ ...parts, bodies, isLogged: false });

  const server = createServer({ connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs) });
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.headersTimeoutMs + limits.bodyTimeoutMs;
  server.keepAliveTimeout = 5_000;
  server.on("request", (request, response) => {
    handle(request).then(
      (answer) => sendAnswer(request, response, answer, draining || stopping),
      (error: unknown) => {
        log.error({ err: error }, "a request failed unexpectedly");
        sendAnswer(request, response, json(500, "Something went wrong. The log of Sevgate says more."), true);
      },
    );
  });

  async function handle(request: IncomingMessage): Promise<Answer> {
    if (stopping) return unavailable("Sevgate is stopping. Send the delivery again later.");
    const path = (request.url ?? "").split("?", 1)[0];
    if (request.method === "POST" && path === WEBHOOK_PATH) return await handleWebhook(request);
    const aside = sideDoors(request);
    if (aside !== null) return await aside;
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
        return (await parts.calendars?.at(path ?? "", headerOf(request, "if-none-match"))) ?? notFound();
    }
  }

  async function handleWebhook(request: IncomingMessage): Promise<Answer> {
    const eventName = headerOf(request, "x-github-event");
    const signature = headerOf(request, "x-hub-signature-256");
    if (!/^application\/json\s*(?:;|$)/i.test(headerOf(request, "content-type") ?? "")) {
      return refused(415, "Send application/json. Set the content type in the webhook settings of the GitHub App.");
    }
    if (eventName === undefined || !/^\w{1,100}$/.test(eventName)) {
      return refused(400, "The X-GitHub-Event header is missing.");
    }
    if (!isSignature(signature)) {
      return refused(401, "The X-Hub-Signature-256 header is missing. Set a webhook secret in the GitHub App.");
    }
    const body = await bodies.read(request, limits.maxBodyBytes);
    if (typeof body === "string") {
      if (body !== "too-many") metrics.countDelivery(null, "refused" satisfies DeliveryResult);
      return bodyRefusal(body, limits.maxBodyBytes);
    }
    if (!verifySignature(body, signature, parts.secrets)) {
      return refused(401, "The signature does not match. Use the same webhook secret in the GitHub App and here.");
    }
    const payload = parseJson(body);
    if (payload === undefined) return refused(400, "The body is not valid JSON.");
    return await acceptEvent({ name: eventName, payload }, headerOf(request, "x-github-delivery") ?? null);
  }

  async function acceptEvent(event: WebhookEvent, deliveryId: string | null): Promise<Answer> {
    try {
      const accepted = await withDeadline(
        limits.acceptTimeoutMs,
        "queueing a delivery",
        parts.accept(event, deliveryId),
      );
      metrics.countDelivery(event.name, accepted);
      return { status: 202, body: '{"ok":true}' };
    } catch (error) {
      metrics.countDelivery(event.name, "store-failed");
      const foreseen = error instanceof TransientError;
      log[foreseen ? "warn" : "error"]({ event: event.name, err: error }, "a delivery could not be queued");
      return unavailable("Sevgate cannot store the delivery now. It asks GitHub for it again later.");
    }
  }

  async function readiness(): Promise<Answer> {
    if (draining) return json(503, "not ready: Sevgate stops");
    const reasons = await withDeadline(limits.readyTimeoutMs, "asking for readiness", parts.notReady()).catch(() => [
      "the store does not answer",
    ]);
    return reasons.length === 0
      ? json(200, "ready")
      : { ...json(503, `not ready: ${reasons.join("; ")}`), headers: { "retry-after": "5" } };
  }

  function refused(status: number, message: string): Answer {
    // Nothing is proven yet, so the event's name is not counted.
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
    drain() {
      draining = true;
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
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENOTFOUND":
      return new TerminalError(`${host} is not an address of this machine. Set HOST to one, or to 0.0.0.0 for all.`);
    default:
      return error;
  }
}

function addressOf(server: Server, host: string): { readonly port: number; readonly url: string } {
  const { port } = server.address() as AddressInfo;
  // A server that listens everywhere is reached on this machine by its own name.
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return { port, url: `http://${name}:${port}` };
}

function notFound(): Answer {
  return json(404, `Nothing is here. Webhooks go to POST ${WEBHOOK_PATH}.`);
}
