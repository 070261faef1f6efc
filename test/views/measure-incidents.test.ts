import { expect, it } from "@jest/globals";
import type { PastIncident } from "../../src/core/archive/past-incident.ts";
import { MemoryIndex } from "../../src/store/memory-index.ts";
import { type Measured, measuring } from "../../src/views/measure-incidents.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { buildPast, past } from "../support/build-archive.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Saves the record of an incident again and again, each time with what it is by then. */
async function measured(...states: readonly PastIncident[]): Promise<readonly (readonly Measured[])[]> {
  const seen: Measured[] = [];
  const index = measuring(new MemoryIndex(), (one) => void seen.push(one));
  const told: (readonly Measured[])[] = [];
  for (const [at, { record }] of states.entries()) {
    await index.saveRecord(1, 1, at, { record: JSON.stringify(record), recordRevision: at + 1 });
    told.push(seen.splice(0));
  }
  return told;
}

it("Each incident is measured once for each thing that happens to it, when it happens", async () => {
  const ack = past.acknowledged(5 * MINUTE);
  const over = past.resolved(HOUR);
  const states = [[], [ack], [ack], [ack, over], [ack, over, past.closed(DAY)], [ack, over, past.closed(DAY)]];
  expect(await measured(...states.map((entries) => buildPast(1, {}, ...entries)))).toEqual([
    [],
    [{ measure: "acknowledge", severity: "P0", seconds: 300 }],
    [],
    [
      { measure: "mitigate", severity: "P0", seconds: 3_600 },
      { measure: "resolve", severity: "P0", seconds: 3_600 },
    ],
    [{ measure: "learn", severity: "P0", seconds: 86_400 }],
    [],
  ]);
});

it("An incident that is given back or opened again is not measured a second time", async () => {
  const ack = past.acknowledged(MINUTE);
  const back = { ...past.acknowledged(2 * MINUTE), kind: "unacknowledged" } as never;
  const ended = [ack, back, past.acknowledged(HOUR), past.resolved(2 * HOUR)];
  const again = [
    ...ended,
    { ...past.resumed(DAY), by: "rita" } as never,
    past.acknowledged(2 * DAY),
    past.resolved(3 * DAY),
  ];
  const states = [[], [ack], [ack, back], ended.slice(0, 3), ended, again.slice(0, 5), again.slice(0, 6), again];
  const told = await measured(...states.map((entries) => buildPast(1, {}, ...entries)));
  expect(told.flat().map(({ measure, seconds }) => [measure, seconds])).toEqual([
    ["acknowledge", 60],
    ["mitigate", 7_200],
    ["resolve", 7_200],
  ]);
});

it("A drill, a waiver and what was known before the index was lost are not measured", async () => {
  const ack = past.acknowledged(MINUTE);
  expect(await measured(buildPast(1, {}), buildPast(1, {}, past.drill(0), ack))).toEqual([[], []]);
  const waived = [ack, past.waived(HOUR), past.closed(HOUR, "waived", [])];
  expect(
    (await measured(buildPast(1, {}, ack), buildPast(1, {}, ...waived)))[1]!.map(({ measure }) => measure),
  ).not.toContain("learn");
  expect(await measured(buildPast(1, {}, ack, past.resolved(HOUR)))).toEqual([[]]);
});

it("An incident that was closed past the gate is over, as the report has it, and nobody has learned from it", async () => {
  const ungated = buildPast(1, {}, past.acknowledged(MINUTE), past.closed(HOUR, "ungated", []));
  const [, told] = await measured(buildPast(1, {}, past.acknowledged(MINUTE)), ungated);
  expect(told!.map(({ measure, seconds }) => [measure, seconds])).toEqual([
    ["mitigate", 3_600],
    ["resolve", 3_600],
  ]);
});

it("A record that another pass has saved meanwhile is not measured", async () => {
  const seen: Measured[] = [];
  const index = measuring(new MemoryIndex(), (one) => void seen.push(one));
  const save = (over: number, record: PastIncident["record"]) =>
    index.saveRecord(1, 1, over, { record: JSON.stringify(record), recordRevision: over + 1 });
  await save(0, buildPast(1, {}).record);
  expect(await save(5, buildPast(1, {}, past.acknowledged(MINUTE)).record)).toBe(false);
  expect(seen).toEqual([]);
});

it("Names of severities, which come from policies, do not become rows without end", async () => {
  const metrics = createMetrics(new VirtualClock());
  for (let number = 0; number < 100; number += 1) {
    metrics.countMeasured({ measure: "resolve", severity: `S${number}`, seconds: 90 });
  }
  const rows = (await metrics.registry.metrics()).match(/^sevgate_incident_time_seconds_count\{.*$/gm) ?? [];
  expect(rows.length).toBe(21);
  expect(rows).toContain('sevgate_incident_time_seconds_count{measure="resolve",severity="other"} 80');
});
