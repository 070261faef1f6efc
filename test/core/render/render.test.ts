import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { derive } from "../../../src/core/derive.ts";
import { readTicks } from "../../../src/core/judge/judge-ticks.ts";
import type { Saying } from "../../../src/core/judge/saying.ts";
import type { Instant, Millis } from "../../../src/core/model.ts";
import { plan } from "../../../src/core/plan/plan.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import type { IncidentRecord } from "../../../src/core/record/record.ts";
import { withTemplate } from "../../../src/core/render/incident-template.ts";
import {
  render,
  renderFirst,
  TEMPLATE_FILTERS,
  TEMPLATE_TAGS,
  templateProblem,
} from "../../../src/core/render/liquid.ts";
import { postMortemIssue } from "../../../src/core/render/post-mortem-issue.ts";
import { reply } from "../../../src/core/render/replies.ts";
import { statusText } from "../../../src/core/render/status.ts";
import { gateHeading, missingSentences, verdictLines } from "../../../src/core/render/verdict.ts";
import { count, inWords, utc, utcOn } from "../../../src/core/words/time.ts";
import { anyRecord, hostileText } from "../../support/arbitrary-entry.ts";
import { buildEvidence, buildIssue, buildObservation, NINE } from "../../support/build-observation.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";
import { BUILT_IN_TEMPLATES } from "../../support/story.ts";
import { unseenIn } from "../../support/unseen-in.ts";

/**
 * What GitHub would act on besides mentions: somebody else's markup taking effect. Our own HTML comments are removed
 * first.
 */
