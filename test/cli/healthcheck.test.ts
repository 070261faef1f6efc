import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import { healthcheck } from "../../src/cli/healthcheck.ts";
import { createIngress, type Ingress } from "../../src/ingress/http/server.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { listenOnLoopback } from "../../testkit/listen-on-loopback.ts";

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** The server's own way in, and the port it is on. */
async function startIngress(notReady: () => Promise<readonly string[]>): Promise<{ ingress: Ingress; port: string }> {
  const ingress = createIngress({
    secrets: ["s".repeat(32)],
    accept: () => Promise.reject(new Error("nothing is sent")),
    notReady,
    metrics: createMetrics(systemClock),
    log: pino({ level: "silent" }),
  });
  const { port } = await ingress.listen(0, "127.0.0.1");
  ending.push(() => ingress.stop(0));
  return { ingress, port: String(port) };
}

/** Somebody else on the port. */
async function startOther(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  const { url, close } = await listenOnLoopback(server);
  ending.push(close);
  return new URL(url).port;
}

async function check(env: Readonly<Record<string, string>>, ready = false): Promise<readonly [number, string]> {
  let written = "";
  const code = await healthcheck({ ready, env, write: (text) => (written += text) });
  return [code, written];
}

describe("sevgate healthcheck", () => {
  it("ends with 0 while the server is alive, and with --ready while it is ready", async () => {
    const { ingress, port } = await startIngress(async () => []);
    expect(await check({ PORT: port })).toEqual([0, "alive\n"]);
    expect(await check({ PORT: port }, true)).toEqual([0, "ready\n"]);
    ingress.drain();
    expect(await check({ PORT: port })).toEqual([0, "alive\n"]);
    expect(await check({ PORT: port }, true)).toEqual([1, "not ready: Sevgate stops\n"]);
  });

  it("says why it is not ready, and that it is alive all the same", async () => {
    const { port } = await startIngress(async () => ["the store does not answer"]);
    expect(await check({ PORT: port, HOST: "127.0.0.1" })).toEqual([0, "alive\n"]);
    expect(await check({ PORT: port }, true)).toEqual([1, "not ready: the store does not answer\n"]);
  });

  it("ends with 1 when nothing answers, and says where it asked", async () => {
    const port = await startOther(() => {});
    for (const end of ending.splice(0)) await end();
    expect(await check({ PORT: port })).toEqual([
      1,
      `http://127.0.0.1:${port}/healthz does not answer (ECONNREFUSED). Look whether the server runs: its log says more.\n`,
    ]);
  });

  it.each<readonly [string, RequestListener]>([
    ["says something else", (_, response) => response.end("hello")],
    ["never stops talking", (_, response) => response.end("x".repeat(20_000))],
    ["breaks off", (request) => request.socket.destroy()],
  ])("ends with 1 when whoever answers there %s", async (_name, answer) => {
    const [code, written] = await check({ PORT: await startOther(answer) });
    expect(code).toBe(1);
    expect(written).toMatch(
      /answers, but it is no Sevgate\. Look at HOST and PORT\.\n$|does not answer \(ECONNRESET\)/,
    );
  });

  it.each(["0", "http", "65536", "80a"])("ends with 1 where PORT is %s", async (port) => {
    expect(await check({ PORT: port })).toEqual([
      1,
      "PORT does not say where the server listens: it is to be a number from 1 to 65535.\n",
    ]);
  });
});
