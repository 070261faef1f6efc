import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { pino } from "pino";
import { TransientError } from "../../../src/base/errors.ts";
import type { Instant, Key, Millis, Repository } from "../../../src/core/model.ts";
import { InstallationSweep } from "../../../src/ingress/sweep/installation-sweep.ts";
import {
  documentedLimit,
  fitsWhole,
  lookCost,
  SweepBudget,
  type SweepCandidate,
  takeRound,
  WHOLE_SHARE,
} from "../../../src/ingress/sweep/sweep-round.ts";
import type { Priority } from "../../../src/queue/queue.ts";
import { MemoryIndex } from "../../../src/store/memory-index.ts";
import type { GitHubApp, RequestLimit } from "../../../src/systems/github/ports.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";
import { Story } from "../../support/story.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const EVERY = (5 * MINUTE_MS) as Millis;
const NOW = (1_000 * HOUR_MS) as Instant;

function repositoryOf(id: number): Repository {
  return { installationId: 9, id, owner: "acme", name: `shop-${id}` };
}

function candidate(id: number, hoursAgo: number | null, openIncidents = 0): SweepCandidate {
  const lookedAt = hoursAgo === null ? null : ((NOW - hoursAgo * HOUR_MS) as Instant);
  return { repository: repositoryOf(id), lookedAt, openIncidents };
}

const idsOf = (repositories: readonly Repository[]) => repositories.map(({ id }) => id);

describe("the limit GitHub documents", () => {
  it.each([
    [1, 5_000],
    [20, 5_000],
    [21, 5_050],
    [100, 9_000],
    [10_000, 12_500],
  ])("for %i repositories is %i requests an hour", (repositories, limit) => {
    expect(documentedLimit(repositories)).toBe(limit);
  });
});

describe("an installation of which every sweep takes everything", () => {
  it.each([
    [1, 5, true],
    [50, 5, true],
    [150, 5, true],
    [200, 5, false],
    [10_000, 5, false],
    [1_000, 60, false],
    [400, 60, true],
  ])("%i repositories every %i minutes: %p", (repositories, minutes, fits) => {
    expect(fitsWhole(repositories, (minutes * MINUTE_MS) as Millis, documentedLimit(repositories))).toBe(fits);
  });

  it("has more repositories where GitHub grants more", () => {
    expect(fitsWhole(200, EVERY, 12_500)).toBe(false);
    expect(fitsWhole(200, EVERY, 15_000)).toBe(true);
  });
});

