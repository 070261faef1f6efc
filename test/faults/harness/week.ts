import { seededRandom } from "../../../testkit/seeded-random.ts";
import { fillPostMortem } from "./scenarios.ts";
import type { Post } from "./world.ts";
import { World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SHARE = 0.05;

/** 5 % lost, 5 % doubled, 5 % out of order by seconds, 5 % late by up to three hours. */
const badPost: Post = (_event, random) => {
  const luck = random();
  if (luck < SHARE) return [];
  if (luck < 2 * SHARE) return [0, Math.floor(random() * 30_000)];
  if (luck < 3 * SHARE) return [Math.floor(random() * 20_000)];
  if (luck < 4 * SHARE) return [Math.floor(random() * 3 * HOUR_MS)];
  return [0];
};

/**
 * A week of incidents, a few each day, each with acts in an order of its own; for the same seed the same people do the
 * same things, whatever GitHub and the network make of it. A day without faults follows.
 */
export async function playTheWeek(seed: number, options: { readonly faults: boolean }): Promise<World> {
  const world = await World.begin({ seed });
  const people = seededRandom(seed + 1_000_000);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(people() * all.length)]!;
  if (options.faults) {
    world.post = badPost;
    world.injector.arm(
      { fault: "server-error", chance: SHARE },
      { fault: "time-out", chance: SHARE },
      { fault: "lost-answer", chance: SHARE },
      { fault: "stale", chance: SHARE, withinMs: 10_000 },
      { fault: "not-there-yet", chance: SHARE, withinMs: 6_000 },
      { fault: "unauthorized", chance: SHARE / 5 },
      { fault: "secondary-limit", chance: SHARE / 50 },
      { fault: "primary-limit", chance: SHARE / 500 },
    );
  }

  const { github } = world;
  const [alice, bob] = [github.as("alice"), github.as("bob")];
  for (let day = 0; day < 7; day += 1) {
    const issue = bob.openIssue({
      title: `Down on day ${day}`,
      body: "Words.",
      labels: [pick(["sev:P0", "sev:P1"])],
    }).number;
    const acts: readonly (() => unknown)[] = [
      () => alice.comment(issue, "/ack"),
      () => alice.comment(issue, pick(["/status rolling back", "/note a graph", "/assign @bob lead", "/help"])),
      () => github.as("rita").comment(issue, pick(["/resolve", "/waive because", "no command at all"])),
      () => bob.label(issue, "sev:P0"),
      () => alice.comment(issue, pick(["/severity P1 smaller", "/severity P2", "/mitigate moved traffic"])),
      () => bob.close(issue),
      () => alice.comment(issue, pick(["/cancel a wrong probe", "/waive as last week", "/resolve over", "/unack"])),
    ];
    for (const act of acts) {
      await world.advance(4 * HOUR_MS + Math.floor(people() * 20) * MINUTE_MS);
      if (people() < 0.8) act();
    }
    await world.advance(Math.max(MINUTE_MS, (day + 1) * DAY_MS - (world.clock.now() - weekBegan(world))));
  }
  fillPostMortem(world);
  await world.heal(DAY_MS);
  return world;
}

/** Virtual time of the first act. */
function weekBegan(world: World): number {
  return world.github.issue(1).createdAt;
}
