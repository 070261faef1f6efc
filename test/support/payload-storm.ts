import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIngress, WEBHOOK_PATH } from "../../src/ingress/http/server.ts";
import { createEnqueueHints } from "../../src/ingress/webhooks/enqueue-hints.ts";
import type { WebhookEvent } from "../../src/ingress/webhooks/hints.ts";
import { openStore } from "../../src/run/open-store.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { createLogLines } from "./log-lines.ts";

const SECRET = "a-webhook-secret-for-storms";

/** The real way in: server, rules and embedded store, on loopback. Nothing works on the queue. */
export interface PayloadStorm {
  /** Sends a body, signed as GitHub signs it, and returns the status of the answer. */
  send(eventName: string, body: string): Promise<number>;
  /** How many keys are waiting. */
  waiting(): Promise<number>;
  /** What the log says from level `warn` on. */
  readonly complaints: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

export async function startPayloadStorm(): Promise<PayloadStorm> {
  const dataDir = mkdtempSync(join(tmpdir(), "sevgate-storm-"));
  const { log, lines } = createLogLines();
  const clock = new VirtualClock();
  const store = await openStore({ databaseUrl: null, dataDir, log, clock });
  const ingress = createIngress({
    secrets: [SECRET],
    accept: createEnqueueHints({
      queue: store.queue,
      index: store.index,
      clock,
      botLogin: () => "sevgate[bot]",
      webHost: "github.com",
      forgetTokens: () => {},
    }),
    notReady: async () => [],
    metrics: createMetrics(clock),
    log,
    // Time limits have tests of their own (test/ingress); here a busy machine must not look like a refusal.
    limits: { headersTimeoutMs: 120_000, bodyTimeoutMs: 120_000, acceptTimeoutMs: 120_000 },
  });
  const { url } = await ingress.listen(0, "127.0.0.1");
  return {
    async send(eventName, body) {
      const answer = await fetch(`${url}${WEBHOOK_PATH}`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "x-github-event": eventName,
          "x-github-delivery": "d",
          "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
        },
      });
      await answer.arrayBuffer();
      return answer.status;
    },
    waiting: async () => (await store.queue.depth()).waiting,
    get complaints() {
      return lines.filter((line) => Number(line["level"]) >= 40);
    },
    async close() {
      await ingress.stop(1_000);
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Sends many bodies, a few at a time, and returns those that were not accepted. */
export async function sendAll(
  storm: PayloadStorm,
  bodies: Iterable<{ readonly event: WebhookEvent; readonly body: string }>,
): Promise<{ readonly sent: number; readonly refused: readonly string[] }> {
  const refused: string[] = [];
  let sent = 0;
  const source = bodies[Symbol.iterator]();
  async function work(): Promise<void> {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      const { event, body } = next.value;
      const status = await storm.send(event.name, body);
      sent += 1;
      if (status !== 202) refused.push(`${status} ${event.name} ${body.slice(0, 500)}`);
    }
  }
  await Promise.all(Array.from({ length: 8 }, work));
  return { sent, refused };
}
