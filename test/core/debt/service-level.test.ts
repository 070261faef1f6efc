import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { itemsLevel, postMortemLevel, type ServiceLevel, worstLevel } from "../../../src/core/debt/service-level.ts";
import type { ActionItem } from "../../../src/core/items/action-item.ts";
import type { Instant, Millis } from "../../../src/core/model.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import type { Severity } from "../../../src/core/policy/policy.ts";
import type { Entry } from "../../../src/core/record/entry.ts";
import { fold } from "../../../src/core/record/history.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RESOLVED = 10 * DAY;
const source = { comment: 1, line: 0 };
/** P0 of the built-in policy: three days for the post-mortem. */
const [P0] = defaultPolicy().severities as readonly [Severity];

function at(ms: number): Instant {
  return ms as Instant;
}

function history(...more: readonly Entry[]) {
  return fold([
    { kind: "declared", at: at(9 * DAY), by: "bob", severity: "P0" },
    { kind: "acknowledged", at: at(9 * DAY), by: "alice", source },
    ...more,
  ]);
}

const resolved: Entry = { kind: "resolved", at: at(RESOLVED), by: "alice", text: "", source };
function closed(closedAt: number, how: "resolved" | "person" | "ungated" | "waived" | "duplicate" = "resolved"): Entry {
  return { kind: "closed", at: at(closedAt), by: "alice", how, closedAt: at(closedAt), evidence: [] };
}

describe("The service level of a post-mortem", () => {
  it.each<readonly [string, readonly Entry[], number, ServiceLevel]>([
    ["nothing is asked before it is over", [], 99 * DAY, "none"],
    ["there is time", [resolved], RESOLVED + DAY, "not-yet"],
    ["the last fifth has begun", [resolved], RESOLVED + 2.5 * DAY, "near-miss"],
    ["the deadline itself is not late yet", [resolved], RESOLVED + 3 * DAY, "near-miss"],
    ["a millisecond later it is", [resolved], RESOLVED + 3 * DAY + 1, "missed"],
    ["closed in time", [resolved, closed(RESOLVED + DAY)], 99 * DAY, "met"],
    ["closed by a person in time", [resolved, closed(RESOLVED + DAY, "person")], 99 * DAY, "met"],
    ["closed in the last fifth", [resolved, closed(RESOLVED + 2.9 * DAY)], 99 * DAY, "near-miss"],
    ["closed too late, and so for ever", [resolved, closed(RESOLVED + 4 * DAY)], 99 * DAY, "missed"],
    ["closed past the gate, and there is time", [resolved, closed(RESOLVED, "ungated")], RESOLVED + DAY, "not-yet"],
    ["closed past the gate, and late", [resolved, closed(RESOLVED, "ungated")], 99 * DAY, "missed"],
    ["a false alarm", [closed(RESOLVED, "duplicate")], 99 * DAY, "none"],
    ["a drill", [{ kind: "drill", at: at(9 * DAY), by: "bob", on: true, source: null }, resolved], 99 * DAY, "none"],
    [
      "waived",
      [
        resolved,
        { kind: "waived", at: at(RESOLVED), by: "alice", reason: "the same cause", source },
        closed(RESOLVED, "waived"),
      ],
      99 * DAY,
      "none",
    ],
    [
      "waived for a while: the time begins anew with the end of the waiver",
      [
        resolved,
        { kind: "waived", at: at(RESOLVED), by: "alice", reason: "they are away", source, lasts: (7 * DAY) as Millis },
        closed(RESOLVED, "waived"),
        { kind: "waiver-ended", at: at(RESOLVED + 7 * DAY), by: null },
        { kind: "reopened", at: at(RESOLVED + 7 * DAY), by: null, why: "waiver-ended", closedAt: at(RESOLVED) },
      ],
      RESOLVED + 8 * DAY,
      "not-yet",
    ],
    [
      "active again: nothing is asked",
      [resolved, closed(RESOLVED + DAY), { kind: "resumed", at: at(20 * DAY), by: "bob" }],
      99 * DAY,
      "none",
    ],
  ])("%s", (_, entries, now, level) => {
    expect(postMortemLevel(history(...entries), P0, at(now))).toBe(level);
  });

  it("is asked of nothing that closes without evidence, has no deadline, or left the policy", () => {
    const over = history(resolved);
    const free: Severity = { ...P0, "close-requires": { kind: "all-of", of: [] } };
    const endless: Severity = { ...P0, "post-mortem-within": null };
    for (const severity of [free, endless, undefined])
      expect(postMortemLevel(over, severity, at(99 * DAY))).toBe("none");
  });
});

const item: ActionItem = {
  target: { repository: null, number: 41 },
  url: "https://github.com/acme/ops/issues/41",
  title: "Limit the pool",
  state: "open",
  reason: null,
  incident: { repository: null, number: 12 },
  owner: "bob",
  due: { day: "1970-01-21", from: "text" },
  kind: null,
  filedAt: at(10 * DAY),
  endedAt: null,
  snoozedUntil: null,
  paths: [],
};

describe("The service level of action items", () => {
  // Due on the twentieth day, which is over everywhere 36 hours after it has begun in UTC: eleven and a half days in all.
  it.each<readonly [string, Partial<ActionItem>, number, ServiceLevel]>([
    ["open, with time left", {}, 15 * DAY, "not-yet"],
    ["open, in the last fifth", {}, 20 * DAY, "near-miss"],
    ["open and late", {}, 22 * DAY, "missed"],
    ["done in time", { state: "done", endedAt: at(12 * DAY) }, 99 * DAY, "met"],
    ["done in the last fifth", { state: "done", endedAt: at(21 * DAY) }, 99 * DAY, "near-miss"],
    ["done too late", { state: "done", endedAt: at(23 * DAY) }, 99 * DAY, "missed"],
    ["closed without being done, and late", { state: "unexplained" }, 22 * DAY, "missed"],
    ["dropped: it does not count", { state: "dropped", endedAt: at(22 * DAY) }, 99 * DAY, "none"],
    ["gone: it does not count", { state: "gone" }, 99 * DAY, "none"],
    ["snoozed: late all the same", { snoozedUntil: at(90 * DAY) }, 22 * DAY, "missed"],
    ["without a day: by the policy", { due: null }, 15 * DAY, "not-yet"],
    ["without a day: late by the policy", { due: null }, 20 * DAY, "missed"],
  ])("%s", (_, change, now, level) => {
    expect(itemsLevel([{ ...item, ...change }], (7 * DAY) as Millis, at(now))).toBe(level);
  });

  it("of an item that is never due is none, as is that of no items", () => {
    expect(itemsLevel([{ ...item, due: null }], null, at(99 * DAY))).toBe("none");
    expect(itemsLevel([], (7 * DAY) as Millis, at(99 * DAY))).toBe("none");
  });

  it("is that of the worst of them, whatever the order", () => {
    const levels = fc.array(fc.constantFrom<ServiceLevel>("met", "near-miss", "missed", "not-yet", "none"));
    fc.assert(
      fc.property(levels, (all) => {
        expect(worstLevel(all)).toBe(worstLevel(all.toReversed()));
        if (all.includes("missed")) expect(worstLevel(all)).toBe("missed");
        if (!all.some((one) => one !== "none")) expect(worstLevel(all)).toBe("none");
      }),
    );
  });
});
