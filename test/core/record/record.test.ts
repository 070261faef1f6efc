import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { chatOf } from "../../../src/core/chat/chats.ts";
import { derive } from "../../../src/core/derive.ts";
import type { Instant, Millis } from "../../../src/core/model.ts";
import type { IncidentObservation } from "../../../src/core/observation.ts";
import { compact } from "../../../src/core/record/compact.ts";
import type { Entry, EntryOf } from "../../../src/core/record/entry.ts";
import { fold } from "../../../src/core/record/history.ts";
import { type IncidentRecord, isJudged } from "../../../src/core/record/record.ts";
import {
  open,
  openUnchecked,
  type RecordKeys,
  recordKey,
  type SealedFor,
  seal,
} from "../../../src/core/record/seal.ts";
import { anyRecord } from "../../support/arbitrary-entry.ts";
import { buildObservation, NINE } from "../../support/build-observation.ts";
import { EARLIER } from "../../support/earlier-form.ts";
import { RECORD_KEYS } from "../../support/story.ts";

const PLACE: SealedFor = { appId: 1, repositoryId: 2, issueNodeId: "I_3" };
const KEYS: RecordKeys = [recordKey("the first key, long enough")];
/** How much room the text above the record may take (core/render/status.ts), and GitHub's limit for a comment. */
const TEXT_CHARACTERS = 28_000;
const COMMENT_CHARACTERS = 65_536;

const RECORD: IncidentRecord = {
  version: 1,
  revision: 7,
  templateApplied: true,
  ticks: [],
  judgedUpTo: 0,
  entries: [{ kind: "declared", at: 1_000 as Instant, by: "alice", severity: "P0" }],
};

const SOURCE = { comment: 9, line: 1 };
const TARGET = { repository: null, number: 5 };

function commentsOf(record: IncidentRecord) {
  return record.entries.flatMap((entry) => ("source" in entry && entry.source !== null ? [entry.source] : []));
}

/** What is in a block, as JSON. */
function payloadOf(block: string): string {
  return Buffer.from(block.split(" ")[4] ?? "", "base64url").toString();
}

/** A block with any content and a valid signature, made without Sevgate's own code. */
function signed(json: string): string {
  const payload = Buffer.from(json).toString("base64url");
  const about = ["sevgate", 1, PLACE.appId, PLACE.repositoryId, PLACE.issueNodeId, RECORD.revision, payload];
  const signature = createHmac("sha256", KEYS[0].secret).update(JSON.stringify(about)).digest("base64url");
  return `<!-- sevgate:record v1 ${KEYS[0].name} ${payload} ${signature} -->`;
}

