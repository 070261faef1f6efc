import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { PastIncident } from "../../../src/core/archive/past-incident.ts";
import type { ActionItem } from "../../../src/core/items/action-item.ts";
import type { Instant, Millis } from "../../../src/core/model.ts";
import type { EvidenceFacts, IncidentObservation } from "../../../src/core/observation.ts";
import { parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";
import type { OnCallSchedule } from "../../../src/core/oncall/schedule.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { parsePolicy } from "../../../src/core/policy/parse.ts";
import { type Policy, REQUIREMENTS, type Requires } from "../../../src/core/policy/policy.ts";
import type { Entry } from "../../../src/core/record/entry.ts";
import { fold } from "../../../src/core/record/history.ts";
import { lackingWords } from "../../../src/core/render/lacking-words.ts";
import { replaySummary } from "../../../src/core/render/replay-summary.ts";
import { DEADLINES } from "../../../src/core/replay/missed-deadlines.ts";
import { notKnownOf } from "../../../src/core/replay/not-known.ts";
import { type Effect, type PastSeen, type Replayed, replay } from "../../../src/core/replay/replay.ts";
import { sumUp } from "../../../src/core/replay/sum-up.ts";
import { anyEntry } from "../../support/arbitrary-entry.ts";
import {
  buildEvidence,
  buildIssue,
  buildObservation,
  buildPullRequest,
  NINE,
} from "../../support/build-observation.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const later = (ms: number) => (NINE + ms) as Instant;

const COMPLETE = `## What happened

It broke.

## Why it happened

A pool ran dry.

## Action items

- [ ] Limit the pool, bob, #9
`;

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

function scheduleOf(text: string): OnCallSchedule {
  const parsed = parseOnCall(text);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.schedule;
}

/** The severities of the default policy, each with these needs. */
function requiring(requires: Requires, change: Partial<Policy> = {}): Policy {
  const severities = defaultPolicy().severities.map((severity) => ({ ...severity, "close-requires": requires }));
  return { ...defaultPolicy(), severities, ...change };
}
const needs = (name: (typeof REQUIREMENTS)[number]): Requires => ({ kind: "requirement", name });
const NOTHING: Requires = { kind: "all-of", of: [] };

const DECLARED: Entry = { kind: "declared", at: NINE, by: "bob", severity: "P1" };
const acknowledged = (at: number, by = "alice"): Entry => ({ kind: "acknowledged", at: later(at), by, source: null });
const resolved = (at: number): Entry => ({ kind: "resolved", at: later(at), by: "alice", text: "", source: null });
const closed = (at: number, how: Extract<Entry, { kind: "closed" }>["how"] = "resolved"): Entry => ({
  kind: "closed",
  at: later(at),
  by: "alice",
  how,
  closedAt: later(at),
  evidence: [],
});

interface Rules {
  readonly policy: Policy;
  readonly schedule?: OnCallSchedule | null;
}

interface Past {
  readonly entries: readonly Entry[];
  readonly evidence?: readonly EvidenceFacts[];
  readonly fixes?: IncidentObservation["fixes"];
  readonly number?: number;
  readonly judgedUpTo?: number;
  readonly items?: PastSeen["items"];
}

function past(
  { entries, evidence = [], fixes = [], number = 1, judgedUpTo = 0, items = null }: Past,
  was: Rules,
  is: Rules,
): PastSeen {
  const record = {
    version: 1 as const,
    revision: 1,
    templateApplied: true,
    ticks: [],
    judgedUpTo,
    entries: [...entries],
  };
  const incident: PastIncident = {
    issue: buildIssue({ number, labels: ["sev:P1"] }),
    record,
    history: fold(record.entries),
  };
  const seen = ({ policy, schedule = null }: Rules) =>
    buildObservation({
      issue: incident.issue,
      evidence,
      fixes,
      record: { kind: "found", record },
      policy: { policy, source: null, requiresLines: new Map(), trouble: null },
      onCall: { schedule, trouble: null },
    });
  return { past: incident, was: seen(was), is: seen(is), items };
}

function one(incident: Past, was: Rules, is: Rules, at = later(30 * 24 * HOUR)): Replayed {
  return replay([past(incident, was, is)], at)[0]!;
}

function effects(incident: Past, was: Policy, is: Policy): readonly Effect[] {
  return one(incident, { policy: was }, { policy: is }).effects;
}

const requirement = fc.constantFrom(...REQUIREMENTS).map(needs);
const condition: fc.Arbitrary<Requires> = fc.oneof(
  requirement,
  fc.record({
    kind: fc.constantFrom("any-of" as const, "all-of" as const),
    of: fc.array(requirement, { minLength: 1, maxLength: 3 }),
  }),
);
const postMortem = (fields: Partial<Parameters<typeof buildIssue>[0]> = {}) =>
  buildEvidence(
    buildIssue({ number: 3, body: COMPLETE, labels: ["post-mortem"], createdAt: later(MINUTE), ...fields }),
  );
const fix = (mergedAt: number): IncidentObservation["fixes"][number] => ({
  pullRequest: buildPullRequest({ merged: true, state: "closed", mergedAt: later(mergedAt) }),
  revertedBy: null,
  revertsRead: true,
});
const someEvidence: fc.Arbitrary<Pick<Past, "evidence" | "fixes">> = fc.record({
  evidence: fc.subarray([postMortem(), buildEvidence("cannot-read", 4)]),
  fixes: fc.subarray([fix(MINUTE)]),
});
/** Any entries, in the order in which a record has them. */
const anyRecord: fc.Arbitrary<readonly Entry[]> = fc
  .array(anyEntry, { maxLength: 25 })
  .map((entries) => [{ ...DECLARED, at: Date.UTC(2026, 0, 1) as Instant }, ...entries.toSorted((a, b) => a.at - b.at)]);

const TWO = scheduleOf(
  "rotations: { a: { start: 2026-01-01, members: [ann] }, b: { start: 2026-01-01, members: [ben] } }\n" +
    "roles: { primary: { layers: [a] }, secondary: { layers: [b] } }\n",
);

describe("Judging past incidents again", () => {
  it("by the same rules changes nothing, whatever their records hold", () => {
    fc.assert(
      fc.property(anyRecord, condition, someEvidence, (entries, requires, evidence) => {
        const rules = { policy: requiring(requires), schedule: TWO };
        const [found] = replay([past({ entries, ...evidence }, rules, rules)], later(90 * 24 * HOUR));
        // Drills are left out.
        if (found === undefined) return;
        expect(found.effects).toEqual([]);
        expect(found.is).toEqual(found.was);
        expect(notKnownOf({ ...rules }, { ...rules }, [found]).filter((one) => !one.includes("shortened"))).toEqual([]);
      }),
    );
  });

  it("by stricter needs never closes one that could not, and none earlier", () => {
    fc.assert(
      fc.property(anyRecord, condition, condition, someEvidence, (entries, requires, more, evidence) => {
        const was = { policy: requiring(requires) };
        const is = { policy: requiring({ kind: "all-of", of: [requires, more] }) };
        const [found] = replay([past({ entries, ...evidence }, was, is)], later(90 * 24 * HOUR));
        const kinds = (found?.effects ?? []).map(({ kind }) => kind);
        expect(kinds).not.toContain("can-close");
        expect(kinds).not.toContain("closes-earlier");
        if (found?.is?.close.status === "met") expect(found.was.close.status).toBe("met");
      }),
    );
  });

  it("by longer deadlines never misses more of them", () => {
    fc.assert(
      fc.property(
        anyRecord,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 500 }),
        (entries, base, more) => {
          const within = (minutes: number): Policy => ({
            ...defaultPolicy(),
            severities: defaultPolicy().severities.map((severity) => ({
              ...severity,
              "acknowledge-within": (minutes * MINUTE) as Millis,
              "update-every": (minutes * MINUTE) as Millis,
              "post-mortem-within": (minutes * MINUTE) as Millis,
              "action-items-within": (minutes * 60 * MINUTE) as Millis,
            })),
          });
          const [found] = replay(
            [past({ entries }, { policy: within(base) }, { policy: within(base + more) })],
            later(90 * 24 * HOUR),
          );
          for (const name of DEADLINES) {
            const [was, is] = [found?.was.deadlines[name], found?.is?.deadlines[name]];
            expect((is?.surely ?? 0) + (is?.perhaps ?? 0)).toBeLessThanOrEqual(
              (was?.surely ?? 0) + (was?.perhaps ?? 0),
            );
          }
        },
      ),
    );
  });

  it("by any rules says something about every incident that is no drill, and never fails", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 4 }), condition, fc.boolean(), (records, requires, renames) => {
        const base = requiring(requires);
        const severities = base.severities.slice(1).map((one) => (renames ? { ...one, name: `${one.name}x` } : one));
        const is = { policy: { ...base, severities }, schedule: null };
        const all = records.map((entries, at) =>
          past({ entries, number: at + 1 }, { policy: defaultPolicy(), schedule: TWO }, is),
        );
        const found = replay(all, later(90 * 24 * HOUR));
        expect(found.length).toBe(all.filter(({ past: { history } }) => history.drill === null).length);
        expect(replaySummary(found).length).toBeLessThanOrEqual(13);
        expect(sumUp(found).incidents).toBe(found.length);
      }),
    );
  });

  it("names first what could not have closed, then what is not known, and the newest of each first", () => {
    const was = { policy: requiring(NOTHING) };
    const is = { policy: requiring(needs("post-mortem")) };
    const ended = [DECLARED, resolved(HOUR), closed(HOUR)];
    const found = replay(
      [
        past({ number: 1, entries: ended, evidence: [postMortem()] }, was, is),
        past({ number: 2, entries: ended, evidence: [buildEvidence("cannot-read", 4)] }, was, is),
        past({ number: 3, entries: ended }, was, is),
        past({ number: 4, entries: ended }, was, is),
        past(
          { number: 5, entries: [...ended, { kind: "drill", at: later(0), by: "bob", on: true, source: null }] },
          was,
          is,
        ),
      ],
      later(24 * HOUR),
    );
    expect(found.map(({ number, effects: [first] }) => [number, first?.kind ?? null])).toEqual([
      [4, "cannot-close"],
      [3, "cannot-close"],
      [2, "close-unknown"],
      [1, null],
    ]);
    expect(replaySummary(found)).toEqual([
      "- **2 of 4 could not have closed**:",
      "  - [#4](https://github.com/acme/ops/issues/4) (P1): no post-mortem is linked",
      "  - [#3](https://github.com/acme/ops/issues/3) (P1): no post-mortem is linked",
      "- **1** may not have closed: what they had cannot be read, or may be more: [#2](https://github.com/acme/ops/issues/2)",
    ]);
  });
});

