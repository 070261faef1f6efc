import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { CHECK, fillPostMortem, merge, openFix, say } from "../../demo/deeds.ts";
import { until } from "../../demo/until.ts";
import { createWorld, FULL_NAME, PLACE, type World } from "../../demo/world.ts";
import { systemClock } from "../../src/base/clock.ts";
import { createPlainApp } from "../../src/systems/github/create-plain-asker.ts";
import { type RelayedWebhook, type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import type { FakeEvent } from "../../testkit/fake-github/events.ts";
import { forwardRequest, readBody, readdressed } from "../../testkit/forward-request.ts";
import { type Listening, listenOnLoopback } from "../../testkit/listen-on-loopback.ts";
import { ActionProcesses, releaseInto } from "../support/action-process.ts";
import { POLICY } from "../support/action-runs.ts";

// A build and many processes, on a busy machine.
jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "sevgate-action-emulator-"));
let github: RunningEmulator;
let front: Listening;
let world: World;
let processes: ActionProcesses;
/** How many of the webhooks have started their run. */
let heard = 0;

beforeAll(async () => {
  await releaseInto(folder);
  github = await startEmulator();
  world = createWorld(github);
  const content = Buffer.from(POLICY).toString("base64");
  const path = ".github/sevgate.yml";
  await world.as("maria").repos.createOrUpdateFileContents({ ...PLACE, path, content, message: "The action runs it" });
  const { data: repository } = await world.as("maria").repos.get(PLACE);
  front = await startFront(github);
  const { appId, privateKey } = github;
  const app = createPlainApp({ appId, privateKey, apiUrl: github.url, clock: systemClock });
  processes = new ActionProcesses(
    folder,
    "sevgate.yml",
    { id: Number(repository.id), fullName: FULL_NAME },
    {
      INPUT_TOKEN: await app.installationToken(github.installationId),
      // It has no GraphQL.
      "INPUT_APP-SLUG": github.slug,
      GITHUB_API_URL: front.url,
    },
  );
  heard = github.webhooks.length;
});

afterAll(async () => {
  await front.close();
  await github.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The emulator, with what it has not: "Get an app". */
async function startFront({ url, appId, slug }: RunningEmulator): Promise<Listening> {
  let ownUrl = "";
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (request.url === `/apps/${slug}`) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id: appId, slug }));
      return;
    }
    const answer = await forwardRequest(request, url, body);
    const readable = readdressed(answer, url, ownUrl);
    response.writeHead(answer.status, readable.headers).end(readable.body);
  }
  const listening = await listenOnLoopback(createServer((request, response) => void pass(request, response)));
  ownUrl = listening.url;
  return listening;
}

/** What people do, and the runs that the workflow has for the events of it. */
async function runsOf<T>(act: Promise<T>): Promise<T> {
  const done = await act;
  await until("its webhook", async () =>
    github.webhooks.slice(heard).some((webhook) => isBySomebody(eventOf(webhook))),
  );
  for (; heard < github.webhooks.length; heard += 1) await processes.hear(eventOf(github.webhooks[heard]!));
  return done;
}

function eventOf({ name, body }: RelayedWebhook): FakeEvent {
  return { name, payload: JSON.parse(body) as FakeEvent["payload"] };
}

function isBySomebody({ payload }: FakeEvent): boolean {
  const { sender } = payload as { readonly sender?: { readonly login?: string } };
  return sender?.login !== world.appLogin;
}

describe("the bundle of the action on the emulator", () => {
  it("leads an incident from its label to its end, with its check and its action items", async () => {
    await processes.start("schedule", { schedule: "4,14 * * * *" });
    const create = { ...PLACE, title: "Checkout is down", body: "Since nine.", labels: ["sev:P0"] };
    const { data: issue } = await runsOf(world.as("bob").issues.create(create));
    const { number } = issue;
    expect(await world.status(number)).toContain("nobody has acknowledged");
    await runsOf(say(world, "alice", number, "/ack"));
    expect(await world.status(number)).toContain("alice has it");
    await runsOf(say(world, "mallory", number, "/resolve"));
    expect((await world.issue(number)).state).toBe("open");
    await runsOf(world.as("bob").issues.update({ ...PLACE, issue_number: number, state: "closed" }));
    expect((await world.issue(number)).state).toBe("open");
    const fix = await runsOf(openFix(world, number));
    const conclusion = async () => (await world.checks(fix.headSha)).find(({ name }) => name === CHECK)?.conclusion;
    expect(await conclusion()).toBe("failure");
    await runsOf(say(world, "alice", number, "/postmortem"));
    const postMortem = (await world.issues()).find(({ title }) => title.startsWith("Post-mortem"));
    await runsOf(fillPostMortem(world, postMortem?.number ?? 0));
    expect(await conclusion()).toBe("success");
    await runsOf(say(world, "alice", number, "/resolve payments are back"));
    expect(await world.issue(number)).toMatchObject({ state: "closed", state_reason: "completed" });
    await runsOf(merge(world, fix.number));
    await runsOf(say(world, "alice", number, "/items"));
    expect((await world.issues()).filter(({ labels }) => JSON.stringify(labels).includes("action-item"))).toHaveLength(
      3,
    );
    const own = (await world.comments(number)).filter(({ body }) => body?.includes("<!-- sevgate:status -->"));
    expect(own).toHaveLength(1);
  });

  it("is green in every run", () => {
    expect(processes.ended.filter(({ code }) => code !== 0)).toEqual([]);
    expect(processes.ended.length).toBeGreaterThan(10);
  });
});
