import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Instant, Key } from "../../src/core/model.ts";
import { FairShare, LOWEST_RANK_WITHIN_SHARE } from "../../src/queue/fair-share.ts";
import type { Priority } from "../../src/queue/queue.ts";

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

  it("is of two P0 that of whoever has asked for less, and before it nothing less severe, as long as all have a share left", () => {
    const shares = new FairShare();
    const busy = incidents(10, 1, 1).map((key) => shares.rank(key, P0, now));
    const quiet = shares.rank(incident(2, 2, 1), P0, now);
    const quietP2 = shares.rank(incident(2, 2, 2), P2, now);
    expect(quiet).toBeGreaterThan(busy.at(-1)!);
    expect(busy[0]).toBe(quiet);
    expect(Math.min(...busy)).toBeGreaterThan(quietP2);
    // Also for the other repositories of an installation, whichever of them asks for much.
    expect(shares.rank(incident(1, 3, 1), P0, now)).toBeGreaterThanOrEqual(busy.at(-1)!);
  });

  it("is after a minute no installation that asks for two keys a second, in however many repositories, before the others", () => {
    const shares = new FairShare();
    const ranks = Array.from({ length: 300 }, (_, at) => ({
      at,
      rank: shares.rank(incident(NOISY, at, at), P0, (now + at * 500) as Instant),
    }));
    const quietP2 = shares.rank(incident(2, 2_000, 1), P2, (now + 150 * SECONDS) as Instant);
    // One a second stays within the share.
    const late = ranks.slice(-60).filter(({ rank }) => rank > quietP2);
    expect(late.length).toBeLessThanOrEqual(31);
  });

  it("is never an onboarding before anything else: it goes last whatever put it there", () => {
    const shares = new FairShare();
    const onboarding: Key = { kind: "onboarding", repository: incident(1, 1, 1).repository };
    const report: Key = { kind: "report", repository: onboarding.repository };
    const swept = shares.rank(report, 0, now);
    for (const asked of [0, 10, 20, 30] as const) {
      expect(new FairShare().rank(onboarding, asked, now)).toBeLessThanOrEqual(swept);
      expect(new FairShare().rankOf({ key: onboarding, failures: 2 }, asked, now)).toBeLessThanOrEqual(swept);
    }
    expect(shares.rank(report, 10, now)).toBeGreaterThan(shares.rank(onboarding, 30, now));
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

  it("is nobody else because a key was tried again and again: that takes nothing from its share", () => {
    const shares = new FairShare();
    const key = incident(1, 1, 1);
    for (let at = 0; at < 1_000; at += 1) shares.rankOf({ key, failures: 1 }, P2, now);
    const again = shares.rankOf({ key, failures: 1 }, P2, now);
    const first = shares.rankOf({ key, failures: 0 }, P2, now);
    expect(first).toBeGreaterThan(again);
    expect(first).toBe(new FairShare().rank(key, P2, now));
    expect(again).toBeGreaterThan(shares.rank(key, 20, now));
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
    expect(shares.rank(incident(NOISY, 1, 1), P2, anHourLater)).toBe(shares.rank(incident(2, 2, 1), P2, anHourLater));
  });

  it("fits the database for decades", () => {
    const shares = new FairShare();
    const in2080 = Date.UTC(2080, 0, 1) as Instant;
    const ranks = incidents(10_000, NOISY, 1).map((key) => shares.rank(key, 0, in2080));
    expect(Math.min(...ranks)).toBeGreaterThan(-(2 ** 31));
  });
});
