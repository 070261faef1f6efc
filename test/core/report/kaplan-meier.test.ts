import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { kaplanMeier, medianOf, type Observation, shareWithin } from "../../../src/core/report/kaplan-meier.ts";
import { seededRandom } from "../../../testkit/seeded-random.ts";

/** `+`: last seen then, without it. */
function remission(text: string): readonly Observation[] {
  return text.split(" ").map((one) => ({ after: Number.parseInt(one, 10), happened: !one.endsWith("+") }));
}

/**
 * Weeks in remission of children with leukaemia, by treatment (Freireich and others 1963; as in Cox and Oakes, Analysis of Survival
 * Data, 1984, and most textbooks).
 */
const TREATED = remission("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+");
const PLACEBO = remission("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23");

describe("A curve of what has not happened to all yet", () => {
  it("is that of a published example, step by step, with those at risk", () => {
    const steps = kaplanMeier(TREATED).map(({ after, atRisk, happened, share }) => [
      after,
      atRisk,
      happened,
      (1 - share).toFixed(3),
    ]);
    expect(steps).toEqual([
      [6, 21, 3, "0.857"],
      [7, 17, 1, "0.807"],
      [10, 15, 1, "0.753"],
      [13, 12, 1, "0.690"],
      [16, 11, 1, "0.627"],
      [22, 7, 1, "0.538"],
      [23, 6, 1, "0.448"],
    ]);
    expect(medianOf(kaplanMeier(TREATED))).toBe(23);
    expect(medianOf(kaplanMeier(PLACEBO))).toBe(8);
  });

  it("has the interval of the same example: Greenwood's variance, on the scale log(-log)", () => {
    // R, survival::survfit(Surv(time, status) ~ 1, conf.type = "log-log").
    const [first] = kaplanMeier(TREATED);
    expect([1 - first!.high!, 1 - first!.low!].map((one) => one.toFixed(3))).toEqual(["0.620", "0.952"]);
    const last = kaplanMeier(TREATED).at(-1)!;
    expect([1 - last.high!, 1 - last.low!].map((one) => one.toFixed(3))).toEqual(["0.188", "0.680"]);
  });

  it("is the share itself where it has happened to all", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 60 }), fc.nat(60), (times, asked) => {
        const all = times.map((after) => ({ after, happened: true }));
        const within = shareWithin(kaplanMeier(all), all, asked);
        expect(within?.share).toBeCloseTo(times.filter((one) => one <= asked).length / times.length, 9);
      }),
    );
  });

  it("never falls, stays between 0 and 1, and within its interval; the order of what it is made of does not matter", () => {
    const some = fc.array(fc.record({ after: fc.nat(1_000), happened: fc.boolean() }), { maxLength: 80 });
    fc.assert(
      fc.property(some, (observations) => {
        const steps = kaplanMeier(observations);
        expect(kaplanMeier(observations.toReversed())).toEqual(steps);
        let before = 0;
        for (const { share, low, high, happened, atRisk } of steps) {
          expect(share).toBeGreaterThan(before);
          expect(share).toBeLessThanOrEqual(1);
          expect(happened).toBeLessThanOrEqual(atRisk);
          if (low !== null && high !== null) {
            expect(low).toBeLessThanOrEqual(share + 1e-12);
            expect(high).toBeGreaterThanOrEqual(share - 1e-12);
          }
          before = share;
        }
      }),
    );
  });

  it("says nothing about a time for which nobody was looked at, and nothing at all of none", () => {
    const curve = kaplanMeier(TREATED);
    expect(shareWithin(curve, TREATED, 35)?.share).toBeCloseTo(0.552, 3);
    expect(shareWithin(curve, TREATED, 36)).toBeNull();
    expect(shareWithin(curve, TREATED, 5)).toEqual({ share: 0, low: null, high: null });
    expect(shareWithin(kaplanMeier(PLACEBO), PLACEBO, 1_000)?.share).toBe(1);
    expect(shareWithin([], [], 0)).toBeNull();
    expect(medianOf(kaplanMeier([{ after: 5, happened: false }]))).toBeNull();
  });

  it("finds the truth where half is not over yet, which the median of what is over does not", () => {
    const random = seededRandom(20_261_127);
    const half = 3.3;
    let [right, wrong, covered] = [0, 0, 0];
    const rounds = 200;
    for (let round = 0; round < rounds; round += 1) {
      // Log-normal durations (σ = 1.5) of incidents declared evenly over the 30 days that are looked at.
      const observations = Array.from({ length: 120 }, () => {
        const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        const took = half * Math.exp(1.5 * normal);
        const left = 30 * random();
        return { after: Math.min(took, left), happened: took <= left };
      });
      const curve = kaplanMeier(observations);
      const over = observations.filter(({ happened }) => happened).map(({ after }) => after);
      right += medianOf(curve)! / rounds;
      wrong += over.toSorted((a, b) => a - b)[Math.floor(over.length / 2)]! / rounds;
      const within = shareWithin(curve, observations, half)!;
      if (within.low! <= 0.5 && within.high! >= 0.5) covered += 1;
    }
    expect(right).toBeGreaterThan(3);
    expect(right).toBeLessThan(3.7);
    expect(wrong).toBeLessThan(2.7);
    // 95 of 100, give or take what chance does in 200 rounds.
    expect(covered / rounds).toBeGreaterThan(0.9);
  });
});
