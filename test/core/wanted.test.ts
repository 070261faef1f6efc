import { describe, expect, it } from "@jest/globals";
import type { CommentFacts, Instant, IssueFacts, PermissionAnswer } from "../../src/core/model.ts";
import { permissionKey } from "../../src/core/names.ts";
import type { IncidentObservation } from "../../src/core/observation.ts";
import { parsePolicy } from "../../src/core/policy/parse.ts";
import type { Entry } from "../../src/core/record/entry.ts";
import { WANTED, type Wanted } from "../../src/core/wanted.ts";
import { buildIssue, buildObservation, buildPullRequest, NINE } from "../support/build-observation.ts";

const at = (minutes: number) => (NINE + minutes * 60_000) as Instant;

const POLICY = policy(`
version: 1
severities:
  P0: { close-requires: fix-merged, regressions: revert }
  P1: { close-requires: runbook-pr }
  P2: { close-requires: [] }
post-mortem: { repository: acme/learned }
`);

function policy(text: string): IncidentObservation["policy"] {
  const parsed = parsePolicy(text);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return { policy: parsed.policy, source: ".github/sevgate.yml", requiresLines: new Map(), trouble: null };
}

const ALICE = { id: 2, login: "alice", isBot: false };
const ROBOT = { id: 3, login: "robot[bot]", isBot: true };
const DECLARED: Entry = { kind: "declared", at: NINE, by: "bob", severity: "P1" };
const LISTED: Entry = { kind: "runbooks-matched", at: NINE, by: null, runbooks: [] };
const ACCEPTED: Entry = { kind: "closed", at: at(5), by: "alice", how: "resolved", closedAt: at(5), evidence: [] };

/** An incident of severity P1, ten minutes old, about which a pass has read everything that was asked for. */
function incident(fields: Partial<IncidentObservation> = {}, ...more: readonly Entry[]): IncidentObservation {
  const entries = [DECLARED, LISTED, ...more];
  const record = { version: 1, revision: 1, templateApplied: true, judgedUpTo: 0, ticks: [], entries } as const;
  return buildObservation({
    at: at(10),
    issue: issue(),
    record: { kind: "found", record: { ...record, entries: [...entries], ticks: [] } },
    policy: POLICY,
    ...fields,
  });
}

function issue(fields: Partial<IssueFacts> = {}): IssueFacts {
  return buildIssue({ labels: ["sev:P1"], ...fields });
}

function closed(fields: Partial<IssueFacts> = {}): IssueFacts {
  return issue({ state: "closed", closedAt: at(5), closeReason: "completed", closedBy: ALICE, ...fields });
}

/** Comments, one after another. */
function comments(...bodies: readonly string[]): readonly CommentFacts[] {
  return bodies.map((body, index) => comment(body, { id: index + 1, createdAt: at(9), updatedAt: at(9) }));
}

function comment(body: string, fields: Partial<CommentFacts>): CommentFacts {
  const id = fields.id ?? 1;
  const url = `https://github.com/acme/ops/issues/1#issuecomment-${id}`;
  return { id, url, appId: null, author: ALICE, body, createdAt: at(9), updatedAt: at(9), ...fields };
}

const has = (answer: PermissionAnswer) => ({ permissions: new Map([[permissionKey("alice"), answer]]) });
const knows = (ref: string) => ({
  regressions: { suspects: [], refs: new Map([[ref, commitOf(ref)]]), reverts: new Map() },
});

function commitOf(ref: string) {
  return { sha: ref.padEnd(40, "0"), at: at(-60), author: null };
}

/** Everything that is wanted, round by round, from one and the same observation. */
function wantedOf(seen: IncidentObservation): Wanted {
  const rounds = WANTED.map((round) => round(seen));
  expect(rounds).not.toContain(null);
  const each = rounds.filter((one) => one !== null);
  // What a later round does not want, an earlier one may.
  const wants = (one: Wanted) => Object.fromEntries(Object.entries(one).filter(([, what]) => what !== null));
  return each.reduce((all, one) => ({ ...all, ...wants(one) }));
}

