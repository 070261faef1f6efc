import { describe, expect, it } from "@jest/globals";
import type { Instant } from "../../../src/core/model.ts";
import { lintOnCall } from "../../../src/core/oncall/lint-on-call.ts";
import { type ParsedOnCall, parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";
import { whoChanges } from "../../../src/core/oncall/who-changes.ts";
import { formatProblem } from "../../../src/core/policy/read-document.ts";
import { changeLines } from "../../../src/core/render/on-call-changes.ts";
import { onCallText } from "../../../src/core/render/on-call-text.ts";

const NOON = Date.UTC(2026, 0, 6, 12) as Instant;

function valid(text: string): Extract<ParsedOnCall, { kind: "valid" }> {
  const parsed = parseOnCall(text);
  if (parsed.kind === "invalid") throw new Error(parsed.problems.map((one) => formatProblem("", one)).join("\n"));
  return parsed;
}

function lint(text: string, at: Instant = NOON, severities: readonly string[] | null = null): readonly string[] {
  return lintOnCall(valid(text), at, severities).map(
    ({ line, path, level, message }) => `${line} ${path} ${level}: ${message}`,
  );
}

const WEEK = `zone: Europe/Berlin
rotations:
  week: { start: 2026-01-05, members: [alice, bob] }
roles:
  primary: { layers: [week] }
  secondary: { follow: primary }
`;

const SUN = (amerTo: string) => `rotations:
  apac: { zone: Asia/Tokyo, start: 2026-01-01, members: [yuki], restrictions: [{ from: "09:00", to: "17:00" }] }
  emea: { zone: Europe/Berlin, start: 2026-01-01, members: [emma], restrictions: [{ from: "09:00", to: "17:00" }] }
  amer: { zone: America/New_York, start: 2026-01-01, members: [noah], restrictions: [{ from: "11:00", to: "${amerTo}" }] }
roles:
  primary: { layers: [apac, emea, amer] }
`;

describe("sevgate oncall --lint says", () => {
  it("nothing about a schedule that holds", () => {
    expect(lint(WEEK)).toEqual([]);
  });

  it("that nobody is on call within 30 days, when, and for how long", () => {
    const text = `${WEEK}unavailable:
  - { user: alice, from: 2026-01-20, to: 2026-01-22 }
  - { user: bob, from: 2026-01-21, to: 2026-01-23 }
`;
    expect(lint(text)).toEqual([
      "5 roles.primary error: nobody is primary for 1 day from Wed 2026-01-21 00:00 (Europe/Berlin): fill it with another layer",
      "6 roles.secondary warning: nobody is secondary for 3 days from Tue 2026-01-20 00:00 (Europe/Berlin): fill it with another layer",
    ]);
  });

  it("that a hole opens when clocks change, although there is none now", () => {
    expect(lint(SUN("19:00"))).toEqual([
      expect.stringMatching(
        /^6 roles.primary error: when clocks change in America\/New_York, 2026-03-08, nobody is primary for 1 hour from Sun 2026-03-08 23:00 \(Etc\/UTC\), and \d more times: widen a window$/,
      ),
    ]);
    expect(lint(SUN("20:00"))).toEqual([]);
  });

  it("that a local time never comes or comes twice, and how to say which is meant", () => {
    const text = `${WEEK}overrides:
  - { role: primary, user: bob, from: 2026-03-29T02:30, to: 2026-03-30 }
  - { role: primary, user: bob, from: 2026-10-25T02:30, to: 2026-10-26T09:00 }
  - { role: primary, user: bob, from: 2026-11-25T02:30, to: 2026-11-26T09:00 }
  - { role: primary, user: bob, from: 2026-10-25T02:30:00+01:00, to: 2026-10-25T08:00 }
`;
    expect(lint(text).slice(0, 2)).toEqual([
      "8 overrides[0].from error: clocks in Europe/Berlin never show 2026-03-29T02:30: add the offset that is meant, such as 2026-03-29T02:30+01:00",
      "9 overrides[1] warning: overrides[3] covers a part of this one: the later entry wins",
    ]);
    expect(lint(text).filter((one) => one.includes("error"))).toHaveLength(2);
    expect(lint(text)[2]).toMatch(/^9 overrides\[1\].from error: .* twice: .* such as 2026-10-25T02:30\+02:00$/);
  });

  it.each([
    [
      "an override that is over",
      "{ role: primary, user: bob, from: 2026-01-01, to: 2026-01-02 }",
      /^8 overrides\[0\] notice: this override ended Fri 2026-01-02 00:00: it can go$/,
    ],
    [
      "an override for somebody nobody knows",
      "{ role: primary, user: bobb, from: 2026-01-10, to: 2026-01-12 }",
      /^8 overrides\[0\].user warning: bobb is in no rotation.* did you mean bob\?$/,
    ],
    [
      "a second role by an override",
      "{ role: secondary, user: alice, from: 2026-01-10, to: 2026-01-11 }",
      /^8 overrides\[0\] warning: alice is primary as well from Sat 2026-01-10 00:00/,
    ],
  ])("%s", (_name, override, expected) => {
    const found = lint(`${WEEK}overrides:\n  - ${override}\n`);
    expect(found[0]).toMatch(expected);
    expect(found).toHaveLength(1);
  });

  it("that somebody is called although they are unavailable", () => {
    const text = `${WEEK.replace("bob]", "bob, carol]")}overrides: [{ role: primary, user: carol, from: 2026-01-08, to: 2026-01-09 }]
unavailable: [{ user: carol, from: 2026-01-07, to: 2026-01-10 }]
`;
    expect(lint(text)).toEqual([
      "7 overrides[0].user warning: carol is unavailable then (unavailable[0]), and is paged all the same",
    ]);
  });

  it("that one person is alone, that shares are uneven, that a rotation is idle", () => {
    const alone = WEEK.replace("[alice, bob]", "[alice]");
    expect(lint(alone).map((one) => one.split(":")[0])).toEqual(["2 rotations warning", "6 roles.secondary warning"]);
    expect(lint(WEEK.replace("[alice, bob]", "[alice, alice, alice, alice, bob]"))).toEqual([
      "5 roles.primary notice: alice has 83 % of primary in the next 12 weeks; an equal share is 50 %",
    ]);
    expect(lint(WEEK.replace("roles:", "  spare: { start: 2026-01-05, members: [erin] }\nroles:"))).toEqual([
      "4 rotations.spare notice: no role takes people from this rotation",
    ]);
  });

  it.each([
    [
      "{ P7: [STEP], default: [STEP] }",
      '7 escalation.P7 warning: the policy has no severity "P7": it has P0 and P1. Rename or remove it',
    ],
    ["{ default: [STEP], p0: [STEP] }", undefined],
    ["{ P0: [STEP], P1: [STEP] }", undefined],
    [
      "{ P0: [STEP] }",
      "7 escalation notice: P1 has no escalation here, and there is no default: primary is paged at once, secondary " +
        "after 15 minutes, team after 30. Add a default to have it otherwise",
    ],
  ])("where the escalation %s and the severities P0 and P1 of the policy do not meet", (escalation, expected) => {
    const text = `${WEEK}escalation: ${escalation.replaceAll("STEP", "{ after: 0m, notify: [team] }")}`;
    expect(lint(text, NOON, ["P0", "P1"])[0]).toBe(expected);
    expect(lint(text)).toEqual([]);
  });
});

describe("who changes, in the four weeks after a change of the file,", () => {
  it("is nobody when only words change", () => {
    const before = valid(WEEK).schedule;
    expect(whoChanges(before, valid(`# words\n${WEEK}`).schedule, NOON)).toEqual([]);
  });

  it("is said with names and times when a new member reshuffles the turns", () => {
    const before = valid(WEEK).schedule;
    const after = valid(WEEK.replace("bob]", "bob, carol]")).schedule;
    expect(changeLines(whoChanges(before, after, NOON), "Europe/Berlin")).toEqual([
      "Mon 2026-01-19 09:00 to Mon 2026-01-26 09:00  primary: carol instead of alice",
      "Mon 2026-01-26 09:00 to Mon 2026-02-02 09:00  primary: alice instead of bob",
      "Mon 2026-02-02 09:00 to Tue 2026-02-03 13:00  primary: bob instead of alice",
      "Mon 2026-01-12 09:00 to Mon 2026-01-19 09:00  secondary: carol instead of alice",
      "Mon 2026-01-19 09:00 to Mon 2026-01-26 09:00  secondary: alice instead of bob",
      "Mon 2026-01-26 09:00 to Mon 2026-02-02 09:00  secondary: bob instead of alice",
      "Mon 2026-02-02 09:00 to Tue 2026-02-03 13:00  secondary: carol instead of bob",
    ]);
  });

  it("is everybody when the file goes away", () => {
    const before = valid(WEEK).schedule;
    expect(whoChanges(before, null, NOON).every(({ is }) => is === null)).toBe(true);
    expect(whoChanges(null, before, NOON)[0]).toMatchObject({ role: "primary", was: null, is: "alice" });
  });
});

it("sevgate oncall --explain says why: layers asked, hours, absences, overrides", () => {
  const { schedule } = valid(`${SUN("19:00")}overrides:
  - { role: primary, user: zoe, from: 2026-01-06, to: 2026-01-07, reason: swap }
unavailable: [{ user: emma, from: 2026-01-06T10:00, to: 2026-01-06T18:00 }]
shadows: [{ user: erin, role: primary, from: 2026-01-06, to: 2026-01-07 }]
`);
  expect(onCallText(schedule, NOON, { days: 0, explain: true })).toBe(`Tue 2026-01-06 12:00 (Etc/UTC)

primary  zoe  until Wed 2026-01-07 00:00, then yuki
         shadowing: erin
         apac: outside its hours
         emea: everybody is away (emma)
         amer: outside its hours
         overrides[0]: zoe instead of nobody until Wed 2026-01-07 00:00 (swap)
`);
});
