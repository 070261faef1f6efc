import { describe, expect, it } from "@jest/globals";
import { quantile } from "../../bench/report.ts";
import { judgeIsolation } from "../../bench/scale/judge-isolation.ts";
import { drawLatencyMs, MEDIAN_LATENCY_MS } from "../../bench/scale/latency.ts";
import { drawByShare, powerLawShares, repositoriesAt } from "../../bench/scale/power-law.ts";
import { factorOf, momentsOf, planHour, SILENT, STORMY, WILD } from "../../bench/scale/schedule.ts";
import { StatusTimes } from "../../bench/scale/status-times.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";

const HOUR = { installations: 1_000, hourMs: 60_000, seed: 1 };

describe("the simulation of ten thousand installations", () => {
  it("gives the rank r a share in proportion to 1 / r", () => {
    const shares = powerLawShares(10_000, 1);
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    expect(shares[0]! / shares[1]!).toBeCloseTo(2, 10);
    expect(shares[0]! / shares[9_999]!).toBeCloseTo(10_000, 6);
  });

  it("draws each in proportion to its share, and nothing that has none", () => {
    const draw = drawByShare([0.5, 0.25, 0, 0.25]);
    expect([0, 0.49, 0.5, 0.74, 0.75, 0.999].map(draw)).toEqual([0, 0, 1, 1, 3, 3]);
  });

  it("gives the largest a hundred repositories, and the small ones one", () => {
    expect([0, 3, 99, 9_999].map(repositoriesAt)).toEqual([100, 50, 10, 1]);
  });

  it("draws GitHub's latency from a log-normal distribution with a median of 80 ms", () => {
    const random = seededRandom(3);
    const drawn = Array.from({ length: 20_000 }, () => drawLatencyMs(random));
    expect(quantile(drawn, 0.5) / MEDIAN_LATENCY_MS).toBeCloseTo(1, 1);
    expect(quantile(drawn, 0.99) / (80 * Math.exp(0.6 * 2.326))).toBeCloseTo(1, 1);
    expect(Math.min(...drawn)).toBeGreaterThan(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(2_000);
  });

  it("divides the hour without gaps, and says how many times faster it goes", () => {
    const moments = momentsOf(HOUR.hourMs);
    expect(moments[0]!.fromMs).toBe(0);
    expect(moments.at(-1)!.toMs).toBeCloseTo(HOUR.hourMs, 6);
    for (const [at, moment] of moments.slice(1).entries()) expect(moment.fromMs).toBe(moments[at]!.toMs);
    expect(factorOf(HOUR)).toBe(60);
  });

  it("plans the same hour for the same seed, in the order of time, and another one for another", () => {
    const { acts } = planHour(HOUR);
    expect(acts).toEqual(planHour(HOUR).acts);
    expect(acts).not.toEqual(planHour({ ...HOUR, seed: 2 }).acts);
    expect(acts.map(({ atMs }) => atMs)).toEqual(acts.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(acts.every(({ atMs }) => atMs >= 0 && atMs < HOUR.hourMs + 2_000)).toBe(true);
  });

  it("lets what follows an incident happen after it", () => {
    const openedAt = new Map<number, number>();
    for (const act of planHour(HOUR).acts) {
      if (act.kind === "incident") openedAt.set(act.life, act.atMs);
      if ("life" in act) expect(openedAt.get(act.life)).toBeLessThanOrEqual(act.atMs);
    }
  });

  it("keeps the installations that have a bad day out of the probes", () => {
    const probes = planHour(HOUR).acts.filter((act) => act.kind === "incident" && act.isProbe);
    expect(probes).toHaveLength(60);
    for (const probe of probes) {
      if (probe.kind !== "incident") throw new Error("a probe is an incident");
      expect([WILD, STORMY, SILENT]).not.toContain(probe.installation);
      expect(probe.installation).toBeGreaterThanOrEqual(100);
      expect(probe.severity).toBe(0);
    }
  });

  it("counts a hint as served by the first status comment whose writer had read after it", () => {
    const times = new StatusTimes<string>();
    times.hinted("a#1", { about: "opened", atMs: 100 });
    times.read("a#1", 150);
    times.hinted("a#1", { about: "acknowledged", atMs: 160 });
    times.written("a#1", 200);
    expect(times.isDone).toBe(false);
    times.read("a#1", 210);
    times.written("a#1", 300);
    expect(times.isDone).toBe(true);
    times.hinted("b#1", { about: "lost", atMs: 400 });
    times.written("b#1", 500);
    expect(times.all()).toEqual([
      { about: "opened", atMs: 100, tookMs: 100 },
      { about: "acknowledged", atMs: 160, tookMs: 140 },
      { about: "lost", atMs: 400, tookMs: null },
    ]);
  });

  it("blames a neighbour only for what is in time without it, on a machine that is not too busy itself", () => {
    const calm = { worstMs: 1_500, lagMs: 10 };
    expect(judgeIsolation({ worstMs: 5_000, lagMs: 10 }, calm)).toBe("held");
    expect(judgeIsolation({ worstMs: 5_001, lagMs: 10 }, calm)).toBe("broken");
    expect(judgeIsolation({ worstMs: null, lagMs: 10 }, calm)).toBe("broken");
    expect(judgeIsolation({ worstMs: 9_000, lagMs: 900 }, calm)).toBe("beyond");
    expect(judgeIsolation({ worstMs: 9_000, lagMs: 10 }, { worstMs: 6_000, lagMs: 10 })).toBe("beyond");
  });
});
