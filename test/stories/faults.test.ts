import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { render } from "../../src/core/render/liquid.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { doubleDeath, everyDeath, expectSameEnding, playToTheEnd } from "../faults/harness/crash-runs.ts";
import { outcome } from "../faults/harness/ending.ts";
import { holdBack } from "../faults/harness/histories.ts";
import { FAULTS } from "../faults/harness/injector.ts";
import { expectInvariants } from "../faults/harness/oracle.ts";
import { fillPostMortem, SCENARIOS } from "../faults/harness/scenarios.ts";
import { faultSeeds } from "../faults/harness/seeds.ts";
import { World } from "../faults/harness/world.ts";

// The whole of it: `npm run test:faults`.
jest.setTimeout(240_000);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

afterEach(() => {
  jest.restoreAllMocks();
});

describe("a process that dies", () => {
  it.each(SCENARIOS)(
    "here and there, with its database or without, changes nothing about how $name ends",
    async (scenario) => {
      const golden = await playToTheEnd(scenario, {});
      const deaths = everyDeath(golden.mutations);
      const random = seededRandom(golden.mutations);
      for (const database of ["kept", "lost"] as const) {
        const death = deaths[Math.floor(random() * deaths.length)]!;
        await expectSameEnding(scenario, golden, { deaths: [death], database });
      }
    },
  );

  it("and dies again while it recovers, changes nothing either", async () => {
    const scenario = SCENARIOS[6]!;
    const golden = await playToTheEnd(scenario, {});
    for (const seed of faultSeeds(4)) {
      await expectSameEnding(scenario, golden, { deaths: doubleDeath(golden.mutations, seed), seed });
    }
  });

  it("and has lost its database since an incident was closed too early, still reopens it", async () => {
    const world = await World.begin();
    world.github.as("bob").openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(MINUTE_MS);
    world.post = () => [];
    world.github.features.deliveries = false;
    world.sweeps = false;
    world.github.as("bob").close(1);
    world.clock.advance(3 * HOUR_MS);
    await world.restart("lost");
    await world.advance(MINUTE_MS);
    expect(world.github.issue(1).state).toBe("open");
    await expectInvariants(world);
  });
});

describe("a runbook that is reverted", () => {
  it("reopens the incident also when no webhook told of the revert", async () => {
    const world = await World.begin();
    const alice = world.github.as("alice");
    const files = { "runbooks/checkout.md": "# Checkout" };
    world.github.as("bob").openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    alice.openPullRequest({ title: "Runbook", body: "LearnedInLook from #1", files });
    alice.merge(2);
    await world.advance(MINUTE_MS);
    world.github.as("bob").close(1);
    await world.advance(MINUTE_MS);
    expect(world.github.issue(1).state).toBe("closed");

    world.github.features.deliveries = false;
    const missed = holdBack(world);
    alice.openPullRequest({
      title: 'Revert "Runbook"',
      body: "Reverts acme/ops#2",
      files: { "runbooks/checkout.md": null },
    });
    alice.merge(3);
    await world.advance(6 * MINUTE_MS);
    expect(missed.length).toBeGreaterThan(0);
    expect(world.github.issue(1).state).toBe("open");
    await expectInvariants(world);
  });
});

describe("GitHub that fails", () => {
  it.each(FAULTS.map((fault) => ({ fault })))(
    "by $fault, at one call in ten, is made up for when it works again",
    async ({ fault }) => {
      async function life(faulty: boolean): Promise<World> {
        const world = await World.begin({ seed: 7 });
        if (faulty) world.injector.arm({ fault, chance: 0.1 });
        world.github.as("bob").openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
        await world.advance(2 * HOUR_MS);
        world.github.as("alice").comment(1, "/ack\n/postmortem");
        await world.advance(2 * HOUR_MS);
        await world.heal();
        fillPostMortem(world);
        await world.heal();
        return world;
      }
      const world = await life(true);
      expect(world.injector.struck.get(fault) ?? 0).toBeGreaterThan(0);
      expect(outcome(world)).toEqual(outcome(await life(false)));
      await expectInvariants(world);
    },
  );
});

describe("a machine so busy that a template takes seconds", () => {
  it("still tells of the incident, in the built-in words", () => {
    let now = 0;
    jest.spyOn(performance, "now").mockImplementation(() => {
      now += 10_000;
      return now;
    });
    expect(render(["{% for a in all %}{{ a }}{% endfor %}"], { all: [1, 2, 3] })).toBe("123");
  });
});

describe("a reply said again by a pass that could not see the first one", () => {
  it("is there once in the end, and the first one stays", async () => {
    const world = await World.begin();
    world.github.as("bob").openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(MINUTE_MS);
    world.github.as("bob").comment(1, "/waive it is nothing");
    await world.advance(MINUTE_MS);
    const replies = () => world.github.comments(1).filter((comment) => comment.body.includes("<!-- sevgate:reply-"));
    const [first] = replies();
    world.github.act.comment(world.repository, world.github.botLogin, 1, first!.body);
    await world.heal();
    expect(replies().map((reply) => reply.id)).toEqual([first!.id]);
    await expectInvariants(world);
  });
});

describe("a command found an hour late", () => {
  it("is obeyed, also when GitHub does not tell its author's rights at the first asking", async () => {
    const world = await World.begin();
    world.github.as("bob").openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(MINUTE_MS);
    world.post = () => [HOUR_MS];
    world.sweeps = false;
    world.github.as("alice").comment(1, "/ack");
    world.clock.advance(50 * MINUTE_MS);
    world.injector.arm({ fault: "server-error", method: "permission", nth: 1 });
    await world.advance(15 * MINUTE_MS);
    expect(world.history(1)?.responder).toBe("alice");
    await world.heal();
    await expectInvariants(world);
  });
});
