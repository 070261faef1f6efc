import { describe, expect, it, jest } from "@jest/globals";
import type { FakeEvent } from "../../testkit/fake-github/events.ts";
import { outcome } from "./harness/ending.ts";
import { holdBack, permutations } from "./harness/histories.ts";
import { expectInvariants } from "./harness/oracle.ts";
import { SCENARIOS } from "./harness/scenarios.ts";
import { World } from "./harness/world.ts";

jest.setTimeout(1_200_000);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** GitHub's primary limit for an installation (GitHub docs, "Rate limits for GitHub Apps"). */
const API_CALLS_AN_HOUR = 5_000;

/** Six deliveries from the life of one incident; people have done everything by the time the first of them arrives. */
async function sixEvents(): Promise<{ readonly world: World; readonly events: readonly FakeEvent[] }> {
  const world = await World.begin();
  world.sweeps = false;
  const bob = world.github.as("bob");
  const events = holdBack(world);
  bob.openIssue({ title: "Checkout is down", body: "It started at nine." });
  bob.label(1, "sev:P1");
  world.github.as("alice").comment(1, "/ack");
  bob.label(1, "sev:P0");
  world.github.as("alice").comment(1, "/status rolling back");
  bob.close(1);
  return { world, events };
}

describe("deliveries in any order", () => {
  it("end the same: all 720 orders of six events", async () => {
    const orders = permutations(6);
    expect(orders).toHaveLength(720);
    let expected: unknown = null;
    for (const order of orders) {
      const { world, events } = await sixEvents();
      expect(events).toHaveLength(6);
      for (const at of order) {
        await world.deliver(events[at]!);
        await world.advance(1_000);
      }
      await world.advance(MINUTE_MS);
      const left = outcome(world);
      expected ??= left;
      expect({ order, left }).toEqual({ order, left: expected });
      await expectInvariants(world);
    }
    expect(JSON.stringify(expected)).toContain('"state":"open null"');
  });
});

const EVENT_TYPES = ["issues", "issue_comment", "pull_request", "push", "repository", "sub_issues"] as const;
const DROPPED = [...EVENT_TYPES, "every"] as const;

describe("deliveries that never come", () => {
  it.each(DROPPED.flatMap((dropped) => SCENARIOS.map((scenario) => ({ dropped, scenario, name: scenario.name }))))(
    "for a day, $dropped event: $name ends the same by sweeps alone",
    async ({ dropped, scenario }) => {
      const undisturbed = await playSlowly(scenario, () => [0]);
      const world = await playSlowly(scenario, (event) => (dropped === "every" || event.name === dropped ? [] : [0]));
      expect(outcome(world)).toEqual(outcome(undisturbed));
      await expectInvariants(world);
    },
  );
});

/** People act every 61 minutes, so that the sweep is in time; then the day goes by. GitHub redelivers nothing. */
async function playSlowly(scenario: (typeof SCENARIOS)[number], post: (event: FakeEvent) => readonly number[]) {
  const world = await World.begin({ post });
  world.github.features.deliveries = false;
  const advance = world.advance.bind(world);
  world.advance = (ms) => advance(ms === MINUTE_MS ? 61 * MINUTE_MS : ms);
  await scenario.play(world);
  world.advance = advance;
  await world.advance(24 * HOUR_MS);
  return world;
}

describe("an hour without Sevgate", () => {
  it("and 1,000 missed events are made up for within 15 minutes and GitHub's limit, by sweep and redelivery", async () => {
    const world = await World.begin();
    const bob = world.github.as("bob");
    const alice = world.github.as("alice");
    const incidents = Array.from({ length: 40 }, (_, at) => {
      return bob.openIssue({ title: `Incident ${at}`, body: "Words.", labels: [at % 2 === 0 ? "sev:P0" : "sev:P1"] })
        .number;
    });
    await world.advance(MINUTE_MS);
    let missed = 0;
    world.post = () => {
      missed += 1;
      return [];
    };
    world.sweeps = false;
    const quiet = bob.openIssue({ title: "A question", body: "Words." }).number;
    for (let minute = 0; missed < 1_000; minute += 1) {
      for (const number of incidents.slice(0, 17)) {
        if (missed >= 1_000) break;
        bob.comment(minute % 3 === 0 ? quiet : number, "I look at it too.");
      }
      if (minute === 10) for (const number of incidents.slice(0, 10)) alice.comment(number, "/ack");
      if (minute === 20) for (const number of incidents.slice(10, 20)) bob.close(number);
      world.clock.advance(MINUTE_MS);
    }
    expect(missed).toBeGreaterThanOrEqual(1_000);

    await world.restart("kept");
    world.post = () => [0];
    world.sweeps = true;
    world.github.forgetCalls();
    await world.advance(15 * MINUTE_MS);

    const calls = world.github.calls.length;
    process.stdout.write(
      `outage: ${missed} missed, ${world.github.redelivered.length} redelivered, ${calls} API calls\n`,
    );
    expect(world.github.redelivered.length).toBeGreaterThanOrEqual(1_000);
    expect(calls).toBeLessThan(API_CALLS_AN_HOUR / 2);
    for (const number of incidents.slice(0, 10)) expect(world.history(number)?.responder).toBe("alice");
    for (const number of incidents.slice(10, 20)) expect(world.github.issue(number).state).toBe("open");
    await expectInvariants(world);
  });
});
