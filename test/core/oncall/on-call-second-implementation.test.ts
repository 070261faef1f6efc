import { describe, expect, it } from "@jest/globals";
import { Temporal } from "@js-temporal/polyfill";
import type { Instant, Millis } from "../../../src/core/model.ts";
import type { Rotation } from "../../../src/core/oncall/schedule.ts";
import { handoff, turnIndex } from "../../../src/core/oncall/turn.ts";
import {
  firstInstant,
  lastInstant,
  offsetOf,
  timesShown,
  type WallTime,
  wallTimeAt,
} from "../../../src/core/oncall/wall-clock.ts";
import { nextTransition } from "../../../src/core/oncall/zone-offsets.ts";
import { seededRandom } from "../../../testkit/seeded-random.ts";

const BEGIN = Date.UTC(2020, 0, 1);
const END = Date.UTC(2038, 0, 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ZONES = Intl.supportedValuesOf("timeZone");

const zoned = (at: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

/** Every clock change in a zone, according to the second implementation. */
function transitionsOf(zone: string): readonly number[] {
  const found: number[] = [];
  let at = zoned(BEGIN, zone).getTimeZoneTransition("next");
  while (at !== null && at.epochMilliseconds < END) {
    found.push(at.epochMilliseconds);
    at = at.getTimeZoneTransition("next");
  }
  return found;
}
const TRANSITIONS = ZONES.map((zone) => ({ zone, moments: transitionsOf(zone) }));
const CHANGES = TRANSITIONS.flatMap(({ zone, moments }) => moments.map((at) => ({ zone, at })));

function wallOf(at: number, zone: string): number {
  const local = zoned(at, zone).toPlainDateTime();
  return Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second, local.millisecond);
}

/** What the definitions in wall-clock.ts amount to, in terms of Temporal's disambiguation. */
function reference(
  wall: number,
  zone: string,
): { readonly first: number; readonly last: number; readonly times: number } {
  const local = Temporal.PlainDateTime.from(new Date(wall).toISOString().slice(0, -1));
  const earlier = local.toZonedDateTime(zone, { disambiguation: "earlier" });
  const later = local.toZonedDateTime(zone, { disambiguation: "later" }).epochMilliseconds;
  const first = earlier.epochMilliseconds;
  if (first === later) return { first, last: first, times: 1 };
  if (wallOf(first, zone) !== wall) {
    // Jumped over: the two are on either side of the jump.
    const jump = earlier.getTimeZoneTransition("next")!.epochMilliseconds;
    return { first: jump, last: jump, times: 0 };
  }
  // Right after clocks were set back they show this time; they only show less before that.
  const isFirstOfThose = wallOf(later - 1, zone) >= wall;
  return { first, last: isFirstOfThose ? first : later, times: 2 };
}

describe("A second implementation of Temporal (@js-temporal/polyfill) agrees", () => {
  it("on every change of the clocks in every zone, 2020 to 2037", () => {
    const wrong = TRANSITIONS.filter(({ zone, moments }) => {
      let at: Instant | null = BEGIN as Instant;
      const ours: number[] = [];
      for (at = nextTransition(at, zone); at !== null && at < END; at = nextTransition(at, zone)) ours.push(at);
      return JSON.stringify(ours) !== JSON.stringify(moments);
    });
    expect(wrong).toEqual([]);
    expect(CHANGES.length).toBeGreaterThan(4_000);
  });

  it("on what clocks show, and on first, last and missing moments, at random local times around every second change", () => {
    const random = seededRandom(1);
    const seen = [0, 0, 0];
    const wrong = CHANGES.filter((_, which) => which % 2 === 0).filter(({ zone, at }) => {
      const near = at + Math.floor((random() - 0.5) * 6 * HOUR_MS);
      // A quarter of them are right at the edges, where one moment decides.
      const edge = wallOf(at - (random() < 0.5 ? 1 : 0), zone) + Math.round(random() * 2 - 1);
      const wall = (
        random() < 0.25 ? edge : wallOf(at, zone) + Math.floor((random() - 0.5) * 4 * 60) * MINUTE_MS
      ) as WallTime;
      const { first, last, times } = reference(wall, zone);
      seen[times]! += 1;
      const offset = Temporal.Instant.fromEpochMilliseconds(times === 0 ? first - 1 : first).toZonedDateTimeISO(
        zone,
      ).offset;
      return (
        wallTimeAt(near as Instant, zone) !== wallOf(near, zone) ||
        firstInstant(wall, zone) !== first ||
        lastInstant(wall, zone) !== last ||
        timesShown(wall, zone) !== times ||
        offsetOf(wall, zone) !== offset
      );
    });
    expect(wrong).toEqual([]);
    for (const count of seen) expect(count).toBeGreaterThan(100);
  });

  it("on handoffs and on whose turn it is, for random rotations at random moments", () => {
    const random = seededRandom(2);
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
    const wrong = Array.from({ length: 400 }, (): string | null => {
      const { zone, at } = pick(CHANGES);
      const hours = pick([1, 2, 3, 4, 6, 8, 12, 24, 48, 7 * 24, 14 * 24]);
      const handoffs = Math.floor(random() * 40);
      // Some handoff is within two hours of the change.
      const near = wallOf(at, zone) + Math.floor((random() - 0.5) * 16) * 15 * MINUTE_MS;
      const start = (near - handoffs * hours * HOUR_MS) as WallTime;
      const shift = (hours * HOUR_MS) as Millis;
      const rotation: Rotation = { name: "r", zone, start, shift, members: ["a"], until: null, windows: [] };
      const begin = Temporal.PlainDateTime.from(new Date(start).toISOString().slice(0, -1));
      const expected = [-1, 0, 1, 2].map((step) => {
        const local = begin.add({ hours: (handoffs + step) * hours });
        return reference(Date.parse(`${local.toString()}Z`), zone).first;
      });
      const ours = [-1, 0, 1, 2].map((step) => handoff(rotation, handoffs + step));
      const moment = (at + Math.floor((random() - 0.5) * 3 * HOUR_MS)) as Instant;
      const turn = turnIndex(rotation, moment);
      const [from, to] = [turn, turn + 1].map(
        (index) => reference(Date.parse(`${begin.add({ hours: index * hours }).toString()}Z`), zone).first,
      );
      const isRight = JSON.stringify(ours) === JSON.stringify(expected) && from! <= moment && moment < to!;
      return isRight
        ? null
        : `${zone}, start ${begin.toString()}, shift ${hours}h, at ${new Date(moment).toISOString()}`;
    }).filter((one) => one !== null);
    expect(wrong).toEqual([]);
  });
});