describe("the timeline is read", () => {
  const fresh = (fields: Partial<IssueFacts>, seconds = 10): IncidentObservation =>
    incident({ record: { kind: "none" }, at: (NINE + seconds * 1_000) as Instant, issue: issue(fields) });

  it.each<[string, IncidentObservation, Wanted["timeline"]]>([
    ["of what somebody has just opened, unless they are of the team", fresh({ author: ALICE }), "unless-of-the-team"],
    ["of what an app has just opened", fresh({ author: ROBOT }), "surely"],
    ["of what a deleted account has just opened", fresh({ author: null }), "surely"],
    ["of what was labelled later", fresh({ author: ALICE }, 61), "surely"],
    ["of a lost record without a copy", incident({ record: { kind: "lost", why: "deleted", copy: null } }), "surely"],
    ["when the severity label is another one", incident({ issue: issue({ labels: ["sev:P0"] }) }), "surely"],
    ["when there are two", incident({ issue: issue({ labels: ["sev:P1", "sev:P2"] }) }), "surely"],
    ["when it was opened again", incident({}, ACCEPTED), "surely"],
    ["when the issue does not say who closed it", incident({ issue: closed({ closedBy: null }) }), "surely"],
    ["when it may have become a discussion", incident({ issue: closed({ locked: true }) }), "surely"],
  ])("%s", (_, seen, expected) => expect(wantedOf(seen).timeline).toBe(expected));

  it.each<[string, IncidentObservation]>([
    ["while nothing changes", incident()],
    ["of what Sevgate has just opened", fresh({ author: { id: 1, login: "sevgate[bot]", isBot: true } })],
    ["when the issue says who closed it", incident({ issue: closed() })],
    ["of a close that was judged", incident({ issue: closed({ closedBy: null }) }, ACCEPTED)],
  ])("not %s", (_, seen) => expect(wantedOf(seen).timeline).toBeNull());
});

describe("GitHub is asked when a comment was edited", () => {
  const edited = (body: string, seconds: number) =>
    incident({ comments: [comment(body, { updatedAt: (at(9) + seconds * 1_000) as Instant })] });

  it.each<[string, IncidentObservation, Wanted["edits"]]>([
    ["where its times differ", edited("/ack", 1), "sure"],
    ["rather than not, where it accepts or drops something", edited("/ack", 0), "rather"],
    ["not where it holds no command", edited("Thanks!", 5), null],
    ["not where its times are the same", edited("/note nine", 0), null],
  ])("%s", (_, seen, expected) => expect(wantedOf(seen).edits).toBe(expected));
});

describe("the rights are asked", () => {
  it("of everybody with a command, once, and of no app", () => {
    const seen = incident({
      comments: [
        comment("/ack", { id: 1 }),
        comment("/resolve", { id: 2 }),
        comment("/ack", { id: 3, author: ROBOT }),
        comment("Thanks!", { id: 4, author: { id: 5, login: "rita", isBot: false } }),
      ],
    });
    expect(wantedOf(seen).people).toMatchObject({ here: ["alice"], there: [] });
  });

  it("of whoever wants a post-mortem, where the policy wants them", () => {
    const seen = incident({ comments: comments("/postmortem", "/ack") });
    expect(wantedOf(seen).people?.there).toEqual([{ place: "acme/learned", logins: ["alice"] }]);
  });

  it("of whoever swapped the label for one that asks for less", () => {
    const labeled = { kind: "labeled", at: at(8), actor: ALICE, label: "sev:P2", source: null } as const;
    const seen = incident({ issue: issue({ labels: ["sev:P2"] }), timeline: [labeled] });
    expect(wantedOf(seen).people?.here).toEqual(["alice"]);
  });

  it("of whoever closed it, when it may stay closed, and not when the gate holds it anyway", () => {
    const waived: Entry = { kind: "waived", at: at(1), by: "bob", reason: "a drill", source: { comment: 0, line: 1 } };
    expect(wantedOf(incident({ issue: closed() }, waived)).people?.here).toEqual(["alice"]);
    expect(wantedOf(incident({ issue: closed() })).people?.here).toEqual([]);
  });
});

describe("what a command needs is read", () => {
  const commands = ["/suspects", "/good v1", "/revert #5", "/who", "/postmortem", "/postmortem #7", "/runbook"];
  const needs = (seen: IncidentObservation) => {
    const { evidence, regressions, runbooks, experts } = wantedOf(seen);
    return {
      links: evidence?.linkedNow,
      draft: evidence?.draftSince,
      regressions,
      experts,
      severities: runbooks?.severities,
    };
  };
  const NOTHING = { links: [], draft: null, regressions: null, experts: null, severities: [] };

  it.each(commands)("for %s of somebody who may use it, or whose rights are not told", (body) => {
    for (const answer of ["maintain", "cannot-tell"] as const) {
      expect(needs(incident({ ...has(answer), comments: comments(body) }))).not.toEqual(NOTHING);
    }
  });

  it.each(commands)("not for %s of an outsider", (body) => {
    expect(needs(incident({ ...has("none"), comments: comments(body) }))).toEqual(NOTHING);
  });

  it.each(commands)("not for %s in a comment that was edited", (body) => {
    const edited = { comments: comments(body), edits: new Map([[1, at(9)]]) };
    expect(needs(incident({ ...has("maintain"), ...edited }))).toEqual(NOTHING);
  });
});

