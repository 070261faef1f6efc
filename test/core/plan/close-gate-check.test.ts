import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { derive } from "../../../src/core/derive.ts";
import { judgeMerge } from "../../../src/core/merge/judge-merge.ts";
import { judgedId, readJudgedId } from "../../../src/core/merge/judged.ts";
import { lookAgainIn } from "../../../src/core/merge/look-again.ts";
import type {
  ClosingSource,
  IncidentView,
  MergeObservation,
  SeenTarget,
} from "../../../src/core/merge/merge-observation.ts";
import type { CheckRunFacts } from "../../../src/core/model.ts";
import { closeGateCheck } from "../../../src/core/plan/close-gate-check.ts";
import { planChecks } from "../../../src/core/plan/plan-checks.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";
import { buildEvidence, buildIssue, buildObservation, NINE } from "../../support/build-observation.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";
import { unseenIn } from "../../support/unseen-in.ts";

const HEAD = "a".repeat(40);
const SUMMARY_CHARACTERS = 65_535;
const TITLE_CHARACTERS = 255;

function gateOf(status: "met" | "unmet" | "unknown"): IncidentView["gate"] {
  const incident = derive(buildObservation(status === "unknown" ? { evidence: [buildEvidence("cannot-read")] } : {}))!;
  return status === "met" ? { ...incident.gate, status: "met", waivedBy: "alice" } : incident.gate;
}

function incident(
  number: number,
  status: "met" | "unmet" | "unknown" = "unmet",
  fields: Partial<IncidentView> = {},
): SeenTarget {
  const { url, title } = buildIssue({ number });
  const target = { repository: null, number };
  const view = {
    target,
    url,
    title,
    severity: "P0",
    phase: "acknowledged",
    isDrill: false,
    isOpen: true,
    gate: gateOf(status),
  } as const;
  return { kind: "incident", incident: { ...view, ...fields } };
}

function merge(fields: Partial<MergeObservation> = {}): MergeObservation {
  return {
    at: NINE,
    repository: { installationId: 1, id: 10, owner: "acme", name: "ops" },
    headSha: HEAD,
    pullRequest: 2,
    group: null,
    isOpen: true,
    toDefaultBranch: true,
    base: "main",
    sources: [],
    linked: [],
    targets: [],
    unread: [],
    checks: [],
    policy: { policy: defaultPolicy(), source: null, requiresLines: new Map(), trouble: null },
    files: [],
    openItems: null,
    headPolicy: null,
    ownerPolicy: null,
    isGateRequired: false,
    onCall: { schedule: null, trouble: null },
    headOnCall: null,
    host: "github.com",
    ...fields,
  };
}

function body(text: string): ClosingSource {
  return { kind: "body", pullRequest: 2, text };
}

