import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Debt, debtOf, lateSince, withinOf } from "../../../src/core/debt/debt.ts";
import { followUpsText, reminderText } from "../../../src/core/debt/follow-ups-text.ts";
import type { ActionItem } from "../../../src/core/items/action-item.ts";
import type { Instant } from "../../../src/core/model.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";

const DAY = 86_400_000;
const POLICY = defaultPolicy();
const PLACE = { issueUrl: "https://github.com/acme/ops/issues/1", unread: 0 };

function at(text: string): Instant {
  return Date.parse(text) as Instant;
}

function item(number: number, change: Partial<ActionItem> = {}): ActionItem {
  return {
    target: { repository: null, number },
    url: `https://github.com/acme/ops/issues/${number}`,
    title: "Limit the pool",
    state: "open",
    reason: null,
    incident: { repository: null, number: 12 },
    owner: "bob",
    due: { day: "2026-01-20", from: "text" },
    kind: null,
    filedAt: at("2026-01-05T09:00:00Z"),
    endedAt: null,
    snoozedUntil: null,
    paths: [],
    ...change,
  };
}

function debt(now: string, ...items: readonly ActionItem[]): Debt {
  return debtOf({ incidents: [], older: [], items, policy: POLICY, at: at(now) });
}

function places({ overdue, soon, incomplete, snoozed, onTheirWay }: Debt): string {
  const numbers = (list: Debt["overdue"]) => list.map(({ item: { target } }) => target.number).join(",");
  return `late ${numbers(overdue)}; soon ${numbers(soon)}; incomplete ${numbers(incomplete)}; snoozed ${numbers(snoozed)}; ${onTheirWay}`;
}

describe("What a repository has still to do", () => {
  it.each([
    ["in good time", "2026-01-14T11:59:59Z", {}, "late ; soon ; incomplete ; snoozed ; 1"],
    ["due within a week", "2026-01-14T12:00:00Z", {}, "late ; soon 41; incomplete ; snoozed ; 0"],
    ["due today, somewhere on Earth", "2026-01-21T12:00:00Z", {}, "late ; soon 41; incomplete ; snoozed ; 0"],
    ["late", "2026-01-21T12:00:01Z", {}, "late 41; soon ; incomplete ; snoozed ; 0"],
    [
      "late and snoozed",
      "2026-02-01T00:00:00Z",
      { snoozedUntil: at("2026-02-02T00:00:00Z") },
      "late ; soon ; incomplete ; snoozed 41; 0",
    ],
    [
      "late again, after that",
      "2026-02-02T00:00:00Z",
      { snoozedUntil: at("2026-02-02T00:00:00Z") },
      "late 41; soon ; incomplete ; snoozed ; 0",
    ],
    ["without an owner", "2026-01-06T00:00:00Z", { owner: null }, "late ; soon ; incomplete 41; snoozed ; 0"],
    [
      "without a day, by the most patient severity",
      "2026-01-06T00:00:00Z",
      { due: null },
      "late ; soon ; incomplete 41; snoozed ; 0",
    ],
    [
      "without a day, and late by the policy",
      "2026-06-06T00:00:00Z",
      { due: null },
      "late 41; soon ; incomplete ; snoozed ; 0",
    ],
    [
      "closed, and nobody said why",
      "2026-02-01T00:00:00Z",
      { state: "unexplained" as const },
      "late 41; soon ; incomplete ; snoozed ; 0",
    ],
    ["done", "2026-02-01T00:00:00Z", { state: "done" as const }, "late ; soon ; incomplete ; snoozed ; 0"],
    ["dropped", "2026-02-01T00:00:00Z", { state: "dropped" as const }, "late ; soon ; incomplete ; snoozed ; 0"],
    ["gone", "2026-02-01T00:00:00Z", { state: "gone" as const }, "late ; soon ; incomplete ; snoozed ; 0"],
  ])("is an item that is %s", (_, now, change, expected) => {
    expect(places(debt(now, item(41, change)))).toBe(expected);
  });

  it("is the same from one moment to the next, except at the moments it says", () => {
    const moments = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(moments, fc.integer({ min: 0, max: 400 }), fc.nat(1_000), (days, from, part) => {
        const items = days.map((day, index) =>
          item(40 + index, {
            due:
              index % 3 === 2
                ? null
                : { day: new Date(at("2026-01-05T00:00:00Z") + day * DAY).toISOString().slice(0, 10), from: "text" },
            snoozedUntil: index % 2 === 0 ? null : ((at("2026-01-05T00:00:00Z") + day * DAY) as Instant),
          }),
        );
        const now = (at("2026-01-05T00:00:00Z") + from * DAY) as Instant;
        const before = debtOf({ incidents: [], older: [], items, policy: POLICY, at: now });
        const until = before.changesAt ?? ((now + 1_000 * DAY) as Instant);
        const later = (now + Math.floor(((until - 1 - now) * part) / 1_000)) as Instant;
        const after = debtOf({ incidents: [], older: [], items, policy: POLICY, at: later });
        expect(followUpsText(after, PLACE)).toBe(followUpsText(before, PLACE));
      }),
    );
  });

  it("is late since the newest of it became so: when it was due, filed, or no longer snoozed", () => {
    const now = "2026-03-01T00:00:00Z";
    expect(lateSince(debt(now))).toBeNull();
    expect(lateSince(debt(now, item(41)))).toBe(at("2026-01-21T12:00:00Z"));
    const filedAt = at("2026-02-10T00:00:00Z");
    expect(lateSince(debt(now, item(41), item(42, { filedAt })))).toBe(filedAt);
    const snoozedUntil = at("2026-02-20T00:00:00Z");
    expect(lateSince(debt(now, item(41, { snoozedUntil }), item(42, { filedAt })))).toBe(snoozedUntil);
  });

  it("gives an item of an incident that is not known as long as the most patient severity does", () => {
    expect(withinOf(POLICY, "P0")).toBe(7 * DAY);
    expect(withinOf(POLICY, null)).toBe(90 * DAY);
    expect(
      withinOf(
        { severities: [...POLICY.severities, { ...POLICY.severities[0]!, name: "P3", "action-items-within": null }] },
        null,
      ),
    ).toBeNull();
  });
});

