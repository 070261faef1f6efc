import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { derive } from "../../src/core/derive.ts";
import type { CheckRunFacts } from "../../src/core/model.ts";
import { DEFAULT_POLICY } from "../../src/core/policy/default-policy.ts";
import { closeGateCheck, judgeMerge } from "../../src/core/pull-request/close-gate-check.ts";
import type {
  ClosingSource,
  IncidentView,
  MergeObservation,
  SeenTarget,
} from "../../src/core/pull-request/merge-observation.ts";
import { planChecks } from "../../src/core/pull-request/plan-checks.ts";
import { hostileText } from "../support/arbitrary-entry.ts";
import { buildEvidence, buildIssue, buildObservation, NINE } from "../support/build-observation.ts";
import { mentionedIn } from "../support/mentioned-in.ts";
import { unseenIn } from "../support/unseen-in.ts";

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
    externalId: "pr:2",
    pullRequest: 2,
    isOpen: true,
    toDefaultBranch: true,
    base: "main",
    sources: [],
    linked: [],
    targets: [],
    unread: [],
    checks: [],
    policy: { policy: DEFAULT_POLICY, source: null, trouble: null },
    files: [],
    headPolicy: null,
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
    const policy = { policy: { ...DEFAULT_POLICY, "pull-requests": { check: mode } }, source: null, trouble: null };
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
    { name: "one that says something else", checks: [checkRun({ title: "x" })], actions: ["update-check 1"] },
    {
      name: "one in progress",
      checks: [checkRun({ title: wanted.title, summary: wanted.summary, status: "in_progress", conclusion: null })],
      actions: ["update-check 1"],
    },
    {
      name: "two, of which the later counts",
      checks: [checkRun({ id: 5 }), checkRun({ id: 9 })],
      actions: ["update-check 9"],
    },
    { name: "one on another commit", checks: [checkRun({ headSha: "b".repeat(40) })], actions: ["create-check"] },
    { name: "one of another name", checks: [checkRun({ name: "sevgate/policy" })], actions: ["create-check"] },
  ])("$name: $actions", ({ checks, actions }) => {
    const planned = planChecks(merge({ checks }));
    expect(
      planned.map((action) => [action.kind, ...("checkRunId" in action ? [action.checkRunId] : [])].join(" ")),
    ).toEqual(actions);
  });
});
