import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Logger } from "pino";
import { systemClock } from "../../src/base/clock.ts";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { keyId } from "../../src/core/key.ts";
import type { Instant, Key, Millis, Repository } from "../../src/core/model.ts";
import { byDelivery, type PassName } from "../../src/queue/cause.ts";
import { NOTHING_MORE as DONE, type FinishedPass, type Priority, type Queue } from "../../src/queue/queue.ts";
import { createLogLines } from "../support/log-lines.ts";
import { passDiary, signal } from "../support/pass-diary.ts";

/** A queue as seen by one process. */
export interface OpenedQueue {
  readonly queue: Queue;
  onPass(listener: (pass: FinishedPass) => void): void;
  /** The process ends without finishing what it was doing. */
  close(): Promise<void>;
}

/** Opens the queue of the next process, on what the last one left. */
export type OpenQueue = (parts: {
  readonly log: Logger;
  readonly retryDelay: (failures: number) => Millis;
}) => Promise<OpenedQueue>;

const REPOSITORY: Repository = { installationId: 1, id: 2 ** 40 + 1, owner: "Acme", name: "shop" };
const P0: Priority = 30;
const P2: Priority = 28;
const NOISY = 101;

function incident(number: number): Key {
  return { kind: "incident", repository: REPOSITORY, number };
}

function incidentsOf(installationId: number, repository: number, count: number): readonly Key[] {
  const { id, ...rest } = { ...REPOSITORY, installationId, id: repository, name: `repository-${repository}` };
  return Array.from({ length: count }, (_, at) => ({ kind: "incident", repository: { id, ...rest }, number: at + 1 }));
}

function soon(ms: number): Instant {
  return (systemClock.now() + ms) as Instant;
}