describe("What is written about it", () => {
  it("fits into an issue, however much there is and whatever signs it has, and says how much more there is", () => {
    const items = Array.from({ length: 900 }, (_, index) =>
      item(40 + index, {
        title: "<".repeat(120),
        owner: index % 2 === 0 ? null : "b".repeat(39),
        due: index % 3 === 0 ? null : { day: index % 3 === 1 ? "2026-01-20" : "2026-03-02", from: "text" },
        snoozedUntil: index % 5 === 0 ? at("2026-04-01T00:00:00Z") : null,
      }),
    );
    const text = followUpsText(debt("2026-03-01T00:00:00Z", ...items), PLACE);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/^- and \d+ more$/m);
  });

  it("mentions nobody, whatever titles and names say, and fits into an issue", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostileText, hostileText), { maxLength: 300 }), (words) => {
        const items = words.map(([title, owner], index) =>
          item(40 + index, {
            title: title.repeat(3),
            owner: index % 2 === 0 ? null : owner.slice(0, 60),
            due: index % 3 === 0 ? null : { day: index % 3 === 1 ? "2026-01-20" : "2026-03-02", from: "text" },
            snoozedUntil: index % 5 === 0 ? at("2026-04-01T00:00:00Z") : null,
          }),
        );
        const text = followUpsText(debt("2026-03-01T00:00:00Z", ...items), PLACE);
        expect(mentionedIn(text)).toEqual([]);
        expect(text.length).toBeLessThan(65_536);
      }),
      { numRuns: 50 },
    );
  });

  it("mentions in a reminder those it is for, and nobody else", () => {
    const { overdue } = debt("2026-03-01T00:00:00Z", item(41, { title: "ask @alice about it" }));
    expect(mentionedIn(reminderText([{ login: "bob", items: overdue }], PLACE))).toEqual(["@bob"]);
  });

  it("says how often an item was put off, from the second time on", () => {
    const [only] = debt("2026-03-01T00:00:00Z", item(41)).overdue;
    const said = (snoozed: number) =>
      followUpsText({ ...debt("2026-03-01T00:00:00Z"), overdue: [{ ...only!, snoozed }] }, PLACE);
    expect(said(1)).not.toContain("snoozed");
    expect(said(2)).toContain("snoozed 2 times");
  });
});
