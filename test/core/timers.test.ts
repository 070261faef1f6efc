import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Instant, Millis } from "../../src/core/model.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";
import type { Severity } from "../../src/core/policy/policy.ts";
import type { Entry } from "../../src/core/record/entry.ts";
import { fold } from "../../src/core/record/history.ts";
import { nextDue, timersOf } from "../../src/core/timers.ts";
import { anyRecord } from "../support/arbitrary-entry.ts";
import { NINE } from "../support/build-observation.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SEVERITY: Severity = {
  ...defaultPolicy().severities[0]!,
  "acknowledge-within": (15 * MINUTE_MS) as Millis,
  "update-every": HOUR_MS as Millis,
  "post-mortem-within": (24 * HOUR_MS) as Millis,
};

const source = { comment: 1, line: 1 };
const base = { by: "alice", source };
function minutes(count: number): Instant {
  return (NINE + count * MINUTE_MS) as Instant;
}
function historyOf(...later: readonly Entry[]) {
  return fold([{ kind: "declared", at: NINE, by: "bob", severity: "P0" }, ...later]);
}
/** `name at minutes after nine`, `!` for overdue. */
function running(
  later: readonly Entry[],
  now: Instant,
  gate: "met" | "unmet" | "unknown" = "unmet",
): readonly string[] {
  return timersOf(historyOf(...later), SEVERITY, gate, now).map(
    ({ name, due, overdue }) => `${name} ${(due - NINE) / MINUTE_MS}${overdue ? "!" : ""}`,
  );
}

describe("which promises run, and until when", () => {
  it.each<{ name: string; later: readonly Entry[]; now: number; timers: readonly string[]; gate?: "met" | "unknown" }>([
    { name: "declared", later: [], now: 1, timers: ["acknowledge 15", "update 60"] },
    { name: "at the deadline itself: kept still", later: [], now: 15, timers: ["acknowledge 15", "update 60"] },
    { name: "after the deadline: broken", later: [], now: 15.001, timers: ["acknowledge 15!", "update 60"] },
    {
      name: "acknowledged: that is a word, too",
      later: [{ kind: "acknowledged", at: minutes(10), ...base }],
      now: 11,
      timers: ["update 70"],
    },
    {
      name: "handed back",
      later: [
        { kind: "acknowledged", at: minutes(10), ...base },
        { kind: "unacknowledged", at: minutes(30), ...base },
      ],
      now: 31,
      timers: ["acknowledge 45", "update 60"],
    },
    {
      name: "mitigated by somebody who never acknowledged",
      later: [{ kind: "mitigated", at: minutes(5), text: "", ...base }],
      now: 6,
      timers: ["update 65"],
    },
    {
      name: "updated",
      later: [{ kind: "updated", at: minutes(40), text: "x", ...base }],
      now: 41,
      timers: ["acknowledge 15!", "update 100"],
    },
    {
      name: "of another severity since",
      later: [{ kind: "severity-changed", at: minutes(40), from: "P1", to: "P0", reason: "", ...base }],
      now: 41,
      timers: ["acknowledge 55", "update 100"],
    },
    {
      name: "resolved",
      later: [{ kind: "resolved", at: minutes(60), text: "", ...base }],
      now: 61,
      timers: [`post-mortem ${60 + 24 * 60}`],
    },
    {
      name: "resolved, and learned from",
      later: [{ kind: "resolved", at: minutes(60), text: "", ...base }],
      now: 61,
      gate: "met",
      timers: [],
    },
    {
      name: "resolved, and nobody knows whether learned from",
      later: [{ kind: "resolved", at: minutes(60), text: "", ...base }],
      now: 61,
      gate: "unknown",
      timers: [`post-mortem ${60 + 24 * 60}`],
    },
    {
      name: "cancelled",
      later: [{ kind: "cancelled", at: minutes(5), reason: "a false alarm", ...base }],
      now: 6,
      timers: [],
    },
    {
      name: "closed",
      later: [{ kind: "closed", at: minutes(5), by: null, how: "ungated", closedAt: minutes(5), evidence: [] }],
      now: 6,
      timers: [],
    },
    {
      name: "opened again by its responder: the clock of the last word runs on",
      later: [
        { kind: "acknowledged", at: minutes(1), ...base },
        { kind: "closed", at: minutes(5), by: "bob", how: "person", closedAt: minutes(5), evidence: [] },
        { kind: "resumed", at: minutes(30), by: base.by },
      ],
      now: 31,
      timers: ["update 61"],
    },
    {
      name: "opened again by somebody else: it has to be acknowledged again",
      later: [
        { kind: "acknowledged", at: minutes(1), ...base },
        { kind: "closed", at: minutes(5), by: "bob", how: "person", closedAt: minutes(5), evidence: [] },
        { kind: "resumed", at: minutes(30), by: "somebody" },
      ],
      now: 31,
      timers: ["acknowledge 45", "update 60"],
    },
  ])("$name", ({ later, now, timers, gate }) => {
    expect(running(later, minutes(now), gate)).toEqual(timers);
  });

  it("none for a severity the policy does not know, or that has no deadlines", () => {
    expect(timersOf(historyOf(), undefined, "unmet", NINE)).toEqual([]);
    const none = { ...SEVERITY, "acknowledge-within": null, "update-every": null, "post-mortem-within": null };
    expect(timersOf(historyOf(), none, "unmet", NINE)).toEqual([]);
  });
});

describe("when a promise is looked at again", () => {
  it("is the moment it breaks, and then no more: no look leads to another without end", () => {
    fc.assert(
      fc.property(anyRecord(12), fc.integer({ min: 0, max: 90 * 24 * HOUR_MS }), (record, later) => {
        let now = (NINE + later) as Instant;
        for (let looks = 0; looks <= 3; looks += 1) {
          const next = nextDue(timersOf(fold(record.entries), SEVERITY, "unmet", now));
          if (next === null) return;
          expect(next).toBeGreaterThan(now);
          expect(looks).toBeLessThan(3);
          now = next;
          expect(timersOf(fold(record.entries), SEVERITY, "unmet", now).some((timer) => timer.overdue)).toBe(true);
        }
      }),
    );
  });
});
