import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type AlertChange, type MemberReport, UNSAID } from "../../../src/core/alerts/alert-change.ts";
import { wordsOf } from "../../../src/core/alerts/alert-rule.ts";
import { type AlertState, burningMembers, newsOf } from "../../../src/core/alerts/alert-state.ts";
import { mergeChange } from "../../../src/core/alerts/merge-change.ts";
import { MOST_MEMBERS } from "../../../src/core/alerts/merge-group.ts";
import type { Instant } from "../../../src/core/model.ts";

const START = Date.UTC(2026, 0, 5, 9);
const MINUTE = 60_000;
const FROM = { source: "alertmanager", endpoint: "metrics" } as const;
const at = (minute: number) => (START + minute * MINUTE) as Instant;

function member(id: string, from: number, to: number | null = null, severity: string | null = "warning"): MemberReport {
  const status = to === null ? "firing" : "resolved";
  return { id, status, name: `instance=${id}`, severity, startedAt: at(from), endedAt: to === null ? null : at(to) };
}

function delivery(members: readonly MemberReport[], more: { group?: string; truncated?: number } = {}): AlertChange {
  const burns = members.some(({ status }) => status === "firing");
  const truncated = more.truncated ?? 0;
  return {
    ...UNSAID,
    change: burns ? "fired" : "resolved",
    key: "g",
    externalId: null,
    at: null,
    order: "start",
    title: "Errors",
    summary: "",
    severity: null,
    url: null,
    actor: null,
    labels: {},
    group: { id: more.group ?? "one", members, isWhole: truncated === 0, truncated },
  };
}

function told(...deliveries: readonly (readonly [minute: number, change: AlertChange])[]): AlertState {
  let state: AlertState | null = null;
  for (const [minute, change] of deliveries) state = mergeChange(state, FROM, change, at(minute));
  return state!;
}

const names = (state: AlertState) => burningMembers(state).map(({ id }) => id);

describe("a group of alerts", () => {
  it("burns while one of its members does, and asks for what those that burn say", () => {
    const joins = told(
      [1, delivery([member("a", 0)])],
      [6, delivery([member("a", 0), member("b", 5, null, "critical")])],
    );
    expect([names(joins), wordsOf(joins)]).toEqual([
      ["a", "b"],
      ["warning", "critical"],
    ]);
    const ends = mergeChange(joins, FROM, delivery([member("a", 0), member("b", 5, 9, "critical")]), at(11));
    expect([ends.status, names(ends), wordsOf(ends)]).toEqual(["firing", ["a"], ["warning"]]);
    const over = mergeChange(ends, FROM, delivery([member("a", 0, 14), member("b", 5, 9, "critical")]), at(16));
    expect([over.status, over.resolvedAt]).toEqual(["resolved", at(14)]);
  });

  it("has news when a member joins, and none when it repeats itself", () => {
    const first = told([1, delivery([member("a", 0)])]);
    const again = mergeChange(first, FROM, delivery([member("a", 0)]), (at(1) + 10) as Instant);
    expect(again).toBe(first);
    const joined = mergeChange(first, FROM, delivery([member("a", 0), member("b", 5, null, "critical")]), at(6));
    expect([newsOf(first), newsOf(joined)]).toEqual([at(0), at(6)]);
    expect(joined.joined).toEqual({ at: at(6), count: 1, names: ["instance=b (critical)"] });
  });

  it("is the same by whatever name it is delivered: its members are known by their fingerprints", () => {
    const state = told(
      [1, delivery([member("a", 0)], { group: "one" })],
      [6, delivery([member("a", 0)], { group: "two" })],
      [11, delivery([member("a", 0, 9)], { group: "two" })],
    );
    expect([state.status, state.times]).toEqual(["resolved", 1]);
  });

  it("keeps two groups apart that share its labels: the end of one is not the end of the other", () => {
    const state = told(
      [1, delivery([member("a", 0)], { group: "one" })],
      [2, delivery([member("b", 1)], { group: "two" })],
      [6, delivery([member("a", 0, 5)], { group: "one" })],
    );
    expect(names(state)).toEqual(["b"]);
  });

  it("loses a member that a whole delivery no longer has, as one that is silenced, and none that was left out for length", () => {
    const both = [1, delivery([member("a", 0), member("b", 0)])] as const;
    expect(names(told(both, [6, delivery([member("a", 0)])]))).toEqual(["a"]);
    const cut = told(both, [6, delivery([member("a", 0)], { truncated: 1 })]);
    expect([names(cut), cut.truncated]).toEqual([["a", "b"], 1]);
  });

  it("keeps a member that a delivery which was overtaken does not know yet", () => {
    const state = told([6, delivery([member("a", 0), member("b", 5)])], [6.5, delivery([member("a", 0)])]);
    expect(names(state)).toEqual(["a", "b"]);
  });

  it("fires again when a member comes back with its old beginning, as after a restart of Prometheus, but not by a late delivery", () => {
    const over = [10, delivery([member("a", 0, 9)])] as const;
    const first = [1, delivery([member("a", 0)])] as const;
    expect(told(first, over, [11, delivery([member("a", 0)])]).status).toBe("resolved");
    const back = told(first, over, [15, delivery([member("a", 0)])]);
    expect([back.status, back.times]).toEqual(["firing", 2]);
    expect(back.firedAt).toBeGreaterThan(at(9));
  });

  it("that was known before its members were is taken up without news", () => {
    const old = told([1, delivery([member("a", 0)])]);
    const { members: _, ...row } = old;
    const state = mergeChange(row, FROM, delivery([member("a", 0), member("b", 2)]), at(6));
    expect([names(state), newsOf(state)]).toEqual([["a", "b"], newsOf(old)]);
  });

  it("keeps some of many members, and one of each severity", () => {
    const many = Array.from({ length: 2_000 }, (_, index) => member(`m${index}`, 0));
    const state = told([1, delivery([...many, member("worst", 0, null, "critical")])]);
    expect(burningMembers(state)).toHaveLength(MOST_MEMBERS);
    expect(wordsOf(state)).toContain("critical");
  });

  it("ends the same in whatever order the deliveries of two minutes come, and however often", () => {
    const life = [
      delivery([member("a", 0)]),
      delivery([member("a", 0), member("b", 0.2, null, "critical")]),
      delivery([member("a", 0), member("b", 0.2, 0.5, "critical")]),
      delivery([member("a", 0, 0.9), member("b", 0.2, 0.5, "critical")]),
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...life), { maxLength: 4 }), (more) => {
        const all = [...life, ...more];
        fc.assert(
          fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
            const state = told(...shuffled.map((one, index) => [1 + index * 0.05, one] as const));
            expect([state.status, state.resolvedAt]).toEqual(["resolved", at(0.9)]);
          }),
          { numRuns: 20 },
        );
      }),
      { numRuns: 20 },
    );
  });
});
