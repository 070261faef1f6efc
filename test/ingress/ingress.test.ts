import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { createConnection, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { TransientError } from "../../src/base/errors.ts";
import { keyId } from "../../src/core/key.ts";
import type { Instant, Key, Millis, Repository } from "../../src/core/model.ts";
import { createIngress, type Ingress, type IngressLimits, WEBHOOK_PATH } from "../../src/ingress/http/server.ts";
import { createSweep, failedForGood, nextSweepIn } from "../../src/ingress/sweep/sweep.ts";
import { createEnqueueHints } from "../../src/ingress/webhooks/enqueue-hints.ts";
import { type HintContext, hintsOf, type WebhookEvent } from "../../src/ingress/webhooks/hints.ts";
import type { Priority } from "../../src/queue/queue.ts";
import { MemoryIndex } from "../../src/store/memory-index.ts";
import type { DeliveryFacts, GitHubApp } from "../../src/systems/github/ports.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";
import { createLogLines } from "../support/log-lines.ts";

const SECRET = "correct-horse-battery-staple";
const PREVIOUS = "the-secret-before-the-rotation";
const SHOP: Repository = { installationId: 9, id: 70, owner: "acme", name: "shop" };
const shopPayload = { id: 70, name: "shop", full_name: "acme/shop", default_branch: "main" };
const SHA = "a".repeat(40);
const BASE = "b".repeat(40);

const CONTEXT: HintContext = {
  botLogin: "sevgate[bot]",
  webHost: "github.com",
  severityLabelsOf: (id) => (id === SHOP.id ? ["sev:P0", "sev:P1"] : null),
  postMortemLabelOf: (id) => (id === SHOP.id ? "learning" : null),
  followUpsLabelsOf: () => null,
  watchesBuilds: (id) => (id === SHOP.id ? true : null),
};

/** A payload as GitHub sends it, from a person, for acme/shop. */
function payload(fields: Record<string, unknown>): Record<string, unknown> {
  return { sender: { login: "ada" }, installation: { id: 9 }, repository: shopPayload, ...fields };
}
function issue(labels: readonly string[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return { number: 12, labels: labels.map((name) => ({ name })), body: null, ...more };
}
function pullRequest(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { number: 30, title: "Faster carts", body: null, ...more };
}
function workflowRun(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { workflow_id: 7, event: "push", head_branch: "main", head_repository: { id: 70 }, ...more };
}
function ids(event: WebhookEvent, context = CONTEXT): readonly string[] {
  return hintsOf(event, context).keys.map(keyId);
}

const INCIDENT = "incident:70#12";
const PULL = "pull-request:70#30";
const REPOSITORY = "repository:70";
const WORKFLOW = "workflow:70!7";

describe("the key of what is late", () => {
  const FOLLOW_UPS = "follow-ups:70";
  const told = (labels: readonly string[], more: Record<string, unknown> = {}, context = CONTEXT) =>
    ids({ name: "issues", payload: payload({ action: "closed", issue: issue(labels), ...more }) }, context);

  it("is named by whatever happens to an action item, or to the issue that lists what is late", () => {
    expect(told(["action-item"])).toContain(FOLLOW_UPS);
    expect(told(["Incident-Follow-Ups"])).toContain(FOLLOW_UPS);
    expect(told([], { action: "unlabeled", label: { name: "action-item" } })).toContain(FOLLOW_UPS);
    expect(told(["sev:P0"])).not.toContain(FOLLOW_UPS);
    expect(told([])).not.toContain(FOLLOW_UPS);
  });

  it("goes by the labels of the policy, and not by what the app does itself", () => {
    const context = { ...CONTEXT, followUpsLabelsOf: () => ["todo", "late"] };
    expect(told(["todo"], {}, context)).toContain(FOLLOW_UPS);
    expect(told(["action-item"], {}, context)).not.toContain(FOLLOW_UPS);
    expect(told(["action-item"], { sender: { login: "sevgate[bot]" } })).toEqual([]);
  });
});

//
describe("the key of a merge group", () => {
  it.each<{ name: string; group: object; base: string | null; pullRequest: number | null }>([
    { name: "nothing more", group: {}, base: null, pullRequest: null },
    {
      name: "its branch and its pull request",
      group: {
        base_ref: "refs/heads/release/1",
        head_ref: `refs/heads/gh-readonly-queue/release/1/pr-12-${"b".repeat(40)}`,
      },
      base: "release/1",
      pullRequest: 12,
    },
    {
      name: "a branch of another form",
      group: { base_ref: "main", head_ref: "refs/heads/queue/12" },
      base: "main",
      pullRequest: null,
    },
    {
      name: "no branch at all",
      group: { base_ref: 7, head_ref: ["x"] },
      base: null,
      pullRequest: null,
    },
  ])("says where to look, as far as the delivery tells: $name", ({ group, base, pullRequest }) => {
    const payload = {
      action: "checks_requested",
      installation: { id: 5 },
      repository: { id: 70, full_name: "acme/ops" },
      merge_group: { head_sha: SHA, base_sha: BASE, ...group },
    };
    expect(hintsOf({ name: "merge_group", payload }, CONTEXT).keys).toMatchObject([
      { kind: "merge-group", headSha: SHA, baseSha: BASE, base, pullRequest },
    ]);
  });
});

//
describe("where an event tells us to look", () => {
  it.each<{
    readonly says: string;
    readonly name: string;
    readonly fields: Record<string, unknown>;
    readonly keys: readonly string[];
  }>([
    {
      says: "a new issue with a severity label",
      name: "issues",
      fields: { action: "opened", issue: issue(["sev:P0"]) },
      keys: [INCIDENT],
    },
    {
      says: "a label in another case, which is the same label",
      name: "issues",
      fields: { action: "opened", issue: issue(["SEV:p0"]) },
      keys: [INCIDENT],
    },
    {
      says: "a severity label put on",
      name: "issues",
      fields: { action: "labeled", issue: issue(["bug", "sev:P1"]), label: { name: "sev:P1" } },
      keys: [INCIDENT],
    },
    {
      says: "the last severity label taken off",
      name: "issues",
      fields: { action: "unlabeled", issue: issue(["bug"]), label: { name: "sev:P0" } },
      keys: [INCIDENT],
    },
    {
      says: "an incident closed",
      name: "issues",
      fields: { action: "closed", issue: issue(["sev:P0", "incident:declared"]) },
      keys: [INCIDENT],
    },
    {
      says: "an incident that kept only its state label",
      name: "issues",
      fields: { action: "reopened", issue: issue(["incident:mitigated"]) },
      keys: [INCIDENT],
    },
    {
      says: "an incident transferred away",
      name: "issues",
      fields: { action: "transferred", issue: issue(["sev:P0"]) },
      keys: [INCIDENT],
    },
    {
      says: "an action GitHub adds later",
      name: "issues",
      fields: { action: "status_changed", issue: issue(["sev:P0"]) },
      keys: [INCIDENT],
    },
    {
      says: "nothing: an ordinary issue",
      name: "issues",
      fields: { action: "opened", issue: issue(["bug"]) },
      keys: [],
    },
    {
      says: "nothing: an issue without labels",
      name: "issues",
      fields: { action: "edited", issue: issue([]) },
      keys: [],
    },
    {
      says: "nothing: a pull request that carries a severity label",
      name: "issues",
      fields: { action: "labeled", issue: issue(["sev:P0"], { pull_request: {} }) },
      keys: [],
    },
    {
      says: "a comment on an incident",
      name: "issue_comment",
      fields: { action: "created", issue: issue(["sev:P1"]), comment: { id: 1, body: "/ack" } },
      keys: [INCIDENT],
    },
    {
      says: "a comment deleted on an incident",
      name: "issue_comment",
      fields: { action: "deleted", issue: issue(["incident:declared"]) },
      keys: [INCIDENT],
    },
    {
      says: "nothing: a comment on a pull request",
      name: "issue_comment",
      fields: { action: "created", issue: issue(["sev:P1"], { pull_request: {} }) },
      keys: [],
    },
    {
      says: "nothing: a command of another app on a pull request",
      name: "issue_comment",
      fields: { action: "created", issue: issue([], { pull_request: {} }), comment: { id: 1, body: "/retest" } },
      keys: [],
    },
    {
      says: "a command on a pull request",
      name: "issue_comment",
      fields: { action: "created", issue: issue([], { pull_request: {} }), comment: { id: 1, body: "/postmortem" } },
      keys: ["stray-command:70#12"],
    },
    {
      says: "nothing: a comment on an ordinary issue",
      name: "issue_comment",
      fields: { action: "created", issue: issue(["bug"]) },
      keys: [],
    },
    {
      says: "the parent of a new sub-issue",
      name: "sub_issues",
      fields: { action: "sub_issue_added", parent_issue: issue(["sev:P0"]), sub_issue: issue([], { number: 13 }) },
      keys: [INCIDENT],
    },
    {
      says: "a pull request opened",
      name: "pull_request",
      fields: { action: "opened", pull_request: pullRequest() },
      keys: [PULL],
    },
    {
      says: "a pull request with new commits",
      name: "pull_request",
      fields: { action: "synchronize", pull_request: pullRequest() },
      keys: [PULL],
    },
    {
      says: "a pull request with another base",
      name: "pull_request",
      fields: { action: "edited", changes: { base: {} }, pull_request: pullRequest() },
      keys: [PULL],
    },
    {
      says: "nothing: a reviewer asked",
      name: "pull_request",
      fields: { action: "review_requested", pull_request: pullRequest() },
      keys: [],
    },
    {
      says: "a merge group",
      name: "merge_group",
      fields: { action: "checks_requested", merge_group: { head_sha: SHA, base_sha: BASE } },
      keys: [`merge-group:70@${SHA}`],
    },
    {
      says: "nothing: a merge group that is gone",
      name: "merge_group",
      fields: { action: "destroyed", merge_group: { head_sha: SHA, base_sha: BASE } },
      keys: [],
    },
    {
      says: "the wish for a check to be run again, by the run it was made at",
      name: "check_run",
      fields: { action: "rerequested", check_run: { id: 900, head_sha: SHA, external_id: "pr:30,31" } },
      keys: ["recheck:70@run-900"],
    },
    {
      says: "the wish for a check whose Re-check button is pressed",
      name: "check_run",
      fields: {
        action: "requested_action",
        requested_action: { identifier: "recheck" },
        check_run: { id: 900, head_sha: SHA, external_id: "pr:30" },
      },
      keys: ["recheck:70@run-900"],
    },
    {
      says: "nothing: another app's button",
      name: "check_run",
      fields: {
        action: "requested_action",
        requested_action: { identifier: "deploy" },
        check_run: { id: 900, head_sha: SHA, external_id: "pr:30" },
      },
      keys: [],
    },
    {
      says: "the wish for a merge group's check to be run again",
      name: "check_run",
      fields: { action: "rerequested", check_run: { id: 900, head_sha: SHA, external_id: `merge-group:${BASE}:main` } },
      keys: ["recheck:70@run-900"],
    },
    {
      says: "nothing: a run that names nothing of ours",
      name: "check_run",
      fields: { action: "rerequested", check_run: { id: 900, head_sha: SHA, external_id: "deploy:1" } },
      keys: [],
    },
    {
      says: "nothing: a check that ended",
      name: "check_run",
      fields: { action: "completed", check_run: { id: 900, head_sha: SHA, external_id: "pr:30" } },
      keys: [],
    },
    {
      says: "the wish for all checks of a commit to be run again, a fork's too",
      name: "check_suite",
      fields: { action: "rerequested", check_suite: { id: 800, head_sha: SHA, pull_requests: [] } },
      keys: ["recheck:70@suite-800"],
    },
    {
      says: "the workflow of a run that ended on the default branch",
      name: "workflow_run",
      fields: { action: "completed", workflow_run: workflowRun() },
      keys: [WORKFLOW],
    },
    {
      says: "nothing: a run that began",
      name: "workflow_run",
      fields: { action: "requested", workflow_run: workflowRun() },
      keys: [],
    },
    {
      says: "nothing: a run on another branch",
      name: "workflow_run",
      fields: { action: "completed", workflow_run: workflowRun({ head_branch: "topic" }) },
      keys: [],
    },
    {
      says: "nothing: a run of a fork whose branch is called the same",
      name: "workflow_run",
      fields: { action: "completed", workflow_run: workflowRun({ head_repository: { id: 71 } }) },
      keys: [],
    },
    {
      says: "nothing: a run of a pull request",
      name: "workflow_run",
      fields: { action: "completed", workflow_run: workflowRun({ event: "pull_request_target" }) },
      keys: [],
    },
    {
      says: "a push that changes the policy",
      name: "push",
      fields: {
        ref: "refs/heads/main",
        forced: false,
        commits: [{ added: [], modified: [".github/sevgate.yml"], removed: [] }],
      },
      keys: [REPOSITORY],
    },
    {
      says: "a push that removes a template",
      name: "push",
      fields: {
        ref: "refs/heads/main",
        forced: false,
        commits: [{ added: [], modified: [], removed: [".github/sevgate/templates/incident.md"] }],
      },
      keys: [REPOSITORY],
    },
    {
      says: "a push that may hide commits",
      name: "push",
      fields: { ref: "refs/heads/main", forced: true, commits: [{ added: ["a"], modified: [], removed: [] }] },
      keys: [REPOSITORY],
    },
    {
      says: "a push that lists no files, as some servers do",
      name: "push",
      fields: { ref: "refs/heads/main", commits: [{ id: SHA }] },
      keys: [REPOSITORY],
    },
    {
      says: "nothing: a push of other files",
      name: "push",
      fields: { ref: "refs/heads/main", forced: false, commits: [{ added: ["src/a.ts"], modified: [], removed: [] }] },
      keys: [],
    },
    {
      says: "nothing: a push to another branch",
      name: "push",
      fields: { ref: "refs/heads/topic", forced: true, commits: [] },
      keys: [],
    },
    {
      says: "a severity label renamed",
      name: "label",
      fields: { action: "edited", label: { name: "sev:critical" }, changes: { name: { from: "sev:P0" } } },
      keys: [REPOSITORY],
    },
    {
      says: "nothing: another label deleted",
      name: "label",
      fields: { action: "deleted", label: { name: "bug" } },
      keys: [],
    },
    { says: "a repository renamed", name: "repository", fields: { action: "renamed" }, keys: [REPOSITORY] },
    {
      says: "another default branch",
      name: "repository",
      fields: { action: "edited", changes: { default_branch: { from: "master" } } },
      keys: [REPOSITORY],
    },
    {
      says: "nothing: another description",
      name: "repository",
      fields: { action: "edited", changes: { description: { from: "" } } },
      keys: [],
    },
    {
      says: "the repositories of a new installation",
      name: "installation",
      fields: { action: "created", repository: undefined, repositories: [shopPayload] },
      keys: [REPOSITORY],
    },
    {
      says: "the repositories added to an installation",
      name: "installation_repositories",
      fields: { action: "added", repository: undefined, repositories_added: [shopPayload], repositories_removed: [] },
      keys: [REPOSITORY],
    },
    { says: "nothing: a star", name: "star", fields: { action: "created" }, keys: [] },
  ])("$says", ({ name, fields, keys }) => {
    expect(ids({ name, payload: payload(fields) })).toEqual(keys);
  });

  it("is no workflow where the policy has none watched", () => {
    const event = { name: "workflow_run", payload: payload({ action: "completed", workflow_run: workflowRun() }) };
    expect(ids(event, { ...CONTEXT, watchesBuilds: () => false })).toEqual([]);
    expect(ids(event, { ...CONTEXT, watchesBuilds: () => null })).toEqual([WORKFLOW]);
  });

  it("is any labelled issue while the policy is not known yet", () => {
    const unknown = { ...CONTEXT, severityLabelsOf: () => null };
    expect(ids({ name: "issues", payload: payload({ action: "opened", issue: issue(["bug"]) }) }, unknown)).toEqual([
      INCIDENT,
    ]);
    expect(ids({ name: "issues", payload: payload({ action: "opened", issue: issue([]) }) }, unknown)).toEqual([]);
  });

  //
  it("is nowhere for what Sevgate did itself, and somewhere for what another bot did", () => {
    const closed = { action: "closed", issue: issue(["sev:P0"]) };
    expect(ids({ name: "issues", payload: payload({ ...closed, sender: { login: "sevgate[bot]" } }) })).toEqual([]);
    expect(ids({ name: "issues", payload: payload({ ...closed, sender: { login: "stale[bot]" } }) })).toEqual([
      INCIDENT,
    ]);
  });

  it.each<readonly [string, Priority]>([
    ["sev:P0", 30],
    ["sev:P1", 29],
    ["incident:declared", 20],
  ])("is the more urgent the more severe the label: %s has priority %d", (label, priority) => {
    const event = { name: "issues", payload: payload({ action: "closed", issue: issue([label]) }) };
    expect(hintsOf(event, CONTEXT).priority).toBe(priority);
  });

  //
  it("is nowhere, and never an exception, for whatever a payload may hold", () => {
    const examples = readExamples();
    expect(examples.length).toBeGreaterThan(200);
    const names = [...new Set(examples.map((example) => example.name))];
    for (const example of examples) expect(() => hintsOf(example, CONTEXT)).not.toThrow();
    fc.assert(
      fc.property(fc.constantFrom(...names, "__proto__", "constructor"), fc.object({ maxDepth: 4 }), (name, junk) => {
        const keys = hintsOf({ name, payload: junk }, CONTEXT).keys;
        return keys.length === 0;
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...examples), fc.nat(), fc.jsonValue({ maxDepth: 2 }), (example, where, junk) => {
        const changed = structuredClone({ installation: { id: 9 }, ...(example.payload as object) });
        replaceSomewhere(changed, where, junk);
        hintsOf({ name: example.name, payload: changed }, CONTEXT);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([null, 7, "text", [], { installation: { id: "9" } }, { installation: { id: -1 } }])(
    "is nowhere for %j",
    (body) => {
      expect(ids({ name: "issues", payload: body })).toEqual([]);
    },
  );

  it.each(["../../etc", "acme/shop/x", "acme", "a b/c", "acme/\u0000"])(
    "is nowhere for a repository called %j",
    (name) => {
      const event = { action: "opened", issue: issue(["sev:P0"]), repository: { id: 70, full_name: name } };
      expect(ids({ name: "issues", payload: payload(event) })).toEqual([]);
    },
  );
});

/** GitHub's own examples of every event. */
function readExamples(): readonly WebhookEvent[] {
  const file = createRequire(import.meta.url).resolve("@octokit/webhooks-examples/api.github.com/index.json");
  const events = JSON.parse(readFileSync(file, "utf8")) as {
    readonly name: string;
    readonly examples: readonly unknown[];
  }[];
  return events.flatMap(({ name, examples }) => examples.map((example) => ({ name, payload: example })));
}

/** Puts `junk` in the `where`-th place of a payload. */
function replaceSomewhere(value: object, where: number, junk: unknown): void {
  const places: [Record<string, unknown>, string][] = [];
  (function walk(node: unknown): void {
    if (typeof node !== "object" || node === null) return;
    for (const name of Object.keys(node)) {
      places.push([node as Record<string, unknown>, name]);
      walk((node as Record<string, unknown>)[name]);
    }
  })(value);
  const [node, name] = places[where % places.length]!;
  node[name] = junk;
}

describe("what waits after an event", () => {
  /** The enqueuer on a memory index, and what it put into the queue. */
  function setUp() {
    const clock = new VirtualClock();
    const index = new MemoryIndex();
    const added: { readonly id: string; readonly priority: Priority | undefined }[] = [];
    const forgotten: number[] = [];
    let reads = 0;
    const counted = new Proxy(index, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          reads += 1;
          return value.apply(target, args) as unknown;
        };
      },
    });
    const enqueue = createEnqueueHints({
      queue: {
        accept: async (keys: readonly Key[], priority?: Priority) => {
          added.push(...keys.map((key) => ({ id: keyId(key), priority })));
        },
      },
      index: counted,
      clock,
      botLogin: () => "sevgate[bot]",
      webHost: "github.com",
      forgetTokens: (id) => forgotten.push(id),
    });
    return { clock, index, added, forgotten, enqueue, reads: () => reads };
  }
  const known = { severityLabels: ["sev:P0"], postMortemLabel: "learning", policyReadAt: 1 as Instant };

  it("costs no question to the database when the event cannot concern us", async () => {
    const { enqueue, reads, added } = setUp();
    const bare = payload({ action: "opened", issue: issue([]) });
    expect(await enqueue({ name: "issues", payload: bare })).toBe("ignored");
    expect(await enqueue({ name: "issue_comment", payload: bare })).toBe("ignored");
    expect(await enqueue({ name: "star", payload: payload({}) })).toBe("ignored");
    expect(reads()).toBe(0);
    expect(added).toEqual([]);
  });

  it("asks for a repository's labels once a minute, and at once after the policy changed", async () => {
    const { enqueue, reads, index, clock, added } = setUp();
    await index.saveRepository(SHOP, known);
    const labelled = { name: "issues", payload: payload({ action: "opened", issue: issue(["critical"]) }) };
    for (let times = 0; times < 5; times += 1) await enqueue(labelled);
    expect(reads()).toBe(1);
    clock.advance(60_000);
    await enqueue(labelled);
    expect(reads()).toBe(2);
    expect(added).toEqual([]);
    const push = { ref: "refs/heads/main", forced: true, commits: [] };
    await enqueue({ name: "push", payload: payload(push) });
    expect((await index.repository(SHOP.id))?.policyReadAt).toBeNull();
    const hint = (await index.repository(SHOP.id))?.policyHint;
    await enqueue({ name: "push", payload: payload(push) });
    expect((await index.repository(SHOP.id))?.policyHint).not.toBe(hint);
    expect(added.splice(0).map(({ id }) => id)).toEqual([REPOSITORY, REPOSITORY]);
    // The pass that the push caused has read the new policy.
    await index.saveRepository(SHOP, { ...known, severityLabels: ["critical"], policyReadAt: 2 as Instant });
    await enqueue(labelled);
    expect(added.map(({ id }) => id)).toEqual([INCIDENT]);
  });

  it("are the incidents a post-mortem is linked to, and the one it names", async () => {
    const { enqueue, index, added } = setUp();
    await index.saveRepository(SHOP, known);
    await index.addLink(SHOP.id, 3, "post-mortem", "acme/shop", 12);
    const named = issue(["learning"], { body: "Incident: #4\n\n    Incident: #99 (in code)" });
    await enqueue({ name: "issues", payload: payload({ action: "edited", issue: named }) });
    expect(added.map(({ id }) => id)).toEqual(["incident:70#3", "incident:70#4"]);
    expect(await index.linksFrom(SHOP.id, 4, "post-mortem")).toEqual([
      { repository: "acme/shop", number: 12, kind: "post-mortem", standing: "untold" },
    ]);
  });

  it("are read to the end of a body, however long GitHub takes it", async () => {
    const { enqueue, index, added } = setUp();
    await index.saveRepository(SHOP, known);
    const body = `${"\u{20BB7}".repeat(65_000)}\n\nIncident: #4`;
    await enqueue({ name: "issues", payload: payload({ action: "edited", issue: issue(["learning"], { body }) }) });
    expect(added.map(({ id }) => id)).toEqual(["incident:70#4"]);
  });

  it("are incidents of other repositories of the same installation, and of no other installation", async () => {
    const { enqueue, index, added } = setUp();
    await index.saveRepository(SHOP, known);
    const wantsThemHere = { text: "post-mortem: { repository: acme/shop }", sha: "abc", source: ".github/sevgate.yml" };
    const lets = { ...known, lastGoodPolicy: wantsThemHere };
    await index.saveRepository({ ...SHOP, id: 71, name: "api" }, lets);
    await index.saveRepository({ ...SHOP, id: 80, owner: "victim", installationId: 666 }, lets);
    const named = issue(["learning"], { body: "Incident: acme/api#5\nIncident: victim/shop#6" });
    await enqueue({ name: "issues", payload: payload({ action: "opened", issue: named }) });
    expect(added.map(({ id }) => id)).toEqual(["incident:71#5"]);
  });

  it("are no incidents of a repository whose policy wants no post-mortems here: the line of an issue costs it nothing", async () => {
    const { enqueue, index, added } = setUp();
    await index.saveRepository(SHOP, known);
    await index.saveRepository({ ...SHOP, id: 71, name: "api" }, known);
    const named = issue(["learning"], { body: "Incident: acme/api#5" });
    await enqueue({ name: "issues", payload: payload({ action: "opened", issue: named }) });
    expect(added).toEqual([]);
    expect(await index.linksFrom(71, 5)).toEqual([]);
  });

  it.each(["privatized", "publicized"])(
    "forgets how widely a repository may be seen when it is %s, and looks again at what others show of it",
    async (action) => {
      const { enqueue, index, added } = setUp();
      await index.saveRepository(SHOP, { ...known, isPrivate: false });
      await index.saveRepository({ ...SHOP, id: 71, name: "api" }, known);
      await index.addLink(71, 5, "post-mortem", "acme/shop", 12);
      await enqueue({ name: "repository", payload: payload({ action }) });
      expect((await index.repository(SHOP.id))?.isPrivate).toBe(null);
      expect(added.map(({ id }) => id)).toEqual([REPOSITORY, "incident:71#5"]);
    },
  );

  it("is the pull request that mentions incidents: it is remembered for them, and says itself which are worth a look", async () => {
    const { enqueue, index, added } = setUp();
    await index.saveRepository(SHOP, known);
    await index.saveIncident(SHOP.id, 12, {});
    const pull = pullRequest({ title: "Runbook for #12", body: "See #13." });
    await enqueue({ name: "pull_request", payload: payload({ action: "opened", pull_request: pull }) });
    expect(added.map(({ id }) => id)).toEqual([PULL]);
    expect(await index.linksFrom(SHOP.id, 12)).toEqual([
      { repository: "acme/shop", number: 30, kind: "pull-request", standing: "untold" },
    ]);
  });

  it.each([
    ['Revert "Runbook"', "Reverts acme/shop#30"],
    ["Back out", "Reverts #30"],
    ['Revert "Runbook (#30)"', "This undoes #30 for now"],
  ])("are the incidents of the pull request that another one reverts: %s / %s", async (title, body) => {
    const { enqueue, index, added } = setUp();
    await index.saveRepository(SHOP, known);
    await index.saveIncident(SHOP.id, 12, {});
    await index.addLink(SHOP.id, 12, "runbook-pr", "acme/shop", 30);
    const revert = pullRequest({ number: 31, title, body });
    await enqueue({ name: "pull_request", payload: payload({ action: "closed", pull_request: revert }) });
    expect(added.map(({ id }) => id)).toEqual(["pull-request:70#31", INCIDENT]);
    expect(await index.linksFrom(SHOP.id, 12, "revert")).toEqual([
      { repository: "acme/shop", number: 31, kind: "revert", standing: "untold" },
    ]);
  });

  it("are all repositories of an owner when its .github repository changes the policy", async () => {
    const { enqueue, index, added } = setUp();
    await index.saveRepository(SHOP, known);
    const shared = { id: 99, full_name: "acme/.github", default_branch: "main" };
    const push = { repository: shared, ref: "refs/heads/main", forced: true, commits: [] };
    await enqueue({ name: "push", payload: payload(push) });
    expect(added.map(({ id }) => id)).toEqual(["repository:99", REPOSITORY]);
    expect((await index.repository(SHOP.id))?.policyReadAt).toBeNull();
  });

  it("is nothing of an installation that left, whose tokens and data are forgotten", async () => {
    const { enqueue, index, forgotten } = setUp();
    await index.saveRepository(SHOP, known);
    await enqueue({ name: "installation", payload: payload({ action: "deleted", repository: undefined }) });
    expect(await index.repository(SHOP.id)).toBeNull();
    expect(forgotten).toEqual([9]);
  });

  it("keeps what is known of an installation that is only suspended", async () => {
    const { enqueue, index, forgotten } = setUp();
    await index.saveRepository(SHOP, known);
    await enqueue({ name: "installation", payload: payload({ action: "suspend", repository: undefined }) });
    expect(await index.repository(SHOP.id)).not.toBeNull();
    expect(forgotten).toEqual([9]);
  });
});

describe("the webhook address", () => {
  const running: Ingress[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const ingress of running.splice(0)) await ingress.stop(1_000);
  });

  async function setUp(
    options: {
      readonly accept?: (event: WebhookEvent, deliveryId: string | null) => Promise<"queued" | "ignored">;
      readonly limits?: Partial<IngressLimits>;
      readonly notReady?: () => Promise<readonly string[]>;
    } = {},
  ) {
    const { log, lines } = createLogLines();
    const accepted: WebhookEvent[] = [];
    const metrics = createMetrics(new VirtualClock());
    const ingress = createIngress({
      secrets: [SECRET, PREVIOUS],
      accept: async (event, deliveryId) => {
        accepted.push(event);
        return await (options.accept?.(event, deliveryId) ?? "queued");
      },
      notReady: options.notReady ?? (async () => []),
      metrics,
      log,
      limits: options.limits ?? {},
    });
    running.push(ingress);
    const { url, port } = await ingress.listen(0, "127.0.0.1");
    return { ingress, url, port, accepted, lines, metrics };
  }
  function sign(body: string | Buffer, secret = SECRET): string {
    return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  }
  function post(url: string, body: string | Buffer, headers: Record<string, string | null> = {}): Promise<Response> {
    const all = {
      "content-type": "application/json",
      "x-github-event": "issues",
      "x-github-delivery": "d",
      "x-hub-signature-256": sign(body),
      ...headers,
    };
    const sent = Object.entries(all).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as [string, string]],
    );
    return fetch(`${url}${WEBHOOK_PATH}`, { method: "POST", body: new Uint8Array(Buffer.from(body)), headers: sent });
  }
  async function open(port: number): Promise<Socket> {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("error", () => {});
    sockets.push(socket);
    await once(socket, "connect");
    return socket;
  }
  async function readAll(socket: Socket): Promise<string> {
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    await once(socket, "close");
    return text;
  }
  const body = JSON.stringify({ action: "opened", text: "é" });

  it("takes what GitHub signed with the current or the previous secret, once it is queued", async () => {
    const { url, accepted } = await setUp();
    for (const secret of [SECRET, PREVIOUS]) {
      const answer = await post(url, body, { "x-hub-signature-256": sign(body, secret) });
      expect(answer.status).toBe(202);
      expect(await answer.json()).toEqual({ ok: true });
    }
    expect(accepted).toEqual([1, 2].map(() => ({ name: "issues", payload: { action: "opened", text: "é" } })));
  });

  it.each([{ sent: "guid-1" }, { sent: null }])("hands on GitHub's id of the delivery: $sent", async ({ sent }) => {
    const ids: (string | null)[] = [];
    const accept = async (_event: WebhookEvent, deliveryId: string | null) => {
      ids.push(deliveryId);
      return "queued" as const;
    };
    const { url } = await setUp({ accept });
    await post(url, body, { "x-github-delivery": sent });
    expect(ids).toEqual([sent]);
  });

  const signature = sign(body);
  it.each<readonly [string, Record<string, string | null>]>([
    ["no signature", { "x-hub-signature-256": null }],
    ["an empty signature", { "x-hub-signature-256": "" }],
    ["only the old kind of signature", { "x-hub-signature-256": null, "x-hub-signature": "sha1=0" }],
    ["another scheme", { "x-hub-signature-256": signature.replace("sha256", "sha1") }],
    ["too few digits", { "x-hub-signature-256": signature.slice(0, -1) }],
    ["too many digits", { "x-hub-signature-256": `${signature}0` }],
    ["capital digits", { "x-hub-signature-256": `sha256=${signature.slice(7).toUpperCase()}` }],
    ["no scheme", { "x-hub-signature-256": signature.slice(7) }],
    ["a signature with another secret", { "x-hub-signature-256": sign(body, "some-other-secret-entirely") }],
    ["a signature with the word development", { "x-hub-signature-256": sign(body, "development") }],
    ["the signature of another body", { "x-hub-signature-256": sign(`${body} `) }],
    [
      "the signature of the same JSON written differently",
      { "x-hub-signature-256": sign(JSON.stringify(JSON.parse(body), null, 1)) },
    ],
    ["the signature of the body with a line break", { "x-hub-signature-256": sign(`${body}\n`) }],
    ["two signatures, one of them right", { "x-hub-signature-256": `${signature}, ${sign("x")}` }],
  ])("refuses a delivery with %s, and keeps nothing of it", async (_name, headers) => {
    const { url, accepted, lines, metrics } = await setUp();
    const answer = await post(url, body, headers);
    expect(answer.status).toBe(401);
    expect(accepted).toEqual([]);
    expect(lines).toEqual([]);
    expect(await metrics.registry.metrics()).toContain('sevgate_deliveries_total{event="other",result="refused"} 1');
  });

  it.each<readonly [string, string | Buffer, Record<string, string | null>, number]>([
    ["what is not JSON", "{", {}, 400],
    ["what is not UTF-8", Buffer.from([0x22, 0xff, 0x22]), {}, 400],
    ["no event name", body, { "x-github-event": null }, 400],
    ["an event name that is none", body, { "x-github-event": "is sues" }, 400],
    ["a form", "payload=%7B%7D", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["no content type", body, { "content-type": null }, 415],
    ["a type that only begins like JSON", body, { "content-type": "application/jsonp" }, 415],
  ])("answers %s with what to do about it", async (_name, content, headers, status) => {
    const { url, accepted } = await setUp();
    const answer = await post(url, content, { "x-hub-signature-256": sign(content), ...headers });
    expect(answer.status).toBe(status);
    expect((await answer.json()) as object).toEqual({ ok: false, message: expect.stringMatching(/\.$/) });
    expect(accepted).toEqual([]);
  });

  it.each(["null", "7", "[]", '"text"'])(
    "takes signed JSON that is no object (%s): it concerns nobody",
    async (content) => {
      const { url } = await setUp();
      expect((await post(url, content)).status).toBe(202);
    },
  );

  it("counts an event it does not know, and takes it", async () => {
    const { url, metrics } = await setUp({ accept: async () => "ignored" });
    expect((await post(url, body, { "x-github-event": "made_up" })).status).toBe(202);
    const text = await metrics.registry.metrics();
    expect(text).toContain('sevgate_deliveries_total{event="other",result="ignored"} 1');
    expect(text).not.toContain("made_up");
  });

  it("refuses a body that says it is too large before a byte of it is read", async () => {
    const { port, accepted } = await setUp({ limits: { maxBodyBytes: 1_000 } });
    const socket = await open(port);
    const answer = readAll(socket);
    socket.write(
      `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-github-event: issues\r\n` +
        `x-hub-signature-256: ${signature}\r\ncontent-length: 314572800\r\n\r\n`,
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i);
    expect(accepted).toEqual([]);
  });

  it("stops reading a body that turns out too large, and closes the connection", async () => {
    const { port } = await setUp({ limits: { maxBodyBytes: 1_000 } });
    const socket = await open(port);
    const answer = readAll(socket);
    socket.write(
      `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-github-event: issues\r\n` +
        `x-hub-signature-256: ${signature}\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    for (let chunk = 0; chunk < 3; chunk += 1) socket.write(`1f4\r\n${"x".repeat(500)}\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("takes a body of exactly the largest size", async () => {
    const { url } = await setUp({ limits: { maxBodyBytes: 1_000 } });
    expect((await post(url, JSON.stringify("x".repeat(998)))).status).toBe(202);
    expect((await post(url, JSON.stringify("x".repeat(999)))).status).toBe(413);
  });

  it("holds only so many bytes of unproven bodies at a time", async () => {
    const { url } = await setUp({ limits: { maxBufferedBytes: 1_000 } });
    const answer = await post(url, JSON.stringify("x".repeat(2_000)));
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("60");
    expect((await post(url, body)).status).toBe(202);
  });

  it("gives up on a body that does not arrive, while others get through", async () => {
    const { port, url } = await setUp({ limits: { bodyTimeoutMs: 200 } });
    const socket = await open(port);
    const answer = readAll(socket);
    socket.write(
      `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-github-event: issues\r\n` +
        `x-hub-signature-256: ${signature}\r\ncontent-length: ${body.length}\r\n\r\n{`,
    );
    expect((await post(url, body)).status).toBe(202);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("closes connections that say nothing, while a delivery among hundreds of them gets through", async () => {
    const { port, url } = await setUp({ limits: { headersTimeoutMs: 300, bodyTimeoutMs: 600_000 } });
    const idle = await Promise.all(Array.from({ length: 200 }, () => open(port)));
    const closed = Promise.all(idle.map((socket) => readAll(socket)));
    expect((await post(url, body)).status).toBe(202);
    await closed;
  });

  it.each([
    ["does not answer", () => new Promise<"queued">(() => {})],
    ["fails", () => Promise.reject(new TransientError("down"))],
    ["meets a bug", () => Promise.reject(new Error("secret detail"))],
  ])("asks GitHub to come back when the store %s, and says nothing of why", async (_name, accept) => {
    const { url } = await setUp({ accept, limits: { acceptTimeoutMs: 100 } });
    const answer = await post(url, body);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(await answer.text()).not.toMatch(/secret|down|Error/);
  });

  it("says that it lives, what it waits for, and what it counted", async () => {
    let waitingFor: readonly string[] = ["GitHub has not said yet which app this is"];
    const { url } = await setUp({
      notReady: async () => {
        if (waitingFor[0] === "throw") throw new TransientError("down");
        return waitingFor;
      },
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const early = await fetch(`${url}/readyz`);
    expect([early.status, await early.text()]).toEqual([503, expect.stringContaining("GitHub has not said yet")]);
    waitingFor = ["throw"];
    const broken = await fetch(`${url}/readyz`);
    expect([broken.status, await broken.text()]).toEqual([503, expect.stringContaining("the store does not answer")]);
    waitingFor = [];
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain("sevgate_last_delivery_age_seconds -1");
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", WEBHOOK_PATH],
      ["POST", "/healthz"],
      ["PUT", WEBHOOK_PATH],
    ] as const) {
      expect((await fetch(`${url}${path}`, { method })).status).toBe(404);
    }
  });

  it("finishes what it began when it is stopped, and takes nothing new", async () => {
    let goOn: (value: "queued") => void = () => {};
    let began: () => void = () => {};
    const hasBegun = new Promise<void>((done) => {
      began = done;
    });
    const { url, ingress, port } = await setUp({
      accept: () =>
        new Promise<"queued">((done) => {
          goOn = done;
          began();
        }),
    });
    const late = await open(port);
    const lateAnswer = readAll(late);
    late.write("GET /healthz HTTP/1.1\r\nhost: x\r\n");
    const first = post(url, body);
    await hasBegun;
    const stopped = ingress.stop(5_000);
    late.write("\r\n");
    expect(await lateAnswer).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close/i);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    goOn("queued");
    expect((await first).status).toBe(202);
    await stopped;
  });

  it("says which setting to change when its port is taken", async () => {
    const { port } = await setUp();
    const { log } = createLogLines();
    const second = createIngress({
      secrets: [SECRET],
      accept: async () => "queued",
      notReady: async () => [],
      metrics: createMetrics(new VirtualClock()),
      log,
    });
    await expect(second.listen(port, "127.0.0.1")).rejects.toThrow(/in use by another program.+PORT/);
  });

  it.each(["localhost:3000", "256.1.1.1", "ff02::1", "fe80::1%none"])(
    "says which setting to change when %s is not where it can listen",
    async (host) => {
      const ingress = createIngress({
        secrets: [SECRET],
        accept: async () => "queued",
        notReady: async () => [],
        metrics: createMetrics(new VirtualClock()),
        log: createLogLines().log,
      });
      await expect(ingress.listen(0, host)).rejects.toThrow(/is not an address of this machine\. Set HOST/);
    },
  );

  it("answers a client that hangs up in the middle with nothing, and goes on", async () => {
    const { port, url } = await setUp();
    const request = httpRequest({
      port,
      host: "127.0.0.1",
      path: WEBHOOK_PATH,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-hub-signature-256": signature,
        "content-length": "100000",
      },
    });
    request.on("error", () => {});
    request.write("{");
    await new Promise((done) => request.once("socket", (socket) => socket.once("connect", done)));
    request.destroy();
    expect((await post(url, body)).status).toBe(202);
  });
});

describe("a sweep", () => {
  function setUp(app: Partial<GitHubApp>) {
    const clock = new VirtualClock();
    const index = new MemoryIndex();
    const added: { readonly ids: readonly string[]; readonly priority: Priority | undefined }[] = [];
    const { log, lines } = createLogLines();
    const metrics = createMetrics(clock);
    const redelivered: string[] = [];
    const asked: number[] = [];
    const parts = {
      app: {
        identity: async () => ({ appId: 1, botLogin: "sevgate[bot]", slug: "sevgate" }),
        installations: async () => [{ id: 9, account: "acme", suspended: false }],
        repositories: async () => [SHOP],
        deliveries: async (since: Instant) => {
          asked.push(since);
          return [] as readonly DeliveryFacts[];
        },
        redeliver: async (id: string) => {
          redelivered.push(id);
        },
        requestLimit: async () => null,
        ...app,
      } as GitHubApp,
      every: 300_000 as Millis,
      queue: {
        add: async (keys: readonly Key[], priority?: Priority) => {
          added.push({ ids: keys.map(keyId), priority });
        },
      },
      index,
      clock,
      log,
      metrics,
    };
    return { sweep: createSweep(parts), added, lines, redelivered, asked, clock, index };
  }
  function delivery(id: string, guid: string, ok: boolean, at = 0): DeliveryFacts {
    return { id, guid, ok, deliveredAt: at as Instant };
  }

  it("looks at every repository, behind everything else", async () => {
    const { sweep, added } = setUp({});
    expect(await sweep()).toEqual({ repositories: 1, changes: 0, redelivered: 0 });
    expect(added).toEqual([{ ids: [REPOSITORY], priority: 0 }]);
  });

  it("looks at the repositories it knows where the server lists none, and at none that is suspended", async () => {
    const { sweep, added, index } = setUp({
      repositories: async () => "unsupported",
      installations: async () => [
        { id: 9, account: "acme", suspended: false },
        { id: 10, account: "gone", suspended: true },
      ],
    });
    await index.saveRepository(SHOP, {});
    await index.saveRepository({ ...SHOP, id: 71, installationId: 10 }, {});
    await sweep();
    expect(added.map(({ ids: found }) => found)).toEqual([[REPOSITORY]]);
  });

  it("goes on with the other installations when one fails", async () => {
    const { sweep, added, lines } = setUp({
      installations: async () => [8, 9].map((id) => ({ id, account: "a", suspended: false })),
      repositories: async (id) => {
        if (id === 8) throw new TransientError("slow");
        return [SHOP];
      },
    });
    await sweep();
    expect(added.map(({ ids: found }) => found)).toEqual([[REPOSITORY]]);
    expect(lines).toContainEqual(expect.objectContaining({ level: 40, installationId: 8 }));
  });

  //
  it("asks for failed deliveries again, once each, and for none that got through in the end", async () => {
    const { sweep, redelivered } = setUp({
      deliveries: async () => [
        delivery("4", "b", true, 4),
        delivery("3", "a", false, 3),
        delivery("2", "b", false, 2),
        delivery("1", "a", false, 1),
      ],
    });
    expect((await sweep()).redelivered).toBe(1);
    expect(redelivered).toEqual(["3"]);
  });

  it("looks back to the last sweep and an hour more, the first time three days", async () => {
    const { sweep, asked, clock } = setUp({});
    const first = clock.now();
    await sweep();
    clock.advance(300_000);
    await sweep();
    expect(asked).toEqual([first - 3 * 24 * 3_600_000, first - 3_600_000]);
  });

  it("gives up on a delivery that fails every time", () => {
    const tries = Array.from({ length: 5 }, (_, index) => delivery(String(index), "a", false, index));
    expect(failedForGood(tries)).toEqual([]);
    expect(failedForGood(tries.slice(1)).map(({ id }) => id)).toEqual(["4"]);
  });

  it("comes again after the interval, give or take a tenth", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 10_000_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (every, random) => {
          const next = nextSweepIn(every as Millis, random);
          expect(next).toBeGreaterThanOrEqual(Math.floor(every * 0.9));
          expect(next).toBeLessThanOrEqual(Math.ceil(every * 1.1));
        },
      ),
    );
  });
});
