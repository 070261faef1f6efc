import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { asksForLess } from "../../../src/core/gate/asks-for-less.ts";
import { asksToRead } from "../../../src/core/gate/requirements/requirement-rules.ts";
import { judgeGate } from "../../../src/core/gate/verdict.ts";
import type { VerdictStatus } from "../../../src/core/gate/verdict-status.ts";
import type { ChangedFile, PullRequestFacts } from "../../../src/core/model.ts";
import type { EvidenceFacts, IncidentObservation } from "../../../src/core/observation.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { type Policy, REQUIREMENTS, type Requires } from "../../../src/core/policy/policy.ts";
import { type Entry, KEY_TIMES, type KeyTime } from "../../../src/core/record/entry.ts";
import { fold, type History } from "../../../src/core/record/history.ts";
import { missingSentences } from "../../../src/core/render/verdict.ts";
import {
  buildEvidence,
  buildIssue,
  buildObservation,
  buildPullRequest,
  NINE,
} from "../../support/build-observation.ts";

const COMPLETE = `## What happened

It broke.

## Why it happened

A pool ran dry.

## Action items

- [ ] Limit the pool, bob, #9
`;

function historyOf(...later: readonly Entry[]): History {
  return fold([{ kind: "declared", at: NINE, by: "bob", severity: "P0" }, ...later]);
}
const ACKNOWLEDGED: Entry = { kind: "acknowledged", at: NINE, by: "alice", source: null };

function requiring(requires: Requires, change: Partial<Policy> = {}): IncidentObservation["policy"] {
  const severities = defaultPolicy().severities.map((severity) => ({ ...severity, "close-requires": requires }));
  return {
    policy: { ...defaultPolicy(), severities, ...change },
    source: null,
    requiresLines: new Map(),
    trouble: null,
  };
}
function needs(name: Extract<Requires, { kind: "requirement" }>["name"]): Requires {
  return { kind: "requirement", name };
}
const OTHERS = REQUIREMENTS.filter((name) => name !== "fix-merged");
function statusOf(seen: IncidentObservation, history = historyOf()): VerdictStatus {
  return judgeGate(seen, history).status;
}

describe("any-of and all-of", () => {
  /** One requirement that is met, one that is not, and one that cannot be determined. */
  const leaf = fc.constantFrom<{ readonly requires: Requires; readonly status: VerdictStatus }>(
    { requires: needs("acknowledged"), status: "met" },
    { requires: needs("fix-merged"), status: "unmet" },
    { requires: needs("post-mortem"), status: "unknown" },
  );
  /** From worst to best: for `any-of` the best member counts, for `all-of` the worst. */
  const ORDER = ["unmet", "unknown", "met"] as const;
  const { tree } = fc.letrec<{ tree: { requires: Requires; status: VerdictStatus } }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .record({
          kind: fc.constantFrom("any-of" as const, "all-of" as const),
          of: fc.array(tie("tree"), { minLength: 1, maxLength: 4 }),
        })
        .map(({ kind, of }) => {
          const ranks = of.map((part) => ORDER.indexOf(part.status));
          const rank = kind === "any-of" ? Math.max(...ranks) : Math.min(...ranks);
          return { requires: { kind, of: of.map((part) => part.requires) }, status: ORDER[rank]! };
        }),
    ),
  }));

  it("need the best of their members and the worst; unknown stands between, at any depth", () => {
    fc.assert(
      fc.property(tree, ({ requires, status }) => {
        const seen = buildObservation({ policy: requiring(requires), evidence: [buildEvidence("cannot-read")] });
        expect(statusOf(seen, historyOf(ACKNOWLEDGED))).toBe(status);
      }),
    );
  });

  it.each<{ name: string; requires: Requires; status: VerdictStatus }>([
    { name: "nothing at all", requires: { kind: "all-of", of: [] }, status: "met" },
    { name: "any of nothing", requires: { kind: "any-of", of: [] }, status: "unmet" },
  ])("of $name: $status", ({ requires, status }) => {
    expect(statusOf(buildObservation({ policy: requiring(requires) }))).toBe(status);
  });
});