describe("the conclusion", () => {
  it.each<{ name: string; seen: MergeObservation; status: string; conclusion: string | null; title: string }>([
    { name: "nothing closes", seen: merge(), status: "completed", conclusion: "success", title: "Closes no incident" },
    {
      name: "closes another issue",
      seen: merge({
        sources: [body("Fixes #5")],
        targets: [{ kind: "no-incident", target: { repository: null, number: 5 } }],
      }),
      status: "completed",
      conclusion: "success",
      title: "Closes no incident",
    },
    {
      name: "mentions an unready incident without closing it",
      seen: merge({ sources: [body("Refs #1")], targets: [incident(1)] }),
      status: "completed",
      conclusion: "success",
      title: "Closes no incident",
    },
    {
      name: "closes an unready incident",
      seen: merge({ sources: [body("Fixes #1")], targets: [incident(1)] }),
      status: "completed",
      conclusion: "failure",
      title: "Would close #1 too early",
    },
    {
      name: "closes a ready one",
      seen: merge({ sources: [body("Fixes #1")], targets: [incident(1, "met")] }),
      status: "completed",
      conclusion: "success",
      title: "May close #1",
    },
    {
      name: "closes one that is closed already",
      seen: merge({ sources: [body("Fixes #1")], targets: [incident(1, "unmet", { isOpen: false })] }),
      status: "completed",
      conclusion: "success",
      title: "#1 is closed already",
    },
    {
      name: "closes one that nobody can judge",
      seen: merge({ sources: [body("Fixes #1")], targets: [incident(1, "unknown")] }),
      status: "in_progress",
      conclusion: null,
      title: "Cannot judge #1 yet; trying again",
    },
    {
      name: "one unready, one that nobody can judge",
      seen: merge({ sources: [body("Fixes #1, fixes #3")], targets: [incident(1), incident(3, "unknown")] }),
      status: "completed",
      conclusion: "failure",
      title: "Would close #1 too early",
    },
    {
      name: "closes nothing in what was read, and not all was read",
      seen: merge({ unread: [{ kind: "commits", read: 1_000 }] }),
      status: "in_progress",
      conclusion: null,
      title: "Cannot tell yet whether it closes an incident; looking again",
    },
    {
      name: "closes a ready one, and not all was read",
      seen: merge({
        sources: [body("Fixes #1")],
        targets: [incident(1, "met")],
        unread: [{ kind: "issues", read: 20 }],
      }),
      status: "in_progress",
      conclusion: null,
      title: "Cannot tell yet whether it closes an incident; looking again",
    },
    {
      name: "closes an unready one, whatever else was not read",
      seen: merge({
        sources: [body("Fixes #1")],
        targets: [incident(1)],
        unread: [{ kind: "commit-message", sha: HEAD }],
      }),
      status: "completed",
      conclusion: "failure",
      title: "Would close #1 too early",
    },
    {
      name: "would close an unready one, if its branch is the default one, which nobody knows",
      seen: merge({ sources: [body("Fixes #1")], targets: [incident(1)], unread: [{ kind: "default-branch" }] }),
      status: "in_progress",
      conclusion: null,
      title: "Cannot judge #1 yet; trying again",
    },
    {
      name: "goes to another branch, where what was not read closes nothing",
      seen: merge({ toDefaultBranch: false, base: "next", unread: [{ kind: "commits", read: 1_000 }] }),
      status: "completed",
      conclusion: "success",
      title: "Closes no incident",
    },
    {
      name: "goes to another branch,",
      seen: merge({ toDefaultBranch: false, base: "next", sources: [body("Fixes #1")], targets: [incident(1)] }),
      status: "completed",
      conclusion: "success",
      title: "Closes no incident",
    },
    {
      name: "closes many",
      seen: merge({
        sources: [body("Fixes #1, fixes #3, fixes #4, fixes #5")],
        targets: [incident(1), incident(3), incident(4), incident(5)],
      }),
      status: "completed",
      conclusion: "failure",
      title: "Would close #1, #3, #4 and 1 more too early",
    },
  ])("$name: $conclusion", ({ seen, status, conclusion, title }) => {
    expect(closeGateCheck(seen)).toMatchObject({ status, conclusion, title });
  });

  it.each<{ mode: "always" | "referencing" | "off"; concerned: boolean; posted: boolean; wanted: boolean }>([
    { mode: "always", concerned: false, posted: false, wanted: true },
    { mode: "referencing", concerned: false, posted: false, wanted: false },
    { mode: "referencing", concerned: true, posted: false, wanted: true },
    { mode: "referencing", concerned: false, posted: true, wanted: true },
    { mode: "off", concerned: true, posted: true, wanted: false },
  ])("$mode, concerned $concerned, posted before $posted: wanted $wanted", ({ mode, concerned, posted, wanted }) => {
    const policy = {
      policy: { ...defaultPolicy(), "pull-requests": { check: mode } },
      source: null,
      requiresLines: new Map(),
      trouble: null,
    };
    const check = closeGateCheck(
      merge({
        policy,
        sources: [body(concerned ? "Fixes #1" : "")],
        targets: [incident(1)],
        checks: posted ? [checkRun({})] : [],
      }),
    );
    expect(check !== null).toBe(wanted);
  });

  it("is not given on a pull request that is closed", () => {
    expect(closeGateCheck(merge({ isOpen: false, sources: [body("Fixes #1")], targets: [incident(1)] }))).toBe(null);
  });
});

