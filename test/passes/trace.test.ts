import { describe, expect, it } from "@jest/globals";
import { HeldBackError, TerminalError, TransientError } from "../../src/base/errors.ts";
import { Trace } from "../../src/base/trace.ts";
import { normalizeAlert } from "../../src/core/alerts/normalize-alert.ts";
import { pageRowId } from "../../src/core/alerts/own-page.ts";
import { DeclarationBody } from "../../src/core/chat/chat-request.ts";
import type { Key, PullRequestFacts } from "../../src/core/model.ts";
import type { Action } from "../../src/core/plan/action.ts";
import type { Learned } from "../../src/core/plan/after.ts";
import type { IncidentRecord } from "../../src/core/record/record.ts";
import { Steps } from "../../src/passes/steps.ts";
import { byDelivery, namePass } from "../../src/queue/cause.ts";
import { reportChange } from "../../src/store/report-change.ts";
import type { AlertSourceApi } from "../../src/systems/alert-source.ts";
import { betterStackIncident } from "../../testkit/alert-payloads.ts";
import { createLogLines } from "../support/log-lines.ts";
import { SETUP_FILES, Story } from "../support/story.ts";
import { stepLines, traceLines } from "../support/trace-lines.ts";

const MINUTE_MS = 60_000;
const INFO = 30;
const DEBUG = 20;

/** A word that no line may contain; people write it wherever they can. */
const CANARY = "canarium";
const RECORD: IncidentRecord = {
  version: 1,
  revision: 3,
  templateApplied: true,
  ticks: [],
  judgedUpTo: 0,
  entries: [{ kind: "declared", at: 0 as never, by: CANARY, severity: "P0" }],
};
const TEXT = `the ${CANARY} sings`;

/** One of every kind, with people's words in it, and how the log names it. */
const ACTIONS: { readonly [Kind in Action["kind"]]: readonly [Extract<Action, { kind: Kind }>, string] } = {
  "reopen-issue": [{ kind: "reopen-issue" }, "reopen-issue"],
  "close-issue": [{ kind: "close-issue", reason: "completed" }, "close-issue"],
  "edit-issue-body": [{ kind: "edit-issue-body", body: TEXT }, "edit-issue-body"],
  comment: [
    { kind: "comment", marker: "reply-7-0", body: TEXT, edge: "say:reply-7-0", creates: "team", waits: false },
    "say:reply-7-0",
  ],
  react: [{ kind: "react", commentId: 7, reaction: "+1", edge: "react:7" }, "react:7"],
  assign: [{ kind: "assign", login: CANARY, edge: `assign:${CANARY}` }, "assign"],
  unassign: [{ kind: "unassign", login: CANARY, edge: `unassign:${CANARY}` }, "unassign"],
  "create-post-mortem": [
    { kind: "create-post-mortem", repository: null, title: TEXT, body: TEXT, labels: [] },
    "create-post-mortem",
  ],
  "create-revert": [
    { kind: "create-revert", pullRequest: {} as PullRequestFacts, title: TEXT, body: TEXT, edge: "create-revert:9" },
    "create-revert:9",
  ],
  "create-item": [
    {
      kind: "create-item",
      postMortem: { repository: null, number: 4 },
      place: { repository: null, number: 4 },
      line: "0123456789abcdef",
      title: TEXT,
      body: TEXT,
      labels: [],
    },
    "create-item:0123456789abcdef",
  ],
  "add-sub-issue": [
    { kind: "add-sub-issue", parent: { repository: null, number: 4 }, child: 99, edge: "sub-issue:#5" },
    "sub-issue:#5",
  ],
  "assign-item": [
    { kind: "assign-item", target: { repository: null, number: 5 }, login: CANARY, edge: "assign-item:#5" },
    "assign-item:#5",
  ],
  "close-item": [
    {
      kind: "close-item",
      target: { repository: null, number: 5 },
      place: { repository: null, number: 5 },
      reason: "completed",
      edge: "close-item:#5",
    },
    "close-item:#5",
  ],
  "edit-post-mortem": [
    {
      kind: "edit-post-mortem",
      postMortem: { repository: null, number: 4 },
      place: { repository: null, number: 4 },
      body: TEXT,
      edge: "edit-post-mortem:#4:aa",
    },
    "edit-post-mortem:#4:aa",
  ],
  "set-type": [{ kind: "set-type", type: CANARY, edge: "set-type" }, "set-type"],
  "request-review": [
    { kind: "request-review", number: 9, login: CANARY, edge: "request-review:9" },
    "request-review:9",
  ],
  "create-status": [
    { kind: "create-status", text: TEXT, record: RECORD, creates: "team", isEarly: false },
    "create-status",
  ],
  "edit-status": [{ kind: "edit-status", commentId: 5, text: TEXT, record: RECORD }, "edit-status:3"],
  "keep-record": [{ kind: "keep-record", record: RECORD }, "keep-record:3"],
  "pin-status": [{ kind: "pin-status", commentId: 5 }, "pin-status"],
  "delete-duplicate": [{ kind: "delete-duplicate", commentId: 6 }, "delete-duplicate:6"],
  "create-label": [{ kind: "create-label", name: "sev:P0", color: "ffffff", description: TEXT }, "create-label:sev:P0"],
  "add-label": [{ kind: "add-label", label: "sev:P0" }, "add-label:sev:P0"],
  "remove-label": [{ kind: "remove-label", label: "sev:P0" }, "remove-label:sev:P0"],
};