describe("a severity", () => {
  const [acknowledged, postMortem, runbook] = [needs("acknowledged"), needs("post-mortem"), needs("runbook-pr")];
  const anyOf = (...of: readonly Requires[]): Requires => ({ kind: "any-of", of });
  const allOf = (...of: readonly Requires[]): Requires => ({ kind: "all-of", of });

  it.each<[from: string, to: string, less: boolean, Requires, Requires]>([
    ["something", "nothing", true, postMortem, allOf()],
    ["nothing", "something", false, allOf(), postMortem],
    ["nothing", "nothing", false, allOf(), allOf()],
    ["one thing", "another", true, postMortem, runbook],
    ["one thing", "a choice with it", true, postMortem, anyOf(postMortem, runbook)],
    ["a choice", "one of it", false, anyOf(postMortem, runbook), postMortem],
    ["a choice", "the same choice, written otherwise", false, anyOf(postMortem, runbook), anyOf(runbook, postMortem)],
    ["everything", "a part of it", true, allOf(acknowledged, postMortem), acknowledged],
    ["a part", "everything", false, acknowledged, allOf(acknowledged, postMortem)],
    [
      "nested",
      "the same, multiplied out",
      false,
      allOf(acknowledged, anyOf(postMortem, runbook)),
      anyOf(allOf(acknowledged, postMortem), allOf(acknowledged, runbook)),
    ],
    ["what nothing satisfies", "anything", true, anyOf(), acknowledged],
  ])(
    "asks for less exactly when something satisfies it that does not satisfy the other: from %s to %s is %s",
    (_, __, less, from, to) => {
      expect(asksForLess(to, from)).toBe(less);
    },
  );
});

describe("acknowledged", () => {
  it.each<{ name: string; later: readonly Entry[]; status: VerdictStatus }>([
    { name: "nobody did", later: [], status: "unmet" },
    { name: "somebody did", later: [ACKNOWLEDGED], status: "met" },
    {
      name: "and handed it back",
      later: [ACKNOWLEDGED, { kind: "unacknowledged", at: NINE, by: "alice", source: { comment: 1, line: 1 } }],
      status: "unmet",
    },
  ])("$name: $status", ({ later, status }) => {
    expect(statusOf(buildObservation({ policy: requiring(needs("acknowledged")) }), historyOf(...later))).toBe(status);
  });
});

