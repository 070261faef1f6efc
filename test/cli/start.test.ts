import { spawn } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { withValues } from "../../src/cli/setup.ts";
import { keyId } from "../../src/core/key.ts";
import type { Key } from "../../src/core/model.ts";
import { errorForLog } from "../../src/run/create-log.ts";
import { runSevgate, type SevgateParts } from "../../src/run/run-sevgate.ts";
import { type Environment, readSettings, type Settings } from "../../src/run/settings.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { NO_PAGING } from "../../src/systems/read-paging-settings.ts";
import { createLogLines } from "../support/log-lines.ts";
import { createOwnAuthority } from "../support/own-authority.ts";

// A real server takes seconds to start, on a busy machine.
jest.setTimeout(60_000);

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const PKCS8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const SECRET = "0123456789abcdef0123456789abcdef";
const RECORD_KEY = "r".repeat(32);

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const GOOD: Environment = { APP_ID: "42", PRIVATE_KEY: PEM, WEBHOOK_SECRET: SECRET };

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sevgate-start-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A server that answers as the table of routes says. */
async function startServer(answer: (route: string) => { readonly status: number; readonly body: unknown }): Promise<{
  readonly url: string;
  readonly asked: string[];
}> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`;
    asked.push(route);
    const { status, body } = answer(route);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function read(change: Environment, isTerminal = false): ReturnType<typeof readSettings> {
  return readSettings({ ...GOOD, ...change }, { read: (path) => readFileSync(path, "utf8"), isTerminal });
}
function settings(change: Environment = {}): Settings {
  const result = read(change);
  if (result.kind === "problems") throw new Error(result.problems.map((problem) => problem.message).join("\n"));
  return result.settings;
}

describe("settings", () => {
  it("need three values, and have a default for everything else", () => {
    expect(settings()).toEqual({
      appId: 42,
      privateKey: PKCS8,
      webhookSecrets: [SECRET],
      port: 3000,
      host: "0.0.0.0",
      githubApiUrl: "https://api.github.com",
      databaseUrl: null,
      dataDir: "./data",
      logLevel: "info",
      logFormat: "json",
      recordSecrets: [PKCS8],
      formerApps: [],
      sweepEvery: 300_000,
      onboarding: true,
      drainFor: 3_000,
      slack: null,
      paging: NO_PAGING,
      alertEndpoints: [],
      calendarSecret: null,
    });
  });

  it("name the ways in for alerts in one line, each with a secret of its own", () => {
    const secret = "s".repeat(32);
    const previous = "p".repeat(32);
    const { alertEndpoints } = settings({
      ALERT_ENDPOINTS: "better-stack/prod=acme/ops, alertmanager/eu-1=acme/shop.js",
      ALERT_SECRET_PROD: secret,
      ALERT_SECRET_EU_1: secret,
      ALERT_SECRET_EU_1_PREVIOUS: previous,
    });
    expect(alertEndpoints).toEqual([
      { source: "better-stack", name: "prod", repository: "acme/ops", secrets: [secret] },
      { source: "alertmanager", name: "eu-1", repository: "acme/shop.js", secrets: [secret, previous] },
    ]);
  });

  it.each<readonly [string, string]>([
    ["as it is", PEM],
    ["with \\n for line breaks", PEM.replaceAll("\n", "\\n")],
    ["with line breaks of Windows", PEM.replaceAll("\n", "\r\n")],
    ["in base64", Buffer.from(PEM).toString("base64")],
    ["in the other format", PKCS8],
    ["in the quotes that a container's --env-file hands over", `"${PEM.trim().replaceAll("\n", "\\n")}"`],
  ])("take the private key %s, and always see the same key", (_name, given) => {
    expect(settings({ PRIVATE_KEY: given }).privateKey).toBe(PKCS8);
  });

  it("take the private key from a file", () => {
    const path = join(folder, "key.pem");
    writeFileSync(path, PEM);
    expect(settings({ PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: path }).privateKey).toBe(PKCS8);
  });

  it.each<readonly [Environment, Partial<Settings>]>([
    [{ WEBHOOK_SECRET_PREVIOUS: "p".repeat(20) }, { webhookSecrets: [SECRET, "p".repeat(20)] }],
    [{ GITHUB_API_URL: "https://ghe.example.com/api/v3/" }, { githubApiUrl: "https://ghe.example.com/api/v3" }],
    [{ GITHUB_API_URL: "http://127.0.0.1:4001" }, { githubApiUrl: "http://127.0.0.1:4001" }],
    [{ DATABASE_URL: "postgres://u:p@db/x" }, { databaseUrl: "postgres://u:p@db/x" }],
    [
      { PORT: "0", HOST: "::1", DATA_DIR: "/srv/x" },
      { port: 0, host: "::1", dataDir: "/srv/x" },
    ],
    [
      { LOG_LEVEL: "debug", LOG_FORMAT: "pretty" },
      { logLevel: "debug", logFormat: "pretty" },
    ],
    [{ ONBOARDING: "off" }, { onboarding: false }],
    [{ DRAIN_FOR: "0s" }, { drainFor: 0 as Settings["drainFor"] }],
    [{ SWEEP_EVERY: "90s" }, { sweepEvery: 90_000 as Settings["sweepEvery"] }],
    [
      { PORT: "", DATABASE_URL: " ", RECORD_KEY: "" },
      { port: 3000, databaseUrl: null, recordSecrets: [PKCS8] },
    ],
    [{}, { slack: null }],
    [
      {
        SLACK_BOT_TOKEN: "xoxb-1-2-abc",
        SLACK_SIGNING_SECRET: "5".repeat(32),
        SLACK_CHANNELS: "#alert, C0123456789=acme/*",
      },
      {
        slack: {
          token: "xoxb-1-2-abc",
          signingSecret: "5".repeat(32),
          apiUrl: "https://slack.com/api",
          channels: [
            { channel: "alert", repositories: null },
            { channel: "C0123456789", repositories: "acme/*" },
          ],
        },
      },
    ],
    [
      { SLACK_BOT_TOKEN: "xoxb-1-2-abc" },
      { slack: { token: "xoxb-1-2-abc", signingSecret: null, apiUrl: "https://slack.com/api", channels: [] } },
    ],
    // Records signed before RECORD_KEY was set still verify.
    [
      { RECORD_KEY, RECORD_KEY_PREVIOUS: `${"s".repeat(32)}, ${"t".repeat(32)}` },
      { recordSecrets: [RECORD_KEY, "s".repeat(32), "t".repeat(32), PKCS8] },
    ],
    [
      { APP_ID_PREVIOUS: "15368, 12345:Sevgate-acme, 7" },
      {
        formerApps: [
          { appId: 15_368, botLogin: "github-actions[bot]" },
          { appId: 12_345, botLogin: "sevgate-acme[bot]" },
          { appId: 7, botLogin: null },
        ],
      },
    ],
    [{ APP_ID_PREVIOUS: " " }, { formerApps: [] }],
  ])("take %j", (change, expected) => {
    expect(settings(change)).toMatchObject(expected);
  });

  it("are pretty in a terminal unless told otherwise", () => {
    expect(read({}, true)).toMatchObject({ settings: { logFormat: "pretty" } });
    expect(read({ LOG_FORMAT: "json" }, true)).toMatchObject({ settings: { logFormat: "json" } });
  });

  it.each<readonly [string, Environment, string, RegExp]>([
    ["no app id", { APP_ID: undefined }, "APP_ID", /missing.+sevgate setup/],
    ["an app id that is no number", { APP_ID: "my-app" }, "APP_ID", /is a number/],
    ["no private key", { PRIVATE_KEY: undefined }, "PRIVATE_KEY", /missing.+PRIVATE_KEY_PATH/],
    ["a private key that is none", { PRIVATE_KEY: "hunter2hunter2" }, "PRIVATE_KEY", /RSA private key/],
    [
      "a key file that is not there",
      { PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: "/nowhere/key.pem" },
      "PRIVATE_KEY_PATH",
      /ENOENT/,
    ],
    [
      "authorities that are not there",
      { NODE_EXTRA_CA_CERTS: "/nowhere/ca.pem" },
      "NODE_EXTRA_CA_CERTS",
      /cannot be read \(ENOENT\): \/nowhere\/ca\.pem/,
    ],
    ["no webhook secret", { WEBHOOK_SECRET: undefined }, "WEBHOOK_SECRET", /missing.+openssl rand/],
    ["an empty webhook secret", { WEBHOOK_SECRET: "" }, "WEBHOOK_SECRET", /missing/],
    ["the secret everybody knows", { WEBHOOK_SECRET: "development" }, "WEBHOOK_SECRET", /everybody knows/],
    ["a short webhook secret", { WEBHOOK_SECRET: "hunter2hunter2hunt" }, "WEBHOOK_SECRET", /shorter than 20/],
    ["a short previous secret", { WEBHOOK_SECRET_PREVIOUS: "hunter2" }, "WEBHOOK_SECRET_PREVIOUS", /shorter than 20/],
    ["a port out of range", { PORT: "65536" }, "PORT", /0 to 65535/],
    ["a port in words", { PORT: "http" }, "PORT", /0 to 65535/],
    ["GitHub without encryption", { GITHUB_API_URL: "http://ghe.example.com" }, "GITHUB_API_URL", /https/],
    ["GitHub at no address", { GITHUB_API_URL: "api.github.com" }, "GITHUB_API_URL", /address/],
    ["another kind of database", { DATABASE_URL: "mysql://u:hunter2@db/x" }, "DATABASE_URL", /postgres:/],
    ["an unknown log level", { LOG_LEVEL: "loud" }, "LOG_LEVEL", /one of trace/],
    ["an unknown log format", { LOG_FORMAT: "xml" }, "LOG_FORMAT", /json or pretty/],
    ["onboarding that is neither on nor off", { ONBOARDING: "no" }, "ONBOARDING", /is on or off/],
    ["a drain without a unit", { DRAIN_FOR: "5" }, "DRAIN_FOR", /e\.g\. 3s/],
    ["a sweep without a unit", { SWEEP_EVERY: "5" }, "SWEEP_EVERY", /e\.g\. 5m/],
    ["another token of Slack", { SLACK_BOT_TOKEN: "xapp-hunter2" }, "SLACK_BOT_TOKEN", /begins with xoxb-/],
    ["half of Slack", { SLACK_SIGNING_SECRET: "5".repeat(32) }, "SLACK_BOT_TOKEN", /Set both/],
    ["Slack without encryption", { SLACK_API_URL: "http://slack.com/api" }, "SLACK_API_URL", /https/],
    ["a channel that is none", { SLACK_CHANNELS: "alert=hunter2" }, "SLACK_CHANNELS", /alert, ops=acme/],
    ["a short record key", { RECORD_KEY: "hunter2" }, "RECORD_KEY", /shorter than 32/],
    [
      "an endpoint of an unknown source",
      { ALERT_ENDPOINTS: "betterstack/prod=acme/ops", ALERT_SECRET_PROD: "x".repeat(32) },
      "ALERT_ENDPOINTS",
      /Did you mean better-stack\?/,
    ],
    ["an endpoint that is none", { ALERT_ENDPOINTS: "prod" }, "ALERT_ENDPOINTS", /Write better-stack\/prod=acme\/ops/],
    [
      "two endpoints of one name",
      { ALERT_ENDPOINTS: "grafana/a-b=acme/ops pagerduty/a-b=acme/ops", ALERT_SECRET_A_B: "x".repeat(32) },
      "ALERT_ENDPOINTS",
      /two endpoints named a-b/,
    ],
    ["an endpoint without a secret", { ALERT_ENDPOINTS: "grafana/a=acme/ops" }, "ALERT_SECRET_A", /openssl rand/],
    [
      "a short secret of an endpoint",
      { ALERT_ENDPOINTS: "grafana/a=acme/ops", ALERT_SECRET_A: "hunter2" },
      "ALERT_SECRET_A",
      /shorter than 32/,
    ],
    [
      "a secret of no endpoint",
      { ALERT_SECRET_PORD: "hunter2".repeat(6) },
      "ALERT_SECRET_PORD",
      /belongs to no endpoint/,
    ],
    ["former apps that are none", { APP_ID_PREVIOUS: "hunter2" }, "APP_ID_PREVIOUS", /12345:sevgate-acme, 15368/],
    ["a former app without its id", { APP_ID_PREVIOUS: "7, :hunter2" }, "APP_ID_PREVIOUS", /list of app ids/],
    [
      "too many former apps",
      { APP_ID_PREVIOUS: Array.from({ length: 11 }, (_, at) => at + 1).join() },
      "APP_ID_PREVIOUS",
      /at most 10/,
    ],
    ["only a previous record key", { RECORD_KEY_PREVIOUS: RECORD_KEY }, "RECORD_KEY_PREVIOUS", /RECORD_KEY beside/],
  ])("refuse %s with a remedy, and never show the value", (_name, change, name, message) => {
    const result = read(change);
    expect(result).toEqual({ kind: "problems", problems: [{ name, message: expect.stringMatching(message) }] });
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });
});

describe("sevgate start", () => {
  /** Runs the real program in an empty folder. */
  function run(env: Environment): {
    readonly ended: Promise<{
      readonly code: number | null;
      readonly errors: readonly string[];
      readonly output: string;
    }>;
    until(text: string): Promise<string>;
    kill(signal: NodeJS.Signals): void;
  } {
    const child = spawn(process.execPath, [MAIN, "start"], {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
        ...env,
      } as NodeJS.ProcessEnv,
    });
    let output = "";
    let errors = "";
    const watchers: (() => void)[] = [];
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
      for (const watch of watchers) watch();
    });
    child.stderr.on("data", (chunk) => {
      errors += String(chunk);
    });
    const ended = new Promise<number | null>((done) => child.once("close", done)).then((code) => ({
      code,
      errors: errors.split("\n").filter((line) => line !== ""),
      output,
    }));
    return {
      ended,
      until: (text) =>
        new Promise((done, fail) => {
          const watch = () => output.includes(text) && done(output);
          watchers.push(watch);
          watch();
          ended.then((end) => fail(new Error(`ended early: ${JSON.stringify(end)}`)));
        }),
      kill: (signal) => child.kill(signal),
    };
  }

  it("names every missing setting in a line of its own, and ends with 1", async () => {
    const { code, errors, output } = await run({ WEBHOOK_SECRET: "development", PORT: "x" }).ended;
    expect(code).toBe(1);
    expect(output).toBe("");
    expect(errors.map((line) => /^sevgate: (\w+) /.exec(line)?.[1])).toEqual([
      "APP_ID",
      "PRIVATE_KEY",
      "WEBHOOK_SECRET",
      "PORT",
    ]);
  });

  it("says in one line that GitHub refuses the credentials, ends with 1, and leaves the folder free", async () => {
    const github = await startServer(() => ({
      status: 401,
      body: { message: "A JSON web token could not be decoded" },
    }));
    const env = { ...GOOD, GITHUB_API_URL: github.url, PORT: "0", LOG_LEVEL: "silent" };
    const { code, errors } = await run(env).ended;
    expect(code).toBe(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^sevgate: .*(?:APP_ID|credentials|PRIVATE_KEY)/);
  });

  it.each([
    ["in .env", true],
    ["nowhere", false],
  ])("with an authority of one's own named %s: knows GitHub's certificate: %p", async (_where, isNamed) => {
    const authority = createOwnAuthority();
    const github = createSecureServer(
      { cert: readFileSync(authority.certificate), key: readFileSync(authority.key) },
      (request, response) => {
        const known = request.url === "/app" ? { id: 42, slug: "sevgate", name: "Sevgate" } : [];
        response.writeHead(200, { "content-type": "application/json", connection: "close" }).end(JSON.stringify(known));
      },
    );
    await new Promise<void>((done) => github.listen(0, "localhost", done));
    const apiUrl = `https://localhost:${(github.address() as AddressInfo).port}`;
    const named = isNamed ? { NODE_EXTRA_CA_CERTS: authority.ca } : {};
    const dotEnv = { APP_ID: "42", PRIVATE_KEY: Buffer.from(PEM).toString("base64"), WEBHOOK_SECRET: SECRET, ...named };
    writeFileSync(join(folder, ".env"), withValues("", dotEnv));
    const sevgate = run({ GITHUB_API_URL: apiUrl, PORT: "0", HOST: "127.0.0.1", DRAIN_FOR: "0s", LOG_FORMAT: "json" });
    const output = await sevgate.until("Sevgate listens on");
    sevgate.kill("SIGTERM");
    await sevgate.ended;
    await new Promise((done) => github.close(done));
    authority.remove();
    if (isNamed) expect(output).toContain("GitHub knows the app");
    else expect(output).toMatch(/does not know the authority of its certificate: set NODE_EXTRA_CA_CERTS/);
  });

  it("says in one line that the database server is not there", async () => {
    const { code, errors } = await run({
      ...GOOD,
      DATABASE_URL: "postgres://u:hunter2hunter2@127.0.0.1:1/x",
      LOG_LEVEL: "silent",
    }).ended;
    expect(code).toBe(1);
    expect(errors).toEqual([
      expect.stringMatching(/^sevgate: PostgreSQL does not answer \(ECONNREFUSED\).+DATABASE_URL/),
    ]);
    expect(errors[0]).not.toContain("hunter2");
  });

  it("reads .env but lets the environment win, says where it listens, queues a delivery, and ends with 0 on SIGTERM", async () => {
    const github = await startServer((route) =>
      route === "GET /app"
        ? { status: 200, body: { id: 42, slug: "sevgate", name: "Sevgate" } }
        : route.startsWith("GET /app/installations") || route.startsWith("GET /app/hook/deliveries")
          ? { status: 200, body: [] }
          : { status: 404, body: {} },
    );
    const key = Buffer.from(PEM).toString("base64");
    const dotEnv = { APP_ID: "42", PRIVATE_KEY: key, WEBHOOK_SECRET: SECRET, GITHUB_API_URL: github.url, PORT: "1" };
    writeFileSync(join(folder, ".env"), withValues("", dotEnv));
    const sevgate = run({ PORT: "0", HOST: "127.0.0.1", DRAIN_FOR: "0s" });
    const url = /Sevgate listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(await sevgate.until("Sevgate listens on"))?.[1];
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const body = JSON.stringify({
      action: "created",
      installation: { id: 1 },
      repositories: [{ id: 5, full_name: "a/b" }],
    });
    const answer = await fetch(`${url}/api/github/webhooks`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "installation",
        "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
      },
    });
    expect(answer.status).toBe(202);
    const second = run({ PORT: "0", HOST: "127.0.0.1" });
    const refused = await second.ended;
    expect(refused.code).toBe(1);
    expect(refused.errors).toEqual([
      expect.stringMatching(/^sevgate: The data folder .+ is in use by process \d+ on /),
    ]);
    sevgate.kill("SIGTERM");
    const { code, output } = await sevgate.ended;
    expect(code).toBe(0);
    const [first = ""] = output.split("\n");
    expect(JSON.parse(first)).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      msg: expect.stringMatching(/^Sevgate \d+\.\d+\.\d+\S* starts$/),
    });
    expect(output).toContain("Sevgate has stopped");
    expect(output).not.toContain(SECRET);
    expect(output).not.toContain("PRIVATE KEY");
  });
});

