import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { pino } from "pino";
import { closeGate, fillPostMortem, openFix } from "../../demo/deeds.ts";
import { isPrepared, prepareRepository } from "../../demo/prepare-repository.ts";
import { until } from "../../demo/until.ts";
import { createWorld, type Login, PLACE, type World } from "../../demo/world.ts";
import type { Millis } from "../../src/core/model.ts";
import { createParts } from "../../src/run/create-parts.ts";
import { type RunningSevgate, runSevgate } from "../../src/run/run-sevgate.ts";
import { NO_PAGING } from "../../src/systems/read-paging-settings.ts";
import { type RunningEmulator, startEmulator } from "../../testkit/emulator.ts";
import { LiveSevgate } from "../support/live-sevgate.ts";
import { faultSeeds } from "./harness/seeds.ts";
import { type FaultProxy, startFaultProxy } from "./proxy.ts";

jest.setTimeout(600_000);

/** The limit is for the slowest machine and the longest backoff; nothing is measured by it. */
/** A refusal for a minute is waited for: looked for more often, the reader would use up its own 5,000 requests an hour. */
const PATIENT = { limitMs: 120_000, everyMs: 100 };
const SEEDS = 3;
const SHARE = 0.1;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Live {
  readonly world: World;
  readonly proxy: FaultProxy;
}

/** The real server with the real client in this process, the GitHub emulator, and the proxy in between. */
async function begin(seed: number): Promise<Live> {
  const github: RunningEmulator = await startEmulator();
  closing.push(() => github.close());
  const proxy = await startFaultProxy(github.url, seed);
  closing.push(() => proxy.close());
  const dataDir = mkdtempSync(join(tmpdir(), "sevgate-proxy-"));
  closing.push(async () => rmSync(dataDir, { recursive: true, force: true }));
  const log = pino({ level: "silent" });
  const server: RunningSevgate = await runSevgate(
    {
      appId: github.appId,
      privateKey: github.privateKey,
      webhookSecrets: [github.webhookSecret],
      port: 0,
      host: "127.0.0.1",
      githubApiUrl: proxy.url,
      databaseUrl: null,
      dataDir,
      logLevel: "silent",
      logFormat: "json",
      recordSecrets: [github.privateKey],
      alertEndpoints: [],
      calendarSecret: null,
      formerApps: [],
      sweepEvery: 2_000 as Millis,
      drainFor: 0 as Millis,
      onboarding: false,
      slack: null,
      paging: NO_PAGING,
    },
    createParts(log),
  );
  closing.push(() => server.stop());
  github.deliverTo(`${server.url}/api/github/webhooks`);
  const world = createWorld(github);
  await prepareRepository(world);
  await until("the repository is swept", () => isPrepared(world), PATIENT);
  return { world, proxy };
}

async function say(world: World, login: Login, number: number, body: string): Promise<void> {
  await world.as(login).issues.createComment({ ...PLACE, issue_number: number, body });
}

async function labels(world: World, number: number): Promise<readonly string[]> {
  const { labels } = await world.issue(number);
  return labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
}

async function statuses(world: World, number: number): Promise<number> {
  const comments = await world.comments(number);
  return comments.filter((comment) => comment.body?.includes("<!-- sevgate:status -->")).length;
}

