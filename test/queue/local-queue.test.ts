import { afterEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { TransientError } from "../../src/base/errors.ts";
import { keyId } from "../../src/core/key.ts";
import type { Key, Millis } from "../../src/core/model.ts";
import { UNKNOWN_CAUSE } from "../../src/queue/cause.ts";
import { coalesce } from "../../src/queue/coalesce.ts";
import { LocalQueue } from "../../src/queue/local-queue.ts";
import { createMemoryQueue, MemoryQueueRows } from "../../src/queue/memory-queue.ts";
import { NOTHING_MORE, type Pass } from "../../src/queue/queue.ts";
import type { QueueRows, WorkRow } from "../../src/queue/queue-rows.ts";
import { createLogLines } from "../support/log-lines.ts";

const KEY: Key = {
  kind: "incident",
  repository: { installationId: 1, id: 7, owner: "acme", name: "shop" },
  number: 1,
};
const retryDelay = () => 0 as Millis;

/** Rows of a store that can be told to refuse, and that counts how often it was asked. */
class FaultyRows extends MemoryQueueRows {
  refuses = false;
  commits = 0;

  override async look<T>(read: (rows: QueueRows) => T): Promise<T> {
    return await super.commit(read);
  }

  override async commit<T>(change: (rows: QueueRows) => T): Promise<T> {
    this.commits += 1;
    if (!this.refuses) return await super.commit(change);
    await new Promise((done) => setImmediate(done));
    throw new TransientError("the disk is full");
  }
}

describe("a key that is added", () => {
  const row = fc.record({
    rank: fc.integer({ min: -100, max: 30 }),
    place: fc.nat(100),
    starts: fc.nat(9),
    failures: fc.nat(3),
    again: fc.boolean(),
  });
  const whole = (part: Pick<WorkRow, "rank" | "place" | "starts" | "failures" | "again">): WorkRow => ({
    id: keyId(KEY),
    key: KEY,
    cause: UNKNOWN_CAUSE,
    crashes: 0,
    ...part,
  });

  it("waits at the best place it was given, however it was added", () => {
    fc.assert(
      fc.property(row, fc.array(row, { minLength: 1 }), (first, more) => {
        const added = more.map((one) => whole({ ...one, again: false, starts: 0 }));
        const end = added.reduce<WorkRow>((known, one) => coalesce(known, one, false), whole(first));
        expect(end).toEqual({ ...whole(first), rank: Math.max(first.rank, ...more.map(({ rank }) => rank)) });
      }),
    );
  });

  it("while it is being worked on waits for one more pass, as if it were new", () => {
    fc.assert(
      fc.property(row, row, row, (running, second, third) => {
        const hint = whole({ ...second, again: false, starts: 0 });
        const once = coalesce(whole({ ...running, again: false }), hint, true);
        expect(once).toEqual({ ...hint, starts: running.starts, again: true });
        const twice = coalesce(once, whole({ ...third, again: false, starts: 0 }), true);
        expect(twice).toEqual({ ...once, rank: Math.max(second.rank, third.rank) });
      }),
    );
  });
});

describe("the queue of one process", () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it("sets a key aside whose process has ended in each of ten passes, and says so", async () => {
    const kept = new MemoryQueueRows();
    const { log, lines } = createLogLines();
    const parts = { kept, clock: systemClock, log, retryDelay };
    await createMemoryQueue(parts).add([KEY]);
    let begun = 0;
    for (let start = 0; start < 12; start += 1) {
      const queue = createMemoryQueue(parts);
      await new Promise<void>((ended) => {
        const pass: Pass = () => {
          begun += 1;
          ended();
          return new Promise(() => {});
        };
        void queue.step(pass).then(() => ended());
      });
    }
    expect(begun).toBe(10);
    expect(await createMemoryQueue(parts).depth()).toEqual({ waiting: 0, running: 0, setAside: 1 });
    expect(lines).toContainEqual(expect.objectContaining({ level: 50, key: keyId(KEY), starts: 10 }));
  });

  it("works on a key again that was set aside when a delivery comes, also where deliveries came before", async () => {
    const kept = new MemoryQueueRows();
    const { log } = createLogLines();
    const queue = createMemoryQueue({ kept, clock: systemClock, log, retryDelay });
    await queue.accept([KEY], 30);
    await kept.commit((rows) => {
      const row = rows.work(keyId(KEY));
      if (row !== null) rows.putWork({ ...row, starts: 10 });
    });
    let passes = 0;
    const pass: Pass = async () => {
      passes += 1;
      return NOTHING_MORE;
    };
    await queue.step(pass);
    expect([passes, await queue.depth()]).toEqual([0, { waiting: 0, running: 0, setAside: 1 }]);
    await queue.accept([KEY], 30);
    await queue.step(pass);
    expect([passes, await queue.depth()]).toEqual([1, { waiting: 0, running: 0, setAside: 0 }]);
  });

  it("keeps the end of a pass as soon as the store can, without another pass, and loses no hint of the meantime", async () => {
    const kept = new FaultyRows();
    const { log, lines } = createLogLines();
    const queue = new LocalQueue({ kept, clock: systemClock, log, retryDelay });
    let passes = 0;
    const two = Promise.withResolvers<void>();
    queue.onPass(() => {
      if (passes === 2) two.resolve();
    });
    await queue.add([KEY]);
    const refused = Promise.withResolvers<void>();
    await queue.work(1, async () => {
      passes += 1;
      if (passes === 2) return NOTHING_MORE;
      await queue.add([KEY]);
      kept.refuses = true;
      setImmediate(() => setImmediate(() => setImmediate(refused.resolve)));
      return { checkAgainIn: 3_600_000 as Millis, alsoLookAt: [] };
    });
    await refused.promise;
    expect([passes, await kept.commit(() => 0).catch(() => "refused")]).toEqual([1, "refused"]);
    kept.refuses = false;
    expect(await queue.depth()).toEqual({ waiting: 1, running: 1, setAside: 0 });
    await two.promise;
    await queue.stop(1_000);
    expect(await queue.depth()).toEqual({ waiting: 0, running: 0, setAside: 0 });
    expect(await queue.nextTimerAt()).toBeNull();
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 40, msg: "the end of a pass is kept as soon as the store answers again" }),
    );
  });

  it("begins passes again when the store refused to keep that they begin", async () => {
    const kept = new FaultyRows();
    const { log } = createLogLines();
    const queue = new LocalQueue({ kept, clock: systemClock, log, retryDelay });
    await queue.add([KEY]);
    kept.refuses = true;
    const done = Promise.withResolvers<void>();
    await queue.work(1, async () => {
      done.resolve();
      return NOTHING_MORE;
    });
    kept.refuses = false;
    await done.promise;
    await queue.stop(1_000);
    expect(await queue.depth()).toEqual({ waiting: 0, running: 0, setAside: 0 });
  });

  it("keeps nothing for a delivery about a key that surely waits, until a pass over it begins", async () => {
    const kept = new FaultyRows();
    const { log } = createLogLines();
    const queue = new LocalQueue({ kept, clock: systemClock, log, retryDelay });
    await queue.accept([KEY], 20);
    const before = kept.commits;
    await queue.accept([KEY], 20);
    await queue.accept([KEY], 10);
    expect(kept.commits).toBe(before);
    // A more urgent one moves it forward.
    await queue.accept([KEY], 30);
    expect(kept.commits).toBe(before + 1);
    let inPass = 0;
    await queue.step(async () => {
      const atStart = kept.commits;
      await queue.accept([KEY], 20);
      inPass = kept.commits - atStart;
      return NOTHING_MORE;
    });
    expect(inPass).toBe(1);
    expect((await queue.depth()).waiting).toBe(1);
  });

  it("does not take a delivery for kept that the store has refused", async () => {
    const kept = new FaultyRows();
    const { log } = createLogLines();
    const queue = new LocalQueue({ kept, clock: systemClock, log, retryDelay });
    kept.refuses = true;
    await expect(queue.accept([KEY])).rejects.toBeInstanceOf(TransientError);
    kept.refuses = false;
    await queue.accept([KEY]);
    expect((await queue.depth()).waiting).toBe(1);
  });

  it("ends a pass that hangs after five minutes, tries its key again, and in the end sets it aside", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance"] });
    const { log } = createLogLines();
    const queue = createMemoryQueue({ clock: systemClock, log, retryDelay });
    const results: string[] = [];
    queue.onPass(({ result }) => results.push(result));
    const told: boolean[] = [];
    await queue.add([KEY]);
    for (let pass = 0; pass < 5; pass += 1) {
      let began = () => {};
      const begun = new Promise<void>((done) => {
        began = done;
      });
      const step = queue.step((_key, signal) => {
        signal.addEventListener("abort", () => told.push(true));
        began();
        return new Promise(() => {});
      });
      await begun;
      await jest.advanceTimersByTimeAsync(300_000);
      await step;
      expect(await queue.step(async () => NOTHING_MORE)).toBe(false);
      // By then what the pass has sent has arrived, or never will.
      await jest.advanceTimersByTimeAsync(15_000);
    }
    expect(results).toEqual(["crashed", "crashed", "crashed", "crashed", "set-aside"]);
    expect(told).toHaveLength(5);
    expect(await queue.depth()).toEqual({ waiting: 0, running: 0, setAside: 1 });
  });
});
