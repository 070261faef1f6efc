import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import pino from "pino";
import { until } from "../../demo/until.ts";
import { systemClock } from "../../src/base/clock.ts";
import { INTERACTIONS_PATH } from "../../src/ingress/slack/receive-slack.ts";
import { openStore } from "../../src/run/open-store.ts";
import { alertmanagerGroup, pagerDutyEvent, pagerDutyWebhook } from "../../testkit/alert-payloads.ts";
import { ACKNOWLEDGE_PRESS, buttonPress, SLACK_SECRET, signedForm } from "../../testkit/slack-requests.ts";
import { testPrivateKey } from "../contract/world.ts";

// A real process: seconds, more on a busy machine.
jest.setTimeout(120_000);

const SECRET = "0123456789abcdef0123456789abcdef";
const WEBHOOK_SECRET = "a webhook secret of fair length";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), "sevgate-probot-"));
let server: ChildProcess;
let url = "";
let output = "";

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

beforeAll(async () => {
  const store = await openStore({ databaseUrl: null, dataDir, log: pino({ level: "silent" }), clock: systemClock });
  await store.index.saveRepository({ installationId: 1, id: 10, owner: "acme", name: "ops" }, {});
  await store.close();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = spawn(process.execPath, ["node_modules/probot/bin/probot.js", "run", "./src/app.ts"], {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      APP_ID: "4242",
      PRIVATE_KEY: testPrivateKey(),
      WEBHOOK_SECRET,
      // Nothing is there: GitHub is down.
      GITHUB_API_URL: `http://127.0.0.1:${await freePort()}`,
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_FORMAT: "json",
      SLACK_BOT_TOKEN: "xoxb-0123456789",
      SLACK_SIGNING_SECRET: SLACK_SECRET,
      ALERT_ENDPOINTS: "pagerduty/pages=acme/ops pagerduty-events/tools=acme/ops alertmanager/metrics=acme/ops",
      ALERT_SECRET_PAGES: SECRET,
      ALERT_SECRET_TOOLS: SECRET,
      ALERT_SECRET_METRICS: SECRET,
    },
  });
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await until("Probot listens", async () => output.includes("Listening on"), { limitMs: 90_000 });
});

afterAll(async () => {
  if (server.exitCode === null) {
    const ended = new Promise((done) => server.once("exit", done));
    server.kill("SIGTERM");
    await ended;
  }
  rmSync(dataDir, { recursive: true, force: true });
});

async function post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return await fetch(`${url}${path}`, { method: "POST", body, headers });
}

describe("Under `probot run`", () => {
  it("a signed alert is taken, and so is one with its routing key", async () => {
    const signed = JSON.stringify(pagerDutyWebhook("incident.triggered"));
    const signature = createHmac("sha256", SECRET).update(signed).digest("hex");
    const answers = [
      await post("/alerts/pagerduty/pages", signed, { "x-pagerduty-signature": `v1=${signature}` }),
      await post(
        "/alerts/pagerduty-events/tools",
        JSON.stringify({ ...pagerDutyEvent("trigger"), routing_key: SECRET }),
      ),
      await post("/alerts/pagerduty/pages", signed, { "x-pagerduty-signature": `v1=${"0".repeat(64)}` }),
      await post("/alerts/pagerduty-events/tools", "x".repeat(600_000)).catch(() => ({ status: 413 })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 401, 413]);
  });

  it("Slack is heard, and nobody who poses as it", async () => {
    const { body, timestamp, signature } = signedForm(buttonPress(ACKNOWLEDGE_PRESS), Date.now());
    const headers = { "content-type": "application/x-www-form-urlencoded", "x-slack-request-timestamp": timestamp };
    const forged = `v0=${"0".repeat(64)}`;
    expect((await post(INTERACTIONS_PATH, body, { ...headers, "x-slack-signature": signature })).status).toBe(200);
    expect((await post(INTERACTIONS_PATH, body, { ...headers, "x-slack-signature": forged })).status).toBe(401);
  });

  it("GitHub's webhooks and Probot's own pages still work", async () => {
    const body = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
    const headers = (signature: string) => ({
      "content-type": "application/json",
      "x-github-event": "ping",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-hub-signature-256": `sha256=${signature}`,
    });
    const signature = createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex");
    expect((await post("/api/github/webhooks", body, headers(signature))).status).toBe(200);
    expect((await post("/api/github/webhooks", body, headers("0".repeat(64)))).status).toBe(400);
    expect((await fetch(`${url}/ping`)).status).toBe(200);
    expect((await fetch(`${url}/nothing-is-here`)).status).toBe(404);
  });

  it("what would bring a secret into Probot's log is not offered, and the start says so", async () => {
    expect(output).toContain("not offered under Probot");
    expect(output).toContain('["/alerts/alertmanager/metrics"]');
    const headers = { authorization: `Bearer ${SECRET}` };
    const answer = await post("/alerts/alertmanager/metrics", JSON.stringify(alertmanagerGroup("firing")), headers);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain("sevgate start");
    // The reason: this is Probot's own line.
    await until("Probot has logged the request", async () => output.includes(SECRET));
  });
});
