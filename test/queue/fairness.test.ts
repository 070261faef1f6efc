import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { keyId } from "../../src/core/key.ts";
import type { Instant, Key } from "../../src/core/model.ts";
import { FairShare, LOWEST_RANK_WITHIN_SHARE } from "../../src/queue/fair-share.ts";
import { NOTHING_MORE, type Priority } from "../../src/queue/queue.ts";
import { openStore, type Store } from "../../src/run/open-store.ts";
import { createTestDatabase, type TestDatabase } from "../../testkit/postgres.ts";
import { createLogLines } from "../support/log-lines.ts";

// Making an embedded database takes seconds.
jest.setTimeout(60_000);

function incident(installationId: number, repository: number, number: number): Key {
  return {
    kind: "incident",
    repository: { installationId, id: repository, owner: "acme", name: `repository-${repository}` },
    number,
  };
}
function incidents(count: number, installationId: number, repository: number): readonly Key[] {
  return Array.from({ length: count }, (_, at) => incident(installationId, repository, at + 1));
}

const P0: Priority = 30;
const P2: Priority = 28;
const NOISY = 1;
const SECONDS = 1_000;

describe("who is next", () => {
  const now = 1_800_000_000_000 as Instant;

  it("is the more severe incident, however the others came first, while everybody is within a share", () => {
    const shares = new FairShare();
    const swept = shares.rank(incident(1, 1, 1), 0, now);
    const p2 = shares.rank(incident(1, 1, 2), P2, now);
    const p0 = shares.rank(incident(2, 2, 3), P0, now);
    expect([p0, p2, swept]).toEqual([swept, p2, p0].toSorted((a, b) => b - a));
    expect(swept).toBeGreaterThanOrEqual(LOWEST_RANK_WITHIN_SHARE);
  });

  it("is never somebody beyond a share before somebody within one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 6_000 }), fc.integer({ min: 0, max: 30 }), (before, priority) => {
        const shares = new FairShare();
        let noisy = 0;
        for (let at = 0; at < before; at += 1) noisy = shares.rank(incident(NOISY, 1, at), P0, now);
        const otherInstallation = shares.rank(incident(2, 2, 1), priority as Priority, now);
        const otherRepository = shares.rank(incident(NOISY, 3, 1), priority as Priority, now);
        return otherInstallation > noisy && otherRepository > noisy && noisy < LOWEST_RANK_WITHIN_SHARE;
      }),
    );
  });

  it("alternates between two that are both far beyond their share", () => {
    const shares = new FairShare();
    const ranked = [1, 2].flatMap((id) =>
      incidents(500, id, id).map((key) => ({ id, rank: shares.rank(key, P0, now) })),
    );
    const late = ranked.filter(({ rank }) => rank < LOWEST_RANK_WITHIN_SHARE).toSorted((a, b) => b.rank - a.rank);
    const firstHundred = late.slice(0, 100).filter(({ id }) => id === 1).length;
    expect(firstHundred).toBe(50);
  });

  it("has the share again after a while, and an old key beyond it comes before a new one", () => {
    const shares = new FairShare();
    const [first, last] = [1, 2].map(() =>
      incidents(2_000, NOISY, 1)
        .map((key) => shares.rank(key, P2, now))
        .at(-1),
    ) as [number, number];
    expect(last).toBeLessThan(first);
    const anHourLater = (now + 3_600 * SECONDS + 60 * SECONDS) as Instant;
    expect(shares.rank(incident(NOISY, 1, 1), P2, anHourLater)).toBe(P2);
  });

  it("fits the database for decades", () => {
    const shares = new FairShare();
    const in2080 = Date.UTC(2080, 0, 1) as Instant;
    const ranks = incidents(10_000, NOISY, 1).map((key) => shares.rank(key, 0, in2080));
    expect(Math.min(...ranks)).toBeGreaterThan(-(2 ** 31));
  });
});

let database: TestDatabase;
const dataDir = mkdtempSync(join(tmpdir(), "sevgate-fairness-"));
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe.each(["embedded", "postgresql"] as const)("a noisy neighbour, %s", (engine) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore({
      databaseUrl: engine === "postgresql" ? database.url : null,
      dataDir,
      log: createLogLines().log,
      clock: systemClock,
    });
  });
  afterEach(async () => {
    await store.queue.stop(10_000);
    await store.close();
  });

  it("with 5,000 P0 in the queue lets another installation's P0, and another of its own repositories, go first", async () => {
    await store.queue.add(incidents(5_000, NOISY, 10), P0);
    const others = [incident(2, 20, 1), incident(NOISY, 11, 1)];
    await store.queue.add(others, P0);
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await store.queue.work(1, async (key) => {
      seen.push(keyId(key));
      if (others.every((other) => seen.includes(keyId(other)))) resolve();
      return NOTHING_MORE;
    });
    await promise;
    // What the noisy repository may ask for at once, and no more.
    expect(seen.length).toBeLessThanOrEqual(30 + others.length);
  });

  it("whose 1,000 webhooks about P0 have just arrived does not hold up another's that comes after them", async () => {
    for (const keys of [incidents(1_000, NOISY, 12), [incident(5, 50, 1)], [incident(NOISY, 13, 1)]]) {
      await store.queue.accept(keys, P0);
    }
    const others = [incident(5, 50, 1), incident(NOISY, 13, 1)].map(keyId);
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await store.queue.work(1, async (key) => {
      seen.push(keyId(key));
      if (others.every((other) => seen.includes(other))) resolve();
      return NOTHING_MORE;
    });
    await promise;
    // With the first two hundred that are moved, and of these among the first.
    expect(seen.length).toBeLessThanOrEqual(100);
  });

  it("whose passes hang never holds all slots while another installation waits, whatever its severity", async () => {
    const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: served, resolve: serve } = Promise.withResolvers<void>();
    let running = 0;
    await store.queue.add(incidents(40, 3, 30), P0);
    await store.queue.work(2, async (key) => {
      if (key.repository.installationId === 4) serve();
      if (key.repository.installationId !== 3) return NOTHING_MORE;
      running += 1;
      if (running === 2) begin();
      await goOn;
      return NOTHING_MORE;
    });
    await begun;
    await store.queue.add([incident(4, 40, 1)], P2);
    await served;
    const held = running;
    letGo();
    expect(held).toBe(2);
  });
});
