import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { Instant } from "../../../src/core/model.ts";
import { escalationFor, resolveTarget } from "../../../src/core/oncall/escalation-rule.ts";
import { parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../../../src/core/oncall/schedule.ts";
import { shiftsIn, stretches } from "../../../src/core/oncall/shifts.ts";
import { handoff } from "../../../src/core/oncall/turn.ts";
import { whoIsOn } from "../../../src/core/oncall/who-is-on.ts";
import { formatProblem } from "../../../src/core/policy/read-document.ts";

interface Case {
  readonly id: string;
  readonly why: string;
  readonly config: unknown;
  readonly at?: readonly (readonly [string, ...(string | null)[]])[];
  readonly handoffs?: Readonly<Record<string, readonly string[]>>;
  readonly gaps?: readonly (readonly [string, string, readonly (readonly [string, string])[]])[];
  readonly escalate?: readonly {
    readonly sev: string;
    readonly declaredAt: string;
    readonly ackAt?: string;
    readonly expect: readonly (readonly [string, readonly string[]])[];
  }[];
}

const { cases } = JSON.parse(readFileSync(new URL("on-call-cases.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

function instant(text: string): Instant {
  return Date.parse(text) as Instant;
}

/** JSON is YAML: the cases are read as a file would be. */
function scheduleOf(config: unknown): OnCallSchedule {
  const parsed = parseOnCall(typeof config === "string" ? config : JSON.stringify(config));
  if (parsed.kind === "invalid") throw new Error(parsed.problems.map((one) => formatProblem("", one)).join("\n"));
  return parsed.schedule;
}

function problemsOf(text: string): readonly string[] {
  const parsed = parseOnCall(text);
  return parsed.kind === "valid" ? [] : parsed.problems.map((one) => formatProblem("", one).slice(1));
}

describe("who is on call", () => {
  it.each(cases.filter(({ at }) => at !== undefined).map((one) => [one.id, one] as const))("%s", (_id, one) => {
    const schedule = scheduleOf(one.config);
    const found = one.at!.map(([at]) => [at, ...whoIsOn(schedule, instant(at)).map(({ login }) => login)]);
    expect({ why: one.why, found }).toEqual({ why: one.why, found: one.at });
  });
});

describe("an override of an override", () => {
  /** Alice has the first week, bob the second; secondary is the next one. */
  function whoIs(overrides: readonly string[], at = "2026-01-07T12:00:00Z"): readonly (string | null)[] {
    const spell = "role: primary, from: 2026-01-05, to: 2026-01-26";
    const schedule = scheduleOf(
      "rotations:\n  r: { start: 2026-01-05, handoff: '00:00', members: [alice, bob, carol, dave] }\n" +
        "roles:\n  primary: { layers: [r] }\n  secondary: { follow: primary, offset: 1 }\n" +
        `overrides: [${overrides.map((one) => `{ ${spell}, ${one} }`).join(", ")}]\n`,
    );
    return whoIsOn(schedule, instant(at)).map(({ login }) => login);
  }

  it.each<[string, readonly string[], string, string]>([
    ["leads to whoever stands in last", ["user: bob, for: alice", "user: erin, for: bob"], "erin", "carol"],
    ["whichever stands first in the file", ["user: erin, for: bob", "user: bob, for: alice"], "erin", "carol"],
    ["also of one for everybody", ["user: bob", "user: erin, for: bob"], "erin", "carol"],
    [
      "over more than one step",
      ["user: bob, for: alice", "user: erin, for: bob", "user: finn, for: erin"],
      "finn",
      "carol",
    ],
    [
      "of two for the same person by the later entry",
      ["user: bob, for: alice", "user: erin, for: bob", "user: finn, for: bob"],
      "finn",
      "carol",
    ],
    [
      "stays a swap where two stand in for each other",
      ["user: bob, for: alice", "user: alice, for: bob"],
      "bob",
      "carol",
    ],
    ["is none where the later entry is for everybody", ["user: bob, for: alice", "user: erin"], "erin", "bob"],
    [
      "does not go round in a circle",
      ["user: bob, for: alice", "user: carol, for: bob", "user: alice, for: carol"],
      "carol",
      "dave",
    ],
  ])("%s", (_, overrides, primary, secondary) => {
    expect(whoIs(overrides)).toEqual([primary, secondary]);
  });

  it("swaps the other turn as well", () => {
    const swap = ["user: bob, for: alice", "user: alice, for: bob"];
    expect(whoIs(swap, "2026-01-14T12:00:00Z")[0]).toBe("alice");
  });
});

describe("an hourly turn that begins in the hour that is left out", () => {
  const schedule = scheduleOf(
    "zone: Europe/Berlin\nrotations:\n  r: { start: 2026-03-29, handoff: '00:00', shift: 1h, members: [a, b, c, d, e] }\n" +
      "roles:\n  primary: { layers: [r] }\n",
  );
  const begin = instant("2026-03-28T23:00:00Z");
  const HOUR_MS = 3_600_000;
  // Clocks go from 02:00 to 03:00: c's hour is not there.
  const expected = ["a", "b", "d", "e", "a", "b"];

  it("is the next member's: nobody has it, and nobody later moves", () => {
    const found = expected.map((_, hour) => whoIsOn(schedule, (begin + hour * HOUR_MS) as Instant)[0]!.login);
    expect(found).toEqual(expected);
  });

  it("leaves no hole in the calendar, and no shift of no length", () => {
    const all = shiftsIn(stretches(schedule, begin, (begin + 6 * HOUR_MS) as Instant), "primary");
    expect(all.map(({ login }) => login)).toEqual(expected);
    expect(all.map(({ from, to }) => to - from)).toEqual(expected.map(() => HOUR_MS));
  });
});

describe("turns are handed over", () => {
  it.each(cases.filter(({ handoffs }) => handoffs !== undefined).map((one) => [one.id, one] as const))(
    "%s",
    (_id, one) => {
      const { rotations } = scheduleOf(one.config);
      const found = Object.entries(one.handoffs!).map(([name, expected]) => {
        const rotation = rotations.find((other) => other.name === name)!;
        return [name, expected.map((_, index) => new Date(handoff(rotation, index)).toISOString().replace(".000", ""))];
      });
      expect(Object.fromEntries(found)).toEqual(one.handoffs);
    },
  );
});

describe("whom a step of the escalation calls is decided when it fires", () => {
  const traces = cases.flatMap(({ id, config, escalate = [] }) =>
    escalate.map((trace) => [id, config, trace] as const),
  );
  it.each(traces)("%s", (_id, config, { sev, declaredAt, ackAt, expect: expected }) => {
    const schedule = scheduleOf(config);
    const called = new Set<string>();
    const targets: string[] = [];
    const found = escalationFor(schedule, sev).steps.flatMap(({ after, notify }) => {
      const at = (instant(declaredAt) + after) as Instant;
      if (ackAt !== undefined && at >= instant(ackAt)) return [];
      targets.push(...notify);
      const now = targets.flatMap((target) => resolveTarget(schedule, target, at)).filter((one) => !called.has(one));
      for (const one of now) called.add(one);
      return [[new Date(at).toISOString().replace(".000", ""), [...new Set(now)]]];
    });
    expect(found).toEqual(expected);
  });

  it("without a word in the file: primary at once, secondary after 15 minutes, everybody after 30", () => {
    const schedule = scheduleOf(
      "rotations: { week: { start: 2026-01-05, members: [alice, nobody, bob] } }\nroles: { primary: { layers: [week] } }",
    );
    const { steps } = escalationFor(schedule, "P0");
    expect(steps.map(({ after, notify }) => [after / 60_000, ...notify])).toEqual([
      [0, "primary"],
      [15, "secondary"],
      [30, "team"],
    ]);
    expect(resolveTarget(schedule, "team", instant("2026-01-06T00:00:00Z"))).toEqual(["alice", "bob"]);
    expect(resolveTarget(schedule, "secondary", instant("2026-01-06T00:00:00Z"))).toEqual([]);
  });

  it("a severity has its own rule, in any case of letters; the others have default", () => {
    const schedule = scheduleOf(`
rotations: { week: { start: 2026-01-05, members: [alice, bob] } }
roles: { primary: { layers: [week] } }
escalation:
  P0: { steps: [{ after: 90s, notify: [primary] }], repeat: { every: 30m, times: 3 }, ack-timeout: 1h }
  default: [{ after: 1h, notify: [team] }]
`);
    expect(escalationFor(schedule, "p0")).toEqual({
      steps: [{ after: 90_000, notify: ["primary"] }],
      repeat: { every: 1_800_000, times: 3 },
      "ack-timeout": 3_600_000,
    });
    expect(escalationFor(schedule, "P9")).toEqual({
      steps: [{ after: 3_600_000, notify: ["team"] }],
      repeat: null,
      "ack-timeout": null,
    });
  });
});

describe("a broken on-call file is refused with the place and the remedy:", () => {
  const week = "rotations: { week: { start: 2026-01-05, members: [alice, bob] } }\n";
  const roles = "roles: { primary: { layers: [week] } }\n";
  it.each([
    ["nothing", "", "1:1  roles  an empty value is not a map: write primary: { layers: [week] }"],
    ["an underscore for a hyphen", `${week}${roles}ack_timeout: 1h`, /^3:1 {2}ack_timeout {2}unknown key/],
    [
      "an offset for a zone",
      `zone: "+02:00"\n${week}${roles}`,
      /^1:7 {2}zone {2}"\+02:00" is not a time zone: write an area/,
    ],
    ["an abbreviation", `zone: EST\n${week}${roles}`, /^1:7 {2}zone {2}"EST" is not a time zone/],
    ["an unknown zone", `zone: Europe/Berlinn\n${week}${roles}`, /no time zone .* did you mean Europe\/Berlin\?$/],
    ["a path for a zone", `zone: Etc/../etc\n${week}${roles}`, /^1:7 {2}zone .* not a time zone/],
    ["hours that do not divide a day", `${week.replace("members", "shift: 5h, members")}${roles}`, /5h.* not a shift/],
    [
      "a day that is not the day of the start",
      `${week.replace("members", "handoff-day: tue, members")}${roles}`,
      /^1:\d+ {2}rotations.week.handoff-day {2}2026-01-05 is a mon, not a tue/,
    ],
    ["a day no calendar has", `${week.replace("01-05", "02-30")}${roles}`, /the calendar has no "2026-02-30"/],
    ["a rotation nobody wrote", `${week}roles: { primary: { layers: [weak] } }`, /did you mean week\?$/],
    [
      "a role before the one it follows",
      `${week}roles: { b: { follow: primary }, primary: { layers: [week] } }`,
      /no role above/,
    ],
    ["no primary", `${week}roles: { secondary: { layers: [week] } }`, /there is no primary, who is paged first/],
    [
      "an override backwards",
      `${week}${roles}overrides: [{ role: primary, user: bob, from: 2026-01-07, to: 2026-01-06 }]`,
      /^3:\d+ {2}overrides\[0\].to {2}this ends before it begins/,
    ],
    [
      "steps out of order",
      `${week}${roles}escalation: { P0: [{ after: 15m, notify: [primary] }, { after: 0m, notify: [team] }] }`,
      /steps stand in order of time/,
    ],
    [
      "a target nobody has",
      `${week}${roles}escalation: { P0: [{ after: 15m, notify: [primry] }] }`,
      /did you mean primary\?$/,
    ],
    ["nobody as a person", `${week}${roles}team: [nobody]`, /nobody can only be a member of a rotation/],
    ["an alias", "a: &a 1\nb: *a", /aliases/],
    ["a person twice", `${week}${roles}people: { alice: {}, Alice: {} }`, /Alice is there twice/],
  ])("%s", (_name, text, expected) => {
    const [first] = problemsOf(text);
    if (typeof expected === "string") expect(first).toBe(expected);
    else expect(first).toMatch(expected);
  });

  it.each([
    ["rotations", `rotations: {${numbered(21, (n) => `r${n}: { start: 2026-01-05, members: [a] }`)}}\n${roles}`],
    ["roles", `${week}roles: {primary: { layers: [week] }, ${numbered(8, (n) => `r${n}: { layers: [week] }`)}}`],
    ["layers", `${week}roles: { primary: { layers: [${numbered(11, () => "week")}] } }`],
    ["members", `rotations: { week: { start: 2026-01-05, members: [${numbered(51, (n) => `m${n}`)}] } }\n${roles}`],
    [
      "windows",
      `rotations: { week: { start: 2026-01-05, members: [a], restrictions: [${numbered(15, () => '{ from: "09:00", to: "10:00" }')}] } }\n${roles}`,
    ],
    [
      "overrides",
      `${week}${roles}overrides: [${numbered(301, () => "{ role: primary, user: a, from: 2026-01-05, to: 2026-01-06 }")}]`,
    ],
    [
      "handoffs",
      `rotations: {${numbered(5, (n) => `r${n}: { start: 2026-01-05, shift: 1h, members: [a] }`)}}\nroles: { primary: { layers: [r0] } }`,
    ],
    ["bytes", `# ${"x".repeat(70_000)}`],
    ["levels", `team: ${"[".repeat(30)}${"]".repeat(30)}`],
  ])("more %s than anybody needs", (_name, text) => {
    expect(problemsOf(text).join("\n")).toMatch(/too (?:long|many|large|deep)/);
  });
});

function numbered(count: number, write: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => write(n)).join(", ");
}

it("logins are the same in upper and lower case: a holiday of Alice is one of alice", () => {
  const schedule = scheduleOf(`
rotations: { week: { start: 2026-01-05, members: [alice, bob] } }
roles: { primary: { layers: [week] } }
unavailable: [{ user: Alice, from: 2026-01-06, to: 2026-01-07 }]
`);
  expect(whoIsOn(schedule, instant("2026-01-06T12:00:00Z"))[0]!.login).toBe("bob");
});