describe("post-mortem", () => {
  const complete = buildIssue({ number: 3, labels: ["post-mortem"], body: COMPLETE });
  const policy = requiring(needs("post-mortem"));

  it.each<{ name: string; evidence: readonly EvidenceFacts[]; status: VerdictStatus }>([
    { name: "none", evidence: [], status: "unmet" },
    { name: "complete", evidence: [buildEvidence(complete)], status: "met" },
    { name: "closed, and complete", evidence: [buildEvidence({ ...complete, state: "closed" })], status: "met" },
    {
      name: "label in other letters",
      evidence: [buildEvidence({ ...complete, labels: ["Post-Mortem"] })],
      status: "met",
    },
    { name: "without the label", evidence: [buildEvidence({ ...complete, labels: [] })], status: "unmet" },
    { name: "gone", evidence: [buildEvidence("missing")], status: "unmet" },
    { name: "not readable", evidence: [buildEvidence("cannot-read")], status: "unknown" },
    {
      name: "one not readable, one complete",
      evidence: [buildEvidence("cannot-read", 4), buildEvidence(complete)],
      status: "met",
    },
    {
      name: "one not readable, one incomplete",
      evidence: [buildEvidence("cannot-read", 4), buildEvidence({ ...complete, body: "" })],
      status: "unknown",
    },
    {
      name: "the incident itself",
      evidence: [buildEvidence({ ...complete, number: 1 }, 1)],
      status: "unmet",
    },
    {
      name: "in another repository than the policy wants",
      evidence: [{ ...buildEvidence(complete), target: { repository: "acme/shop", number: 3 } } as EvidenceFacts],
      status: "unmet",
    },
    {
      name: "known by its own words, which say so",
      evidence: [
        { ...buildEvidence({ ...complete, body: `Incident: #1\n\n${COMPLETE}` }), via: "own-text" } as EvidenceFacts,
      ],
      status: "met",
    },
    {
      name: "known by its own words, which no longer say so",
      evidence: [{ ...buildEvidence(complete), via: "own-text" } as EvidenceFacts],
      status: "unmet",
    },
    {
      name: "asked for by a command that was not obeyed (yet)",
      evidence: [{ ...buildEvidence(complete), via: "command" } as EvidenceFacts],
      status: "unmet",
    },
  ])("$name: $status", ({ evidence, status }) => {
    expect(statusOf(buildObservation({ policy, evidence }))).toBe(status);
  });

  it.each<{ name: string; body: string; lacks: readonly string[] }>([
    { name: "complete", body: COMPLETE, lacks: [] },
    {
      name: "empty",
      body: "",
      lacks: ["section-missing", "section-missing", "section-missing", "too-few-action-items"],
    },
    {
      name: "headings in other letters and depth",
      body: COMPLETE.replace("## What happened", "#### WHAT  HAPPENED"),
      lacks: [],
    },
    {
      name: "a section of blanks and comments",
      body: COMPLETE.replace("It broke.", " \n<!-- x -->\n"),
      lacks: ["section-empty"],
    },
    {
      name: "a section with a sub-section",
      body: COMPLETE.replace("It broke.", "### At nine\n\nIt broke."),
      lacks: [],
    },
    { name: "an item that is ticked", body: COMPLETE.replace("[ ]", "[x]"), lacks: [] },
    {
      name: "the action items elsewhere",
      body: `- [ ] here\n\n${COMPLETE.replace(/- \[ \].*/, "See above.")}`,
      lacks: [],
    },
    {
      name: "headings with a question mark, a number, an emoji, a colon",
      body: COMPLETE.replace("What happened", "1. What happened?")
        .replace("Why it happened", "🔍 Why it happened:")
        .replace("Action items", "**Action items**"),
      lacks: [],
    },
    {
      name: "a filled section below an empty one of the same name",
      body: `## What happened\n\nTBD\n\n${COMPLETE}`,
      lacks: [],
    },
    {
      name: "an empty section below a filled one of the same name",
      body: `${COMPLETE}\n## What happened\n\n&nbsp;\n`,
      lacks: [],
    },
    {
      name: "a bold line in place of a heading",
      body: COMPLETE.replace("## What happened", "**What happened**"),
      lacks: ["section-no-heading"],
    },
    {
      name: "a section of fillers, definitions and an unused footnote",
      body: COMPLETE.replace(
        "It broke.",
        "\u3164 &nbsp; &#8203;\n\n[//]: # (It broke.)\n\n[^1]: It broke.\n\n<?It broke?>",
      ),
      lacks: ["section-empty"],
    },
    {
      name: "the template's hint without its comment marks",
      body: COMPLETE.replace("It broke.", "Hint of the template: what people saw."),
      lacks: ["section-empty"],
    },
    {
      name: "an item that says nothing",
      body: COMPLETE.replace(/- \[ \].*/, "- [ ] TBD\n- [ ] &nbsp;\n\nSee above."),
      lacks: ["too-few-action-items"],
    },
    {
      name: "text directly above a rule",
      body: COMPLETE.replace("It broke.\n", "It broke, and was mended.\n---\n"),
      lacks: [],
    },
    {
      name: "text directly above a rule in a sub-section",
      body: COMPLETE.replace("It broke.\n", "### At nine\nIt broke,\nand was mended.\n=====\n"),
      lacks: [],
    },
    {
      name: "text above a rule, below a heading of the first level",
      body: COMPLETE.replace("## What happened\n\nIt broke.\n", "# What happened\nIt broke.\n---\n"),
      lacks: [],
    },
    {
      name: "a placeholder directly above a rule",
      body: COMPLETE.replace("It broke.\n", "TBD\n---\n"),
      lacks: ["section-empty"],
    },
    {
      name: "underlined headings, one of them the template does not know",
      body: COMPLETE.replace("## What happened\n\nIt broke.\n", "What happened\n---\n\nIt broke.\n---\n"),
      lacks: ["section-empty"],
    },
    { name: "an item that looks like a heading", body: COMPLETE.replace("] L", "] # L"), lacks: [] },
    {
      name: "an item that looks like a definition",
      body: COMPLETE.replace(/- \[ \].*/, "- [ ] [5]: https://example.com/5"),
      lacks: [],
    },
    {
      name: "items that say nothing, in other words",
      body: COMPLETE.replace(/- \[ \].*/, "- [ ] to be determined\n- [ ] Owner: TBD\n- [ ] 👍\n\nSee above."),
      lacks: ["too-few-action-items"],
    },
    {
      name: "items that begin with a placeholder",
      body: COMPLETE.replace(/- \[ \].*/, "- [ ] TODO: write\n- [ ] TODO(bob)\n\nSee above."),
      lacks: ["too-few-action-items"],
    },
    {
      name: "an item that says what to do, and that its owner is not known",
      body: COMPLETE.replace(/- \[ \].*/, "- [ ] TODO: add an alert (owner: TBD)"),
      lacks: [],
    },
    {
      name: "a sub-heading that is the answer",
      body: COMPLETE.replace("It broke.", "### The DB ran out of connections"),
      lacks: [],
    },
    {
      name: "a sub-heading that asks for another section of the template",
      body: COMPLETE.replace("It broke.", "### The next steps"),
      lacks: ["section-empty"],
    },
    { name: "an item in code", body: COMPLETE.replace(/(- \[ \].*)/, "```\n$1\n```"), lacks: ["too-few-action-items"] },
  ])("its content decides: $name", ({ body, lacks }) => {
    const evidence = [buildEvidence({ ...complete, body })];
    const bare = buildObservation({ policy, evidence });
    const template = "## What happened\n\n<!-- Hint of the template: what people saw. -->\n\n## The next steps\n";
    const postMortem = [template] as const;
    const seen = { ...bare, templates: { ...bare.templates, postMortem } };
    const { tree } = judgeGate(seen, historyOf());
    const found = tree.kind === "requirement" && tree.finding.requirement === "post-mortem" ? tree.finding.found : [];
    expect(found[0]?.lacks.map((lack) => lack.kind)).toEqual(lacks);
  });

  it("is linked by a line directly above a rule, too", () => {
    const body = `Incident: #1\n---\n${COMPLETE}`;
    const evidence = [{ ...buildEvidence({ ...complete, body }), via: "own-text" } as EvidenceFacts];
    expect(statusOf(buildObservation({ policy, evidence }))).toBe("met");
  });

  it.each<[instead: string, why: string]>([
    ["", "fill in “What happened”."],
    ["TBD", "fill in “What happened” (there is only a placeholder)."],
    ["Duration: TBD", "fill in “What happened” (there is only a placeholder)."],
    ["👍", "fill in “What happened” (there are only signs)."],
    ["| Time | What |\n| --- | --- |\n| | |", "fill in “What happened” (there are only headings and labels)."],
    ["what people saw", "fill in “What happened” (there are only the template's own words)."],
  ])("that is not filled in says why: %j", (instead, why) => {
    const body = COMPLETE.replace("It broke.", instead);
    const bare = buildObservation({ policy, evidence: [buildEvidence({ ...complete, body })] });
    const postMortem = ["## What happened\n\n<!-- what people saw -->"] as const;
    const seen = { ...bare, templates: { ...bare.templates, postMortem } };
    expect(missingSentences(judgeGate(seen, historyOf())).join("")).toContain(why);
  });

  it("with an answer that dashes made a heading of says which line, and what to write", () => {
    const body = COMPLETE.replace("## What happened\n\nIt broke.\n", "What happened\n---\nIt broke.\n---\n");
    const seen = buildObservation({ policy, evidence: [buildEvidence({ ...complete, body })] });
    expect(missingSentences(judgeGate(seen, historyOf())).join("")).toContain(
      "fill in “What happened” (line 3 is a heading, as dashes stand directly below it: put an empty line between them).",
    );
  });

  it("that lacks least is shown first", () => {
    const evidence = [
      buildEvidence({ ...complete, body: "" }, 3),
      buildEvidence({ ...complete, number: 4, labels: [] }, 4),
      buildEvidence("missing", 5),
    ];
    const { tree } = judgeGate(buildObservation({ policy, evidence }), historyOf());
    const found = tree.kind === "requirement" && tree.finding.requirement === "post-mortem" ? tree.finding.found : [];
    expect(found.map((one) => one.target.number)).toEqual([4, 5, 3]);
  });
});