describe("a sealed record", () => {
  it("opens as it was sealed, whatever people wrote", () => {
    fc.assert(
      fc.property(anyRecord(20), (record) => {
        const block = seal(record, PLACE, KEYS);
        expect(block).toMatch(/^<!-- [A-Za-z0-9 :_-]+ -->$/);
        expect(open(`Text above\n\n${block}\n`, PLACE, KEYS)).toEqual({ kind: "valid", record });
      }),
    );
  });

  it.each<{ name: string; place?: Partial<SealedFor>; keys?: RecordKeys; why: "edited" | "unknown-key" }>([
    { name: "by another app", place: { appId: 9 }, why: "edited" },
    { name: "in another repository", place: { repositoryId: 9 }, why: "edited" },
    { name: "on another issue", place: { issueNodeId: "I_9" }, why: "edited" },
    { name: "with another key", keys: [recordKey("another key, also long enough")], why: "unknown-key" },
    { name: "with another key of the same name", keys: [{ ...KEYS[0], secret: Buffer.alloc(32) }], why: "edited" },
  ])("does not open $name", ({ place, keys, why }) => {
    const block = seal(RECORD, PLACE, KEYS);
    expect(open(block, { ...PLACE, ...place }, keys ?? KEYS)).toEqual({ kind: "broken", why });
  });

  it.each<[string, object]>([
    ["nothing", { ...RECORD, entries: [] }],
    ["a time that no date has", { ...RECORD, entries: [{ ...RECORD.entries[0], at: 8_640_000_000_000_001 }] }],
    ["a time after which no deadline is a date", { ...RECORD, entries: [{ ...RECORD.entries[0], at: 8.64e15 }] }],
  ])("is broken, read without the key, when it is forged and holds %s", (_, forged) => {
    const [payload] = /[\w-]{60,}(?= )/.exec(seal(RECORD, PLACE, KEYS)) ?? [];
    const block = seal(RECORD, PLACE, KEYS).replace(
      payload ?? "",
      Buffer.from(JSON.stringify(forged)).toString("base64url"),
    );
    expect(openUnchecked(seal(RECORD, PLACE, KEYS))).toEqual({ kind: "valid", record: RECORD });
    expect(openUnchecked(block)).toEqual({ kind: "broken", why: "edited" });
  });

  it("does not open with any one character of it changed", () => {
    const block = seal(RECORD, PLACE, KEYS);
    const start = block.indexOf(KEYS[0].name) + KEYS[0].name.length + 1;
    fc.assert(
      fc.property(fc.integer({ min: start, max: block.length - 5 }), fc.constantFrom(..."Az09_- "), (at, character) => {
        fc.pre(block[at] !== character);
        const changed = block.slice(0, at) + character + block.slice(at + 1);
        const opened = open(changed, PLACE, KEYS);
        // The last character of each part may contain bits that base64 does not use: then it says the same.
        if (opened.kind === "valid") expect(opened.record).toEqual(RECORD);
        else expect(opened).toEqual({ kind: "broken", why: "edited" });
      }),
    );
  });

  it("does not open with its revision changed, nor with the signature of another revision", () => {
    const block = seal(RECORD, PLACE, KEYS).split(" ");
    const later = seal({ ...RECORD, revision: 8 }, PLACE, KEYS).split(" ");
    for (const mixed of [block.with(4, later[4]!), block.with(5, later[5]!)]) {
      expect(open(mixed.join(" "), PLACE, KEYS)).toEqual({ kind: "broken", why: "edited" });
    }
  });

  it("does not open when there is none, or more than one", () => {
    const block = seal(RECORD, PLACE, KEYS);
    expect(open("Text", PLACE, KEYS)).toEqual({ kind: "broken", why: "edited" });
    expect(open(`${block}\n${block}`, PLACE, KEYS)).toEqual({ kind: "broken", why: "edited" });
  });

  it("still opens with a previous key, and is sealed with the first", () => {
    const fresh = recordKey("the key that follows, long enough");
    const block = seal(RECORD, PLACE, KEYS);
    expect(open(block, PLACE, [fresh, ...KEYS])).toEqual({ kind: "valid", record: RECORD });
    expect(seal(RECORD, PLACE, [fresh, ...KEYS])).toContain(` ${fresh.name} `);
  });

  it("of an earlier Sevgate says the same for ever, and one of today is read by that", () => {
    const opened = open(EARLIER.block, EARLIER.place, RECORD_KEYS);
    if (opened.kind !== "valid") throw new Error(opened.kind);
    const told = opened.record.entries.flatMap((entry) => (entry.kind === "announced" ? [chatOf(entry)] : []));
    const asked = opened.record.entries.flatMap((entry) => ("via" in entry ? [entry.via] : []));
    expect([told, asked]).toEqual([["slack"], [{ slack: "T1:1767603660.000001:sevgate:acknowledge:1.1" }]]);
    const again = seal(opened.record, EARLIER.place, RECORD_KEYS);
    expect(JSON.parse(payloadOf(again))).toEqual(JSON.parse(payloadOf(EARLIER.block)));
  });

  it.each([
    ["in another chat", { mattermost: "1" }, true],
    ["in two chats at once", { slack: "1", mattermost: "1" }, false],
    ["in none", {}, false],
    ["in one without a name", { "": "1" }, false],
    ["in one with a name that is none", { __proto__x: "1" }, false],
  ])("holds that somebody acknowledged %s: %j is a record: %s", (_, via, isOne) => {
    const by = { kind: "acknowledged", at: 1_000, by: "alice", source: null, via };
    const json = JSON.stringify({ ...RECORD, entries: [...RECORD.entries, by] });
    expect(open(signed(json), PLACE, KEYS).kind).toBe(isOne ? "valid" : "broken");
  });

  it.each<Entry>([
    { kind: "waived", at: NINE, by: "alice", reason: "they are away", source: SOURCE, lasts: 60_000 as Millis },
    { kind: "waived", at: NINE, by: "alice", reason: "they are away", source: SOURCE, approvals: 1 },
    { kind: "waiver-accepted", at: NINE, by: "carol", source: SOURCE },
    { kind: "waiver-ended", at: NINE, by: null },
    { kind: "reopened", at: NINE, by: null, why: "waiver-ended", closedAt: NINE },
    { kind: "post-mortem-accepted", at: NINE, by: "carol", target: TARGET, digest: "a".repeat(32), source: SOURCE },
    { kind: "post-mortem-changed", at: NINE, by: null, target: TARGET, digest: "a".repeat(32) },
  ])("with $kind has a form that version 0.1 leaves alone; others keep the form it knows", (entry) => {
    const record = { ...RECORD, entries: [...RECORD.entries, entry] };
    const block = seal(record, PLACE, KEYS);
    expect(block).toContain("sevgate:record v2 ");
    expect(open(block, PLACE, KEYS)).toEqual({ kind: "valid", record });
    expect(seal(RECORD, PLACE, KEYS)).toContain("sevgate:record v1 ");
  });

  it("of a newer Sevgate is left alone", () => {
    const block = seal(RECORD, PLACE, KEYS).replace("record v1 ", "record v3 ");
    expect(open(block, PLACE, KEYS)).toEqual({ kind: "newer" });
  });

  it.each<{ name: string; json: string }>([
    { name: "a key nobody knows", json: JSON.stringify({ ...RECORD, admin: true }) },
    { name: "a prototype", json: JSON.stringify(RECORD).replace("{", '{"__proto__":{"a":1},') },
    {
      name: "an entry nobody knows",
      json: JSON.stringify({ ...RECORD, entries: [{ kind: "forged", at: 1, by: null }] }),
    },
    { name: "a revision that is no number", json: JSON.stringify({ ...RECORD, revision: "7" }) },
    { name: "no JSON", json: "hello" },
  ])("does not open with $name in it, whoever signed it", ({ json }) => {
    expect(open(signed(json), PLACE, KEYS)).toEqual({ kind: "broken", why: "edited" });
  });

  it("opens when it is signed as Sevgate signs: what the tests above forge is refused for what it says", () => {
    expect(open(signed(JSON.stringify(RECORD)), PLACE, KEYS)).toEqual({ kind: "valid", record: RECORD });
  });

  it("is never written when it could not be read again", () => {
    const bad = { ...RECORD, entries: [{ ...RECORD.entries[0], by: "" }] as readonly Entry[] as Entry[] };
    expect(() => seal(bad, PLACE, KEYS)).toThrow();
  });

  it("tells its keys apart by a name that is not the secret", () => {
    const [one, two] = [recordKey("a"), recordKey("b")];
    expect(one.name).not.toBe(two.name);
    expect(one.secret.toString("hex")).not.toContain(one.name);
    expect(recordKey("a")).toEqual(one);
  });
});