const ACTIVE = /<script|<img|(?<!\\)\]\((?!https:\/\/(?:github\.com|acme\.slack\.com|sevgate\.example\.com)\/)/;
const FOLDED = /^<details>$[\s\S]*?^<\/details>$/gm;
const OWN_COMMENT = /<!-- (?:sevgate:|item:)[^<>]*-->/g;

/** The status comment of an incident with this record. */
function shown(record: IncidentRecord, at = NINE): string {
  const seen = buildObservation({ at, record: { kind: "found", record } });
  const incident = derive(seen)!;
  return statusText({ ...incident, seen, record });
}

describe("the status comment", () => {
  it("works nobody's text: it mentions nobody, closes nothing and hides nothing, whatever people wrote", () => {
    fc.assert(
      fc.property(anyRecord(15), (record) => {
        const text = shown(record);
        expect(text.replace(OWN_COMMENT, "")).not.toMatch(ACTIVE);
        expect(text.match(FOLDED)?.length).toBeLessThanOrEqual(3);
        expect(text.replaceAll(FOLDED, "")).not.toMatch(/<\/?(?:details|summary)>/);
        expect(mentionedIn(text)).toEqual([]);
        expect(unseenIn(text)).toBeNull();
        expect(text.replace(OWN_COMMENT, "")).not.toContain("<!--");
        expect(text.match(/<!-- sevgate:status -->/g)).toHaveLength(1);
        expect(text).not.toContain("<!-- sevgate:record");
      }),
    );
  });

  it("is read back as it was written: its ticks are the record's, and no text of anybody counts as one", () => {
    fc.assert(
      fc.property(anyRecord(15), (record) => {
        const isAnnounced = record.entries.some((entry) => entry.kind === "announced");
        const automatic = ["acknowledge", "update", "learn", ...(isAnnounced ? ["thread"] : [])];
        const byPeople = record.ticks.filter((id) => !automatic.includes(id));
        const text = shown(record);
        const boxes = [...text.matchAll(/<!-- item:([\w-]+) -->/g)].map(([, id]) => id!);
        expect(readTicks(text, [], automatic)).toEqual(byPeople.filter((id) => boxes.includes(id)).toSorted());
        // One that is not shown keeps its tick.
        expect(readTicks(text, record.ticks, [])).toEqual(record.ticks.toSorted());
      }),
    );
  });

  it("has room in a comment, and loses the oldest lines of the timeline first", () => {
    fc.assert(
      fc.property(anyRecord(120), (record) => expect(shown(record).length).toBeLessThanOrEqual(28_000)),
      { numRuns: 20 },
    );
  });

  it("is the same for the same view: an unchanged one is not written", () => {
    fc.assert(
      fc.property(anyRecord(8), (record) => expect(shown(structuredClone(record))).toBe(shown(record))),
      { numRuns: 20 },
    );
  });

  it("does not change by the clock alone while nothing is overdue: no write to say that time has passed", () => {
    const declared: IncidentRecord = {
      version: 1,
      revision: 1,
      templateApplied: true,
      ticks: [],
      judgedUpTo: 0,
      entries: [{ kind: "declared", at: NINE, by: "bob", severity: "P0" }],
    };
    expect(shown(declared, (NINE + 14 * 60_000) as Instant)).toBe(shown(declared));
  });
});

describe("ticks", () => {
  const LINE = (mark: string, id: string) => `- [${mark}] Any words, **also edited** <!-- item:${id} -->`;

  it.each<{
    name: string;
    text: string;
    earlier: readonly string[];
    automatic?: readonly string[];
    ticks: readonly string[];
  }>([
    { name: "set", text: LINE("x", "thread"), earlier: [], ticks: ["thread"] },
    { name: "set with a capital", text: LINE("X", "thread"), earlier: [], ticks: ["thread"] },
    { name: "taken away", text: LINE(" ", "thread"), earlier: ["thread"], ticks: [] },
    { name: "not there any more", text: "", earlier: ["thread"], ticks: ["thread"] },
    { name: "with carriage returns", text: `${LINE("x", "thread")}\r\n`, earlier: [], ticks: ["thread"] },
    { name: "set by Sevgate itself", text: LINE("x", "update"), earlier: [], automatic: ["update"], ticks: [] },
    { name: "set by a person before Sevgate could", text: LINE("x", "update"), earlier: [], ticks: ["update"] },
    { name: "of an item that is none", text: LINE("x", "more"), earlier: [], ticks: [] },
    { name: "not a box", text: LINE("-", "thread"), earlier: [], ticks: [] },
  ])("$name", ({ text, earlier, automatic, ticks }) => {
    expect(readTicks(text, earlier, automatic ?? [])).toEqual(ticks);
  });
});

describe("a reply", () => {
  const context = {
    gate: derive(buildObservation())!.gate,
    policy: defaultPolicy(),
    issueUrl: "https://github.com/acme/ops/issues/1",
    whyUrl: "https://github.com/acme/ops/blob/HEAD/.github/sevgate.yml#L7",
    schedule: null,
    isDrill: false,
    responder: null,
    isResolved: false,
  };
  const to = "alice";
  const link = { number: 7, repository: null } as const;
  const SAYINGS: readonly { readonly saying: Saying; readonly next: string }[] = [
    { saying: { kind: "help", to, has: "triage" }, next: "`/resolve [TEXT]`" },
    { saying: { kind: "not-allowed", to, command: "waive", needs: "maintain" }, next: "Ask a maintainer" },
    { saying: { kind: "cannot-tell", to, command: "ack" }, next: "comment `/ack` again in a few minutes" },
    { saying: { kind: "edited-too-soon", to }, next: "comment it again. That comment was edited" },
    { saying: { kind: "unknown-command", word: "akc", instead: "/ack", slip: null }, next: "Did you mean `/ack`?" },
    {
      saying: { kind: "bad-argument", usage: "/cancel REASON", why: "Add a reason" },
      next: "Add a reason: `/cancel REASON`.",
    },
    { saying: { kind: "unknown-severity", given: "P9" }, next: "Choose one of `P0`, `P1`" },
    { saying: { kind: "unknown-role", given: "chef", known: ["lead"] }, next: "Choose one of `lead`" },
    { saying: { kind: "cannot-assign", logins: ["mallory"] }, next: "Choose someone with access" },
    { saying: { kind: "nobody-acknowledged" }, next: "`/page secondary` pages the next person now" },
    { saying: { kind: "closed-incident", command: "ack" }, next: "Reopen the issue, then comment it again" },
    { saying: { kind: "link-gone", what: "post-mortem", ...link }, next: "`/postmortem` to create one" },
    { saying: { kind: "link-gone", what: "runbook", ...link }, next: "Check the number" },
    { saying: { kind: "link-elsewhere", allowed: "acme/learnings" }, next: "Link one from `acme/learnings`" },
    { saying: { kind: "link-itself" }, next: "Comment `/postmortem`" },
    { saying: { kind: "too-many-links", what: "post-mortem", limit: 10 }, next: "Complete one of the 10" },
    { saying: { kind: "too-many-links", what: "runbook", limit: 10 }, next: "Merge one of the 10" },
    { saying: { kind: "has-post-mortem", ...link }, next: "`/postmortem #NUMBER`" },
    { saying: { kind: "may-not-create", repository: "acme/learnings" }, next: "Ask someone with the triage role" },
    { saying: { kind: "runbooks", paths: [], matching: [] }, next: "Write one for this incident" },
    { saying: { kind: "runbooks", paths: ["runbooks/a b.md"], matching: [] }, next: "/blob/HEAD/runbooks/a%20b.md" },
    { saying: { kind: "severity-restored", label: "sev:P0", severity: "P0" }, next: "`/cancel REASON`" },
    { saying: { kind: "labels-tidied", kept: "sev:P0", removed: ["sev:P1"] }, next: "`sev:P1` is removed" },
    {
      saying: { kind: "drill-too-late", severity: "P0", why: "under-way" },
      next: "Open a new issue with the labels `sev:P0` and `drill`",
    },
    {
      saying: { kind: "drill-too-late", severity: "P0", why: "storm" },
      next: "Open a new issue with the labels `sev:P0` and `drill`",
    },
    { saying: { kind: "drill-stays", severity: "P0" }, next: "Open a new issue with the label `sev:P0`" },
    { saying: { kind: "may-not-drill", needs: "triage", app: null, isOn: false }, next: "to comment `/drill`" },
    {
      saying: { kind: "may-not-drill", needs: "triage", app: "label[bot]", isOn: true },
      next: "Add `drill` to the line of `label[bot]`",
    },
    { saying: { kind: "reopened", why: "gate", left: 2 }, next: "Then `/resolve` closes it" },
    { saying: { kind: "reopened", why: "re-armed", left: 0 }, next: "it stays closed and is marked" },
    { saying: { kind: "reopened", why: "waiver-ended", left: null }, next: "`/waive 7d REASON`" },
    {
      saying: { kind: "waiver-asked", missing: 1, needs: "maintain", lasts: null, reason: "known" },
      next: "Ask another person with the maintain role",
    },
    {
      saying: { kind: "waiver-asked", missing: 2, needs: "maintain", lasts: null, reason: "known" },
      next: "comment `/accept waiver` here",
    },
    { saying: { kind: "nothing-to-accept" }, next: "Nothing here waits" },
    { saying: { kind: "accept-which", waiver: true, targets: [link] }, next: "`/accept waiver` or `/accept #7`" },
    { saying: { kind: "accept-own", what: "waiver" }, next: "Ask someone else" },
    { saying: { kind: "accept-own", what: link }, next: "Ask someone else to comment `/accept #7`" },
    { saying: { kind: "may-not-accept-waiver", to, needs: "maintain" }, next: "ask someone with the maintain role" },
    { saying: { kind: "accept-incomplete", ...link }, next: "then comment `/accept #7`" },
    { saying: { kind: "accept-unread", ...link }, next: "Comment `/accept #7` again" },
    { saying: { kind: "accept-sealed", ...link }, next: "then comment `/accept #7`" },
    { saying: { kind: "accept-changed", to, ...link }, next: "then comment `/accept #7`" },
    { saying: { kind: "post-mortem-changed", target: link, by: ["carol"], missing: 1 }, next: "comment `/accept #7`" },
    { saying: { kind: "closed-ungated", limit: 3 }, next: "`/waive REASON`" },
    { saying: { kind: "reminder", timer: "acknowledge", due: NINE }, next: "Comment `/ack`" },
    { saying: { kind: "reminder", timer: "update", due: NINE }, next: "`/status TEXT`" },
    { saying: { kind: "reminder", timer: "post-mortem", due: NINE }, next: "lists what is missing" },
  ];

  it.each(SAYINGS)("$saying.kind is short and says the next step", ({ saying, next }) => {
    const body = reply("m-1", saying, context);
    expect(body.endsWith("\n<!-- sevgate:m-1 -->")).toBe(true);
    // Numbers and commands are broken up by something invisible.
    expect(body).toContain(next);
    if (saying.kind !== "help") expect(body.length).toBeLessThan(900);
    expect(body).not.toMatch(/undefined|null|\[object/);
  });

  it("mentions nobody, whoever and whatever it is about", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, two) => {
        const hostile: readonly Saying[] = [
          { kind: "not-allowed", to: one, command: "ack", needs: "triage" },
          { kind: "unknown-command", word: one, instead: "/ack", slip: null },
          { kind: "bad-argument", usage: one, why: two },
          { kind: "unknown-severity", given: one },
          { kind: "unknown-role", given: one, known: [two] },
          { kind: "cannot-assign", logins: [one, one] },
          { kind: "link-elsewhere", allowed: one },
          { kind: "may-not-create", repository: one },
          { kind: "labels-tidied", kept: one, removed: [two] },
          { kind: "severity-restored", label: one, severity: two },
          { kind: "runbooks", paths: [one, two], matching: [] },
          { kind: "runbooks", paths: [one], matching: [{ path: one, title: two, changedAt: null, because: [one] }] },
          { kind: "help", to: one, has: "read" },
        ];
        for (const saying of hostile) {
          expect(mentionedIn(reply("m-1", saying, context))).toEqual([]);
          expect(unseenIn(reply("m-1", saying, context))).toBeNull();
        }
      }),
    );
  });
});

