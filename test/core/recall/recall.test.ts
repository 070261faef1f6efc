import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Instant } from "../../../src/core/model.ts";
import { candidateOf, isOfTheTeam, lessonOf, questionOf, RecallTexts } from "../../../src/core/recall/candidate-of.ts";
import { recall } from "../../../src/core/recall/recall.ts";
import type { RecallCandidate, RecallQuestion } from "../../../src/core/recall/recall-candidate.ts";
import { tellingWords } from "../../../src/core/recall/telling-words.ts";
import { fold } from "../../../src/core/record/history.ts";
import type { IncidentRecord } from "../../../src/core/record/record.ts";
import { anyRecord, hostileText } from "../../support/arbitrary-entry.ts";
import { buildIssue } from "../../support/build-observation.ts";
import { BUILT_IN_TEMPLATES } from "../../support/story.ts";

const NOTHING: RecallQuestion = {
  number: 100,
  title: "",
  alerts: { ids: [], rules: [] },
  runbooks: [],
  files: [],
  text: "",
};

function question(fields: Partial<RecallQuestion>): RecallQuestion {
  return { ...NOTHING, ...fields };
}

function candidate(number: number, fields: Partial<RecallCandidate>): RecallCandidate {
  return { ...NOTHING, title: `Incident ${number}`, ...fields, number };
}

const APP = { appId: 1, botLogin: "sevgate[bot]", former: [] };
const TEXTS = new RecallTexts(
  APP,
  [BUILT_IN_TEMPLATES.incident[0], BUILT_IN_TEMPLATES.postMortem[0]],
  ["configuration"],
);
const ALERT = "a".repeat(32);

/** What is found, in short: `12: words database, pool`. */
function found(asked: RecallQuestion, candidates: readonly RecallCandidate[]): readonly string[] {
  return recall(asked, candidates).map(
    ({ number, reasons }) => `${number}: ${reasons.map(({ kind, names }) => [kind, ...names].join(" ")).join("; ")}`,
  );
}

