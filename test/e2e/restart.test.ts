import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { until } from "../../demo/until.ts";
import { PLACE } from "../../demo/world.ts";
import { LiveSevgate } from "../support/live-sevgate.ts";

// Real processes: seconds each, more on a busy machine.
jest.setTimeout(240_000);

let live: LiveSevgate;

beforeAll(async () => {
  live = await LiveSevgate.begin();
});

afterAll(async () => {
  await live?.close();
});

/** Sevgate's part of an incident is there, and only once. */
async function expectDeclaredOnce(issue: number): Promise<void> {
  expect(await live.statusComments(issue)).toHaveLength(1);
  expect((await live.world.issue(issue)).body?.match(/\*\*Impact:\*\*/g)).toHaveLength(1);
  expect((await live.labels(issue)).filter((label) => label.startsWith("incident:"))).toEqual(["incident:declared"]);
}

/** Opens incidents and waits until something Sevgate did comes by as a webhook: then it is in the middle of a pass. */
async function openUntilSevgateDid(webhook: string, titles: readonly string[]): Promise<readonly number[]> {
  const before = live.github.webhooks.length;
  const issues = await Promise.all(titles.map((title) => live.open("bob", title, ["sev:P0"])));
  await until(webhook, async () =>
    live.github.webhooks.slice(before).some(({ name, body }) => {
      const { action, sender } = JSON.parse(body) as { action?: string; sender?: { login: string } };
      return sender?.login === live.world.appLogin && `${name}.${action}` === webhook;
    }),
  );
  return issues;
}

describe("a server that is stopped", () => {
  it("ends with exit code 0 in the middle of its work, and the next one finishes it", async () => {
    const issues = await openUntilSevgateDid("issues.edited", ["One", "Two", "Three", "Four"]);
    expect(await live.stop()).toBe(0);

    await live.start();
    // An incident whose delivery was not accepted is found by the sweep; the emulator does not keep deliveries.
    for (const issue of issues) {
      await until(`#${issue} is declared`, async () => (await live.labels(issue)).includes("incident:declared"));
    }
    await live.rest();
    for (const issue of issues) await expectDeclaredOnce(issue);
  });

  it("learns at its start what happened while it was down", async () => {
    let issue = 0;
    await live.cost(["issues.opened"], async () => {
      issue = await live.open("bob", "Checkout is down", ["sev:P0"]);
    });
    await live.stop();
    await live.say("alice", issue, "/ack");
    await live.world.as("bob").issues.update({ ...PLACE, issue_number: issue, state: "closed" });

    await live.start();
    await until("the issue is open again", async () => (await live.world.issue(issue)).state === "open");
    await live.rest();
    expect((await live.world.issue(issue)).assignees?.map((one) => one.login)).toEqual(["alice"]);
    expect(await live.world.replies(issue)).toHaveLength(1);
    expect(await live.labels(issue)).toEqual(["sev:P0", "incident:acknowledged"]);
  });
});

describe("a server that is killed", () => {
  it.each(["issues.edited", "issue_comment.created"])(
    "right after %s leaves nothing half done or done twice",
    async (webhook) => {
      const [issue = 0] = await openUntilSevgateDid(webhook, ["Checkout is down"]);
      await live.kill();

      await live.start();
      await until("the state label", async () => (await live.labels(issue)).includes("incident:declared"));
      await live.cost(["issue_comment.created"], () => live.say("alice", issue, "/ack"));
      expect(await live.statusComments(issue)).toHaveLength(1);
      expect((await live.world.issue(issue)).body?.match(/\*\*Impact:\*\*/g)).toHaveLength(1);
      expect(await live.labels(issue)).toEqual(["sev:P0", "incident:acknowledged"]);
      expect(await live.world.replies(issue)).toEqual([]);
    },
  );
});

describe("a server that has lost its data folder", () => {
  it("goes on as if nothing had happened", async () => {
    let issue = 0;
    await live.cost(["issues.opened"], async () => {
      issue = await live.open("bob", "Checkout is down", ["sev:P0"]);
    });
    await live.cost(["issue_comment.created"], () => live.say("alice", issue, "/ack"));
    await live.stop();
    live.loseData();

    await live.start();
    await live.cost(["issue_comment.created"], () => live.say("alice", issue, "/status still looking"));
    expect(await live.statusComments(issue)).toHaveLength(1);
    const status = await live.world.status(issue);
    expect(status).toMatch(/Responder\W+alice\b/);
    expect(status).toMatch(/\[Update\]\(\S+\) by alice: still looking/);
    expect(await live.world.replies(issue)).toEqual([]);
  });
});