describe("a link in the sidebar", () => {
  it("counts by itself, and is not named twice when a keyword says the same", () => {
    const linked = [{ repository: null, number: 1 }];
    const alone = judgeMerge(merge({ linked, targets: [incident(1)] }));
    expect(alone.held[0]?.closers.map((closer) => closer.source.kind)).toEqual(["sidebar"]);
    const both = judgeMerge(merge({ linked, sources: [body("Fixes #1")], targets: [incident(1)] }));
    expect(both.held[0]?.closers.map((closer) => closer.source.kind)).toEqual(["body"]);
  });
});

describe("what the check says", () => {
  //
  it("names everything that was not read, with what to do, and has no button while it is in progress", () => {
    const check = closeGateCheck(
      merge({
        unread: [
          { kind: "commits", read: 1_000 },
          { kind: "commit-message", sha: HEAD },
          { kind: "issues", read: 20 },
          { kind: "pull-requests" },
          { kind: "default-branch" },
        ],
      }),
    )!;
    expect(check.summary).toContain("more than the 1000 commits that Sevgate reads. Squash some, or split it.");
    expect(check.summary).toContain("The message of commit `aaaaaaaaaa` is too long to be read. Shorten it");
    expect(check.summary).toContain("more issues to close than the 20 that Sevgate looks at. Name fewer, or split it.");
    expect(check.summary).toContain("which pull requests some of the commits in this merge group belong to");
    expect(check.summary).toContain("which branch is the default one: it has just changed");
    expect(check.summary).toContain("To have it look now, push or edit the description.");
    expect(check.actions).toEqual([]);
  });

  it("says what to do where it has no button: while an incident cannot be judged", () => {
    const check = closeGateCheck(merge({ sources: [body("Fixes #1")], targets: [incident(1, "unknown")] }))!;
    expect(check.summary).toContain("To have it look now, push or edit the description.");
    expect(check.actions).toEqual([]);
  });

  it("shows each edit once, and no more than ten of an incident", () => {
    const commits = Array.from({ length: 250 }, (_, at): ClosingSource => {
      return { kind: "commit", sha: String(at).padEnd(40, "x"), text: "Fixes #1\nFixes #1" };
    });
    const { summary } = closeGateCheck(
      merge({ sources: [body("Fixes #1 ".repeat(5_000)), ...commits], targets: [incident(1)] }),
    )!;
    expect(summary.match(/In the description/g)).toHaveLength(1);
    expect(summary.match(/In the message/g)).toHaveLength(9);
    expect(summary).toContain("and 241 places more");
  });

  it("stays within GitHub's limits and mentions and closes nothing, whatever people wrote", () => {
    fc.assert(
      fc.property(
        fc.array(hostileText, { maxLength: 20 }),
        fc.array(hostileText, { maxLength: 8 }),
        (titles, texts) => {
          const targets = titles.map((title, at) => incident(at + 1, "unmet", { title, severity: title.slice(0, 32) }));
          const keywords = titles.map((_, at) => body(`Fixes #${at + 1}`));
          const check = closeGateCheck(merge({ targets, sources: [...keywords, ...texts.map(body)] }))!;
          expect(check.title.length).toBeLessThanOrEqual(TITLE_CHARACTERS);
          expect(check.summary.length).toBeLessThanOrEqual(SUMMARY_CHARACTERS);
          expect(`${check.title}\n${check.summary}`).not.toMatch(/<script|<!--/);
          expect(mentionedIn(`${check.title}\n${check.summary}`)).toEqual([]);
          expect(unseenIn(`${check.title}\n${check.summary}`)).toBeNull();
        },
      ),
    );
  });

  //
  it("never concludes neutral", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("met" as const, "unmet" as const, "unknown" as const), { maxLength: 5 }),
        fc.boolean(),
        (statuses, graphql) => {
          const targets = statuses.map((status, at) => incident(at + 1, status));
          const sources = statuses.map((_, at) => body(`Fixes #${at + 1}`));
          const check = closeGateCheck(merge({ targets, sources, linked: graphql ? [] : "unsupported" }))!;
          const expected = statuses.includes("unmet") ? "failure" : statuses.includes("unknown") ? null : "success";
          expect(check.conclusion).toBe(expected);
          expect(check.status).toBe(expected === null ? "in_progress" : "completed");
        },
      ),
    );
  });
});

