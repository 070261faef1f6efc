import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { pino } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import { TransientError } from "../../src/base/errors.ts";
import { RequestTally } from "../../src/base/request-tally.ts";
import type { Key, Millis } from "../../src/core/model.ts";
import { createLease, type LeaseClocks, type OwnLease } from "../../src/queue/lease.ts";
import { createReconciler } from "../../src/reconcile.ts";
import { openStore } from "../../src/run/open-store.ts";
import type { GitHub } from "../../src/systems/github/ports.ts";
import { createTestDatabase } from "../../testkit/postgres.ts";
import { createLogLines } from "../support/log-lines.ts";
import { BUILT_IN_TEMPLATES, RECORD_KEYS, Story } from "../support/story.ts";

/** A lease whose clocks stand still until moved, and a store that counts how often it is asked. */
function leaseOf(options: { readonly heldUntilQuestion?: number; readonly asking?: (lease: TestLease) => void } = {}) {
  const ending = new AbortController();
  const test: TestLease = {
    monotonicMs: 0,
    wallMs: 1_700_000_000_000,
    asked: 0,
    stop: () => ending.abort(new Error("stopped")),
    lease: null as unknown as OwnLease,
    sleep(ms) {
      test.monotonicMs += ms;
      test.wallMs += ms;
    },
  };
  const clocks: LeaseClocks = { monotonicMs: () => test.monotonicMs, wallMs: () => test.wallMs };
  const prove = async () => {
    test.asked += 1;
    options.asking?.(test);
    return test.asked <= (options.heldUntilQuestion ?? Infinity);
  };
  test.lease = createLease(prove, ending.signal, clocks);
  return test;
}

interface TestLease {
  monotonicMs: number;
  wallMs: number;
  asked: number;
  lease: OwnLease;
  stop(): void;
  sleep(ms: number): void;
}

describe("a lease", () => {
  it("asks the store before the first write, and then at most every 2 s", async () => {
    const test = leaseOf();
    for (const [ms, asked] of [
      [0, 1],
      [1_999, 1],
      [1, 2],
      [500, 2],
      [60_000, 3],
    ] as const) {
      test.sleep(ms);
      await test.lease.assertHeld();
      expect(test.asked).toBe(asked);
    }
    expect(test.lease.isLost).toBe(false);
  });

  it.each<readonly [string, (test: TestLease) => void]>([
    ["the machine slept, which the monotonic clock does not count", (test) => (test.wallMs += 3_000)],
    [
      "the wall clock was set back",
      (test) => {
        test.monotonicMs += 3_000;
        test.wallMs -= 3_600_000;
      },
    ],
  ])("asks again when %s", async (_name, happen) => {
    const test = leaseOf();
    await test.lease.assertHeld();
    happen(test);
    await test.lease.assertHeld();
    expect(test.asked).toBe(2);
  });

  it("does not trust an answer that came while the process stood still", async () => {
    const test = leaseOf({ asking: ({ sleep }) => sleep(60_000) });
    await expect(test.lease.assertHeld()).rejects.toBeInstanceOf(TransientError);
    expect(test.lease.isLost).toBe(false);
  });

  it("once lost stays lost, whatever the store says later", async () => {
    const test = leaseOf({ heldUntilQuestion: 1 });
    await test.lease.assertHeld();
    test.sleep(2_000);
    await expect(test.lease.assertHeld()).rejects.toBeInstanceOf(TransientError);
    expect(test.lease.isLost).toBe(true);
    await expect(test.lease.assertHeld()).rejects.toBeInstanceOf(TransientError);
    expect(test.asked).toBe(2);
  });

  it("is lost when the queue says so, also while the store is being asked", async () => {
    const early = leaseOf();
    await early.lease.assertHeld();
    early.stop();
    await expect(early.lease.assertHeld()).rejects.toBeInstanceOf(TransientError);
    const meanwhile = leaseOf({ asking: ({ stop }) => stop() });
    await expect(meanwhile.lease.assertHeld()).rejects.toBeInstanceOf(TransientError);
    expect([early.lease.isLost, meanwhile.lease.isLost]).toEqual([true, true]);
  });

  it("never lets a write go more than 2 s after the store was asked, whatever the clocks do", async () => {
    const step = fc.record({
      monotonicMs: fc.nat(5_000),
      wallMs: fc.integer({ min: -5_000, max: 5_000 }),
      whileAskingMs: fc.nat(4_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        let whileAskingMs = 0;
        let askedAt = -Infinity;
        const test = leaseOf({
          asking: (asking) => {
            askedAt = asking.monotonicMs;
            asking.sleep(whileAskingMs);
          },
        });
        for (const one of steps) {
          test.monotonicMs += one.monotonicMs;
          test.wallMs += one.wallMs;
          whileAskingMs = one.whileAskingMs;
          const held = await test.lease.assertHeld().then(
            () => true,
            () => false,
          );
          if (held) expect(test.monotonicMs - askedAt).toBeLessThan(2_000);
        }
      }),
    );
  });
});