describe("the verdict in words", () => {
  it("says nothing is missing when nothing is, and otherwise one thing for every requirement that is not met", () => {
    const none = { ...derive(buildObservation())!.gate, tree: { kind: "all-of", status: "met", of: [] } as const };
    expect(missingSentences({ ...none, status: "met" })).toEqual([]);
    expect(verdictLines({ ...none, status: "met" })).toEqual(["- ✅ Nothing: this severity closes freely."]);
    const { gate } = derive(buildObservation())!;
    expect(gateHeading(gate)).toBe("Closing: needs one of these");
    expect(missingSentences(gate)).toHaveLength(2);
  });

  it("of a choice that is met shows what met it, and not what was not needed", () => {
    const body = "## What happened\n\nx y\n\n## Why it happened\n\nx y\n\n## Action items\n\n- [ ] z";
    const complete = buildIssue({ number: 3, labels: ["post-mortem"], body });
    const { gate } = derive(buildObservation({ evidence: [buildEvidence(complete)] }))!;
    expect(gateHeading(gate)).toBe("Closing: ready");
    expect(verdictLines(gate)).toEqual([
      "- ✅ **Post-mortem** [#3](https://github.com/acme/ops/issues/3) is complete.",
    ]);
  });
});

describe("the issue template", () => {
  it("keeps every byte of the author's text, is put below it once, and fits", () => {
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.string({ unit: "binary", maxLength: 2_000 })), (body) => {
        const once = withTemplate(body, BUILT_IN_TEMPLATES.incident, "P0");
        if (once === null) return;
        expect(once.startsWith(body)).toBe(true);
        expect(withTemplate(once, BUILT_IN_TEMPLATES.incident, "P0")).toBe(null);
      }),
    );
    expect(withTemplate("x".repeat(65_000), BUILT_IN_TEMPLATES.incident, "P0")).toBe(null);
  });

  const LINES = ["Impact", "Known so far", "Being tried"];

  it.each<{ name: string; body: string; added: readonly string[] }>([
    { name: "nothing", body: "", added: LINES },
    { name: "a sentence", body: "Checkout is down.", added: LINES },
    { name: "one of its lines", body: "**Impact:** nobody can pay", added: ["Known so far", "Being tried"] },
    { name: "a form nobody filled in", body: "### Impact\n\n_No response_", added: LINES },
    { name: "a filled form", body: "### What do users see?\n\nErrors\n\n### Since when?\n\n_No response_", added: [] },
    { name: "a heading within code", body: "```\n## Impact\n\nx\n```", added: LINES },
  ])("adds to $name a visible line for each thing it lacks, and no heading", ({ body, added }) => {
    const after = withTemplate(body, BUILT_IN_TEMPLATES.incident, "P0")?.slice(body.length) ?? "";
    expect([...after.matchAll(/^\*\*([^*]+):\*\* _[^_]+_$/gm)].map((match) => match[1])).toEqual(added);
    expect(after).not.toMatch(/^#/m);
  });

  it.each<{ name: string; body: string; added: readonly string[] }>([
    { name: "nothing", body: "", added: ["Impact", "Dashboards"] },
    { name: "one section, in other letters", body: "# IMPACT\n\nx", added: ["Dashboards"] },
    { name: "a section within code", body: "```\n## Impact\n```", added: ["Impact", "Dashboards"] },
    { name: "all sections", body: "## Impact\n\n## Dashboards\n", added: [] },
  ])("of a repository, with headings, adds to $name the sections it lacks", ({ body, added }) => {
    const after = withTemplate(body, ["## Impact\n\n<!-- who? -->\n\n## Dashboards\n"], "P0");
    const titles = [...(after?.slice(body.length) ?? "").matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    expect(titles).toEqual(added);
  });
});

