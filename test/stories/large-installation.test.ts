import { describe, expect, it, jest } from "@jest/globals";
import type { Repository } from "../../src/core/model.ts";
import { expectInvariants } from "../faults/harness/oracle.ts";
import { World } from "../faults/harness/world.ts";

jest.setTimeout(60_000);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** More than fit into every sweep, given what GitHub grants an installation (src/ingress/sweep/sweep-round.ts). */
const MANY = 300;

/** An organization with many repositories, each of which has been looked at once; from then on no webhook arrives. */
async function quietWorld(repositories = MANY): Promise<{ world: World; quiet: Repository }> {
  const world = await World.begin();
  for (let count = 1; count < repositories; count += 1) world.github.addRepository({ name: `shop-${count}` });
  const quiet = world.github.addRepository({ name: "quiet" });
  world.github.setRole("alice", "maintain", quiet);
  world.github.setRole("bob", "triage", quiet);
  // Without the one question, the first round goes faster.
  world.github.features.search = false;
  await world.advance(4 * HOUR_MS);
  world.github.features.search = true;
  world.github.features.deliveries = false;
  world.post = () => [];
  world.github.forgetCalls();
  return { world, quiet };
}

const asks = (world: World, method: string) => world.github.reads.filter((read) => read === method).length;

describe("In an installation of many repositories", () => {
  //
  it("a lost webhook of a quiet repository is found by the next sweep, in one question", async () => {
    const { world, quiet } = await quietWorld();
    world.github.as("bob", quiet).openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(6 * MINUTE_MS);
    expect(world.record(1, quiet)).not.toBeNull();

    world.github.as("alice", quiet).comment(1, "/ack");
    await world.advance(6 * MINUTE_MS);
    expect(world.history(1, quiet)?.responder).toBe("alice");
    expect(asks(world, "search")).toBeLessThanOrEqual(4);
    await expectInvariants(world);
  });

  it("a lost webhook of a pull request is found, too", async () => {
    const { world, quiet } = await quietWorld();
    const bob = world.github.as("bob", quiet);
    bob.openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(6 * MINUTE_MS);
    const { number } = bob.openPullRequest({ title: "Mend it", body: "Fixes #1" });
    await world.advance(6 * MINUTE_MS);
    expect(world.github.allCheckRuns(quiet).map((run) => run.headSha)).toContain(
      world.github.pullRequest(number, quiet).headSha,
    );
  });

  it("a lost webhook is found by the round through all of them where GitHub cannot search", async () => {
    const { world, quiet } = await quietWorld();
    world.github.features.search = false;
    world.github.as("bob", quiet).openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(3 * HOUR_MS);
    expect(world.record(1, quiet)).not.toBeNull();
  });

  it("a search that fails is made up for by the next one", async () => {
    const { world, quiet } = await quietWorld();
    await world.advance(6 * MINUTE_MS);
    world.github.as("bob", quiet).openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    world.github.faults.fail({ method: "search", times: 5 });
    await world.advance(26 * MINUTE_MS);
    world.github.faults.clear();
    await world.advance(6 * MINUTE_MS);
    expect(world.record(1, quiet)).not.toBeNull();
  });

  it("nothing is lost when more has changed than one question tells", async () => {
    const { world, quiet } = await quietWorld();
    await world.advance(6 * MINUTE_MS);
    world.github.foundAtOnce = 5;
    const bob = world.github.as("bob", quiet);
    for (let count = 1; count <= 24; count += 1) {
      bob.openIssue({ title: `Question ${count}`, body: "Words." });
      world.clock.advance(1_000);
    }
    const { number } = bob.openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(40 * MINUTE_MS);
    expect(world.record(number, quiet)).not.toBeNull();
  });

  it("nothing is lost when the process dies before it has looked at what it found", async () => {
    const { world } = await quietWorld();
    const shops = world.github.allRepositories().slice(10, 90);
    // More than may be looked at within half an hour.
    for (const shop of shops) {
      world.github.setRole("bob", "triage", shop);
      world.github.as("bob", shop).openIssue({ title: "Down", body: "Words.", labels: ["sev:P2"] });
    }
    for (let count = 0; count < 4; count += 1) {
      await world.advance(6 * MINUTE_MS);
      await world.restart("kept");
    }
    await world.advance(HOUR_MS);
    for (const shop of shops) expect(world.record(1, shop)).not.toBeNull();
  });

  it("open incidents are known again soon after the database was lost", async () => {
    const { world, quiet } = await quietWorld();
    world.post = () => [0];
    world.github.as("bob", quiet).openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(MINUTE_MS);
    world.post = () => [];
    world.sweeps = false;
    // Further back than changes are asked for.
    world.clock.advance(30 * HOUR_MS);
    world.github.forgetCalls();
    await world.restart("lost");
    await world.advance(MINUTE_MS);
    expect(world.github.calls.filter((call) => call.repository === "acme/quiet").length).toBeGreaterThan(0);
    await expectInvariants(world);
  });

  it("a repository that got another name, and an issue that got another repository, are found without webhooks", async () => {
    const { world, quiet } = await quietWorld();
    const elsewhere = world.github.addRepository({ name: "elsewhere", labels: ["sev:P0"] });
    world.github.setRole("alice", "maintain", elsewhere);
    world.github.as("bob", quiet).openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(11 * MINUTE_MS);
    const renamed = world.github.rename("operations", quiet);
    world.github.as("alice", renamed).comment(1, "/ack");
    await world.advance(11 * MINUTE_MS);
    expect(world.history(1, renamed)?.responder).toBe("alice");
    const moved = world.github.as("bob", renamed).transfer(1, elsewhere);
    world.github.as("alice", elsewhere).comment(moved.number, "/note found the graph");
    await world.advance(21 * MINUTE_MS);
    expect(world.record(moved.number, elsewhere)).not.toBeNull();
    await expectInvariants(world);
  });

  it("a public repository without Sevgate is left alone", async () => {
    const { world } = await quietWorld();
    const foreign = world.github.addRepository({ name: "foreign", installationId: 999_999 });
    world.github.suspended.add(999_999);
    world.github.as("bob", foreign).openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await world.advance(HOUR_MS);
    expect(world.github.calls.filter((call) => call.repository === "acme/foreign")).toEqual([]);
    expect(asks(world, "repositories")).toBeLessThan(12);
  });
});

describe("In an installation of a few repositories", () => {
  it("every sweep looks at every one, and asks no question about all", async () => {
    const { world } = await quietWorld(20);
    await world.advance(HOUR_MS);
    expect(asks(world, "search")).toBe(0);
    const looks = new Map<string, number>();
    for (const call of world.github.calls) {
      if (call.method === "changedSince") looks.set(call.repository ?? "", (looks.get(call.repository ?? "") ?? 0) + 1);
    }
    expect(looks.size).toBe(21);
    for (const count of looks.values()) expect(count).toBe(12);
  });
});