describe("a pass that has lost its key", () => {
  /** A lease that is lost at the nth question. */
  function lostAt(nth: number) {
    let asked = 0;
    return {
      assertHeld: async () => {
        asked += 1;
        if (asked >= nth) throw new TransientError("lost");
      },
    };
  }

  /** The loop of another process on the same GitHub and database. */
  function another(story: Story, github: GitHub = story.github): ReturnType<typeof createReconciler> {
    return createReconciler({
      github,
      index: story.index,
      alerts: story.alerts,
      clock: story.clock,
      log: pino({ level: "silent" }),
      recordKeys: RECORD_KEYS,
      templates: BUILT_IN_TEMPLATES,
      chat: null,
      requests: new RequestTally(),
    });
  }

  it("writes nothing more, wherever it was, and the next pass ends in the same place", async () => {
    const expected = await declaredBy(null);
    expect(expected.writes).toBeGreaterThan(3);
    for (let nth = 1; nth <= expected.writes; nth += 1) {
      const interrupted = await declaredBy(nth);
      expect(interrupted.writesBeforeLoss).toBe(nth - 1);
      expect(interrupted.labels).toEqual(expected.labels);
      expect(interrupted.comments).toBe(expected.comments);
    }
  });

  async function declaredBy(lossAt: number | null) {
    const story = await Story.begin();
    story.listens = false;
    const issue = story.github.as("bob").openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    const key = story.incidentKey(issue.number);
    story.github.forgetCalls();
    let writesBeforeLoss = 0;
    if (lossAt !== null) {
      const pass = another(story)(key, new AbortController().signal, lostAt(lossAt));
      await expect(pass).rejects.toBeInstanceOf(TransientError);
      writesBeforeLoss = story.github.writes.length;
    }
    await story.look(issue.number);
    return {
      writes: story.github.writes.length,
      writesBeforeLoss,
      labels: [...story.github.issue(issue.number).labels].sort(),
      comments: story.ownComments(issue.number).length,
    };
  }

  it("is stopped before any write of any kind of key", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    const pull = story.github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${issue}`, files: { a: "1" } });
    story.github.as("bob").close(issue);
    const fresh = story.github.addRepository({ owner: "acme", name: "fresh" });
    story.github.forgetCalls();
    for (const key of [
      story.incidentKey(issue),
      { kind: "pull-request", repository: story.repository, number: pull.number },
      { kind: "repository", repository: fresh },
    ] as const) {
      await expect(another(story)(key, new AbortController().signal, lostAt(1))).rejects.toThrow("lost");
    }
    expect(story.github.writes).toEqual([]);
  });

  it("cannot save a record over one it has not read, and what it wrote too late is healed", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    const before = story.history(issue);

    // The slow pass reads, and stalls in the middle of writing the status comment. Meanwhile another pass saves.
    story.listens = false;
    story.github.as("alice").comment(issue, "/status from the slow pass");
    const { write } = story.github;
    let stands = true;
    const slowGitHub = new Proxy(story.github, {
      get(target, name) {
        if (name !== "write") return Reflect.get(target, name, target);
        return {
          ...write,
          editComment: async (...given: Parameters<typeof write.editComment>) => {
            if (stands) {
              stands = false;
              await story.say("alice", issue, "/severity P1");
              story.listens = true;
              await story.look(issue);
            }
            return await write.editComment(...given);
          },
        };
      },
    });
    const slow = another(story, slowGitHub);
    const late = slow(story.incidentKey(issue), new AbortController().signal);
    await expect(late).rejects.toThrow("another pass has saved the record");
    expect(story.history(issue).severity).toBe("P0");

    await story.look(issue);
    expect(story.history(issue)).toMatchObject({ severity: "P1", acknowledged: before.acknowledged });
    expect(story.record(issue).entries.filter((entry) => entry.kind === "rebuilt")).toHaveLength(1);
    story.github.forgetCalls();
    await story.look(issue);
    expect(story.github.writes).toEqual([]);
  });
});

describe("a pass taken for dead", () => {
  it.each(["ends", "fails, as by a request that took too long"])(
    "learns it from its lease when it %s, and is void: one more look follows, when its last write has arrived",
    async (how) => {
      const database = await createTestDatabase();
      const { log } = createLogLines();
      const store = await openStore({ databaseUrl: database.url, dataDir: "unused", log, clock: systemClock });
      const key: Key = {
        kind: "incident",
        repository: { installationId: 1, id: 7, owner: "acme", name: "shop" },
        number: 1,
      };
      const results: string[] = [];
      let tell = () => {};
      const bothPasses = new Promise<void>((done) => {
        tell = done;
      });
      store.onPass(({ result }) => {
        results.push(result);
        if (results.length === 2) tell();
      });
      let runs = 0;
      let takenOver = () => {};
      const other = new Promise<void>((done) => {
        takenOver = done;
      });
      await store.queue.work(2, async (_key, _signal, lease) => {
        runs += 1;
        if (runs !== 1) {
          takenOver();
          return { checkAgainIn: 3_600_000 as Millis, alsoLookAt: [] };
        }
        await lease.assertHeld();
        // As if the process had been silent for an hour, so the supervisor gives its job away. Repeated until it has,
        // because the process keeps saying that it is alive.
        while (runs === 1) {
          await database.query(
            `update sevgate_queue.job set heartbeat_on = now() - interval '1 hour'
             where name = 'work' and retry_count = 0`,
          );
          await Promise.race([other, new Promise((done) => setTimeout(done, 50))]);
        }
        if (how !== "ends") throw new TransientError("no answer in time", { retryAfterMs: 3_600_000 });
        return { checkAgainIn: null, alsoLookAt: [] };
      });
      await store.queue.add([key]);
      await bothPasses;
      await store.queue.stop(10_000);
      const timers = await database.query(
        `select round(extract(epoch from start_after - now()) / 15) as quarters from sevgate_queue.job
       where name = 'timer' and state < 'active'`,
      );
      await store.close();
      await database.drop();
      expect(results.toSorted()).toEqual(["done", "lost"]);
      expect(timers.map((timer) => Number(timer["quarters"])).toSorted((a, b) => a - b)).toEqual([1, 240]);
    },
    60_000,
  );
});