describe("Closing", () => {
  const asPost = requiring(needs("post-mortem"));
  const ENDED = [DECLARED, acknowledged(MINUTE), resolved(HOUR), closed(HOUR)];

  it("is not held against an incident that was cancelled, a duplicate or not planned, as far as the policy lets those close", () => {
    const gated = { ...asPost, closing: { ...asPost.closing, "not-planned": "gated", duplicate: "gated" } as const };
    const by = (how: Extract<Entry, { kind: "closed" }>["how"]) => [DECLARED, closed(HOUR, how)];
    for (const how of ["not-planned", "duplicate", "discussion"] as const) {
      expect(effects({ entries: by(how) }, asPost, asPost)).toEqual([]);
      expect(effects({ entries: by(how) }, asPost, gated)).toEqual([{ kind: "cannot-close" }]);
    }
    const source = { comment: 1, line: 0 };
    const cancelled: Entry = { kind: "cancelled", at: later(MINUTE), by: "alice", reason: "noise", source };
    expect(effects({ entries: [DECLARED, cancelled, closed(HOUR, "cancelled")] }, asPost, gated)).toEqual([]);
  });

  it("by a waiver counts only if as many people accepted it as the policy asks for", () => {
    const source = { comment: 1, line: 0 };
    const waived: Entry = { kind: "waived", at: later(HOUR), by: "alice", reason: "small", source };
    const entries = [DECLARED, waived, closed(HOUR + MINUTE, "waived")];
    const two = { ...asPost, waive: { approvals: 2 } };
    const found = one({ entries }, { policy: asPost }, { policy: two });
    expect(found.effects).toEqual([{ kind: "cannot-close" }]);
    expect(lackingWords(found.is!.close.gate)).toEqual([
      "no post-mortem is linked",
      "the waiver needs 2 more people to accept it",
    ]);
    const accepted: readonly Entry[] = [
      DECLARED,
      { ...waived, approvals: 2 },
      { kind: "waiver-accepted", at: later(HOUR + 1), by: "bob", source: { comment: 2, line: 0 } },
      { kind: "waiver-accepted", at: later(HOUR + 2), by: "carl", source: { comment: 3, line: 0 } },
      closed(HOUR + MINUTE, "waived"),
    ];
    expect(effects({ entries: accepted }, asPost, two)).toEqual([]);
  });

  it("would have been earlier where what was waited for is asked for no more, by as much as was waited", () => {
    const waited = [DECLARED, acknowledged(MINUTE), resolved(HOUR), closed(4 * HOUR)];
    const evidence = [postMortem({ createdAt: later(2 * HOUR), updatedAt: later(4 * HOUR) })];
    const found = one({ entries: waited, evidence }, { policy: asPost }, { policy: requiring(needs("acknowledged")) });
    expect(found.effects).toEqual([{ kind: "closes-earlier", by: 3 * HOUR, isSure: false }]);
    // The post-mortem may have been complete before its last change.
    expect(found.was.isCloseSure).toBe(false);
  });

  it("would have been later where the policy asks for what came later", () => {
    const waited = [DECLARED, resolved(HOUR), closed(4 * HOUR)];
    const is = { policy: requiring(needs("fix-merged")) };
    const was = { policy: requiring(NOTHING) };
    expect(one({ entries: waited, fixes: [fix(3 * HOUR)] }, was, is).effects).toEqual([
      { kind: "closes-later", by: 2 * HOUR },
    ]);
    expect(one({ entries: waited, fixes: [fix(5 * HOUR)] }, was, is).effects).toEqual([
      { kind: "closes-later", by: null },
    ]);
  });

  it("that people tried and that was undone counts from the first try", () => {
    const entries: readonly Entry[] = [
      DECLARED,
      { kind: "reopened", at: later(HOUR), by: null, why: "gate", closedAt: later(HOUR) },
      closed(5 * HOUR, "person"),
    ];
    expect(
      effects(
        { entries, evidence: [postMortem({ updatedAt: later(5 * HOUR), createdAt: later(3 * HOUR) })] },
        asPost,
        requiring(NOTHING),
      ),
    ).toEqual([{ kind: "closes-earlier", by: 4 * HOUR, isSure: false }]);
  });

  it("at an earlier moment is not known where a post-mortem is too long to be read again, and is still judged as of now", () => {
    const body = `${COMPLETE}\n## Notes\n\n${"All of it. ".repeat(3_500)}`;
    const entries = [DECLARED, resolved(HOUR), closed(4 * HOUR)];
    const written = (text: string) => [postMortem({ body: text, updatedAt: later(2 * MINUTE) })];
    const was = { policy: requiring(NOTHING) };
    const short = one({ entries, evidence: written(COMPLETE) }, was, { policy: asPost });
    expect(short.is).toMatchObject({ close: { status: "met" }, closedAt: later(HOUR), isCloseSure: true });
    const long = one({ entries, evidence: written(body) }, was, { policy: asPost });
    expect(long.is).toMatchObject({ close: { status: "met" }, closedAt: null, isCloseSure: false });
    expect(long.effects).toEqual([]);
    const rules = [was, { policy: asPost }].map(({ policy }) => ({ policy, schedule: null }));
    expect(notKnownOf(rules[0]!, rules[1]!, [long])).toEqual([
      "when 1 incident could first have closed: what was written then is not known",
    ]);
  });

  it("of a private post-mortem is never dated: when it was written there is not told", () => {
    const rules = {
      policy: { ...defaultPolicy()["post-mortem"] },
      template: ["", ""] as const,
      templateFor: new Map(),
    };
    const sealed = { ...postMortem({ updatedAt: later(2 * MINUTE) }), sealedBy: rules } as EvidenceFacts;
    const entries = [DECLARED, resolved(HOUR), closed(4 * HOUR)];
    const found = one({ entries, evidence: [sealed] }, { policy: asPost }, { policy: asPost });
    expect(found.was).toMatchObject({ close: { status: "met" }, closedAt: null, isCloseSure: false });
  });

  it("of one that is still open is judged as of now, and not called closed", () => {
    const found = one({ entries: [DECLARED] }, { policy: requiring(NOTHING) }, { policy: asPost });
    expect(found).toMatchObject({ isOpen: true, closedAt: null, effects: [{ kind: "cannot-close" }] });
    expect(sumUp([found]).closed).toBe(0);
  });

  it("that neither policy lets close is counted, and is no effect", () => {
    const found = one({ entries: ENDED }, { policy: asPost }, { policy: asPost });
    expect(found.effects).toEqual([]);
    expect(sumUp([found]).closedWithoutEvidence).toBe(1);
  });
});