describe("a record that grew too long", () => {
  const long = anyRecord(250);

  it("fits into a comment, together with the longest text above it", () => {
    fc.assert(
      fc.property(long, (record) => {
        const block = seal(compact(record), PLACE, KEYS);
        expect(block.length + TEXT_CHARACTERS).toBeLessThan(COMMENT_CHARACTERS - 500);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it("amounts to the same state", () => {
    fc.assert(
      fc.property(long, (record) => {
        const [before, after] = [fold(record.entries), fold(compact(record).entries)];
        const { reminded: _before, reopenings: counted, ...state } = before;
        const { reminded: _after, reopenings: kept, ...same } = after;
        expect(same).toEqual(state);
        expect(kept.at(-1)).toEqual(counted.at(-1));
        for (const { timer } of before.reminded) {
          const last = (all: readonly EntryOf<"reminded">[]) => all.findLast((one) => one.timer === timer)?.due;
          expect(last(after.reminded)).toBe(last(before.reminded));
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it("has judged every command that it had judged", () => {
    fc.assert(
      fc.property(long, (record) => {
        const after = compact(record);
        for (const { comment, line } of commentsOf(record)) expect(isJudged(after, { id: comment }, line)).toBe(true);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it("does not take a command for judged that came after all of those", () => {
    fc.assert(
      fc.property(long, (record) => {
        const latest = Math.max(record.judgedUpTo, ...commentsOf(record).map(({ comment }) => comment));
        expect(isJudged(compact(record), { id: latest + 1 }, 1)).toBe(false);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it("is not made shorter than needed, and a short one is left as it is", () => {
    expect(compact(RECORD)).toBe(RECORD);
    fc.assert(
      fc.property(long, (record) => {
        const once = compact(record);
        expect(compact(once)).toEqual(once);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it("keeps the reason of a waiver for ever", () => {
    const note: Entry = {
      kind: "noted",
      at: 1 as Instant,
      by: "bob",
      text: "x".repeat(500),
      source: { comment: 2, line: 1 },
    };
    const waived: Entry = {
      kind: "waived",
      at: 1 as Instant,
      by: "alice",
      reason: "known cause",
      source: { comment: 1, line: 1 },
    };
    const entries = [...RECORD.entries, waived, ...Array.from({ length: 200 }, () => note)];
    expect(compact({ ...RECORD, entries }).entries).toContainEqual(waived);
  });
});

describe("a record that begins", () => {
  const declaredBy = (fields: Partial<IncidentObservation>) => derive(buildObservation(fields))!.history.declared.by;

  it("names the author where the whole timeline shows nobody else, and nobody where not all of it was read", () => {
    expect(declaredBy({ timeline: [] })).toBe("bob");
    expect(declaredBy({ timeline: [], isTimelineCut: true })).toBeNull();
  });

  it("names whoever set the label last, also where not all of the timeline was read", () => {
    const label = { kind: "labeled", at: NINE, label: "sev:P0", source: null } as const;
    const timeline = ["eve", "alice"].map((login, id) => ({ ...label, actor: { id, login, isBot: false } }));
    expect(declaredBy({ timeline, isTimelineCut: true })).toBe("alice");
  });
});