/** What every queue promises (src/queue/queue.ts), in memory or on disk: each test is a process, which it ends. */
export function keepsQueuePromises(openQueue: () => OpenQueue): void {
  let store: OpenedQueue;
  /** How long a key waits after a failure for which no time was given. */
  let delays: number[] = [];
  let nextNumber = 1;
  const { log, lines } = createLogLines();

  async function open(): Promise<OpenedQueue> {
    return await openQueue()({
      log,
      retryDelay(failures) {
        delays.push(failures);
        return 0 as Millis;
      },
    });
  }
  /** A key that no other test uses: they share a queue, as real passes would. */
  function freshKey(): Key {
    nextNumber += 1;
    return incident(nextNumber);
  }

  async function untilEmpty(): Promise<void> {
    for (;;) {
      const { waiting, running } = await store.queue.depth();
      if (waiting + running === 0) return;
    }
  }

  beforeEach(async () => {
    lines.length = 0;
    delays = [];
    store = await open();
  });
  afterEach(async () => {
    await store.queue.stop(10_000);
    await store.close();
  });

  it("keeps a key once, however often it is hinted at", async () => {
    const key = freshKey();
    const seen = passDiary();
    await store.queue.add([key, key]);
    await store.queue.add([key]);
    const last = freshKey();
    await store.queue.add([last]);
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(key), keyId(last)]);
  });

  it("works on every key of a delivery that was accepted, though the process ended before it was in the queue", async () => {
    const [key, again] = [freshKey(), freshKey()];
    // There are no workers here: what is accepted stays in the inbox.
    await store.queue.accept([key, again]);
    await store.queue.accept([again]);
    await store.close();
    store = await open();
    const passes = passDiary();
    await store.queue.work(2, async (worked) => {
      passes.write(worked);
      return DONE;
    });
    await passes.until(2);
    expect(passes.ids.toSorted()).toEqual([keyId(key), keyId(again)].toSorted());
  });

  it("works on a key once more when a delivery is accepted while it is being worked on", async () => {
    const key = freshKey();
    const [began, ended] = [signal(), signal()];
    const passes = passDiary();
    await store.queue.work(2, async (worked) => {
      passes.write(worked);
      if (passes.ids.length === 1) {
        began.reach();
        await ended.reached;
      }
      return DONE;
    });
    await store.queue.accept([key]);
    await began.reached;
    await store.queue.accept([key]);
    ended.reach();
    await passes.until(2);
    expect(passes.ids).toEqual([keyId(key), keyId(key)]);
  });

  it("works on a key exactly once more after hints that arrive while it is being worked on", async () => {
    const key = freshKey();
    const [began, goOn] = [signal(), signal()];
    const seen = passDiary();
    await store.queue.work(3, async (taken) => {
      seen.write(taken);
      began.reach();
      if (seen.ids.length === 1) await goOn.reached;
      return DONE;
    });
    await store.queue.add([key]);
    await began.reached;
    for (let hint = 0; hint < 5; hint += 1) await store.queue.add([key]);
    goOn.reach();
    await seen.until(2);
    // Whatever was left of the five hints would come before a key added after them.
    const last = freshKey();
    await store.queue.add([last]);
    await seen.until(3);
    expect(seen.ids).toEqual([keyId(key), keyId(key), keyId(last)]);
  });

  it("never works on a key twice at the same time, and always after its last hint", async () => {
    const keys = [freshKey(), freshKey(), freshKey()];
    const running = new Set<string>();
    const overlaps: string[] = [];
    const runs: string[] = [];
    const finished = passDiary();
    const pass = async (key: Key) => {
      const id = keyId(key);
      if (running.has(id)) overlaps.push(id);
      running.add(id);
      runs.push(id);
      await new Promise((done) => setImmediate(done));
      running.delete(id);
      finished.write(key);
      return DONE;
    };
    await store.queue.work(6, pass);
    for (let round = 0; round < 30; round += 1) await store.queue.add([keys[round % keys.length]!]);
    const runsBefore = new Map(keys.map((key) => [keyId(key), runs.filter((id) => id === keyId(key)).length]));
    await store.queue.add(keys);
    await Promise.all(
      keys.map(async (key) => {
        const before = runsBefore.get(keyId(key))!;
        while (finished.ids.filter((id) => id === keyId(key)).length <= before) {
          await finished.until(finished.ids.length + 1);
        }
      }),
    );
    // The last hints may have left one more run of a key, which must not disturb other tests.
    await untilEmpty();
    expect(overlaps).toEqual([]);
  });

  it("lets other keys pass while one is slow", async () => {
    const [slow, quick] = [freshKey(), freshKey()];
    const goOn = signal();
    const seen = passDiary();
    await store.queue.work(2, async (key) => {
      if (keyId(key) === keyId(slow)) await goOn.reached;
      seen.write(key);
      return DONE;
    });
    await store.queue.add([slow]);
    await store.queue.add([quick]);
    await seen.until(1);
    goOn.reach();
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(quick), keyId(slow)]);
  });

  it("takes urgent keys first, also one that was waiting as part of a sweep", async () => {
    const [swept, alsoSwept, hinted, urgent] = [freshKey(), freshKey(), freshKey(), freshKey()];
    await store.queue.add([swept, alsoSwept], 0);
    await store.queue.add([hinted], 20);
    await store.queue.add([urgent, alsoSwept], 30);
    const seen = passDiary();
    await store.queue.work(1, async (key) => {
      seen.write(key);
      return DONE;
    });
    await seen.until(4);
    expect(new Set(seen.ids.slice(0, 2))).toEqual(new Set([keyId(urgent), keyId(alsoSwept)]));
    expect(seen.ids.slice(2)).toEqual([keyId(hinted), keyId(swept)]);
  });

  it("brings a key back when its timer is due, once, at the moment it was moved to", async () => {
    const [key, marker] = [freshKey(), freshKey()];
    const seen = passDiary();
    await store.queue.work(2, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await store.queue.lookAgainAt(key, soon(3_600_000));
    await store.queue.lookAgainAt(key, soon(100));
    await seen.until(1);
    // A second look at the key would come before one that was asked for after the first.
    await store.queue.lookAgainAt(marker, soon(600));
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(key), keyId(marker)]);
  });

  it("forgets a timer that was taken away", async () => {
    const [key, marker] = [freshKey(), freshKey()];
    const seen = passDiary();
    await store.queue.lookAgainAt(key, soon(50));
    await store.queue.lookAgainAt(key, null);
    await store.queue.lookAgainAt(marker, soon(600));
    await store.queue.work(2, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
    expect(seen.ids).toEqual([keyId(marker)]);
  });

  it("works on a key at once though its timer is far away", async () => {
    const key = freshKey();
    const seen = passDiary();
    await store.queue.lookAgainAt(key, soon(3_600_000));
    await store.queue.add([key]);
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
    expect(seen.ids).toEqual([keyId(key)]);
  });

  it("looks again when a pass asks for it, and at the keys a pass names", async () => {
    const [key, other] = [freshKey(), freshKey()];
    const seen = passDiary();
    await store.queue.add([key]);
    await store.queue.work(2, async (taken) => {
      seen.write(taken);
      return seen.ids.length === 1 ? { checkAgainIn: 300 as Millis, alsoLookAt: [other] } : DONE;
    });
    await seen.until(3);
    expect(seen.ids).toEqual([keyId(key), keyId(other), keyId(key)]);
  });

  it("tells a pass its first cause, also at the next try, and what follows from it where it began", async () => {
    const [key, other] = [freshKey(), freshKey()];
    const seen = passDiary();
    const names: PassName[] = [];
    await store.queue.accept([key], 10, byDelivery("guid-1"));
    await store.queue.accept([key], 20, byDelivery("guid-2"));
    await store.queue.work(1, async (taken, _signal, _lease, name) => {
      names.push(name);
      seen.write(taken);
      if (seen.ids.length === 1) throw new TransientError("GitHub is slow", { retryAfterMs: 0 });
      return seen.ids.length === 2 ? { checkAgainIn: 300 as Millis, alsoLookAt: [other] } : DONE;
    });
    await seen.until(4);
    expect(seen.ids).toEqual([keyId(key), keyId(key), keyId(other), keyId(key)]);
    const first = { pass: "guid-1", cause: "delivery", origin: "guid-1" };
    const [, , followed, due] = names;
    expect(names).toEqual([
      first,
      first,
      { pass: expect.any(String), cause: `after:${keyId(key)}`, origin: "guid-1" },
      { pass: expect.any(String), cause: "timer", origin: due?.pass },
    ]);
    expect(new Set(["guid-1", followed?.pass, due?.pass]).size).toBe(3);
  });

  it("tries a pass again that failed for a passing reason", async () => {
    const key = freshKey();
    const seen = passDiary();
    await store.queue.add([key]);
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      if (seen.ids.length <= 7)
        throw new TransientError("GitHub is slow", { retryAfterMs: seen.ids.length === 1 ? 0 : null });
      return DONE;
    });
    await seen.until(8);
    await store.queue.stop(10_000);
    expect(await store.queue.depth()).toMatchObject({ waiting: 0, running: 0, setAside: 0 });
  });

  it("drops a pass that cannot succeed until the next hint, and says so in the log", async () => {
    const [key, marker] = [freshKey(), freshKey()];
    const seen = passDiary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      if (keyId(taken) === keyId(key) && seen.ids.length === 1)
        throw new TerminalError("no permission", { status: 403 });
      return DONE;
    });
    await store.queue.add([key]);
    await seen.until(1);
    // A second try would be due at once.
    await store.queue.lookAgainAt(marker, soon(800));
    await seen.until(2);
    expect(seen.ids).toEqual([keyId(key), keyId(marker)]);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 40, key: keyId(key), status: 403, msg: "pass dropped until the next hint" }),
    );
    await store.queue.add([key]);
    await seen.until(3);
  });

  it("sets a key aside that fails five times for no known reason, works on, and takes it back once it works", async () => {
    const [poison, healthy] = [freshKey(), freshKey()];
    let broken = true;
    const seen = passDiary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      if (broken && keyId(taken) === keyId(poison)) throw new Error("a bug");
      return DONE;
    });
    await store.queue.add([poison]);
    await seen.until(5);
    await store.queue.lookAgainAt(healthy, soon(800));
    await seen.until(6);
    expect(seen.ids.filter((id) => id === keyId(poison))).toHaveLength(5);
    expect((await store.queue.depth()).setAside).toBe(1);
    broken = false;
    await store.queue.add([poison]);
    await seen.until(7);
    await store.queue.stop(10_000);
    expect((await store.queue.depth()).setAside).toBe(0);
  });

  it("finishes the running pass before it stops, and keeps what waits for the next start", async () => {
    const [first, second] = [freshKey(), freshKey()];
    const [began, goOn] = [signal(), signal()];
    const finished = passDiary();
    await store.queue.add([first]);
    await store.queue.work(1, async (key) => {
      began.reach();
      await goOn.reached;
      finished.write(key);
      return DONE;
    });
    await began.reached;
    await store.queue.add([second]);
    const stopped = store.queue.stop(30_000);
    goOn.reach();
    await stopped;
    expect(finished.ids).toEqual([keyId(first)]);
    await store.close();
    store = await open();
    expect((await store.queue.depth()).waiting).toBe(1);
    await store.queue.work(1, async (key) => {
      finished.write(key);
      return DONE;
    });
    await finished.until(2);
    expect(finished.ids).toEqual([keyId(first), keyId(second)]);
  });

  it("puts a pass back that does not finish in time when stopping", async () => {
    const key = freshKey();
    const [began, aborted] = [signal(), signal()];
    await store.queue.add([key]);
    await store.queue.work(1, async (_key, abort) => {
      abort.addEventListener("abort", () => aborted.reach());
      began.reach();
      await aborted.reached;
      throw new TransientError("stopped");
    });
    await began.reached;
    await store.queue.stop(10);
    await aborted.reached;
    await store.close();
    store = await open();
    expect(await store.queue.depth()).toMatchObject({ waiting: 1, running: 0 });
    const seen = passDiary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
    expect(seen.ids).toEqual([keyId(key)]);
  });

  it("keeps its timers when the process ends", async () => {
    const [key, other] = [freshKey(), freshKey()];
    await store.queue.lookAgainAt(other, soon(3_600_000));
    await store.queue.lookAgainAt(key, soon(200));
    await store.queue.lookAgainAt(other, null);
    await store.close();
    store = await open();
    const seen = passDiary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
    expect(seen.ids).toEqual([keyId(key)]);
  });

  it("looks at all of the many keys that a pass names", async () => {
    const [key, ...named] = Array.from({ length: 601 }, freshKey) as [Key, ...Key[]];
    await store.queue.add([key]);
    const seen = passDiary();
    await store.queue.work(4, async (taken) => {
      seen.write(taken);
      return keyId(taken) === keyId(key) ? { checkAgainIn: null, alsoLookAt: named } : DONE;
    });
    await seen.until(601);
    expect(new Set(seen.ids)).toEqual(new Set([key, ...named].map(keyId)));
  });

  it("counts the failures of a key in a row, and anew after a pass that worked", async () => {
    const key = freshKey();
    const seen = passDiary();
    await store.queue.add([key]);
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      if ([4, 6].includes(seen.ids.length)) return DONE;
      throw new TransientError("GitHub is slow", { retryAfterMs: seen.ids.length === 2 ? 0 : null });
    });
    await seen.until(4);
    await store.queue.add([key]);
    await seen.until(6);
    // If the failure says when to come back, that is believed; it still counts as a failure.
    expect(delays).toEqual([0, 2, 0]);
  });

  it("tells how every pass ended", async () => {
    const told: string[] = [];
    const all = signal();
    store.onPass(({ key, result, tookMs }) => {
      expect(tookMs).toBeGreaterThanOrEqual(0);
      told.push(`${keyId(key)} ${result}`);
      if (told.length === 8) all.reach();
    });
    const keys = [freshKey(), freshKey(), freshKey()] as const;
    const [done, dropped, poison] = keys.map(keyId);
    let slow = true;
    await store.queue.add(keys);
    await store.queue.work(1, async (key) => {
      if (keyId(key) === dropped) throw new TerminalError("no permission", { status: 403 });
      if (keyId(key) === poison) throw new Error("a bug");
      if (slow) {
        slow = false;
        throw new TransientError("GitHub is slow");
      }
      return DONE;
    });
    await all.reached;
    const crashes = Array.from({ length: 4 }, () => `${poison} crashed`);
    const expected = [`${done} again-later`, `${done} done`, `${dropped} dropped`, ...crashes, `${poison} set-aside`];
    expect(told.toSorted()).toEqual(expected.toSorted());
    expect(told.at(-1)).toBe(`${poison} set-aside`);
    // Once it works, it is no longer set aside.
    await store.queue.stop(10_000);
    await store.close();
    store = await open();
    expect((await store.queue.depth()).setAside).toBe(1);
    const takenBack = signal();
    store.onPass(() => takenBack.reach());
    await store.queue.add([keys[2]]);
    await store.queue.work(1, async () => DONE);
    await takenBack.reached;
    expect((await store.queue.depth()).setAside).toBe(0);
  });

  it("lets a pass know that its key is its own, and no longer once it was stopped", async () => {
    const [held, aborted, refused] = [signal(), signal(), signal<unknown>()];
    await store.queue.add([freshKey()]);
    await store.queue.work(1, async (_key, abort, lease) => {
      await lease.assertHeld();
      abort.addEventListener("abort", () => aborted.reach());
      held.reach();
      await aborted.reached;
      await lease.assertHeld().catch((error: unknown) => refused.reach(error));
      return { checkAgainIn: null, alsoLookAt: [] };
    });
    await held.reached;
    await store.queue.stop(10);
    expect(await refused.reached).toBeInstanceOf(TransientError);
    // What it found out no longer counts: the key waits for the next start.
    await store.close();
    store = await open();
    expect(await store.queue.depth()).toMatchObject({ waiting: 1, running: 0 });
    const seen = passDiary();
    await store.queue.work(1, async (taken) => {
      seen.write(taken);
      return DONE;
    });
    await seen.until(1);
  });

  describe("a noisy neighbour", () => {
    it("with 5,000 P0 in the queue lets another installation's P0, and another of its own repositories, go first", async () => {
      await store.queue.add(incidentsOf(NOISY, 10, 5_000), P0);
      const others = [...incidentsOf(2, 20, 1), ...incidentsOf(NOISY, 11, 1)];
      await store.queue.add(others, P0);
      const seen: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      await store.queue.work(1, async (key) => {
        seen.push(keyId(key));
        if (others.every((other) => seen.includes(keyId(other)))) resolve();
        return DONE;
      });
      await promise;
      // As much as the noisy repository may ask for at once, and no more.
      expect(seen.length).toBeLessThanOrEqual(30 + others.length);
    });

    it("whose 1,000 webhooks about P0 have just arrived does not hold up another's that comes after them", async () => {
      for (const keys of [incidentsOf(NOISY, 12, 1_000), incidentsOf(5, 50, 1), incidentsOf(NOISY, 13, 1)]) {
        await store.queue.accept(keys, P0);
      }
      const others = [...incidentsOf(5, 50, 1), ...incidentsOf(NOISY, 13, 1)].map(keyId);
      const seen: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      await store.queue.work(1, async (key) => {
        seen.push(keyId(key));
        if (others.every((other) => seen.includes(other))) resolve();
        return DONE;
      });
      await promise;
      // Among the first two hundred that are moved, and near the front of those.
      expect(seen.length).toBeLessThanOrEqual(100);
    });

    it("whose passes hang never holds all slots while another installation waits, whatever its severity", async () => {
      const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const { promise: served, resolve: serve } = Promise.withResolvers<void>();
      let running = 0;
      await store.queue.add(incidentsOf(3, 30, 40), P0);
      await store.queue.work(2, async (key) => {
        if (key.repository.installationId === 4) serve();
        if (key.repository.installationId !== 3) return DONE;
        running += 1;
        if (running === 2) begin();
        await goOn;
        return DONE;
      });
      await begun;
      await store.queue.add(incidentsOf(4, 40, 1), P2);
      await served;
      const held = running;
      letGo();
      expect(held).toBe(2);
    });

    it("and another one, whose passes hang, too, leave a slot for the next", async () => {
      const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const { promise: served, resolve: serve } = Promise.withResolvers<void>();
      const running = new Map<number, number>();
      await store.queue.add([...incidentsOf(5, 50, 40), ...incidentsOf(6, 60, 40)], P0);
      await store.queue.work(4, async (key) => {
        const { installationId } = key.repository;
        if (installationId === 7) serve();
        if (installationId !== 5 && installationId !== 6) return DONE;
        running.set(installationId, (running.get(installationId) ?? 0) + 1);
        const [fives, sixes] = [running.get(5) ?? 0, running.get(6) ?? 0];
        if (fives > 1 && sixes > 0 && fives + sixes >= 4) begin();
        await goOn;
        return DONE;
      });
      await begun;
      await store.queue.add(incidentsOf(7, 70, 1), P2);
      await served;
      const held = (running.get(5) ?? 0) + (running.get(6) ?? 0);
      letGo();
      expect(held).toBeGreaterThanOrEqual(4);
    });
  });
}