describe("runbook-pr", () => {
  const policy = requiring(needs("runbook-pr"));
  const MERGED = { state: "closed", merged: true } as const;
  const RUNBOOK: readonly ChangedFile[] = [{ path: "runbooks/database.md", status: "modified" }];
  const MANY = Array.from({ length: 3_000 }, (_, at): ChangedFile => ({ path: `src/${at}.ts`, status: "modified" }));

  function evidenceOf(
    pullRequest: Partial<PullRequestFacts>,
    files: readonly ChangedFile[],
    more: object = {},
  ): EvidenceFacts {
    return {
      kind: "pull-request",
      target: { repository: null, number: 2 },
      via: "own-text",
      trust: null,
      answer: { pullRequest: buildPullRequest({ title: "Runbook for #1", ...pullRequest }), files },
      revertedBy: null,
      revertsRead: true,
      ...more,
    };
  }

  it.each<{ name: string; evidence: EvidenceFacts; wants?: "open"; status: VerdictStatus }>([
    { name: "merged", evidence: evidenceOf(MERGED, RUNBOOK), status: "met" },
    {
      name: "named in the description",
      evidence: evidenceOf({ ...MERGED, title: "x", body: "for acme/ops#1" }, RUNBOOK),
      status: "met",
    },
    {
      name: "in docs/runbooks",
      evidence: evidenceOf(MERGED, [{ path: "docs/runbooks/a/b.md", status: "added" }]),
      status: "met",
    },
    {
      name: "renamed into place",
      evidence: evidenceOf(MERGED, [{ path: "runbooks/a.md", status: "renamed" }]),
      status: "met",
    },
    { name: "open", evidence: evidenceOf({}, RUNBOOK), status: "unmet" },
    { name: "open, and that is enough", evidence: evidenceOf({}, RUNBOOK), wants: "open", status: "met" },
    {
      name: "closed without a merge",
      evidence: evidenceOf({ state: "closed" }, RUNBOOK),
      wants: "open",
      status: "unmet",
    },
    { name: "to another branch", evidence: evidenceOf({ ...MERGED, baseRef: "next" }, RUNBOOK), status: "unmet" },
    {
      name: "without a runbook",
      evidence: evidenceOf(MERGED, [{ path: "src/runbooks.md", status: "added" }]),
      status: "unmet",
    },
    { name: "of more files than GitHub lists", evidence: evidenceOf(MERGED, MANY), status: "unknown" },
    {
      name: "of as many, a runbook among them",
      evidence: evidenceOf(MERGED, [...MANY.slice(1), ...RUNBOOK]),
      status: "met",
    },
    { name: "of as many, and not merged", evidence: evidenceOf({}, MANY), status: "unmet" },
    {
      name: "that removes one",
      evidence: evidenceOf(MERGED, [{ path: "runbooks/a.md", status: "removed" }]),
      status: "unmet",
    },
    {
      name: "that names another incident",
      evidence: evidenceOf({ ...MERGED, title: "For #11" }, RUNBOOK),
      status: "unmet",
    },
    {
      name: "reverted",
      evidence: evidenceOf(MERGED, RUNBOOK, { revertedBy: buildPullRequest({ number: 5, ...MERGED }) }),
      status: "unmet",
    },
    { name: "gone", evidence: evidenceOf({}, [], { answer: "missing" }), status: "unmet" },
  ])("$name: $status", ({ evidence, wants, status }) => {
    const runbooks = { ...defaultPolicy().runbooks, ...(wants === undefined ? {} : { "pull-request": wants }) };
    const own = requiring(needs("runbook-pr"), { runbooks });
    expect(statusOf(buildObservation({ policy: own, evidence: [evidence] }))).toBe(status);
  });

  it("linked by command need not name the incident", () => {
    const link: Entry = {
      kind: "linked",
      at: NINE,
      by: "alice",
      evidence: "runbook-pr",
      target: { repository: null, number: 2 },
      source: { comment: 1, line: 1 },
    };
    const seen = buildObservation({ policy, evidence: [evidenceOf({ ...MERGED, title: "x" }, RUNBOOK)] });
    expect(statusOf(seen)).toBe("unmet");
    expect(statusOf(seen, historyOf(link))).toBe("met");
  });

  it("proven once is not asked about again, until it is reverted", () => {
    const target = { repository: null, number: 2 };
    const proven: Entry = { kind: "proven", at: NINE, by: null, target };
    const disproven: Entry = { kind: "disproven", at: NINE, by: null, target, revertedBy: 5 };
    const answer = { pullRequest: buildPullRequest({ merged: true, title: "", baseRef: "" }), files: "known-merged" };
    const seen = buildObservation({ policy, evidence: [evidenceOf({}, [], { answer })] });
    expect(statusOf(seen, historyOf(proven))).toBe("met");
    expect(statusOf(seen, historyOf(proven, disproven))).toBe("unmet");
  });
});

