import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import { createIngress, WEBHOOK_PATH } from "../../src/ingress/http/server.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { hasProxy, startProxy, type TestProxy } from "../support/proxies.ts";

const SECRET = "a-webhook-secret-of-fair-length";
const MIB = 1024 * 1024;

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** Sevgate's way in, with the limits it has. */
async function startIngress(): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const ingress = createIngress({
    secrets: [SECRET],
    accept: async ({ name }) => {
      seen.push(name);
      return "queued";
    },
    notReady: async () => [],
    metrics: createMetrics(systemClock),
    log: pino({ level: "silent" }),
  });
  const { port } = await ingress.listen(0, "127.0.0.1");
  ending.push(() => ingress.stop(0));
  return { port, seen };
}

/** A signed delivery of so many bytes. */
function delivery(bytes: number, headers: Readonly<Record<string, string>> = {}) {
  const [start, end] = ['{"action":"opened","padding":"', '"}'];
  const body = Buffer.from(`${start}${"x".repeat(bytes - start.length - end.length)}${end}`);
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": bytes,
      "x-github-event": "issues",
      "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
      ...headers,
    },
    body,
  };
}

for (const program of ["nginx", "caddy"] as const) {
  for (const isBelowPath of [false, true]) {
    const where = isBelowPath ? "/sevgate" : "";
    (hasProxy(program) ? describe : describe.skip)(`Our sample for ${program}, at ${where}/`, () => {
      async function start(): Promise<{ readonly proxy: TestProxy; readonly seen: string[] }> {
        const { port, seen } = await startIngress();
        const proxy = await startProxy({ program, isBelowPath }, port);
        ending.push(() => proxy.stop());
        return { proxy, seen };
      }

      it("passes on webhooks of 2 MB and of 25 MB over TLS, and refuses larger ones with 413", async () => {
        const { proxy, seen } = await start();
        const send = (bytes: number) => proxy.send(`${where}${WEBHOOK_PATH}`, delivery(bytes));
        expect((await send(2 * MIB)).status).toBe(202);
        expect((await send(25 * MIB)).status).toBe(202);
        const { status } = await proxy.send(`${where}${WEBHOOK_PATH}`, { ...delivery(25 * MIB + 1), body: null });
        expect([status, seen]).toEqual([413, ["issues", "issues"]]);
      });

      it("passes on what Sevgate refuses, and no header that names a client changes anything", async () => {
        const { proxy } = await start();
        const forged = { "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1", forwarded: "for=127.0.0.1" };
        const path = `${where}${WEBHOOK_PATH}`;
        expect((await proxy.send(path, delivery(200, forged))).status).toBe(202);
        const wrong = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
        expect((await proxy.send(path, delivery(200, { ...forged, ...wrong }))).status).toBe(401);
      });

      it("shows health to everybody, and metrics to nobody", async () => {
        const { proxy } = await start();
        expect(await proxy.send(`${where}/readyz`, {})).toEqual({ status: 200, body: '{"ok":true,"message":"ready"}' });
        for (const path of ["/metrics", "/metrics?x", "/metrics/", "//metrics", "/./metrics", "/%6detrics"]) {
          const { status, body } = await proxy.send(`${where}${path}`, {});
          expect([path, status]).toEqual([path, 404]);
          expect(body).not.toContain("sevgate_");
        }
      });
    });
  }
}
