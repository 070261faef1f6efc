import { expect, it } from "@jest/globals";
import { playEscalation } from "../../support/escalation-run.ts";

/** A part of what `npm run test:faults -- escalation` plays 10,000 times. */
const RUNS = 60;

it("whatever the schedule, the words, lost hints, outages and deaths: no page is early, late, doubled or missed", () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { wrong, latenessMs } = playEscalation(seed);
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
    expect(Math.max(0, ...latenessMs)).toBeLessThanOrEqual(15_000);
  }
});
