import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Instant, Millis } from "../../../src/core/model.ts";
import type { DutyWindow, Rotation } from "../../../src/core/oncall/schedule.ts";
import { shiftsIn, stretches } from "../../../src/core/oncall/shifts.ts";
import { handoff, turnAt, turnIndex } from "../../../src/core/oncall/turn.ts";
import { firstInstant, lastInstant, type WallTime, wallTimeAt } from "../../../src/core/oncall/wall-clock.ts";
import { loginOn } from "../../../src/core/oncall/who-is-on.ts";
import { nextTransition } from "../../../src/core/oncall/zone-offsets.ts";
import { arbitraryOnCall } from "../../support/arbitrary-on-call.ts";
import { intlFirst, intlLast } from "../../support/intl-wall-clock.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Every clock change anywhere, 2020 to 2037: if zones agree for all that time, one stands for them all. */
const HISTORIES = new Map(
  Intl.supportedValuesOf("timeZone").map((zone) => {
    const found: Instant[] = [];
    let next = nextTransition(Date.UTC(2020, 0, 1) as Instant, zone);
    while (next !== null && next < Date.UTC(2038, 0, 1)) {
      found.push(next);
      next = nextTransition(next, zone);
    }
    const shown = found.map((at) => wallTimeAt(at, zone));
    return [JSON.stringify([found, shown]), found.map((at) => ({ zone, at }))];
  }),
);
const TRANSITIONS = [...HISTORIES.values()].flat();

function rotation(zone: string, start: WallTime, shift: number, windows: readonly DutyWindow[] = []): Rotation {
  return { name: "r", zone, start, shift: shift as Millis, members: ["a", "b"], until: null, windows };
}

describe("at every change of the clocks anywhere from 2020 to 2037", () => {
  it("there are more than a thousand, in some fifty kinds of zones", () => {
    expect(TRANSITIONS.length).toBeGreaterThan(1_000);
    expect(HISTORIES.size).toBeGreaterThan(40);
  });

  it("turns follow each other: none begins before the one before it, and one of them covers each moment", () => {
    const wrong = TRANSITIONS.filter(({ zone, at }, which) => {
      // A handoff within the jump, at its edges, or beside it: a different one for each change.
      const offset = [-HOUR_MS, -HOUR_MS / 2, -1, 0, HOUR_MS / 4, HOUR_MS / 2, HOUR_MS][which % 7]!;
      const shift = [HOUR_MS, 12 * HOUR_MS, DAY_MS, 7 * DAY_MS][which % 4]!;
      const start = (wallTimeAt((at + offset) as Instant, zone) - 3 * shift) as WallTime;
      const turns = rotation(zone, start, shift);
      const handoffs = [0, 1, 2, 3, 4, 5].map((index) => handoff(turns, index));
      const ordered = handoffs.every((one, index) => index === 0 || one >= handoffs[index - 1]!);
      const index = turnIndex(turns, at);
      return !ordered || handoff(turns, index) > at || handoff(turns, index + 1) <= at;
    });
    expect(wrong).toEqual([]);
  });

  it("windows that meet within the jump leave no hole", () => {
    const wrong = TRANSITIONS.filter(({ zone, at }, which) => {
      const edge = (wallTimeAt(at, zone) + [-HOUR_MS / 2, 0, HOUR_MS / 2][which % 3]!) % DAY_MS;
      const half = (edge + DAY_MS / 2) % DAY_MS;
      const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
      const window = (from: number, to: number): DutyWindow => ({
        days,
        from: from as Millis,
        to: (to <= from ? to + DAY_MS : to) as Millis,
      });
      const start = (wallTimeAt(at, zone) - 3 * DAY_MS) as WallTime;
      const one = rotation(zone, start, 7 * DAY_MS, [window(edge, half)]);
      const other = rotation(zone, start, 7 * DAY_MS, [window(half, edge)]);
      return [-1, 0, HOUR_MS / 2].some((step) => {
        const moment = (at + step) as Instant;
        return turnAt(one, moment).kind !== "on" && turnAt(other, moment).kind !== "on";
      });
    });
    expect(wrong).toEqual([]);
  });

  it("first and last moments are those that clocks themselves show, minute by minute", () => {
    fc.assert(
      fc.property(fc.constantFrom(...TRANSITIONS), fc.integer({ min: -120, max: 120 }), ({ zone, at }, minutes) => {
        const wall = (Math.floor(wallTimeAt(at, zone) / 60_000) * 60_000 + minutes * 60_000) as WallTime;
        expect([firstInstant(wall, zone), lastInstant(wall, zone)]).toEqual([
          intlFirst(wall, zone),
          intlLast(wall, zone),
        ]);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the coming shifts", () => {
  it("cover the time asked for without hole or overlap, and say at each moment who is on then", () => {
    const from = Date.UTC(2026, 2, 1) as Instant;
    fc.assert(
      fc.property(
        arbitraryOnCall,
        fc.integer({ min: 0, max: 40 * 24 * 60 }),
        fc.integer({ min: 1, max: 14 }),
        (schedule, startMinutes, days) => {
          const begin = (from + startMinutes * 60_000) as Instant;
          const end = (begin + days * DAY_MS) as Instant;
          const all = stretches(schedule, begin, end);
          for (const { name } of schedule.roles) {
            const shifts = shiftsIn(all, name);
            expect(shifts[0]!.from).toBe(begin);
            expect(shifts.at(-1)!.to).toBe(end);
            for (const [index, shift] of shifts.entries()) {
              const next = shifts[index + 1];
              expect(shift.from).toBeLessThan(shift.to);
              if (next !== undefined) {
                expect(next.from).toBe(shift.to);
                expect(next.login).not.toBe(shift.login);
              }
              const middle = Math.floor((shift.from + shift.to) / 2);
              for (const at of [shift.from, middle, shift.to - 1]) {
                expect([name, at, loginOn(schedule, name, at as Instant)]).toEqual([name, at, shift.login]);
              }
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