describe("commands that wait together see each other's effect:", () => {
  const together = (bodies: readonly string[], fields: Partial<IncidentObservation> = {}, ...more: readonly Entry[]) =>
    wantedOf(incident({ ...has("admin"), comments: comments(...bodies), ...fields }, ...more));

  it.each<[string, readonly string[], readonly (string | undefined)[]]>([
    ["after /good the suspects are those since it", ["/good v1\n/suspects"], ["v1"]],
    ["in another comment as well", ["/good v1", "/suspects"], ["v1"]],
    ["before it they are not", ["/suspects\n/good v1"], [undefined]],
    ["before and after it they are both", ["/suspects", "/good v1", "/suspects"], [undefined, "v1"]],
    ["after a /good that GitHub knows nothing of they are not", ["/good v2\n/suspects"], [undefined]],
  ])("%s", (_, bodies, names) => {
    const { regressions } = together(bodies, { at: at(20), ...knows("v1") });
    expect(regressions?.suspects?.since.map((good) => good?.name)).toEqual(names);
  });

  it.each<[string, readonly string[], boolean, number | null]>([
    ["after /revert it is asked who knows what is taken back", ["/revert #5\n/who"], true, 5],
    ["before it who knows what was taken back before", ["/who\n/revert #5"], true, 4],
    ["after a /revert of what is not merged who knows what was taken back before", ["/revert #5\n/who"], false, 4],
    ["after a /revert of what is not there who knows what was taken back before", ["/revert #7\n/who"], true, 4],
  ])("%s", (_, bodies, merged, cause) => {
    const pullRequest = buildPullRequest({ number: 5, state: "closed", merged });
    const reverts = new Map([
      [5, { pullRequest, revert: null }],
      [7, { pullRequest: "missing", revert: null }],
    ] as const);
    const regressions = { suspects: [], refs: new Map(), reverts };
    const opened: Entry = {
      kind: "revert-opened",
      at: at(1),
      by: "bob",
      source: { comment: 0, line: 1 },
      pullRequest: 4,
      revert: 6,
      reason: "",
    };
    expect(together(bodies, { regressions }, opened).experts).toEqual({ cause });
  });

  it.each<[string, readonly string[], Partial<Wanted>]>([
    ["a /severity that asks for a fix has the fixes read", ["/severity P0"], { fixes: { reverts: [] } }],
    [
      "one that wants reverts has the suspects read",
      ["/severity P0"],
      { regressions: { refs: [], reverts: null, suspects: { since: [null], declaredAt: NINE } } },
    ],
    [
      "/runbook is about the severity before and after it",
      ["/severity P0\n/runbook"],
      { runbooks: { listed: [], severities: ["P1", "P0"] } },
    ],
  ])("%s", (_, bodies, expected) => expect(together(bodies)).toMatchObject(expected));

  it.each<[string, PermissionAnswer, string]>([
    ["a /severity of somebody who may not", "read", "/severity P0"],
    ["one that asks for none", "admin", "/severity P2"],
  ])("%s has no fix read", (_, right, body) => {
    expect(wantedOf(incident({ ...has(right), comments: comments(body) })).fixes).toBeNull();
  });
});

it("a label that asks for a fix has the fixes read in the same pass", () => {
  const labeled = { kind: "labeled", at: at(8), actor: ALICE, label: "sev:P0", source: null } as const;
  expect(
    wantedOf(incident({ ...has("admin"), issue: issue({ labels: ["sev:P0"] }), timeline: [labeled] })).fixes,
  ).toEqual({
    reverts: [],
  });
});

it("a severity that the policy no longer knows has read what the strictest one asks for", () => {
  const gone: Entry = {
    kind: "severity-changed",
    at: at(1),
    by: "bob",
    from: "P1",
    to: "P9",
    reason: "",
    source: null,
    raised: false,
  };
  expect(wantedOf(incident({ issue: issue({ labels: [] }) }, gone)).fixes).toEqual({ reverts: [] });
});

it("nothing is wanted of an issue that is no incident", () => {
  const none = incident({ record: { kind: "none" }, issue: issue({ labels: [] }) });
  expect(WANTED.slice(1).map((round) => round(none))).toEqual(WANTED.slice(1).map(() => null));
});