describe("a round", () => {
  it("takes repositories with open incidents first, then those never looked at, then the longest not looked at", () => {
    const { repositories } = takeRound(
      [candidate(1, 2), candidate(2, 30), candidate(3, null), candidate(4, 3, 1), candidate(5, 5, 2)],
      NOW,
      1_000,
    );
    expect(idsOf(repositories)).toEqual([5, 4, 3, 2, 1]);
  });

  it("leaves half of the requests to repositories without open incidents", () => {
    const busy = Array.from({ length: 50 }, (_, at) => candidate(at, 2, 1));
    const quiet = Array.from({ length: 50 }, (_, at) => candidate(100 + at, 40));
    const taken = idsOf(takeRound([...busy, ...quiet], NOW, 100).repositories);
    expect(taken.some((id) => id < 100)).toBe(true);
    expect(taken.some((id) => id >= 100)).toBe(true);
  });

  it("does not take a repository with open incidents first again within the hour", () => {
    expect(idsOf(takeRound([candidate(1, 0.5, 1), candidate(2, 40)], NOW, 10).repositories)).toEqual([2]);
  });

  it("takes nothing without requests to spend, and at most one look more than there are", () => {
    const repository = fc.record({
      hoursAgo: fc.option(fc.integer({ min: 0, max: 500 })),
      open: fc.integer({ min: 0, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(repository, { maxLength: 60 }), fc.integer({ min: -50, max: 500 }), (all, requests) => {
        const candidates = all.map(({ hoursAgo, open }, id) => candidate(id, hoursAgo, open));
        const dearest = Math.max(0, ...candidates.map((one) => lookCost(one, NOW)));
        const { repositories, cost } = takeRound(candidates, NOW, requests);
        expect(new Set(repositories).size).toBe(repositories.length);
        if (requests <= 0) expect(repositories).toEqual([]);
        // The last one of either half may go over.
        else expect(cost).toBeLessThan(requests + 2 * dearest + 1);
        if (cost < requests) expect(repositories).toHaveLength(candidates.length);
      }),
    );
  });
});

describe("what a sweep may spend", () => {
  it("comes with time, is not saved up, and is paid back", () => {
    const budget = new SweepBudget();
    const at = (minutes: number) => budget.at((NOW + minutes * MINUTE_MS) as Instant, 600, EVERY);
    expect(at(0)).toBe(50);
    budget.spend(80);
    expect(at(5)).toBe(20);
    expect(at(6 * 60)).toBe(150);
  });
});

describe("a look's cost", () => {
  it("is what a look asks of GitHub, or a little less than that", async () => {
    const story = await Story.begin();
    const { github, clock } = story;
    const bob = github.as("bob");
    async function look(repository: Repository, openIncidents: number) {
      const lookedAt = (await story.index.repository(repository.id))?.sweptAt ?? null;
      github.forgetCalls();
      story.hint({ kind: "repository", repository });
      const estimated = lookCost({ repository, lookedAt, openIncidents }, clock.now());
      await story.settle();
      // The app's name is asked for once an hour, whatever is looked at.
      return { estimated, asked: github.calls.filter(({ method }) => method !== "identity").length };
    }
    const untouched = await look(github.addRepository({ name: "shop" }), 0);
    expect(untouched.asked).toBeLessThanOrEqual(untouched.estimated);
    const labels = ["sev:P0", "sev:P1", "sev:P2"];
    const looks: Awaited<ReturnType<typeof look>>[] = [await look(github.addRepository({ name: "bar", labels }), 0)];
    for (const ms of [5 * MINUTE_MS, 2 * HOUR_MS, 7 * HOUR_MS]) {
      await story.advance(ms);
      looks.push(await look(story.repository, 0));
    }
    for (const title of ["One", "Two"]) bob.openIssue({ title, labels: ["sev:P0"] });
    await story.settle();
    await story.advance(7 * HOUR_MS);
    looks.push(await look(story.repository, 2));
    for (const { estimated, asked } of looks) {
      expect(asked).toBeLessThanOrEqual(estimated);
      expect(asked).toBeGreaterThanOrEqual(estimated * 0.75);
    }
  });
});

describe("the sweep of an installation", () => {
  function setUp(count: number, app: Partial<GitHubApp> = {}) {
    const clock = new VirtualClock();
    const index = new MemoryIndex();
    const repositories = Array.from({ length: count }, (_, id) => repositoryOf(id));
    let lists = 0;
    const added: { readonly key: Key; readonly priority: Priority | undefined }[] = [];
    const state: { limit: RequestLimit | null } = { limit: null };
    const parts = {
      app: {
        repositories: async () => {
          lists += 1;
          return repositories;
        },
        requestLimit: async () => state.limit,
        changedSince: async () => "unsupported",
        ...app,
      } as GitHubApp,
      queue: {
        add: async (keys: readonly Key[], priority?: Priority) => {
          added.push(...keys.map((key) => ({ key, priority })));
        },
      },
      log: pino({ level: "silent" }),
      index,
      clock,
      every: EVERY,
    };
    /** What one sweep puts into the queue: the repositories whose turn it is. */
    function start() {
      const one = new InstallationSweep(parts, 9, "acme");
      return {
        async next(): Promise<readonly Repository[]> {
          added.length = 0;
          await one.run();
          return added.flatMap(({ key }) => (key.kind === "repository" ? [key.repository] : []));
        },
      };
    }
    const sweep = start();
    /** Sweeps for this long, with each look done at once; returns how often each repository was taken. */
    async function sweepFor(hours: number) {
      const taken = new Map<number, number>();
      for (let ms = 0; ms < hours * HOUR_MS; ms += EVERY) {
        for (const repository of await sweep.next()) {
          taken.set(repository.id, (taken.get(repository.id) ?? 0) + 1);
          await index.saveRepository(repository, { sweptAt: clock.now() });
        }
        clock.advance(EVERY);
      }
      return taken;
    }
    return { clock, index, repositories, state, sweep, sweepFor, start, added, lists: () => lists };
  }

  it("takes and lists every repository every time where that fits", async () => {
    const { sweep, repositories, lists } = setUp(100);
    for (let count = 1; count <= 3; count += 1) {
      expect(await sweep.next()).toEqual(repositories);
      expect(lists()).toBe(count);
    }
  });

  it("takes as many as fit in a large one, lists it once an hour, and comes to all of them in turn", async () => {
    const { sweepFor, sweep, lists } = setUp(2_000);
    expect((await sweep.next()).length).toBeLessThan(25);
    // 2,000 first looks of 13 requests each, at 3,125 per hour.
    const taken = await sweepFor(16);
    expect(taken.size).toBe(2_000);
    expect(lists()).toBeLessThanOrEqual(17);
  });

  it("spends no more than its share in any hour", async () => {
    const { clock, index, sweep } = setUp(3_000);
    for (let id = 0; id < 300; id += 1) await index.saveIncident(id, 1, { open: true });
    const spent: number[] = [];
    for (let count = 0; count < 24 * 12; count += 1) {
      let cost = 0;
      for (const repository of await sweep.next()) {
        const lookedAt = (await index.repository(repository.id))?.sweptAt ?? null;
        const openIncidents = repository.id < 300 ? 1 : 0;
        cost += lookCost({ repository, lookedAt, openIncidents }, clock.now());
        await index.saveRepository(repository, { sweptAt: clock.now() });
      }
      spent.push(cost);
      clock.advance(EVERY);
    }
    for (let from = 0; from + 12 <= spent.length; from += 1) {
      const hour = spent.slice(from, from + 12).reduce((sum, one) => sum + one, 0);
      expect(hour).toBeLessThanOrEqual(12_500 * WHOLE_SHARE + 24);
    }
  });

  it("goes on to others when a repository stays unlooked at, as an archived one does", async () => {
    const { sweep, clock } = setUp(1_000);
    const first = idsOf(await sweep.next());
    clock.advance(EVERY);
    const second = idsOf(await sweep.next());
    expect(second.length).toBeGreaterThan(0);
    expect(second.filter((id) => first.includes(id))).toEqual([]);
  });

  it("waits while others have used half of what GitHub grants", async () => {
    const { sweep, state, clock } = setUp(1_000);
    state.limit = { limit: 12_500, remaining: 6_000, resetsAt: (clock.now() + MINUTE_MS) as Instant };
    expect(await sweep.next()).toEqual([]);
    clock.advance(EVERY);
    expect(await sweep.next()).not.toEqual([]);
  });

  it("takes everything where GitHub grants enough for that", async () => {
    const { sweep, state, clock } = setUp(1_000);
    state.limit = { limit: 100_000, remaining: 0, resetsAt: (clock.now() + MINUTE_MS) as Instant };
    expect(await sweep.next()).toHaveLength(1_000);
  });

  it("starts again where it was when the process starts again", async () => {
    const { sweepFor, start } = setUp(1_000);
    const before = await sweepFor(1);
    const again = start();
    expect(idsOf(await again.next()).filter((id) => before.has(id))).toEqual([]);
  });

  it("names a repository as it was last seen, not as the list had it", async () => {
    const { sweep, clock, index } = setUp(1_000);
    await sweep.next();
    const renamed = { ...repositoryOf(999), name: "operations" };
    await index.saveRepository(renamed, {});
    await index.saveIncident(999, 1, { open: true });
    clock.advance(EVERY);
    expect(await sweep.next()).toContainEqual(renamed);
  });

  it("lists again at the next sweep when the list did not come", async () => {
    let fails = true;
    const { sweep } = setUp(0, {
      repositories: async () => {
        if (fails) throw new TransientError("slow");
        return [repositoryOf(1)];
      },
    });
    await expect(sweep.next()).rejects.toThrow("slow");
    fails = false;
    expect(await sweep.next()).toEqual([repositoryOf(1)]);
  });
});