describe("the running server", () => {
  /** Sevgate with a GitHub that says what the test wants. */
  async function start(app: Partial<GitHub["app"]>, pass: (key: Key) => void = () => {}, env: Environment = {}) {
    const { log, lines } = createLogLines();
    const github = {
      app: {
        identity: async () => ({ appId: 42, botLogin: "sevgate[bot]", slug: "sevgate" }),
        installations: async () => [],
        repositories: async () => [],
        requestLimit: async () => null,
        deliveries: async () => "unsupported",
        redeliver: async () => {},
        ...app,
      },
      forget: () => {},
    } as unknown as GitHub;
    const parts: SevgateParts = {
      log,
      createGitHub: () => github,
      createSlack: () => {
        throw new Error("Slack is not set up");
      },
      createPass: () => async (key) => {
        pass(key);
        return { checkAgainIn: null, alsoLookAt: [] };
      },
    };
    const running = await runSevgate(
      settings({ PORT: "0", HOST: "127.0.0.1", DATA_DIR: folder, DRAIN_FOR: "0s", ...env }),
      parts,
    );
    return { running, lines };
  }

  it("sweeps at the start: what happened while it was off is looked at", async () => {
    const repository = { installationId: 9, id: 70, owner: "acme", name: "shop" };
    let seen: (id: string) => void = () => {};
    const swept = new Promise<string>((done) => {
      seen = done;
    });
    const { running } = await start(
      {
        installations: async () => [{ id: 9, account: "acme", suspended: false }],
        repositories: async () => [repository],
      },
      (key) => seen(keyId(key)),
    );
    expect(await swept).toBe("repository:70");
    await running.stop();
  });

  it("takes deliveries while GitHub does not answer, and is ready once it does", async () => {
    let asked = 0;
    const { running, lines } = await start({
      identity: async () => {
        asked += 1;
        if (asked === 1) throw new TransientError("GitHub is down");
        return { appId: 42, botLogin: "sevgate[bot]", slug: "sevgate" };
      },
    });
    const early = await fetch(`${running.url}/readyz`);
    expect(early.status).toBe(503);
    while ((await fetch(`${running.url}/readyz`)).status !== 200) await new Promise((done) => setTimeout(done, 20));
    expect(lines).toContainEqual(expect.objectContaining({ level: 40, reason: "GitHub is down" }));
    await running.stop();
  });

  it("says that it is not ready before its port closes, and takes what comes in between", async () => {
    const { running } = await start({}, () => {}, { DRAIN_FOR: "2s" });
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    let stopped = false;
    const stopping = running.stop().then(() => {
      stopped = true;
    });
    const told = await fetch(`${running.url}/readyz`);
    expect([told.status, await told.text()]).toEqual([503, expect.stringContaining("stops")]);
    expect(told.headers.get("connection")).toBe("close");
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    const body = JSON.stringify({ zen: "Keep it logically awesome." });
    const delivery = await fetch(`${running.url}/api/github/webhooks`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "ping",
        "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
      },
    });
    expect(delivery.status).toBe(202);
    expect(stopped).toBe(false);
    await stopping;
    await expect(fetch(`${running.url}/readyz`)).rejects.toThrow("fetch failed");
  });

  it("starts nothing when GitHub refuses the credentials, so that the next start may have the folder", async () => {
    const refused = start({
      identity: () =>
        Promise.reject(new TerminalError("GitHub does not accept APP_ID and PRIVATE_KEY.", { status: 401 })),
    });
    await expect(refused).rejects.toThrow("GitHub does not accept");
    const { running } = await start({});
    await running.stop();
  });
});

describe("the log", () => {
  it("keeps nothing that a library hung onto its error", () => {
    const error = Object.assign(
      new Error("refused", { cause: Object.assign(new Error("why"), { config: "hunter2" }) }),
      {
        code: "E401",
        request: { headers: { authorization: "hunter2" } },
      },
    );
    const line = JSON.stringify(errorForLog(error));
    expect(line).toContain("refused");
    expect(line).toContain("why");
    expect(line).toContain("E401");
    expect(line).not.toContain("hunter2");
  });
});