describe("A severity", () => {
  const ENDED = [DECLARED, resolved(HOUR), closed(HOUR)];

  it("that is renamed is still the same by its label", () => {
    const named = (name: string, needed: Requires): Policy => ({
      ...defaultPolicy(),
      severities: [{ ...defaultPolicy().severities[1]!, name, "close-requires": needed }],
    });
    const found = one({ entries: ENDED }, { policy: named("P1", NOTHING) }, { policy: named("high", NOTHING) });
    expect(found).toMatchObject({ effects: [], was: { severity: "P1" }, is: { severity: "high" } });
    expect(effects({ entries: ENDED }, named("P1", NOTHING), named("high", needs("post-mortem")))).toEqual([
      { kind: "cannot-close" },
    ]);
  });

  it("that is removed makes its incidents none: nothing would have been asked, nobody called", () => {
    const base = requiring(NOTHING);
    const without = { ...base, severities: base.severities.filter(({ name }) => name !== "P1") };
    const found = one({ entries: ENDED }, { policy: base, schedule: TWO }, { policy: without, schedule: TWO });
    expect(found).toMatchObject({ is: null, effects: [{ kind: "no-incident" }] });
    expect(sumUp([found]).calls.is).toBe(0);
  });

  it("that neither policy has keeps the strictest gate", () => {
    const old: Entry = { ...DECLARED, severity: "old" };
    const found = one(
      { entries: [old, resolved(HOUR), closed(HOUR)] },
      { policy: requiring(NOTHING) },
      { policy: requiring(needs("post-mortem")) },
    );
    expect(found.effects).toEqual([{ kind: "cannot-close" }]);
  });
});