describe("the post-mortem issue", () => {
  it("mentions nobody and closes nothing by what was written during the incident, and names the incident", () => {
    fc.assert(
      fc.property(anyRecord(12), hostileText, (record, title) => {
        const seen = buildObservation({
          record: { kind: "found", record },
          issue: buildIssue({ title, labels: ["sev:P0"] }),
        });
        const { history } = derive(seen)!;
        const made = postMortemIssue(seen, record, history);
        expect(made.title.length).toBeLessThanOrEqual(256);
        // A title is plain text to GitHub, which looks for nothing in it.
        expect(unseenIn(made.title)).toBeNull();
        expect(unseenIn(made.body)).toBeNull();
        expect(mentionedIn(made.body)).toEqual([]);
        expect(made.body.replaceAll(/<!--[\s\S]*?-->/g, "")).not.toMatch(ACTIVE);
        expect(made.body).toContain("\nIncident: #1\n");
      }),
    );
  });
});

describe("Liquid templates", () => {
  it.each([
    { name: "files", text: "{% include 'x' %}" },
    { name: "other files", text: "{% layout 'x' %}" },
    { name: "filters nobody knows", text: "{{ x | exec }}" },
    { name: "loops without end", text: "{% for i in (1..9999999999) %}x{% endfor %}" },
    { name: "too long a text", text: "x".repeat(70_000) },
  ])("cannot reach $name: the next template takes over", ({ text }) => {
    expect(render([text, "built-in"], { x: 1 })).toBe("built-in");
  });

  // Each of them stopped everything for seconds to minutes, or would with the next such filter.
  it.each([
    [
      "where_exp, nested",
      `{% assign a = (1..2000) %}${"{% assign a = a | where_exp: 'x', 'x > 0' %}".repeat(20)}`,
      'uses the filter "where_exp"',
    ],
    [
      "find_exp in a loop",
      "{% assign a = (1..2000) %}{% for i in a %}{% assign b = a | find_exp: 'x', 'x < 0' %}{% endfor %}",
      'uses the filter "find_exp"',
    ],
    ["group_by_exp", "{% assign b = a | group_by_exp: 'x', 'x' %}", 'uses the filter "group_by_exp"'],
    ["map and sort", "{{ facts | map: 'name' | sort }}", 'uses the filter "map"'],
    ["split and join", "{{ severity | split: '' | join: 'x' }}", 'uses the filter "split"'],
    ["a date as wide as one likes", "{{ 'now' | date: '%9999999Y' }}", 'uses the filter "date"'],
    ["capture, which doubles", "{% capture x %}{{ x }}{{ x }}{% endcapture %}".repeat(40), 'uses the tag "capture"'],
    ["other files", "{% include 'x' %}", 'uses the tag "include"'],
    ["a range", "{% for i in (1..9999999999) %}x{% endfor %}", "makes too much work"],
    [
      "loops without content in loops",
      "{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}",
      "makes too much work",
    ],
    [
      "one long list, of which little is wanted again and again",
      "{% assign a = (1..50000) %}{% for i in a %}{% for x in a offset: 1 limit: 1 %}{% endfor %}{% endfor %}",
      "makes too much work",
    ],
    [
      "append, which doubles",
      `{% assign s = 'x' %}${"{% assign s = s | append: s %}".repeat(60)}`,
      "makes too much work",
    ],
    [
      "join with a long text",
      `{% assign a = (1..40000) %}{% assign s = 'x' %}${"{% assign s = s | append: s %}".repeat(12)}{{ a | join: s }}`,
      "makes too much work",
    ],
    [
      "replace with a long text",
      `{% assign s = 'x' %}${"{% assign s = s | append: s %}".repeat(14)}{{ s | replace: 'x', s }}`,
      "makes too much work",
    ],
    [
      "lists that are compared",
      "{% assign a = (1..40000) %}{% assign b = (1..40000) %}{% for i in (1..1000) %}{% if a == b %}{% endif %}{% endfor %}",
      "makes too much work",
    ],
    [
      "a text looked for in another",
      `{% assign s = 'a' %}${"{% assign s = s | append: s %}".repeat(12)}{% assign t = s | append: 'b' %}{% if s contains t %}{% endif %}`,
      "makes too much work",
    ],
    [
      "branches without end",
      `{% for i in (1..10000) %}{% if false %}${"{% elsif nil %}".repeat(1_500)}{% endif %}{% endfor %}`,
      "makes too much work",
    ],
    [
      "conditions without end",
      `{% for i in (1..10000) %}{% if ${"nil or ".repeat(5_000)}nil %}{% endif %}{% endfor %}`,
      "makes too much work",
    ],
    ["names without end", `{% for i in (1..10000) %}{{ a${".b".repeat(20_000)} }}{% endfor %}`, "makes too much work"],
    ["text in a loop", `{% for i in (1..10000) %}${"y".repeat(60_000)}{% endfor %}`, "makes too much work"],
    ["tags without end", "{% if true %}{% endif %}".repeat(2_000), "has more than 2000 tags"],
    ["tags in tags in tags", "{% if true %}".repeat(1_990), "is nested too deeply"],
    ["brackets in brackets", `{{ ${"a[".repeat(20_000)} }}`, "is nested too deeply"],
  ])("make no more work than they may: %s", (_, text, problem) => {
    expect(renderFirst([text, "built-in"], { a: [1], severity: "P0", facts: [] })).toEqual({
      text: "built-in",
      problem: expect.stringContaining(problem),
    });
    expect(templateProblem(text)).toContain(problem);
  });

  it("know the tags and filters of the list, and no other", () => {
    const text = `{%- # a note -%}{%- comment -%}x{%- endcomment -%}{%- assign n = timeline | size -%}
      {%- for line in timeline reversed -%}{{ line | strip | upcase | truncate: 4, "" }}{%- if forloop.last -%}{%- break -%}{%- else -%}{%- continue -%}{%- endif -%}{%- endfor -%}
      {%- unless missing -%}{{ missing | default: "none" | capitalize | append: "." | prepend: " " }}{%- endunless -%}
      {{ timeline | join: "+" | replace: "o", "0" | downcase }} {{ timeline | first }} {{ timeline | last }} {{ n | plus: 2 | minus: 1 }}{% raw %}{{}}{% endraw %}`;
    expect(templateProblem(text)).toBe(null);
    expect(renderFirst([text], { timeline: ["one", "twoo"] })).toEqual({
      text: "TWOOONE None.0ne+tw00 one twoo 3{{}}",
      problem: null,
    });
    const documented = readFileSync("docs/templates.md", "utf8");
    for (const name of [...TEMPLATE_TAGS, ...TEMPLATE_FILTERS]) expect(documented).toContain(`\`${name}\``);
  });

  it("of a repository that make too much work with an incident's values leave the built-in one, and the reason", () => {
    const heavy = `{% if commands %}{% for i in (1..900) %}${"y".repeat(900)}{% endfor %}{% endif %}`;
    expect(templateProblem(heavy)).toBe(null);
    const seen = buildObservation({
      templates: { ...BUILT_IN_TEMPLATES, status: [heavy, ...BUILT_IN_TEMPLATES.status] },
    });
    const incident = derive(seen)!;
    const text = statusText({ ...incident, seen });
    expect(text).toContain(
      "`.github/sevgate/templates/status.md` on the default branch cannot be used: it makes too much work",
    );
    expect(text).toContain("#### First steps");
    const { record, history } = incident;
    const own = {
      ...BUILT_IN_TEMPLATES,
      postMortem: [
        `{% if declared %}${heavy.replace("commands", "people")}{% endif %}`,
        ...BUILT_IN_TEMPLATES.postMortem,
      ] as const,
    };
    expect(postMortemIssue({ ...seen, templates: own }, record, history).body).toMatch(
      /> `\.github\/sevgate\/templates\/post-mortem\.md` on the default branch cannot be used[^\n]+\n\nIncident: #1\n/,
    );
  });

  it("see only what they are given, not what JavaScript attaches to it", () => {
    expect(render(["[{{ x.constructor }}{{ x.__proto__ }}{{ y }}]"], { x: { a: 1 } })).toBe("[]");
  });

  it("that do not parse are told in one line", () => {
    expect(templateProblem("{% if %")).toMatch(/^[^\n]+$/);
    expect(templateProblem("{{ severity }}")).toBe(null);
  });
});

describe("times", () => {
  it.each([
    [0, "0 seconds"],
    [1_000, "1 second"],
    [59_999, "59 seconds"],
    [60_000, "1 minute"],
    [3_600_000, "1 hour"],
    [3_660_000, "1 hour 1 minute"],
    [90_061_000, "1 day 1 hour"],
    [172_800_000, "2 days"],
  ])("%i ms are %s", (ms, words) => {
    expect(inWords(ms as Millis)).toBe(words);
  });

  it("are in UTC, with the date where the day is another", () => {
    expect(utc(NINE)).toBe("2026-01-05 09:00 UTC");
    expect(utcOn(NINE, NINE)).toBe("09:00 UTC");
    expect(utcOn(NINE, (NINE - 86_400_000) as Instant)).toBe("2026-01-05 09:00 UTC");
    expect([count(1, "item"), count(2, "item"), count(0, "item")]).toEqual(["1 item", "2 items", "0 items"]);
  });
});

it("what is planned says the same as what is shown: the first plan of an incident holds its status comment", () => {
  const seen = buildObservation();
  const actions = plan(seen, derive(seen)!);
  expect(actions.map((action) => action.kind)).toEqual(["edit-issue-body", "create-status", "add-label"]);
});
