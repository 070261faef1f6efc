import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Instant } from "../../../src/core/model.ts";
import { lintOnCall } from "../../../src/core/oncall/lint-on-call.ts";
import { type ParsedOnCall, parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";
import type { OnCallSchedule, Rotation } from "../../../src/core/oncall/schedule.ts";
import { stretches } from "../../../src/core/oncall/shifts.ts";
import { whoChanges } from "../../../src/core/oncall/who-changes.ts";
import { whoIsOn } from "../../../src/core/oncall/who-is-on.ts";
import { worstOnCall } from "../../../testkit/worst-on-call.ts";
import { arbitraryOnCall } from "../../support/arbitrary-on-call.ts";

const DAY_MS = 86_400_000;
const AT = Date.UTC(2026, 2, 10) as Instant;

/** The file, counting every look at a member or list entry. */
function counted(text: string): {
  readonly parsed: Extract<ParsedOnCall, { readonly kind: "valid" }>;
  readonly looks: () => number;
} {
  let looks = 0;
  const counting = <Item>(items: readonly Item[]): readonly Item[] =>
    new Proxy(items, {
      get(target, name, receiver) {
        if (typeof name === "string" && /^\d+$/.test(name)) looks += 1;
        return Reflect.get(target, name, receiver);
      },
    });
  const parsed = parseOnCall(text);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems[0]));
  const rotations = new Map<Rotation, Rotation>(
    parsed.schedule.rotations.map((one) => [one, { ...one, members: counting(one.members) }]),
  );
  const schedule: OnCallSchedule = {
    ...parsed.schedule,
    rotations: [...rotations.values()],
    roles: parsed.schedule.roles.map((role) => ({ ...role, layers: role.layers.map((one) => rotations.get(one)!) })),
    overrides: counting(parsed.schedule.overrides),
    unavailable: counting(parsed.schedule.unavailable),
    shadows: counting(parsed.schedule.shadows),
  };
  return { parsed: { ...parsed, schedule }, looks: () => looks };
}

function looksOf(size: number, work: (parsed: ReturnType<typeof counted>["parsed"]) => unknown): number {
  const { parsed, looks } = counted(worstOnCall(size));
  work(parsed);
  return looks();
}

describe("The worst file that is allowed", () => {
  it("is one: a step further, and it is refused", () => {
    expect(parseOnCall(worstOnCall()).kind).toBe("valid");
    expect(parseOnCall(worstOnCall(4 / 3)).kind).toBe("invalid");
    expect(stretches(counted(worstOnCall()).parsed.schedule, AT, (AT + 30 * DAY_MS) as Instant).length).toBeGreaterThan(
      2_900,
    );
  });

  it("is looked through by lint as often as something changes in it, not whole at each of twenty thousand moments", () => {
    const whole = looksOf(1, (parsed) => lintOnCall(parsed, AT));
    expect(whole).toBeLessThan(600_000);
    // Half as much of everything is less than half the work.
    expect(whole / looksOf(0.5, (parsed) => lintOnCall(parsed, AT))).toBeLessThan(3);
  });

  it("is looked through no more often to say who changes with a pull request", () => {
    expect(looksOf(1, ({ schedule }) => whoChanges(schedule, schedule, AT))).toBeLessThan(400_000);
  });
});

it("A span says at each of its moments just what is said of that moment alone: people, reasons, layers, shadows", () => {
  const from = Date.UTC(2026, 2, 1) as Instant;
  fc.assert(
    fc.property(arbitraryOnCall, fc.integer({ min: 0, max: 80 }), (schedule, day) => {
      const begin = (from + day * DAY_MS) as Instant;
      for (const stretch of stretches(schedule, begin, (begin + 6 * DAY_MS) as Instant)) {
        expect(stretch.roles).toEqual(whoIsOn(schedule, stretch.from));
        expect(stretch.roles).toEqual(whoIsOn(schedule, (stretch.to - 1) as Instant));
      }
    }),
    { numRuns: 40 },
  );
});