describe("Deadlines", () => {
  const within = (change: Partial<Policy["severities"][number]>): Policy => ({
    ...defaultPolicy(),
    severities: defaultPolicy().severities.map((severity) => ({
      ...severity,
      "acknowledge-within": null,
      "update-every": null,
      "post-mortem-within": null,
      ...change,
    })),
  });
  const none = within({});

  it("for the acknowledgment run until it came, and again after /unack", () => {
    const entries: readonly Entry[] = [
      DECLARED,
      acknowledged(20 * MINUTE),
      { kind: "unacknowledged", at: later(30 * MINUTE), by: "alice", source: { comment: 1, line: 0 } },
      acknowledged(60 * MINUTE),
      resolved(HOUR + MINUTE),
      closed(HOUR + MINUTE),
    ];
    const missed = (minutes: number) =>
      one({ entries }, { policy: none }, { policy: within({ "acknowledge-within": (minutes * MINUTE) as Millis }) }).is!
        .deadlines.acknowledge.surely;
    expect([10, 25, 30, 60].map(missed)).toEqual([2, 1, 0, 0]);
  });

  it("for updates count each silence once, and none after the resolution", () => {
    const update = (at: number): Entry => ({
      kind: "updated",
      at: later(at),
      by: "alice",
      text: "",
      source: { comment: at, line: 0 },
    });
    const entries = [
      DECLARED,
      acknowledged(MINUTE),
      update(2 * HOUR),
      update(2.5 * HOUR),
      resolved(5 * HOUR),
      closed(50 * HOUR),
    ];
    const found = one({ entries }, { policy: none }, { policy: within({ "update-every": HOUR as Millis }) });
    expect(found.is!.deadlines.update).toEqual({ surely: 2, perhaps: 0 });
    expect(found.effects).toContainEqual({ kind: "deadline", name: "update", was: 0, is: 2 });
  });

  it("for updates are not counted in a record that was shortened, which is said", () => {
    const entries = [DECLARED, acknowledged(MINUTE), resolved(50 * HOUR), closed(50 * HOUR)];
    const rules = [{ policy: none }, { policy: within({ "update-every": HOUR as Millis }) }] as const;
    const found = one({ entries, judgedUpTo: 7 }, ...rules);
    expect(found.effects).toEqual([]);
    expect(sumUp([found]).deadlines.update).toEqual({ was: 0, is: 0 });
    const shown = rules.map(({ policy }) => ({ policy, schedule: null }));
    expect(notKnownOf(shown[0]!, shown[1]!, [found])).toEqual([
      "how often 1 incident went without an update: the record was shortened",
    ]);
  });

  describe("for action items", () => {
    const DAY = 24 * HOUR;
    const filed: Entry = {
      kind: "items-filed",
      at: later(HOUR),
      by: "bob",
      postMortem: { repository: null, number: 3 },
      items: [{ number: 41, line: "0123456789abcdef" }],
    } as never;
    const entries = [DECLARED, resolved(HOUR), filed, closed(2 * HOUR)];
    const item = (fields: Partial<ActionItem> = {}): ActionItem => ({
      target: { repository: null, number: 41 },
      url: null,
      title: "Limit the pool",
      state: "done",
      reason: null,
      incident: { repository: null, number: 1 },
      owner: null,
      due: null,
      kind: null,
      filedAt: later(HOUR),
      endedAt: later(12 * DAY),
      snoozedUntil: null,
      paths: [],
      ...fields,
    });
    const rules = [30, 7].map((days) => ({ policy: within({ "action-items-within": (days * DAY) as Millis }) }));
    const missed = (items: PastSeen["items"], more: readonly Entry[] = []) => {
      const found = one({ entries: [...entries, ...more], items }, rules[0]!, rules[1]!, later(20 * DAY));
      return { was: found.was.deadlines["action-items"], is: found.is!.deadlines["action-items"], found };
    };
    const [none0, one0] = [
      { surely: 0, perhaps: 0 },
      { surely: 1, perhaps: 0 },
    ];

    it.each<[string, Partial<ActionItem>, number, number]>([
      ["are missed by one that was done after its time", {}, 0, 1],
      ["are kept by one that was done in time", { endedAt: later(6 * DAY) }, 0, 0],
      ["are missed by one that is still open", { state: "open", endedAt: null }, 0, 1],
      ["are missed by one that was closed without being done", { state: "unexplained", endedAt: null }, 0, 1],
      ["are not missed by what was dropped", { state: "dropped" }, 0, 0],
      ["are not missed by what is gone", { state: "gone" }, 0, 0],
      ["are the same for one with a day of its own: late", { due: { day: "2026-01-10", from: "text" } }, 1, 1],
      ["are the same for one with a day of its own: in time", { due: { day: "2026-02-10", from: "text" } }, 0, 0],
    ])("%s", (_, fields, was, is) => {
      const found = missed([item(fields)]);
      expect([found.was, found.is]).toEqual([
        { surely: was, perhaps: 0 },
        { surely: is, perhaps: 0 },
      ]);
      const kinds = found.found.effects.map((effect) => effect.kind === "deadline" && effect.name);
      expect(kinds).toEqual(was === is ? [] : ["action-items"]);
    });

    it("are not missed after a false alarm, and are perhaps missed where only the record is known", () => {
      const cancelled: Entry = {
        kind: "cancelled",
        at: later(2 * HOUR),
        by: "alice",
        reason: "",
        source: null,
      } as never;
      expect(missed([item()], [cancelled])).toMatchObject({ was: none0, is: none0 });
      expect(missed([item()])).toMatchObject({ was: none0, is: one0 });
      const unread = missed(null);
      expect(unread).toMatchObject({ was: none0, is: { surely: 0, perhaps: 1 } });
      const [was, is] = rules.map(({ policy }) => ({ policy, schedule: null }));
      expect(notKnownOf(was!, is!, [unread.found])).toEqual([
        "whether the action items of 1 incident are done in time: their issues were not read",
      ]);
      expect(replaySummary([missed([item()]).found])).toEqual(["- **Deadlines missed**: action items 1 (was 0)"]);
    });
  });

  it("for the post-mortem are missed if what is asked for was surely not there", () => {
    const entries = [DECLARED, resolved(HOUR), closed(80 * HOUR)];
    const is = { ...within({ "post-mortem-within": (24 * HOUR) as Millis, "close-requires": needs("post-mortem") }) };
    const missed = (evidence: readonly EvidenceFacts[]) =>
      one({ entries, evidence }, { policy: none }, { policy: is }).is!.deadlines["post-mortem"];
    expect(missed([])).toEqual({ surely: 1, perhaps: 0 });
    expect(missed([postMortem({ updatedAt: later(2 * HOUR) })])).toEqual({ surely: 0, perhaps: 0 });
    // What it said a day after the resolution is not known: it was changed since.
    expect(missed([postMortem({ updatedAt: later(79 * HOUR) })])).toEqual({ surely: 0, perhaps: 1 });
    expect(missed([postMortem({ createdAt: later(50 * HOUR), updatedAt: later(79 * HOUR) })])).toEqual({
      surely: 1,
      perhaps: 0,
    });
  });
});