describe("Similar incidents of the past", () => {
  it.each<{
    name: string;
    asked: Partial<RecallQuestion>;
    past: readonly Partial<RecallCandidate>[];
    are: readonly string[];
  }>([
    { name: "none, of nothing", asked: { title: "Checkout times out" }, past: [], are: [] },
    {
      name: "none without a reason",
      asked: { title: "Checkout times out", text: "Nobody can pay." },
      past: [{ title: "Logo is missing", text: "On the start page." }],
      are: [],
    },
    {
      name: "none by a single word",
      asked: { title: "Checkout is down" },
      past: [{ title: "Checkout shows the wrong currency" }],
      are: [],
    },
    {
      name: "none by words that every incident has",
      asked: { title: "Users report errors since the morning", text: "Please look, the service is down again." },
      past: [{ title: "Users report errors again", text: "Since the morning the service is down. Please look." }],
      are: [],
    },
    {
      name: "those that share two words that tell something",
      asked: { title: "Checkout: database timeout" },
      past: [{ title: "Timeouts of the database" }],
      are: ["1: words database timeout"],
    },
    {
      name: "those of the same title",
      asked: { title: "Checkout is down!" },
      past: [{ title: "checkout down" }],
      are: ["1: title"],
    },
    {
      name: "those of the same alert",
      asked: { alerts: { ids: [ALERT], rules: ["HighErrorRate"] } },
      past: [{ alerts: { ids: ["b".repeat(32)], rules: ["HighErrorRate"] } }, { alerts: { ids: [ALERT], rules: [] } }],
      are: ["2: alert", "1: rule HighErrorRate"],
    },
    {
      name: "those of the same runbook",
      asked: { runbooks: ["runbooks/db.md", "runbooks/all.md"] },
      past: [{ runbooks: ["runbooks/db.md"] }],
      are: ["1: runbook runbooks/db.md"],
    },
    {
      name: "none by a runbook that more than half of them had",
      asked: { runbooks: ["runbooks/all.md"] },
      past: [1, 2, 3, 4].map((at) => ({ runbooks: at < 4 ? ["runbooks/all.md"] : [] })),
      are: [],
    },
    {
      name: "none by words that more than half of them have",
      asked: { title: "Checkout: payment refused" },
      past: [1, 2, 3, 4].map((at) => ({ title: at < 4 ? `Checkout payment ${"xyz".repeat(at)}` : "Logo" })),
      are: [],
    },
    {
      name: "those of the same files, with less or more in front",
      asked: { files: ["cart.ts", "/app/src/pay.ts"] },
      past: [{ files: ["src/cart.ts", "src/pay.ts"] }, { files: ["src/mart.ts"] }],
      are: ["1: files src/cart.ts src/pay.ts"],
    },
    {
      name: "sorted: alert, rule, runbook, files, title, words",
      asked: {
        title: "Checkout: database timeout",
        alerts: { ids: [ALERT], rules: ["Slow"] },
        runbooks: ["r.md"],
        files: ["a/b.ts"],
      },
      past: [
        { title: "Database timeout" },
        { files: ["a/b.ts"] },
        { runbooks: ["r.md"] },
        { alerts: { ids: [ALERT], rules: [] } },
      ],
      are: ["4: alert", "3: runbook r.md", "2: files a/b.ts"],
    },
    {
      name: "the newest of several alike, and no more than three",
      asked: { alerts: { ids: [ALERT], rules: [] } },
      past: [1, 2, 3, 4, 5].map(() => ({ alerts: { ids: [ALERT], rules: [] } })),
      are: ["5: alert", "4: alert", "3: alert"],
    },
    {
      name: "better by BM25 first: the rarer word, and the title",
      asked: { title: "Kafka lag: consumer", text: "" },
      past: [
        { text: "The consumer of kafka was slow, a long text about many other subjects, trees, rivers and mountains." },
        { title: "Kafka consumer lag" },
      ],
      are: ["2: title", "1: words kafka consumer"],
    },
  ])("are $name", ({ asked, past, are }) => {
    const candidates = past.map((fields, at) => candidate(at + 1, fields));
    expect(found(question(asked), candidates)).toEqual(are);
  });

  const anyFields = fc.record({
    title: hostileText,
    text: hostileText,
    runbooks: fc.array(fc.constantFrom("r.md", "s.md", "__proto__"), { maxLength: 3 }),
    files: fc.array(fc.constantFrom("a/b.ts", "b.ts", "constructor"), { maxLength: 3 }),
    alerts: fc.record({
      ids: fc.array(fc.constantFrom(ALERT, "b".repeat(32)), { maxLength: 1 }),
      rules: fc.array(hostileText, { maxLength: 2 }),
    }),
  });

  it("never lack a reason, are never the incident itself, never more than three, and the same in whatever order they are given", () => {
    fc.assert(
      fc.property(anyFields, fc.array(anyFields, { maxLength: 12 }), (asked, past) => {
        const candidates = past.map((fields, at) => candidate(at + 95, fields));
        const recalled = recall(question(asked), candidates);
        expect(recalled.length).toBeLessThanOrEqual(3);
        for (const { number, reasons } of recalled) {
          expect(number).not.toBe(100);
          expect(reasons.length).toBeGreaterThan(0);
          for (const { kind, names } of reasons) {
            expect(names.length).toBeLessThanOrEqual(5);
            expect(names.length).toBeGreaterThanOrEqual(
              { alert: 0, title: 0, words: 2, rule: 1, runbook: 1, files: 1 }[kind],
            );
          }
        }
        expect(recall(question(asked), candidates.toReversed())).toEqual(recalled);
      }),
    );
  });

  it("do not change because one without anything in common is there as well", () => {
    fc.assert(
      fc.property(anyFields, fc.array(anyFields, { minLength: 4, maxLength: 6 }), (asked, past) => {
        const candidates = past.map((fields, at) => candidate(at + 1, fields));
        const numbers = (all: readonly RecallCandidate[]) => recall(question(asked), all).map(({ number }) => number);
        const before = numbers(candidates);
        const after = numbers([...candidates, candidate(50, { title: "" })]);
        // What was common to more than half may now tell something; nothing that was found is lost for weaker ones.
        expect(after).not.toContain(50);
        if (before.length > 0) expect(after.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("Words that tell incidents apart", () => {
  it.each([
    ["The Checkout is DOWN since 9:00, checkouts fail", ["checkout", "checkout"]],
    ["Alerts, errors and systems", []],
    ["503 12345 2026-11-27", []],
    ["Zahlung schlägt fehl: Straße", ["zahlung", "schlägt", "fehl", "straße"]],
    ["データベース 障害", ["データベース"]],
    [`${"x".repeat(41)} <!-- hidden -->`, ["hidden"]],
  ])("of %j are %j", (text, words) => {
    expect(tellingWords(text)).toEqual(words);
  });

  it("are the same words again when they are read a second time", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const words = tellingWords(text);
        expect(tellingWords(words.join(" "))).toEqual(words);
      }),
    );
  });
});

describe("What a post-mortem taught", () => {
  const lesson = (body: string) => lessonOf(body, { repository: null, number: 9 }, TEXTS);

  it.each([
    ["## Why it happened\n\nThe pool was too small.\n\nMore.", "The pool was too small."],
    [
      "## 3. Root cause:\n\n**Summary**\n\n- The [pool](https://evil.example) was `too` small",
      "The pool was too small",
    ],
    ["## 🔥 Why did it happen?\n\nTBD\n\nA worker leaked.", "A worker leaked."],
    ["## Why it happened\n\n<!-- What made it possible -->", null],
    ["## Why it happened\n\nWhat made it possible, what triggered it, why it was not noticed earlier.", null],
    ["## Something else\n\nThe pool was too small.", null],
    ["", null],
  ])("of %j is, in one line: %j", (body, cause) => {
    expect(lesson(body).cause).toBe(cause);
  });

  it("is shown with what is still open: boxes without a tick that say something, and no contributing factors", () => {
    const body =
      "- [ ] Limit the pool #41\n- [x] Done\n- [ ] TBD\n- [ ]\n- [ ] configuration\n- [ ] b\n- [ ] c\n- [ ] d";
    expect(lesson(body)).toMatchObject({ open: ["Limit the pool #41", "b", "c"], openItems: 4 });
  });
});

describe("A past incident", () => {
  const at = Date.UTC(2026, 0, 5) as Instant;
  const record = (...entries: IncidentRecord["entries"]): IncidentRecord => ({
    version: 1,
    revision: 1,
    templateApplied: true,
    judgedUpTo: 0,
    ticks: [],
    entries: [{ kind: "declared", at, by: "bob", severity: "P0" }, ...entries],
  });
  const past = (one: IncidentRecord, fields = {}) => ({
    issue: buildIssue(fields),
    record: one,
    history: fold(one.entries),
  });
  const postMortem = (login: string) =>
    buildIssue({
      number: 9,
      author: { id: 7, login, isBot: login.endsWith("[bot]") },
      body: "## Why it happened\n\nSeen in src/pool.ts.",
    });
  const RESOLVED = { kind: "resolved", at, by: "alice", text: "", source: { comment: 5, line: 1 } } as const;
  const REFUSED = { kind: "refused", at, by: "mallory", command: "ack", source: { comment: 6, line: 1 } } as const;

  it.each([
    { author: "sevgate[bot]", counts: true },
    { author: "alice", counts: true },
    { author: "mallory", counts: false },
    { author: "other[bot]", counts: false },
  ])(
    "is told with a post-mortem by $author: $counts, since its author may change it for good",
    ({ author, counts }) => {
      expect(isOfTheTeam(postMortem(author), record(RESOLVED, REFUSED), APP)).toBe(counts);
    },
  );

  it("is known by its alert only in an issue of the app's own", () => {
    const body = `<!-- sevgate:alert:${ALERT} -->\nAn alert.\n\n- alertname: High\\_Errors\n- Rule: Slow\n- other: x\n`;
    const marks = (login: string) =>
      questionOf(buildIssue({ body, author: { id: 1, login, isBot: true } }), fold(record().entries), TEXTS).alerts;
    expect(marks("sevgate[bot]")).toEqual({ ids: [ALERT], rules: ["High_Errors", "Slow"] });
    expect(marks("mallory")).toEqual({ ids: [], rules: [] });
  });

  it("is compared without what the template adds to every incident", () => {
    const body = `The pool is empty.\n\n${BUILT_IN_TEMPLATES.incident[0]}`;
    expect(questionOf(buildIssue({ body }), fold(record().entries), TEXTS).text).toBe("the pool is empty\n");
  });

  it("is read within bounds, whatever people wrote, a megabyte of it as well", () => {
    fc.assert(
      fc.property(anyRecord(6), fc.array(hostileText, { maxLength: 8 }), (one, texts) => {
        const body = texts.join("\n");
        const made = candidateOf(
          past(one, { body, title: body.slice(0, 256) }),
          postMortem("sevgate[bot]"),
          [],
          ["a.ts"],
          TEXTS,
        );
        expect(made.text.length).toBeLessThanOrEqual(2_500);
        expect(made.files.length).toBeLessThanOrEqual(50);
      }),
    );
    const body = "database timeout pool ".repeat(50_000);
    const huge = Array.from({ length: 200 }, (_, number) =>
      candidate(number, { text: body, title: body.slice(0, 256) }),
    );
    expect(recall(question({ title: "Database pool timeout", text: body }), huge)).toEqual([]);
  });
});