describe("a network that cuts, delays and refuses one request in ten", () => {
  it.each(faultSeeds(SEEDS).map((seed) => ({ seed })))(
    "changes nothing about how an incident goes (FAULT_SEED=$seed)",
    async ({ seed }) => {
      const { world, proxy } = await begin(seed);
      proxy.fail(SHARE);
      const { number } = (
        await world.as("bob").issues.create({ ...PLACE, title: "Checkout is down", body: "Words.", labels: ["sev:P0"] })
      ).data;
      const has = (label: string) => async () => (await labels(world, number)).includes(label);
      await until("declared", has("incident:declared"), PATIENT);
      await say(world, "alice", number, "/ack");
      await until("acknowledged", has("incident:acknowledged"), PATIENT);
      await world
        .as("bob")
        .issues.update({ ...PLACE, issue_number: number, state: "closed", state_reason: "completed" });
      await until("explained", async () => (await world.replies(number)).length === 1, PATIENT);
      const { headSha } = await openFix(world, number);
      await until("held", async () => (await closeGate(world, headSha))?.conclusion === "failure", PATIENT);
      await say(world, "alice", number, "/postmortem");
      const postMortem = await until(
        "a post-mortem",
        async () => (await world.issues()).find((one) => one.title.startsWith("Post-mortem: "))?.number,
        PATIENT,
      );
      await until("linked", async () => (await world.status(number))?.includes(`#${postMortem}`), PATIENT);
      await fillPostMortem(world, postMortem);
      await say(world, "alice", number, "/resolve back to normal");
      await until("resolved", has("incident:resolved"), PATIENT);
      proxy.fail(0);
      await until("closed", async () => (await world.issue(number)).state === "closed", PATIENT);
      await until("green", async () => (await closeGate(world, headSha))?.conclusion === "success", PATIENT);
      await until("one status comment", async () => (await statuses(world, number)) === 1, PATIENT);
      await until(
        "one state label",
        async () => (await labels(world, number)).filter((one) => one.startsWith("incident:")).length === 1,
        PATIENT,
      );

      expect(await world.replies(number)).toHaveLength(1);
      expect((await world.issue(number)).body?.match(/\*\*Impact:\*\*/g)).toHaveLength(1);
      expect((await world.issues()).filter((one) => one.title.startsWith("Post-mortem: "))).toHaveLength(1);
      const faults = [...proxy.struck.values()].reduce((sum, count) => sum + count, 0);
      process.stdout.write(`proxy seed ${seed}: ${JSON.stringify(Object.fromEntries(proxy.struck))}\n`);
      expect(faults).toBeGreaterThan(3);
    },
  );
});

/** Each incident of the test takes eleven changes; nothing is waited for after the last of them. */
const KILLS = 10;

describe("a server killed by SIGKILL after its nth change on GitHub", () => {
  it(`leaves nothing half done or done twice, for the first ${KILLS} changes`, async () => {
    const live = await LiveSevgate.begin();
    closing.push(() => live.close());
    let kills = 0;
    for (let nth = 1; nth <= KILLS; nth += 1) {
      const before = live.github.webhooks.length;
      const changes = () =>
        live.github.webhooks.slice(before).filter(({ body }) => {
          const { sender } = JSON.parse(body) as { sender?: { login: string } };
          return sender?.login === live.world.appLogin;
        }).length;
      let killed = false;
      const sees = (what: string, look: () => Promise<boolean>) =>
        until(
          `${what} (killed after change ${nth})`,
          async () => {
            if (!killed && changes() >= nth) {
              killed = true;
              kills += 1;
              await live.kill();
              await live.start();
            }
            return await look();
          },
          PATIENT,
        );

      const issue = await live.open("bob", `Incident ${nth}`, ["sev:P0"]);
      await sees("declared", async () => (await live.labels(issue)).includes("incident:declared"));
      await live.say("alice", issue, "/ack");
      await sees("acknowledged", async () => (await live.labels(issue)).includes("incident:acknowledged"));
      await live.world.as("bob").issues.update({ ...PLACE, issue_number: issue, state: "closed" });
      await sees("explained", async () => (await live.world.replies(issue)).length === 1);
      await live.say("alice", issue, "/mitigate moved the traffic");
      await sees("mitigated", async () => {
        const states = (await live.labels(issue)).filter((label) => label.startsWith("incident:"));
        return states.join() === "incident:mitigated";
      });
      await live.rest();

      expect({ nth, killed }).toEqual({ nth, killed: true });
      expect((await live.world.issue(issue)).state).toBe("open");
      expect(await live.statusComments(issue)).toHaveLength(1);
      expect(await live.world.replies(issue)).toHaveLength(1);
      expect((await live.world.issue(issue)).body?.match(/\*\*Impact:\*\*/g)).toHaveLength(1);
      expect((await live.labels(issue)).filter((one) => one.startsWith("incident:"))).toEqual(["incident:mitigated"]);
    }
    expect(kills).toBe(KILLS);
  });
});
