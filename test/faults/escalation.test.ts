import { expect, it, jest } from "@jest/globals";
import { playEscalation } from "../support/escalation-run.ts";
import { faultSeeds } from "./harness/seeds.ts";

jest.setTimeout(3_600_000);

const RUNS = 10_000;

it(`in ${RUNS} random schedules with faults no page is early, more than 15 s late, doubled or missed`, () => {
  const sum = { pages: 0, passes: 0, deaths: 0, timed: 0, latestMs: 0 };
  const wrong: string[] = [];
  for (const seed of faultSeeds(RUNS)) {
    const run = playEscalation(seed);
    wrong.push(...run.wrong.map((one) => `seed ${seed}: ${one}`));
    const latest = Math.max(0, ...run.latenessMs);
    if (latest > 15_000) wrong.push(`seed ${seed}: ${latest} ms late`);
    sum.pages += run.pages;
    sum.passes += run.passes;
    sum.deaths += run.deaths;
    sum.timed += run.latenessMs.length;
    sum.latestMs = Math.max(sum.latestMs, latest);
  }
  process.stdout.write(`escalations: ${JSON.stringify(sum)}\n`);
  expect(wrong).toEqual([]);
});
