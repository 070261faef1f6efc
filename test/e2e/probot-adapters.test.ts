import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { prepareRepository } from "../../demo/prepare-repository.ts";
import { until } from "../../demo/until.ts";
import { createWorld, PLACE, type World } from "../../demo/world.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import { type Gathered, gatherOutput } from "../support/gather-output.ts";

// Real processes.
jest.setTimeout(180_000);

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ADAPTER = "test/support/probot-adapter-process.ts";
const GENEROUS = { limitMs: 90_000 };

let github: RunningEmulator;
let world: World;
let folder: string;
let number: number;
let payload: string;
const ending: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  github = await startEmulator();
  world = createWorld(github);
  await prepareRepository(world);
  folder = mkdtempSync(join(tmpdir(), "sevgate-adapters-"));
  const { data: issue } = await world.as("bob").issues.create({ ...PLACE, title: "Outage", labels: ["sev:P0"] });
  number = issue.number;
  const { data: repository } = await world.as("maria").repos.get(PLACE);
  payload = JSON.stringify({
    action: "opened",
    installation: { id: github.installationId },
    repository,
    issue,
    sender: issue.user,
  });
  writeFileSync(join(folder, "payload.json"), payload);
});
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  await github.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs Node with Sevgate's settings. */
function run(args: readonly string[]): Gathered & { kill(): void } {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      APP_ID: String(github.appId),
      PRIVATE_KEY: Buffer.from(github.privateKey).toString("base64"),
      WEBHOOK_SECRET: github.webhookSecret,
      GITHUB_API_URL: github.url,
      DATA_DIR: join(folder, "data"),
      LOG_FORMAT: "json",
    },
  });
  const gathered = gatherOutput(child);
  ending.push(() => {
    child.kill("SIGKILL");
    return gathered.ended;
  });
  return { ...gathered, kill: () => child.kill("SIGTERM") };
}

describe("Without a server", () => {
  it("`probot receive` does all that an event leads to, and ends", async () => {
    const file = join(folder, "payload.json");
    const probot = run(["node_modules/probot/bin/probot.js", "receive", "-e", "issues", "-p", file, "./src/app.ts"]);
    expect([await probot.ended, probot.output()]).toEqual([0, expect.any(String)]);
    expect(await world.status(number)).toContain("P0");
  });

  it("a function does all that an event leads to before it answers, and leaves nothing running", async () => {
    const file = join(folder, "payload.json");
    const once = run([ADAPTER, "function", "issues", file]);
    expect([await once.ended, once.output()]).toEqual([0, expect.stringMatching(/done\n$/)]);
    expect(await world.status(number)).toContain("P0");
    await world.as("alice").issues.createComment({ ...PLACE, issue_number: number, body: "/ack" });
    expect(await run([ADAPTER, "function", "issues", file]).ended).toBe(0);
    expect(await world.status(number)).toContain("alice");
  });
});

describe("In a server of somebody else's", () => {
  it("the middleware takes GitHub's deliveries, and leaves all other addresses to it", async () => {
    const server = run([ADAPTER, "middleware"]);
    const port = await until("it listens", async () => /^port (\d+)$/m.exec(server.output())?.[1], GENEROUS);
    const url = `http://127.0.0.1:${port}`;
    const signature = createHmac("sha256", github.webhookSecret).update(payload).digest("hex");
    const answer = await fetch(`${url}/api/github/webhooks`, {
      method: "POST",
      body: payload,
      headers: {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": `sha256=${signature}`,
      },
    });
    expect(answer.status).toBe(200);
    expect(await (await fetch(`${url}/theirs`)).text()).toBe("not ours");
    await until("it is an incident", async () => await world.status(number), GENEROUS);
    server.kill();
    expect(await server.ended).toBe(0);
  });
});