function checkRun(fields: Partial<CheckRunFacts>): CheckRunFacts {
  return {
    id: 1,
    name: "sevgate/close-gate",
    headSha: HEAD,
    status: "completed",
    conclusion: "success",
    title: null,
    summary: null,
    externalId: "pr:2",
    at: null,
    ...fields,
  };
}

describe("which check is written", () => {
  const wanted = closeGateCheck(merge())!;

  it.each<{ name: string; checks: readonly CheckRunFacts[]; actions: readonly string[] }>([
    { name: "none there", checks: [], actions: ["create-check"] },
    {
      name: "one that says the same",
      checks: [checkRun({ title: wanted.title, summary: wanted.summary })],
      actions: [],
    },
    { name: "one that says something else", checks: [checkRun({ title: "x" })], actions: ["create-check"] },
    {
      name: "one in progress",
      checks: [checkRun({ title: wanted.title, summary: wanted.summary, status: "in_progress", conclusion: null })],
      actions: ["create-check"],
    },
    {
      name: "two, of which the later counts and says the same",
      checks: [checkRun({ id: 5 }), checkRun({ id: 9, title: wanted.title, summary: wanted.summary })],
      actions: [],
    },
    {
      name: "two, of which the older says the same",
      checks: [checkRun({ id: 5, title: wanted.title, summary: wanted.summary }), checkRun({ id: 9 })],
      actions: ["create-check"],
    },
    {
      name: "one that was about other pull requests as well",
      checks: [checkRun({ title: wanted.title, summary: wanted.summary, externalId: "pr:2,7" })],
      actions: ["create-check"],
    },
    { name: "one on another commit", checks: [checkRun({ headSha: "b".repeat(40) })], actions: ["create-check"] },
    { name: "one of another name", checks: [checkRun({ name: "sevgate/policy" })], actions: ["create-check"] },
  ])("$name: $actions", ({ checks, actions }) => {
    expect(planChecks(merge({ checks })).map(({ kind }) => kind)).toEqual(actions);
  });

  //
  it("is made anew when somebody asks for it, also when it says the same", () => {
    const checks = [checkRun({ title: wanted.title, summary: wanted.summary })];
    expect(planChecks(merge({ checks }), [], "all")).toHaveLength(1);
    expect(planChecks(merge({ checks }), [], "sevgate/close-gate")).toHaveLength(1);
    expect(planChecks(merge({ checks }), [], "sevgate/policy")).toEqual([]);
  });
});