describe("fix-merged", () => {
  it.each<{ name: string; fix: Partial<PullRequestFacts>; status: VerdictStatus }>([
    { name: "merged into the default branch", fix: { merged: true, state: "closed" }, status: "met" },
    { name: "merged into another branch", fix: { merged: true, state: "closed", baseRef: "next" }, status: "unmet" },
    { name: "open", fix: {}, status: "unmet" },
    { name: "closed", fix: { state: "closed" }, status: "unmet" },
  ])("$name: $status", ({ fix, status }) => {
    const seen = buildObservation({
      policy: requiring(needs("fix-merged")),
      fixes: [{ pullRequest: buildPullRequest(fix), revertedBy: null, revertsRead: true }],
    });
    expect(statusOf(seen)).toBe(status);
  });

  it.each<[string, Requires, boolean]>([
    ["it stands alone", needs("fix-merged"), true],
    ["it is one of several", { kind: "any-of", of: [needs("post-mortem"), needs("fix-merged")] }, true],
    ["it is deep in a group", { kind: "all-of", of: [{ kind: "any-of", of: [needs("fix-merged")] }] }, true],
    ["all else is asked for", { kind: "all-of", of: OTHERS.map(needs) }, false],
    ["nothing is asked for", { kind: "all-of", of: [] }, false],
  ])("costs reading pull requests only where a severity asks for it: %s", (_, requires, reads) => {
    expect(asksToRead(requires, "fixes")).toBe(reads);
  });
});