function steps(requests = 0) {
  const { log, lines } = createLogLines();
  return { steps: new Steps({ log, trace: new Trace(log, () => requests) }), lines };
}

const NOTHING: Learned = { kind: "nothing" };
const now = 0 as never;

describe("A step of a pass over an incident", () => {
  it.each(Object.entries(ACTIONS))("leaves one line, without a word of people: %s", async (_, [action, name]) => {
    const { steps: taken, lines } = steps(4);
    await taken.take({ action, why: "plan:status:noted" }, async () => NOTHING);
    expect(lines).toEqual([
      expect.objectContaining({
        level: INFO,
        msg: "step",
        step: name,
        why: "plan:status:noted",
        result: "done",
        requests: 4,
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain(CANARY);
  });

  it.each<readonly [string, () => Promise<Learned>]>([
    ["done", async () => NOTHING],
    ["refused", () => Promise.reject(new TerminalError("no"))],
    ["refused", async () => ({ kind: "refused-locked" })],
    ["refused", async () => ({ kind: "unanswered", waiting: { since: now, again: now, isRefused: true } })],
    ["unanswered", async () => ({ kind: "unanswered", waiting: { since: now, again: now, isRefused: false } })],
    ["held-back", async () => ({ kind: "held-back" })],
    ["held-back", () => Promise.reject(new HeldBackError("no room"))],
    ["retried", () => Promise.reject(new TransientError("later"))],
    ["failed", () => Promise.reject(new Error("a bug"))],
  ])("says what became of it: %s", async (result, apply) => {
    const { steps: taken, lines } = steps();
    await taken.take({ action: ACTIONS["reopen-issue"][0], why: "plan:reopening" }, apply).catch(() => null);
    expect(lines.filter(({ msg }) => msg === "step")).toEqual([expect.objectContaining({ result })]);
  });
});

const ON_CALL = `people: { alice: { slack: U0ALICE001 } }
rotations: { week: { start: 2020-01-06, members: [alice] } }
roles: { primary: { layers: [week] } }
escalation: { default: { steps: [{ after: 0m, notify: [primary] }] } }
`;
const POLICY = `report: { every: week }
severities: { P0: { post-mortem-within: 1m }, P1: { close-requires: [] } }
alerts: { endpoints: { prod: { severity: P1 } }, workflow-runs: {} }
paging: { channels: { P0: [pagerduty], P1: [pagerduty] } }
`;

/** Everything Sevgate does, in one repository, with the canary in everything people write. */
async function everything(): Promise<{ readonly story: Story; readonly since: number }> {
  const story = await Story.begin({ policy: POLICY, slack: true });
  const betterStack: AlertSourceApi = {
    source: "better-stack",
    acknowledge: async () => ({ kind: "done" }),
    resolve: async () => ({ kind: "refused", why: "HTTP 404" }),
    acknowledgement: async () => ({ kind: "acknowledged", at: story.clock.now(), by: `${CANARY}@example.com` }),
  };
  story.alertSources = new Map([[betterStack.source, betterStack]]);
  story.onboarding = SETUP_FILES;
  story.restart();
  const since = story.log.length;
  story.hint({ kind: "onboarding", repository: story.github.addRepository({ name: CANARY }) });
  story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
  await story.settle();

  const { number: issue } = story.github
    .as("bob")
    .openIssue({ title: `${CANARY} is down`, body: TEXT, labels: ["sev:P0"] });
  await story.settle();
  await story.advance(MINUTE_MS);
  story.github.setRole(CANARY, "triage");
  for (const says of [`/status ${TEXT}`, `/assign @${CANARY} lead`, `/postmorten ${TEXT}`, "/postmortem", "/ack"]) {
    await story.say("alice", issue, says);
  }
  const pull = story.github.as(CANARY).openPullRequest({ title: TEXT, body: `Fixes #${issue}, ${TEXT}` });
  await story.settle();
  story.github.as("bob").rerequest(story.github.checkRuns(pull.headSha)[0]!.id);
  await story.settle();
  await story.say("bob", pull.number, "/ack");
  story.github.enqueue([pull.number]);
  await story.settle();
  story.github.runWorkflow({ id: 71, name: CANARY }, "failure", story.repository);
  await story.settle();
  await story.advance(MINUTE_MS);
  story.github.as("bob").close(issue);
  await story.settle();

  const started = { started_at: new Date(story.clock.now()).toISOString(), name: CANARY };
  const read = normalizeAlert("better-stack", betterStackIncident("started", started, "1", "4"), "related");
  if (read.kind !== "changes") throw new Error(read.kind);
  const from = { source: "better-stack", name: "prod" } as const;
  for (const change of read.changes) {
    const told = { ...change, title: TEXT, summary: TEXT };
    const { ids } = await reportChange(story.alerts, story.repository, from, told, story.clock.now());
    story.hint(...ids.map((alert): Key => ({ kind: "alert", repository: story.repository, alert })));
  }
  await story.settle();
  const byAlert = story.github.numbers(story.repository).at(-1)!;
  await story.say("bob", byAlert, "/ack");
  await story.say("bob", byAlert, `/resolve ${TEXT}`);

  const body = DeclarationBody.parse({
    kind: "declare",
    user: "U0ALICE001",
    channel: "C0ALERT0001",
    channelTitle: "alert",
    title: TEXT,
    severity: "P0",
    text: TEXT,
  });
  const request = { id: "T1:V1", repositoryId: story.repository.id, number: null, at: story.clock.now() };
  await story.threads.addRequest({ ...request, body: JSON.stringify(body) });
  story.hint({ kind: "declaration", repository: story.repository, id: request.id });
  await story.settle();
  const declared = story.github.numbers(story.repository).at(-1)!;
  const page = { page: "1-0", channel: "better-stack", since: now, triedAt: now, state: "sent", why: "" } as const;
  await story.pages.saveSentPage(story.repository.id, declared, { ...page, externalId: "77" });
  const alert = pageRowId("better-stack", declared);
  story.hint({ kind: "alert-source", repository: story.repository, alert });
  await story.settle();
  await story.advance(MINUTE_MS);
  await story.say("alice", issue, "/resolve");
  await story.advance(2 * MINUTE_MS);
  story.hint({ kind: "follow-ups", repository: story.repository });
  await story.settle();
  await story.advance(7 * 24 * 60 * MINUTE_MS);
  story.hint({ kind: "report", repository: story.repository });
  await story.settle();
  return { story, since };
}

/** How the steps that each kind of key takes above begin. */
const STEPS_OF_KEYS: { readonly [Kind in Key["kind"]]: readonly string[] } = {
  incident: ["create-status", "assign", "edit-status:2", "create-post-mortem", "reopen-issue"],
  "pull-request": ["create-check:sevgate/close-gate"],
  "merge-group": ["create-check:sevgate/close-gate"],
  "stray-command": ["comment"],
  recheck: ["create-check:sevgate/close-gate"],
  repository: ["create-label:sev:P0"],
  "follow-ups": ["open-issue"],
  report: ["open-issue"],
  onboarding: ["create-tree", "create-commit", "create-branch", "open-pull-request"],
  thread: ["post-root", "ask-link", "reply"],
  declaration: ["open-issue", "answer:declared"],
  page: ["page:pagerduty:", "end-page:pagerduty:"],
  alert: ["reserve-opening", "open-issue"],
  workflow: ["report-build"],
  "alert-source": ["tell:better-stack:acknowledged", "tell:better-stack:resolved", "report-acknowledgement"],
};

describe("The log", () => {
  it("has a line for the steps of every kind of key, each with its pass, cause, key, reason, result and requests", async () => {
    const { story } = await everything();
    const lines = stepLines(story);
    for (const [kind, wanted] of Object.entries(STEPS_OF_KEYS)) {
      const steps = lines.filter(({ key }) => key.startsWith(`${kind}:`)).map(({ step }) => step);
      const missing = wanted.filter((begin) => !steps.some((step) => step.startsWith(begin)));
      expect({ kind, steps, missing }).toEqual({ kind, steps, missing: [] });
    }
    for (const { level, pass, cause, origin, key, step, why, result, requests } of lines) {
      expect({ level, pass, cause, origin, key, step, why, result }).toEqual({
        level: INFO,
        pass: expect.stringMatching(/^[\w-]+$/),
        cause: expect.stringMatching(/^(?:delivery|timer|unknown|after:[\w-]+:\d.*)$/),
        origin: expect.stringMatching(/^[\w-]+$/),
        key: expect.stringMatching(/^[\w-]+:\d+/),
        step: expect.stringMatching(/^[a-z-]+(?::|$)/),
        why: expect.stringMatching(/^(?:(?:plan|judge):[\w:,-]+|request)$/),
        result: expect.stringMatching(/^(?:done|refused|retried)$/),
      });
      expect(requests).toBeGreaterThanOrEqual(0);
    }
  });

  it("has exactly one line for each write to GitHub", async () => {
    const { story, since } = await everything();
    const elsewhere = /^(?:thread|page|alert-source|workflow):/;
    const written = stepLines(story, since).filter(
      ({ key, step }) => !elsewhere.test(key) && !/^(?:reserve-opening|answer:)/.test(step),
    );
    expect(story.github.writes.length).toBeGreaterThan(30);
    expect(written).toHaveLength(story.github.writes.length);
  });

  it("holds no word of people, in no line of no pass", async () => {
    const { story } = await everything();
    expect(story.github.comments(1).some(({ body }) => body.includes(CANARY))).toBe(true);
    expect(story.log.length).toBeGreaterThan(100);
    expect(story.log.filter((line) => line.includes(CANARY))).toEqual([]);
  });

  it("has one line at debug, and none at info, of a pass that changes nothing", async () => {
    const story = await Story.begin();
    const number = await story.declare();
    await story.advance(MINUTE_MS);
    const before = story.log.length;
    await story.look(number);
    const own = story.log.slice(before).map((line) => JSON.parse(line) as { level: number });
    expect(own).toEqual([
      expect.objectContaining({
        level: DEBUG,
        msg: "pass",
        key: `incident:${story.repository.id}#${number}`,
        steps: 0,
      }),
    ]);
  });

  it("counts the requests of each pass: the last line of one says all that it has sent", async () => {
    const story = await Story.begin();
    const number = await story.declare();
    await story.advance(MINUTE_MS);
    story.github.forgetCalls();
    const before = story.log.length;
    await story.look(number);
    expect(traceLines(story, before).map(({ requests }) => requests)).toEqual([story.github.calls.length]);
    expect(story.github.calls.length).toBeGreaterThan(1);
  });

  it("names a pass by the delivery that asked for it, and what follows by where it began, to the last write", async () => {
    const story = await Story.begin({ slack: true });
    const number = await story.declare();
    await story.advance(MINUTE_MS);
    const before = story.log.length;
    await story.say("alice", number, "/ack");
    const lines = stepLines(story, before);
    const first = lines.find(({ step }) => step.startsWith("edit-status"));
    expect(first).toMatchObject({ cause: "delivery", pass: expect.stringMatching(/^guid-\d+$/) });
    const told = lines.filter(({ key }) => key.startsWith("thread:"));
    expect(told.length).toBeGreaterThan(0);
    for (const line of told) {
      expect(line).toMatchObject({ cause: `after:incident:${story.repository.id}#${number}`, origin: first?.pass });
      expect(line.pass).not.toBe(first?.pass);
    }
  });

  it("keeps the delivery through every try of a pass that fails", async () => {
    const story = await Story.begin();
    const number = await story.declare();
    await story.advance(MINUTE_MS);
    const before = story.log.length;
    story.github.faults.fail({ kind: "write", method: "editComment", times: 2 });
    await story.say("alice", number, "/ack");
    await story.advance(MINUTE_MS);
    const tries = stepLines(story, before).filter(({ step }) => step.startsWith("edit-status"));
    expect(tries.map(({ result }) => result).slice(0, 3)).toEqual(["retried", "retried", "done"]);
    expect(new Set(tries.slice(0, 3).map(({ origin }) => origin)).size).toBe(1);
    expect(tries[0]?.cause).toBe("delivery");
  });
});

describe("The id of a delivery", () => {
  it("names the pass when it looks like one, and is left aside when it does not: no signature covers it", () => {
    expect(namePass(byDelivery("72d3162e-cc78-11e3-81ab-4c9367dc0958"))).toEqual({
      pass: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      cause: "delivery",
      origin: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    });
    for (const odd of ['"}\n{', "a".repeat(65), "", null]) {
      const { pass, origin } = namePass(byDelivery(odd));
      expect(pass).toMatch(/^[\da-f-]{36}$/);
      expect(origin).toBe(pass);
    }
  });
});