describe("a commit that is the head of several pull requests", () => {
  const red = merge({ pullRequest: 7, sources: [body("Fixes #1")], targets: [incident(1)] });
  const unsure = merge({ pullRequest: 4, sources: [body("Fixes #1")], targets: [incident(1, "unknown")] });
  const green = merge({ pullRequest: 5, toDefaultBranch: false, base: "release" });

  it.each<{ name: string; all: readonly [MergeObservation, ...MergeObservation[]]; status: string; title: string }>([
    { name: "red and green", all: [green, red], status: "failure", title: "#7 to main: Would close #1 too early" },
    { name: "red and unsure", all: [unsure, red], status: "failure", title: "#7 to main: Would close #1 too early" },
    { name: "unsure and green", all: [green, unsure], status: "in_progress", title: "#4 to main: Cannot judge #1 yet" },
    { name: "all green", all: [green, merge()], status: "success", title: "#2 to main: Closes no incident" },
  ])("has the worst verdict of all, whichever is looked at: $name", ({ all, status, title }) => {
    const said = all.map((one) =>
      planChecks(
        one,
        all.filter((other) => other !== one),
      ).map(({ content }) => content),
    );
    for (const one of said) expect(one).toEqual(said[0]);
    const [content] = said[0]!;
    expect(content?.conclusion ?? content?.status).toBe(status);
    expect(content?.title).toContain(title);
    const numbers = all.map(({ pullRequest }) => pullRequest ?? 0).toSorted((a, b) => a - b);
    expect(content?.externalId).toBe(`pr:${numbers.join(",")}`);
    for (const { pullRequest, base } of all) expect(content?.summary).toContain(`## #${pullRequest} to \`${base}\``);
  });

  it("stays within GitHub's limits, whatever its pull requests and branches are called", () => {
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 2, maxLength: 20 }), (texts) => {
        const all = texts.map((text, at) => {
          const targets = Array.from({ length: 20 }, (_, n) => incident(n + 1, "unmet", { title: text }));
          const sources = [body(targets.map((_, n) => `Fixes #${n + 1}`).join(" "))];
          return merge({ pullRequest: at + 1, base: text || "main", targets, sources });
        });
        const [first, ...rest] = all as [MergeObservation, ...MergeObservation[]];
        const [{ content }] = planChecks(first, rest) as [ReturnType<typeof planChecks>[number]];
        expect(content.title.length).toBeLessThanOrEqual(TITLE_CHARACTERS);
        expect(content.summary.length).toBeLessThanOrEqual(SUMMARY_CHARACTERS);
        expect(mentionedIn(content.summary)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("what a run says it was about", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 2_147_483_647 }), { minLength: 1 }), (numbers) => {
        const judged = { kind: "pull-requests", numbers: numbers.toSorted((a, b) => a - b) } as const;
        expect(readJudgedId(judgedId(judged))).toEqual(judged);
      }),
    );
    for (const base of [null, "main", "release/1:2"]) {
      const judged = { kind: "merge-group", baseSha: HEAD, base } as const;
      expect(readJudgedId(judgedId(judged))).toEqual(judged);
    }
  });

  it.each([null, "", "pr:", "pr:0", "pr:x", "pr:1,", "pr:9999999999", "merge-group:main", "deploy:1"])(
    "is nothing of ours: %p",
    (externalId) => {
      expect(readJudgedId(externalId)).toBe(null);
    },
  );
});

describe("when a check is looked at again by itself", () => {
  const MINUTE_MS = 60_000;
  const HOUR_MS = 60 * MINUTE_MS;
  const linked = [{ repository: null, number: 1 }];
  const ageing = (minutes: number) => [checkRun({ at: (NINE - minutes * MINUTE_MS) as typeof NINE })];

  it.each<{ name: string; seen: MergeObservation; others?: readonly MergeObservation[]; after: number | null }>([
    { name: "all was read", seen: merge(), after: null },
    {
      name: "an incident could not be judged",
      seen: merge({ sources: [body("Fixes #1")], targets: [incident(1, "unknown")] }),
      after: MINUTE_MS,
    },
    {
      name: "the default branch has just changed",
      seen: merge({ unread: [{ kind: "default-branch" }] }),
      after: MINUTE_MS,
    },
    { name: "too much to read", seen: merge({ unread: [{ kind: "commits", read: 1_000 }] }), after: HOUR_MS },
    {
      name: "a link in the sidebar, after a change",
      seen: merge({ linked, targets: [incident(1)], checks: ageing(3) }),
      after: MINUTE_MS,
    },
    {
      name: "a link in the sidebar that stays",
      seen: merge({ linked, targets: [incident(1)], checks: ageing(11) }),
      after: null,
    },
    {
      name: "another pull request has the same head",
      seen: merge(),
      others: [merge({ pullRequest: 3 })],
      after: 5 * MINUTE_MS,
    },
    {
      name: "a closed pull request",
      seen: merge({ isOpen: false, unread: [{ kind: "default-branch" }] }),
      after: null,
    },
    {
      name: "a merge group whose pull requests are not known",
      seen: merge({ group: { baseSha: HEAD, base: "main" }, unread: [{ kind: "pull-requests" }], checks: ageing(90) }),
      after: MINUTE_MS,
    },
    {
      name: "a merge group that no queue waits for any more",
      seen: merge({ group: { baseSha: HEAD, base: "main" }, unread: [{ kind: "pull-requests" }], checks: ageing(361) }),
      after: null,
    },
  ])("$name: $after ms", ({ seen, others = [], after }) => {
    expect(lookAgainIn(seen, others, false)).toBe(after);
  });
});