describe("action-items-filed", () => {
  it.each<{ name: string; items: string; status: VerdictStatus }>([
    { name: "all name an issue", items: "- [ ] one, #9\n- [x] two, acme/shop#10", status: "met" },
    { name: "by address", items: "- [ ] one https://github.com/acme/ops/issues/9", status: "met" },
    { name: "one names none", items: "- [ ] one, #9\n- [ ] two", status: "unmet" },
    { name: "there are none", items: "Nothing to do.", status: "unmet" },
  ])("$name: $status", ({ items, status }) => {
    const body = COMPLETE.replace(/- \[ \].*/, items);
    const evidence = [buildEvidence(buildIssue({ number: 3, labels: ["post-mortem"], body }))];
    expect(statusOf(buildObservation({ policy: requiring(needs("action-items-filed")), evidence }))).toBe(status);
  });

  it("nobody can tell while the post-mortem cannot be read", () => {
    const evidence = [buildEvidence("cannot-read")];
    expect(statusOf(buildObservation({ policy: requiring(needs("action-items-filed")), evidence }))).toBe("unknown");
  });
});

describe("key-times", () => {
  const source = { comment: 1, line: 1 };
  const at = NINE;
  const said = (time: KeyTime): Entry => ({
    kind: "time-corrected",
    at,
    by: "alice",
    time,
    to: at,
    was: null,
    reason: "",
    source,
  });
  const MITIGATED: Entry = { kind: "mitigated", at, by: "alice", text: "", source };
  const RESOLVED: Entry = { kind: "resolved", at, by: "alice", text: "", source };
  const UNACKNOWLEDGED: Entry = { kind: "unacknowledged", at, by: "alice", source };

  it.each<{ name: string; times: readonly KeyTime[]; later: readonly Entry[]; missing: readonly string[] }>([
    {
      name: "nothing is said",
      times: KEY_TIMES,
      later: [],
      missing: ["/time started", "/time detected", "/ack", "/mitigate"],
    },
    { name: "the end comes with the close", times: ["resolved"], later: [], missing: [] },
    {
      name: "everything is said",
      times: KEY_TIMES,
      later: [ACKNOWLEDGED, MITIGATED, said("started"), said("detected")],
      missing: [],
    },
    { name: "a resolution mitigates", times: ["mitigated"], later: [RESOLVED], missing: [] },
    {
      name: "what is mitigated is not acknowledged any more",
      times: ["acknowledged"],
      later: [MITIGATED],
      missing: ["/time acknowledged"],
    },
    {
      name: "what is closed is not mitigated any more",
      times: ["mitigated"],
      later: [{ kind: "closed", at, by: "alice", how: "ungated", closedAt: at, evidence: [] }],
      missing: ["/time mitigated"],
    },
    { name: "a time alone is enough", times: ["acknowledged"], later: [RESOLVED, said("acknowledged")], missing: [] },
    {
      name: "a time goes with what it is about",
      times: ["acknowledged"],
      later: [ACKNOWLEDGED, said("acknowledged"), UNACKNOWLEDGED],
      missing: ["/ack"],
    },
    { name: "others are not asked for", times: ["started"], later: [said("detected")], missing: ["/time started"] },
  ])("$name: missing $missing of $times", ({ times, later, missing }) => {
    const seen = buildObservation({ policy: requiring(needs("key-times"), { "key-times": times }) });
    const gate = judgeGate(seen, historyOf(...later));
    expect(gate.status).toBe(missing.length === 0 ? "met" : "unmet");
    const commands = [
      ...missingSentences(gate)
        .join()
        .matchAll(/`(\/[a-z]+(?: [a-z]+)?)/g),
    ].map(([, command]) => command);
    expect(commands).toEqual(missing);
  });
});

describe("what overrules the tree", () => {
  it("a waiver", () => {
    const waived: Entry = {
      kind: "waived",
      at: NINE,
      by: "alice",
      reason: "known cause",
      source: { comment: 1, line: 1 },
    };
    const verdict = judgeGate(buildObservation(), historyOf(waived));
    expect(verdict).toMatchObject({ status: "met", waivedBy: "alice", tree: { status: "unmet" }, satisfiedBy: [] });
  });

  it("a severity that the policy does not know keeps the gate of the most severe", () => {
    const severities = [
      { ...defaultPolicy().severities[0]!, name: "high" },
      { ...defaultPolicy().severities[1]!, name: "low", "close-requires": { kind: "all-of", of: [] } as const },
    ];
    const policy = {
      policy: { ...defaultPolicy(), severities },
      source: null,
      requiresLines: new Map(),
      trouble: null,
    };
    expect(statusOf(buildObservation({ policy }))).toBe("unmet");
  });
});

it("what met the gate is named, so that its disappearance is noticed", () => {
  const complete = buildIssue({ number: 3, labels: ["post-mortem"], body: COMPLETE });
  const evidence = [buildEvidence(complete), buildEvidence({ ...complete, number: 4, body: "" }, 4)];
  expect(judgeGate(buildObservation({ evidence }), historyOf()).satisfiedBy).toEqual([{ repository: null, number: 3 }]);
});