describe("Pages", () => {
  const policy = defaultPolicy();
  const calls = (schedule: OnCallSchedule | null, entries: readonly Entry[]) =>
    one({ entries }, { policy }, { policy, schedule }).is!.pages;

  it("are those of the escalation until somebody acknowledged, by whoever was on then", () => {
    const at = (minutes: number) => [DECLARED, acknowledged(minutes * MINUTE), resolved(3 * HOUR), closed(3 * HOUR)];
    const people = (minutes: number) =>
      calls(TWO, at(minutes)).calls.map(({ login, role, step }) => [login, role, step]);
    expect(people(10)).toEqual([["ann", "primary", 0]]);
    expect(people(20)).toEqual([
      ["ann", "primary", 0],
      ["ben", "secondary", 1],
    ]);
  });

  it("begin again where somebody was looked for again, and are none while nobody confirmed it", () => {
    const entries: readonly Entry[] = [
      DECLARED,
      { kind: "unconfirmed", at: NINE, by: "bob" },
      { kind: "confirmed", at: later(HOUR), by: "alice" },
      acknowledged(HOUR + MINUTE),
      { kind: "unacknowledged", at: later(2 * HOUR), by: "alice", source: { comment: 1, line: 0 } },
      acknowledged(2 * HOUR + MINUTE),
    ];
    expect(calls(TWO, entries).calls.map(({ at }) => (at - NINE) / HOUR)).toEqual([1, 2]);
    const pages = { ...policy, paging: { ...policy.paging, unconfirmed: "page" as const } };
    const found = one({ entries }, { policy, schedule: TWO }, { policy: pages, schedule: TWO });
    // Whom it calls at once need not be called once it is confirmed.
    expect(found.is!.pages.calls.map(({ at, login }) => [(at - NINE) / HOUR, login])).toEqual([
      [0, "ann"],
      [0.25, "ben"],
      [2, "ann"],
    ]);
  });

  it("say where nobody was there, and stop looking after a day", () => {
    const nobody = scheduleOf(
      "rotations: { a: { start: 2027-01-01, members: [ann] } }\nroles: { primary: { layers: [a] } }\n" +
        "escalation: { default: { steps: [{ after: 0m, notify: [primary] }] } }\n",
    );
    expect(calls(nobody, [DECLARED])).toEqual({ calls: [], unheard: 1 });
  });

  it("differ by the file: how many, and who", () => {
    const other = scheduleOf(
      "rotations: { a: { start: 2026-01-01, members: [cat] } }\nroles: { primary: { layers: [a] } }\n",
    );
    const entries = [DECLARED, acknowledged(10 * MINUTE), resolved(HOUR), closed(HOUR)];
    const found = one({ entries }, { policy, schedule: TWO }, { policy, schedule: other });
    expect(found.effects).toEqual([{ kind: "pages", was: 1, is: 1, others: true }]);
    expect(sumUp([found]).people).toEqual([
      { login: "ann", was: 1, is: 0 },
      { login: "cat", was: 0, is: 1 },
    ]);
    const gone = one({ entries }, { policy, schedule: TWO }, { policy, schedule: null });
    expect(gone.effects).toEqual([{ kind: "pages", was: 1, is: 0, others: true }]);
  });
});

describe("What is not known", () => {
  it("is said where the rules differ in it, and only there", () => {
    const base = defaultPolicy();
    const is = policyOf(
      "version: 1\nseverities:\n  P0: { label: sev:P0 }\n  P9: { label: 'sev:P9' }\ncommands:\n  permission:\n    default: admin\n",
    );
    const rules = (policy: Policy, schedule: OnCallSchedule | null = null) => ({ policy, schedule });
    expect(notKnownOf(rules(base), rules(base), [])).toEqual([]);
    expect(notKnownOf(rules(base), rules(is), [])).toEqual([
      'which issues with the label "sev:P9" would have been incidents',
      "who could have used which command: what people did is taken as allowed",
    ]);
    const timeout = scheduleOf(
      "rotations: { a: { start: 2026-01-01, members: [ann] } }\nroles: { primary: { layers: [a] } }\n" +
        "escalation: { default: { ack-timeout: 30m, steps: [{ after: 0m, notify: [primary] }] } }\n",
    );
    expect(notKnownOf(rules(base, TWO), rules(base, timeout), [])).toEqual([
      "what another ack-timeout would have led to: acknowledgments count as long as they did",
    ]);
  });
});
