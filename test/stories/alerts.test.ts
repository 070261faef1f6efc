import { afterEach, describe, expect, it } from "@jest/globals";
import type { InboundSource } from "../../src/core/alerts/alert-change.ts";
import { alertId } from "../../src/core/alerts/alert-state.ts";
import { normalizeAlert } from "../../src/core/alerts/normalize-alert.ts";
import { pageRowId } from "../../src/core/alerts/own-page.ts";
import { seal } from "../../src/core/record/seal.ts";
import { reportChange } from "../../src/store/report-change.ts";
import { createBetterStackApi } from "../../src/systems/better-stack/better-stack-api.ts";
import { createPagerDutyApi } from "../../src/systems/pagerduty/pagerduty-api.ts";
import {
  alertmanagerGroup,
  betterStackIncident,
  pagerDutyEvent,
  pagerDutyWebhook,
} from "../../testkit/alert-payloads.ts";
import { FakeBetterStack, type FakeIncident } from "../../testkit/fake-better-stack.ts";
import { FakePagerDuty } from "../../testkit/fake-pagerduty.ts";
import { ALERTMANAGER_RECORDING } from "../support/alertmanager-recording.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { RECORD_KEYS, Story } from "../support/story.ts";

everyStoryEndsAtRest(["bob"]);

const MINUTE = 60_000;
const POLICY = `
alerts:
  endpoints:
    prod: { severity: P1, severities: { critical: P0 } }
    quiet: { severity: P2, opens: issue }
`;
/** Closes together with its alert: nothing has to be learned. */
const EASY = `
severities:
  P1: { close-requires: [] }
alerts:
  endpoints:
    prod: { severity: P1 }
`;

/** What the ingress does with a delivery. */
async function deliver(
  story: Story,
  payload: unknown,
  source: InboundSource = "better-stack",
  endpoint = "prod",
): Promise<void> {
  const read = normalizeAlert(source, payload, "related");
  if (read.kind !== "changes") throw new Error(read.kind);
  for (const change of read.changes) {
    const from = { source, name: endpoint };
    const { ids } = await reportChange(story.alerts, story.repository, from, change, story.clock.now());
    for (const alert of ids) story.hint({ kind: "alert", repository: story.repository, alert });
  }
}

/** A change to one monitor, as Better Stack reports it at this moment. */
async function tell(
  story: Story,
  event: "started" | "acknowledged" | "resolved",
  options: {
    readonly incident?: string;
    readonly by?: string;
    readonly monitor?: string;
    readonly endpoint?: string;
  } = {},
): Promise<void> {
  const at = new Date(story.clock.now()).toISOString();
  const moments = { started: "started_at", acknowledged: "acknowledged_at", resolved: "resolved_at" } as const;
  const attributes = {
    started_at: null,
    acknowledged_at: null,
    resolved_at: null,
    [moments[event]]: at,
    acknowledged_by: options.by ?? null,
  };
  const payload = betterStackIncident(event, attributes, options.incident ?? "1", options.monitor ?? "4");
  await deliver(story, payload, "better-stack", options.endpoint ?? "prod");
  await story.settle();
}

function issues(story: Story): readonly number[] {
  return story.github.numbers(story.repository);
}

describe("an alert", () => {
  it("becomes an incident of the severity its endpoint says, with a record and a status comment", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started");
    const [number] = issues(story);
    const issue = story.github.issue(number!, story.repository);
    expect(issue.title).toBe("Checkout");
    expect(issue.labels).toEqual(expect.arrayContaining(["sev:P1", "alert", "incident:declared"]));
    expect(issue.body).toContain("Better Stack");
    expect(story.history(number!).severity).toBe("P1");
    expect(story.status(number!)).toContain("Better Stack `prod`: firing since");
  });

  it("takes the severity of its source where the policy translates it", async () => {
    const story = await Story.begin({ policy: POLICY });
    await deliver(story, alertmanagerGroup("firing"), "alertmanager");
    await story.settle();
    expect(story.github.issue(issues(story)[0]!, story.repository).labels).toContain("sev:P0");
  });

  it("does nothing at an endpoint that the policy does not name", async () => {
    const story = await Story.begin();
    await tell(story, "started");
    expect(issues(story)).toEqual([]);
  });

  it("opens a plain issue where the policy says so, which a label declares", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started", { endpoint: "quiet" });
    const [number] = issues(story);
    expect(story.github.issue(number!, story.repository).labels).toEqual(["alert"]);
    story.github.as("bob").label(number!, "sev:P2");
    await story.settle();
    expect(story.history(number!).severity).toBe("P2");
  });

  it("that is open makes no second issue, however often and however many at once it is told", async () => {
    const story = await Story.begin({ policy: POLICY });
    await Promise.all([1, 2, 3].map(() => deliver(story, alertmanagerGroup("firing"), "alertmanager")));
    await story.settle();
    await deliver(story, alertmanagerGroup("firing"), "alertmanager");
    await story.settle();
    expect(issues(story)).toHaveLength(1);
  });

  it("makes no second issue when the answer to its creation is lost, nor when the database is", async () => {
    const story = await Story.begin({ policy: POLICY });
    story.github.faults.fail({ method: "createIssue", when: "after" });
    await tell(story, "started");
    await story.advance(MINUTE);
    expect(issues(story)).toHaveLength(1);
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await tell(story, "started");
    expect(issues(story)).toHaveLength(1);
  });

  it("takes no issue for its own that somebody else has put its mark on", async () => {
    const story = await Story.begin({ policy: POLICY });
    const mark = `<!-- sevgate:alert:${alertId("better-stack", "prod", "monitor:4")} -->`;
    story.github.as("mallory").openIssue({ title: "Mine", body: mark, labels: ["alert"] });
    await tell(story, "started");
    expect(issues(story)).toHaveLength(2);
  });
});

describe("an acknowledgement where the alert comes from", () => {
  it("acknowledges the incident, by the login that the on-call file knows for the address", async () => {
    const story = await Story.begin({ policy: POLICY });
    story.github.as("alice").push("Say who is on call", {
      ".github/sevgate/on-call.yml": `
rotations: { week: { start: 2026-01-05, members: [bob] } }
roles: { primary: { layers: [week] } }
people: { alice: { email: Alice@example.com } }
`,
    });
    await story.settle();
    await tell(story, "started");
    await story.advance(MINUTE);
    await tell(story, "acknowledged", { by: "alice@example.com" });
    const [number] = issues(story);
    expect(story.history(number!)).toMatchObject({ phase: "acknowledged", responder: "alice" });
    expect(story.github.issue(number!, story.repository).assignees).toContain("alice");
  });

  it("by somebody GitHub does not know is shown by name, without a mention", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started");
    await tell(story, "acknowledged", { by: "@alice <b>" });
    const [number] = issues(story);
    expect(story.history(number!)).toMatchObject({ phase: "acknowledged", responder: null });
    expect(story.status(number!)).toContain("who acknowledged the alert at `prod`");
    expect(story.status(number!)).not.toContain("@alice");
  });

  it("does not come back after somebody has handed the incident back", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started");
    await tell(story, "acknowledged", { by: "Ada" });
    const [number] = issues(story);
    await story.say("alice", number!, "/unack");
    await tell(story, "acknowledged", { by: "Ada" });
    expect(story.history(number!).phase).toBe("declared");
  });

  it.each(["mallory@evil.example", "Mallory <mallory@evil.example>"])(
    "by somebody the on-call file does not name is by somebody in Better Stack: %s is told nobody",
    async (by) => {
      const story = await Story.begin({ policy: POLICY });
      await tell(story, "started");
      await tell(story, "acknowledged", { by });
      const [number] = issues(story);
      expect(story.history(number!).phase).toBe("acknowledged");
      expect(story.status(number!)).toContain("somebody in Better Stack");
      expect(JSON.stringify([story.ownComments(number!), story.record(number!)])).not.toMatch(/evil|mallory/i);
    },
  );

  it("of before, whose record still holds an address, loses it with the next pass", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started");
    await tell(story, "acknowledged", { by: "Ada" });
    const [number] = issues(story);
    const record = story.record(number!);
    const entries = record.entries.map((one) => (one.kind === "alerted" ? { ...one, name: "ada@evil.example" } : one));
    const place = {
      appId: story.github.appId,
      repositoryId: story.repository.id,
      issueNodeId: story.github.issue(number!, story.repository).nodeId,
    };
    const body = story
      .status(number!)
      .replace(/<!-- sevgate:record [^>]*-->/, seal({ ...record, entries }, place, RECORD_KEYS));
    await story.github.write.editComment(story.repository, story.statusId(number!), body);
    story.restart({ database: "lost" });
    await story.look(number!);
    expect(JSON.stringify([story.ownComments(number!), story.record(number!)])).not.toContain("evil");
  });

  it("of PagerDuty counts as well, and so does its being taken back", async () => {
    const story = await Story.begin({ policy: POLICY });
    const at = (minutes: number) => new Date(story.clock.now() + minutes * MINUTE).toISOString();
    await deliver(story, pagerDutyWebhook("incident.triggered", at(-3)), "pagerduty");
    await deliver(story, pagerDutyWebhook("incident.acknowledged", at(-2)), "pagerduty");
    await story.settle();
    const [number] = issues(story);
    expect(story.history(number!).phase).toBe("acknowledged");
    expect(story.status(number!)).toContain("Earline Greenholt");
  });
});

it("an alert's words are shown with the host of every address in it, and nobody's name there", async () => {
  const story = await Story.begin({ policy: POLICY });
  const payload = betterStackIncident(
    "started",
    { name: "Mailbox jane@acme.example is full", cause: "Ask jane@acme.example" },
    "7",
  );
  await deliver(story, payload);
  await story.settle();
  const [number] = issues(story);
  const { title, body } = story.github.issue(number!, story.repository);
  expect(title).toBe("Mailbox …@acme.example is full");
  expect(`${title} ${body}`).not.toContain("jane");
  expect(body).toContain("acme.example");
});

describe("what becomes of an incident is told where its alert comes from:", () => {
  const fakes: FakeBetterStack[] = [];
  afterEach(() => {
    for (const fake of fakes.splice(0)) fake.close();
  });

  async function begin(): Promise<{ readonly story: Story; readonly fake: FakeBetterStack; readonly number: number }> {
    const story = await Story.begin({ policy: EASY });
    const fake = new FakeBetterStack();
    fakes.push(fake);
    const api = createBetterStackApi(fake.token, await fake.listen());
    story.alertSources = new Map([[api.source, api]]);
    story.restart();
    fake.open("1", { started_at: new Date(story.clock.now()).toISOString() });
    await tell(story, "started");
    await story.advance(MINUTE);
    return { story, fake, number: issues(story)[0]! };
  }

  it("/ack acknowledges there, closing resolves there, and each is told once", async () => {
    const { story, fake, number } = await begin();
    await story.say("bob", number, "/ack");
    expect(fake.incidents.get("1")).toMatchObject({ acknowledged_by: "github:bob", resolved_at: null });
    await story.advance(MINUTE);
    await story.say("bob", number, "/resolve");
    await story.look(number);
    expect(fake.incidents.get("1")).toMatchObject({ resolved_by: "github:bob" });
    expect(fake.heard).toHaveLength(2);
  });

  it("the echo of it does nothing", async () => {
    const { story, fake, number } = await begin();
    await story.say("bob", number, "/ack");
    await story.advance(MINUTE);
    await story.say("bob", number, "/unack");
    const before = story.record(number).entries.length;
    await tell(story, "acknowledged", { by: "github:bob" });
    expect(story.record(number).entries).toHaveLength(before);
    expect(story.history(number).phase).toBe("declared");
    expect(fake.heard).toHaveLength(1);
  });

  it("what came from there is not told there", async () => {
    const { story, fake, number } = await begin();
    await tell(story, "acknowledged", { by: "Ada" });
    await tell(story, "resolved");
    await story.advance(10 * MINUTE);
    await story.say("bob", number, "/resolve");
    expect(fake.heard).toEqual([]);
  });

  it("that it is so already is success", async () => {
    const { story, fake, number } = await begin();
    fake.incidents.get("1")!.acknowledged_at = "2026-01-05T09:00:00.000Z";
    await story.say("bob", number, "/ack");
    expect(fake.heard).toHaveLength(1);
    expect(story.status(number)).not.toMatch(/does not know yet|did not take it/);
  });

  it("a failing one is tried again, holds up nothing, and people are told after ten minutes", async () => {
    const { story, fake, number } = await begin();
    fake.fails = 503;
    await story.say("bob", number, "/ack");
    expect(story.history(number).phase).toBe("acknowledged");
    expect(story.status(number)).not.toMatch(/does not know yet|did not take it/);
    await story.advance(15 * MINUTE);
    expect(story.status(number)).toContain("Better Stack does not know yet");
    fake.fails = null;
    await story.advance(10 * MINUTE);
    expect(fake.incidents.get("1")?.acknowledged_by).toBe("github:bob");
    expect(story.status(number)).not.toMatch(/does not know yet|did not take it/);
  });

  it("one that refuses is not asked again, and people read what to do", async () => {
    const { story, fake, number } = await begin();
    fake.fails = 401;
    await story.say("bob", number, "/ack");
    await story.look(number);
    expect([fake.read.length, fake.heard.length]).toEqual([1, 0]);
    expect(story.status(number)).toContain("did not take it that this is acknowledged (HTTP 401)");
  });

  it("the end of an incident says nothing about the next firing", async () => {
    const { story, fake, number } = await begin();
    await story.say("bob", number, "/resolve");
    expect(fake.heard).toHaveLength(1);
    await story.advance(MINUTE);
    fake.open("2", { started_at: new Date(story.clock.now()).toISOString() });
    await tell(story, "started", { incident: "2" });
    expect(fake.incidents.get("2")?.resolved_at).toBeNull();
    expect(story.github.issue(number, story.repository).state).toBe("open");
  });
});

describe("what becomes of an incident of PagerDuty is told there:", () => {
  const fakes: FakePagerDuty[] = [];
  afterEach(() => {
    for (const fake of fakes.splice(0)) fake.close();
  });

  async function hear(story: Story, event: string): Promise<void> {
    const at = new Date(story.clock.now()).toISOString();
    await deliver(story, pagerDutyWebhook(event, at, "Q1"), "pagerduty");
    await story.settle();
  }

  async function begin(): Promise<{ readonly story: Story; readonly fake: FakePagerDuty; readonly number: number }> {
    const story = await Story.begin({ policy: EASY });
    story.github.as("alice").push("Say who is on call", {
      ".github/sevgate/on-call.yml": `
rotations: { week: { start: 2026-01-05, members: [bob] } }
roles: { primary: { layers: [week] } }
people: { bob: { email: bob@acme.example } }
`,
    });
    const fake = new FakePagerDuty();
    fakes.push(fake);
    const api = createPagerDutyApi(fake.token, "sevgate@acme.example", await fake.listen());
    story.alertSources = new Map([[api.source, api]]);
    story.restart();
    fake.open("Q1");
    await hear(story, "incident.triggered");
    await story.advance(MINUTE);
    return { story, fake, number: issues(story)[0]! };
  }

  it("/ack acknowledges and closing resolves, once each, by the person where PagerDuty knows their address", async () => {
    const { story, fake, number } = await begin();
    fake.users.add("bob@acme.example");
    await story.say("bob", number, "/ack");
    expect(fake.incidents.get("Q1")).toMatchObject({ status: "acknowledged", by: "bob@acme.example" });
    await story.advance(MINUTE);
    await story.say("alice", number, "/resolve");
    await story.look(number);
    expect(fake.incidents.get("Q1")).toMatchObject({ status: "resolved", by: "sevgate@acme.example" });
    expect(fake.heard).toHaveLength(2);
  });

  it("somebody PagerDuty does not know is stood in for by the user of the settings", async () => {
    const { story, fake, number } = await begin();
    await story.say("bob", number, "/ack");
    expect(fake.incidents.get("Q1")).toMatchObject({ status: "acknowledged", by: "sevgate@acme.example" });
    expect(story.status(number)).not.toMatch(/does not know yet|did not take it/);
  });

  it("the echo of it does nothing", async () => {
    const { story, fake, number } = await begin();
    await story.say("bob", number, "/ack");
    await story.advance(MINUTE);
    await story.say("bob", number, "/unack");
    const before = [story.record(number).entries.length, fake.heard.length];
    await hear(story, "incident.acknowledged");
    expect([story.record(number).entries.length, fake.heard.length]).toEqual(before);
    expect(story.history(number).phase).toBe("declared");
  });

  it("that it is resolved already is success, whatever is told", async () => {
    const { story, fake, number } = await begin();
    fake.incidents.get("Q1")!.status = "resolved";
    await story.say("bob", number, "/ack");
    await story.say("bob", number, "/resolve");
    await story.look(number);
    expect(fake.incidents.get("Q1")).toMatchObject({ status: "resolved", by: null });
    expect(story.status(number)).not.toMatch(/does not know yet|did not take it/);
    expect([fake.read.length, fake.heard]).toEqual([2, []]);
  });

  it("a failing one is tried again, and one that refuses is not", async () => {
    const { story, fake, number } = await begin();
    fake.fails = 503;
    await story.say("bob", number, "/ack");
    await story.advance(15 * MINUTE);
    expect(story.status(number)).toContain("PagerDuty does not know yet");
    fake.fails = null;
    await story.advance(10 * MINUTE);
    expect(fake.incidents.get("Q1")?.status).toBe("acknowledged");
    fake.fails = 403;
    fake.read.length = 0;
    fake.heard.length = 0;
    await story.say("bob", number, "/resolve");
    await story.look(number);
    expect([fake.read.length, fake.heard.length]).toEqual([1, 0]);
    expect(story.status(number)).toContain("PagerDuty did not take it that this is resolved (HTTP 403)");
  });
});

describe("an event that names the incident of somebody else at its source", () => {
  const fakes: { close(): void }[] = [];
  afterEach(() => {
    for (const fake of fakes.splice(0)) fake.close();
  });

  it.each<readonly [string, string, Partial<FakeIncident>]>([
    ["of another monitor", "7", { monitor: "9" }],
    ["that began at another time", "7", { started_at: "2026-01-01T00:00:00.000Z" }],
    ["made through the API", "7", { monitor: null }],
  ])("makes nothing happen to it, though the operator's token could: one of Better Stack's %s", async (_, id, of) => {
    const story = await Story.begin({ policy: EASY });
    const fake = new FakeBetterStack();
    fakes.push(fake);
    const api = createBetterStackApi(fake.token, await fake.listen());
    story.alertSources = new Map([[api.source, api]]);
    story.restart();
    fake.open(id, { started_at: new Date(story.clock.now()).toISOString(), ...of });
    await tell(story, "started", { incident: id });
    const number = issues(story)[0]!;
    await story.say("alice", number, "/cancel this one is not ours");
    await story.look(number);
    expect(fake.incidents.get(id)).toMatchObject({ acknowledged_at: null, resolved_at: null });
    expect(fake.heard).toEqual([]);
    expect(story.status(number)).toContain("the incident with that id is another one there");
  });

  it.each(["..", "%2e%2e", "1/../2", "1?x", "", "ABC"])("is told nothing under the id %p", async (id) => {
    const fake = new FakeBetterStack();
    fakes.push(fake);
    const api = createBetterStackApi(fake.token, await fake.listen());
    const duty = new FakePagerDuty();
    fakes.push(duty);
    const dutyApi = createPagerDutyApi(duty.token, "sevgate@acme.example", await duty.listen());
    const refused = { kind: "refused", why: expect.stringContaining("the id it came with is none of") };
    expect(await api.resolve({ externalId: id, origin: "x" }, "bob")).toEqual(refused);
    expect(await dutyApi.resolve({ externalId: id.toLowerCase(), origin: "x" }, "bob")).toEqual(refused);
    expect([...fake.read, ...fake.heard, ...duty.read, ...duty.heard]).toEqual([]);
  });

  it("is an alert all the same, of which nothing is told there", async () => {
    const story = await Story.begin({ policy: EASY });
    await tell(story, "started", { incident: ".." });
    const [number] = issues(story);
    await story.say("alice", number!, "/cancel this one is not ours");
    expect((await story.alerts.ofIncident(story.repository.id, number!)).listed[0]?.state.externalId).toBeNull();
  });

  it("makes nothing happen to it: one of PagerDuty's of another service", async () => {
    const story = await Story.begin({ policy: EASY });
    const fake = new FakePagerDuty();
    fakes.push(fake);
    const api = createPagerDutyApi(fake.token, "sevgate@acme.example", await fake.listen());
    story.alertSources = new Map([[api.source, api]]);
    story.restart();
    fake.open("Q9", { service: "POTHER1" });
    const at = new Date(story.clock.now()).toISOString();
    await deliver(story, pagerDutyWebhook("incident.triggered", at, "Q9"), "pagerduty");
    await story.settle();
    const number = issues(story)[0]!;
    await story.say("alice", number, "/cancel this one is not ours");
    await story.look(number);
    expect(fake.incidents.get("Q9")).toMatchObject({ status: "triggered", by: null });
    expect(fake.heard).toEqual([]);
  });
});

describe("a page that somebody acknowledges in the system it was sent to", () => {
  const fakes: FakeBetterStack[] = [];
  afterEach(() => {
    for (const fake of fakes.splice(0)) fake.close();
  });

  it("acknowledges the incident by what that system says of it, and one of an earlier search does not", async () => {
    const story = await Story.begin();
    const fake = new FakeBetterStack();
    fakes.push(fake);
    const api = createBetterStackApi(fake.token, await fake.listen());
    story.alertSources = new Map([[api.source, api]]);
    story.restart();
    story.github.as("alice").push("Say who is on call", {
      ".github/sevgate/on-call.yml": `
rotations: { week: { start: 2026-01-05, members: [bob] } }
roles: { primary: { layers: [week] } }
people: { alice: { email: alice@example.com } }
`,
    });
    await story.settle();
    const number = await story.declare(["sev:P1"], "alice");
    await story.advance(MINUTE);
    const at = story.clock.now();
    const sent = { channel: "better-stack", state: "sent", since: at, triedAt: at, why: "" } as const;
    await story.pages.saveSentPage(story.repository.id, number, { ...sent, page: "1-0", externalId: "42" });
    const incident = fake.open("42", { name: `P1: Checkout is down (acme/ops#${number})`, monitor: null });
    const hint = async () => {
      const alert = pageRowId("better-stack", number);
      story.hint({ kind: "alert-source", repository: story.repository, alert });
      await story.settle();
    };
    // A webhook says so, but Better Stack does not.
    await hint();
    expect(story.history(number).phase).toBe("declared");
    incident.acknowledged_at = new Date(at).toISOString();
    incident.acknowledged_by = "alice@example.com";
    await hint();
    expect(story.history(number)).toMatchObject({ phase: "acknowledged", responder: "alice" });
    await story.advance(MINUTE);
    await story.say("alice", number, "/unack");
    await hint();
    expect(story.history(number).phase).toBe("declared");
  });
});

describe("an alert that is over", () => {
  it("closes what nobody has touched and what needs nothing, two minutes later", async () => {
    const story = await Story.begin({ policy: EASY });
    await tell(story, "started");
    await story.advance(5 * MINUTE);
    await tell(story, "resolved");
    const [number] = issues(story);
    expect(story.github.issue(number!, story.repository).state).toBe("open");
    await story.advance(3 * MINUTE);
    expect(story.github.issue(number!, story.repository)).toMatchObject({ state: "closed", closeReason: "completed" });
    expect(story.replies(number!)).toEqual([]);
  });

  it("never closes past the gate: it is resolved, and waits for what was learned", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started");
    await tell(story, "resolved");
    await story.advance(10 * MINUTE);
    const [number] = issues(story);
    expect(story.github.issue(number!, story.repository).state).toBe("open");
    expect(story.history(number!).phase).toBe("resolved");
  });

  it.each<readonly [string, (story: Story, number: number) => Promise<unknown>]>([
    ["somebody has acknowledged", (story, number) => story.say("bob", number, "/ack")],
    ["somebody has said a word", (story, number) => story.say("rita", number, "I see it too.")],
    ["somebody took it at the source", (story) => tell(story, "acknowledged", { by: "Ada" })],
  ])("only says so, once, when %s", async (_says, touch) => {
    const story = await Story.begin({ policy: EASY });
    await tell(story, "started");
    const [number] = issues(story);
    await touch(story, number!);
    await story.advance(MINUTE);
    await tell(story, "resolved");
    await story.advance(30 * MINUTE);
    expect(story.github.issue(number!, story.repository).state).toBe("open");
    expect(story.replies(number!).filter((body) => body.includes("has been over since"))).toHaveLength(1);
  });

  it("only says so where the policy never resolves", async () => {
    const story = await Story.begin({ policy: EASY.replace("severity: P1 }", "severity: P1, auto-resolve: never }") });
    await tell(story, "started");
    await tell(story, "resolved");
    await story.advance(10 * MINUTE);
    const [number] = issues(story);
    expect(story.history(number!).phase).toBe("declared");
    expect(story.replies(number!)).toHaveLength(1);
  });
});

describe("an alert that fires again", () => {
  async function closedByItsAlert(): Promise<{ readonly story: Story; readonly number: number }> {
    const story = await Story.begin({ policy: EASY });
    await tell(story, "started");
    await tell(story, "resolved");
    await story.advance(3 * MINUTE);
    const number = issues(story)[0]!;
    expect(story.github.issue(number, story.repository).state).toBe("closed");
    return { story, number };
  }

  it("within half an hour opens the same issue again, and somebody has to acknowledge again", async () => {
    const { story, number } = await closedByItsAlert();
    await story.advance(20 * MINUTE);
    await tell(story, "started", { incident: "2" });
    expect(issues(story)).toEqual([number]);
    expect(story.github.issue(number, story.repository).state).toBe("open");
    expect(story.history(number)).toMatchObject({ phase: "declared", acknowledged: null });
    expect(story.status(number)).toContain("fired again");
  });

  it("later opens a new issue that names the old one", async () => {
    const { story, number } = await closedByItsAlert();
    await story.advance(40 * MINUTE);
    await tell(story, "started", { incident: "2" });
    const all = issues(story);
    expect(all).toHaveLength(2);
    const other = all.find((one) => one !== number)!;
    expect(story.github.issue(other, story.repository).body).toContain(`#${number}`);
    expect(story.github.issue(number, story.repository).state).toBe("closed");
  });

  // GitHub no longer reopens it.
  it("opens a new issue at once when the old one was converted to a discussion", async () => {
    const { story, number } = await closedByItsAlert();
    story.github.as("alice").convertToDiscussion(number);
    await story.advance(5 * MINUTE);
    await tell(story, "started", { incident: "2" });
    const other = issues(story).find((one) => one !== number)!;
    expect(story.github.issue(other, story.repository)).toMatchObject({
      state: "open",
      body: expect.stringContaining(`#${number}`),
    });
  });

  it("while the incident waits for its post-mortem makes it active again", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started");
    await tell(story, "resolved");
    await story.advance(5 * MINUTE);
    await tell(story, "started", { incident: "2" });
    expect(story.history(issues(story)[0]!)).toMatchObject({ phase: "declared", resolved: null });
  });

  it("leaves whoever is on it on it, when the incident was not over", async () => {
    const story = await Story.begin({ policy: POLICY });
    await tell(story, "started");
    const [number] = issues(story);
    await story.say("bob", number!, "/ack");
    await tell(story, "resolved");
    await story.advance(5 * MINUTE);
    await tell(story, "started", { incident: "2" });
    expect(story.history(number!)).toMatchObject({ phase: "acknowledged", responder: "bob" });
  });

  it("and again leaves an issue alone that people closed while it fires", async () => {
    const story = await Story.begin({ policy: EASY });
    await tell(story, "started");
    const [number] = issues(story);
    await story.advance(MINUTE);
    story.github.as("alice").close(number!);
    await story.settle();
    await deliver(story, betterStackIncident("started", { started_at: "2026-01-01T00:00:00Z" }));
    await story.settle();
    expect(story.github.issue(number!, story.repository).state).toBe("closed");
    expect(issues(story)).toHaveLength(1);
  });

  it("a hundred times in an hour is one incident with at most three comments", async () => {
    const story = await Story.begin({ policy: EASY });
    for (let round = 0; round < 100; round += 1) {
      await tell(story, "started", { incident: String(round) });
      await story.advance(18_000);
      await tell(story, "resolved", { incident: String(round) });
      await story.advance(18_000);
    }
    await story.advance(60 * MINUTE);
    const all = issues(story);
    expect(all).toHaveLength(1);
    expect(story.ownComments(all[0]!).length).toBeLessThanOrEqual(3);
    expect(story.github.issue(all[0]!, story.repository).state).toBe("closed");
  });
});

describe("a group of alerts", () => {
  const GROUPS = `
severities:
  P0: { close-requires: [] }
  P1: { close-requires: [] }
  P2: { close-requires: [] }
alerts:
  endpoints:
    prod: { severity: P2, severities: { critical: P0, warning: P1 } }
`;
  const ON_CALL = {
    ".github/sevgate/on-call.yml": `
rotations: { week: { start: 2026-01-05, members: [bob] } }
roles: { primary: { layers: [week] } }
escalation: { default: { steps: [{ after: 0m, notify: [primary] }] } }
`,
  };

  async function begin(): Promise<Story> {
    const story = await Story.begin({ policy: GROUPS });
    story.github.as("alice").push("Say who is on call", ON_CALL);
    await story.settle();
    return story;
  }

  /** The next deliveries of the recording, some minutes apart, as with an ordinary `group_interval`. */
  async function play(story: Story, from: number, to = from): Promise<void> {
    for (const { payload } of ALERTMANAGER_RECORDING.slice(from, to + 1)) {
      await deliver(story, payload, "alertmanager");
      await story.settle();
      await story.advance(5 * MINUTE);
    }
  }
  const shown = (story: Story, number: number) => story.github.issue(number, story.repository);

  it("raises its incident when a more severe one joins, says so and pages, and names what fires", async () => {
    const story = await begin();
    await play(story, 0);
    const [number] = issues(story);
    expect([story.history(number!).severity, shown(story, number!).title]).toEqual(["P1", "Err on a"]);
    const before = story.replies(number!).length;
    await play(story, 1);
    expect(story.history(number!)).toMatchObject({ severity: "P0", episode: { why: "raised" } });
    expect(shown(story, number!)).toMatchObject({
      title: expect.stringMatching(/ \(2 alerts\)$/),
      labels: expect.arrayContaining(["sev:P0"]),
    });
    expect(shown(story, number!).labels).not.toContain("sev:P1");
    expect(shown(story, number!).body).toMatch(/- instance=b, critical, since/);
    const said = story.replies(number!).slice(before);
    const words = said.map((body) => body.replaceAll("\\", ""));
    expect(words.filter((body) => body.includes("became more severe: instance=b (critical)"))).toHaveLength(1);
    expect(said.some((body) => body.includes("@bob"))).toBe(true);
    expect(story.status(number!)).toMatch(/Severity P1 → P0, asked for by the alert at `prod`/);
    expect(story.status(number!)).toMatch(/More joined the alert .*1 more: instance=b/);
    expect(story.status(number!)).toContain("2 alerts (warning, critical)");
  });

  it("never lowers it, and makes no second one when its configuration spells the group another way", async () => {
    const story = await begin();
    await play(story, 0, 4);
    const [number, ...others] = issues(story);
    expect([others, story.history(number!).severity]).toEqual([[], "P0"]);
    expect(shown(story, number!).title).toMatch(/\(3 alerts\)$/);
    expect(shown(story, number!).body).toContain("1 left out by the source: how severe they are is not told");
  });

  it("is over when its last member is, under whatever name, and fires again with the beginning it had", async () => {
    const story = await begin();
    await play(story, 0, 6);
    const [number] = issues(story);
    expect(story.history(number!).phase).toBe("resolved");
    await play(story, 7);
    expect(issues(story)).toEqual([number]);
    expect(story.history(number!).phase).toBe("declared");
    await play(story, 8);
    expect(story.history(number!).phase).toBe("resolved");
  });

  it("leaves the severity that people have set, until it asks for more than ever", async () => {
    const story = await begin();
    await play(story, 0);
    const [number] = issues(story);
    await story.say("alice", number!, "/severity P2 only a test system");
    await play(story, 0);
    expect(story.history(number!).severity).toBe("P2");
    await play(story, 1);
    expect(story.history(number!).severity).toBe("P0");
    await story.say("alice", number!, "/severity P2 still only a test system");
    await play(story, 4);
    expect(story.history(number!).severity).toBe("P2");
  });

  it("is news to people who have closed the issue when something joins, and not when it repeats itself", async () => {
    const story = await begin();
    await play(story, 0);
    const [number] = issues(story);
    story.github.as("alice").close(number!);
    await story.settle();
    await play(story, 0);
    expect(shown(story, number!).state).toBe("closed");
    await play(story, 1);
    expect(shown(story, number!).state).toBe("open");
    expect(story.history(number!)).toMatchObject({ severity: "P0", phase: "declared" });
    story.github.as("alice").close(number!);
    await story.settle();
    await story.advance(60 * MINUTE);
    await play(story, 4);
    const other = issues(story).find((one) => one !== number)!;
    expect(shown(story, other).body).toContain(`#${number}`);
  });

  it("is found by its members when it is grouped another way while it fires, and the end of one reaches its issue", async () => {
    const story = await begin();
    const both = ALERTMANAGER_RECORDING[1]!.payload;
    await deliver(story, both, "alertmanager");
    await story.advance(5 * MINUTE);
    for (const [index, one] of both.alerts.entries()) {
      const groupLabels = { instance: one.labels.instance };
      await deliver(story, { ...both, groupKey: `{}:{instance=${index}}`, groupLabels, alerts: [one] }, "alertmanager");
    }
    await story.advance(5 * MINUTE);
    expect(issues(story)).toHaveLength(1);
    for (const [index, one] of both.alerts.entries()) {
      const over = { ...one, status: "resolved", endsAt: new Date(story.clock.now()).toISOString() };
      const groupLabels = { instance: one.labels.instance };
      const group = { ...both, status: "resolved", groupKey: `{}:{instance=${index}}`, groupLabels, alerts: [over] };
      await deliver(story, group, "alertmanager");
    }
    await story.advance(5 * MINUTE);
    expect(story.history(issues(story)[0]!).phase).toBe("resolved");
  });

  it.each<[how: string, keeps: (text: string, before: string | null) => string]>([
    ["with other ends of lines", (text) => text.replaceAll("\n", "\r\n")],
    ["with other characters", (text) => text.replaceAll("instance", "ınstance")],
  ])("is described once where GitHub keeps the text otherwise than it was sent: %s", async (_, keeps) => {
    const story = await begin();
    await play(story, 0);
    story.github.keeps = keeps;
    story.github.forgetCalls();
    await play(story, 1);
    const {
      listed: [alert],
    } = await story.alerts.ofIncident(story.repository.id, issues(story)[0]!);
    story.hint({ kind: "alert", repository: story.repository, alert: alert!.id });
    await story.settle();
    expect(story.github.writes.filter((method) => method === "editIssueBody")).toHaveLength(1);
  });

  it("is described once in a pass where GitHub drops the change", async () => {
    const story = await begin();
    await play(story, 0);
    story.github.keeps = (text, before) => (before?.includes("sevgate:alert-members") === true ? before : text);
    story.github.forgetCalls();
    await play(story, 1);
    expect(story.github.writes.filter((method) => method === "editIssueBody")).toHaveLength(1);
    await story.say("alice", issues(story)[0]!, "/ack");
    expect(story.history(issues(story)[0]!).phase).toBe("acknowledged");
  });

  it("is not described again where people have changed a word of its list, until the group changes", async () => {
    const story = await begin();
    await play(story, 0, 1);
    const [number] = issues(story);
    const { body } = shown(story, number!);
    story.github.as("alice").edit(number!, { body: body.replace("since", "from") });
    await story.settle();
    const {
      listed: [alert],
    } = await story.alerts.ofIncident(story.repository.id, number!);
    story.github.forgetCalls();
    for (let look = 0; look < 2; look += 1) {
      story.hint({ kind: "alert", repository: story.repository, alert: alert!.id });
      await story.settle();
    }
    expect(story.github.writes).toEqual([]);
  });

  it("leaves title and list alone where people have changed them", async () => {
    const story = await begin();
    await play(story, 0);
    const [number] = issues(story);
    story.github
      .as("alice")
      .edit(number!, { title: "Checkout fails for everybody", body: "Nothing of what was here." });
    await story.settle();
    await play(story, 1);
    expect(shown(story, number!).title).toBe("Checkout fails for everybody");
    expect(shown(story, number!).body).toContain("Nothing of what was here.");
    expect(shown(story, number!).body).not.toContain("instance=b");
  });

  it("shows its annotations whole, cut at a word, and its runbook and dashboard as links", async () => {
    const story = await begin();
    const { payload } = ALERTMANAGER_RECORDING[0]!;
    const annotations = {
      ...payload.alerts[0]!.annotations,
      description: `${"word ".repeat(198)}these two words`,
      impact: "Customers cannot pay.",
      owner: "jane@shop.example",
    };
    const group = { ...payload, commonAnnotations: annotations, alerts: [{ ...payload.alerts[0]!, annotations }] };
    await deliver(story, group, "alertmanager");
    await story.settle();
    const { body } = shown(story, issues(story)[0]!);
    expect(body).toContain("word word these…");
    expect(body).not.toContain("these two");
    expect(body).toContain("- Runbook: [runbooks.example](https://runbooks.example/errors)");
    expect(body).toContain("- Dashboard: [grafana.example](https://grafana.example/d/errors)");
    expect(body).toContain("impact: Customers cannot pay.");
    expect(body).toContain("owner: …");
    expect(body).not.toContain("jane");
  });

  it.each<readonly [string, InboundSource, (severe: boolean) => unknown]>([
    [
      "the priority of PagerDuty changes",
      "pagerduty",
      (severe) => {
        const { event } = pagerDutyWebhook(
          severe ? "incident.priority_updated" : "incident.triggered",
          "2026-01-05T09:01:00Z",
        );
        return { event: { ...event, data: { ...event.data, priority: { summary: severe ? "critical" : "warning" } } } };
      },
    ],
    [
      "the urgency of PagerDuty has changed by an escalation",
      "pagerduty",
      (severe) => {
        const { event } = pagerDutyWebhook(
          severe ? "incident.escalated" : "incident.triggered",
          "2026-01-05T09:01:00Z",
        );
        return { event: { ...event, data: { ...event.data, priority: null, urgency: severe ? "high" : "low" } } };
      },
    ],
    [
      "a tool triggers again with another severity",
      "pagerduty-events",
      (severe) => {
        const event = pagerDutyEvent("trigger");
        return { ...event, payload: { ...event.payload, severity: severe ? "critical" : "warning" } };
      },
    ],
    [
      "Better Stack tells of the next outage with another severity",
      "better-stack",
      (severe) => {
        const metadata = { severity: [{ type: "String", value: severe ? "critical" : "warning" }] };
        return betterStackIncident(
          "started",
          { metadata, started_at: severe ? "2026-01-05T09:01:30Z" : "2026-01-05T09:00:30Z" },
          severe ? "2" : "1",
        );
      },
    ],
  ])("of one: %s, and the incident is raised", async (_says, source, payload) => {
    const story = await begin();
    await deliver(story, payload(false), source);
    await story.advance(MINUTE);
    const [number] = issues(story);
    expect(story.history(number!).severity).not.toBe("P0");
    if (source === "better-stack") {
      await deliver(
        story,
        betterStackIncident("resolved", { resolved_at: "2026-01-05T09:01:10Z", started_at: null }, "1"),
        source,
      );
    }
    await deliver(story, payload(true), source);
    await story.advance(MINUTE);
    expect(issues(story)).toEqual([number]);
    expect(story.history(number!).severity).toBe("P0");
  });
});

describe("a storm of alerts", () => {
  it("names what it holds", async () => {
    const story = await Story.begin({ policy: `alerts:\n  issues-per-hour: 3\n${POLICY.replace("\nalerts:\n", "")}` });
    for (const monitor of ["a", "b", "c", "d"]) {
      await deliver(
        story,
        betterStackIncident("started", { name: `Shop ${monitor}`, started_at: null }, monitor, monitor),
      );
    }
    await story.settle();
    const storm = issues(story).find((number) =>
      story.github.issue(number, story.repository).title.startsWith("Alert storm"),
    )!;
    const { named } = await story.alerts.ofIncident(story.repository.id, storm);
    expect(named.length).toBeGreaterThan(1);
    for (const title of named) expect(story.status(storm)).toContain(`“${title}”`);
  });

  it("opens no more issues in an hour than the policy allows; the rest are one incident with a count", async () => {
    const story = await Story.begin({ policy: POLICY });
    const storm = 10_000;
    for (let index = 0; index < storm; index += 1) {
      const payload = betterStackIncident("started", { started_at: null }, String(index), `m${index}`);
      await deliver(story, payload);
      if (index % 400 === 399) await story.settle();
    }
    await story.settle();
    const all = issues(story).map((number) => story.github.issue(number, story.repository));
    expect(all.length).toBeLessThanOrEqual(20);
    const folded = all.filter(({ title }) => title.startsWith("Alert storm"));
    expect(folded).toHaveLength(1);
    const { firing } = await story.alerts.ofIncident(story.repository.id, folded[0]!.number);
    expect(firing).toBe(storm - (all.length - 1));
    expect(story.history(folded[0]!.number).severity).toBe("P1");
    expect(story.status(folded[0]!.number)).toContain("more than 5000; all fire");
  }, 120_000);

  it("has one issue for each severity, and alerts have issues of their own again an hour later", async () => {
    const story = await Story.begin({ policy: `alerts:\n  issues-per-hour: 4\n${POLICY.replace("\nalerts:\n", "")}` });
    for (const monitor of ["a", "b", "c", "d"]) await tell(story, "started", { monitor });
    await deliver(story, alertmanagerGroup("firing"), "alertmanager");
    await story.settle();
    const titles = () => issues(story).map((number) => story.github.issue(number, story.repository).title);
    expect(titles().toSorted()).toEqual([
      "Alert storm: many alerts at once (P0)",
      "Alert storm: many alerts at once (P1)",
      "Checkout",
    ]);
    await story.advance(61 * MINUTE);
    await tell(story, "started", { monitor: "e" });
    expect(titles().filter((title) => title === "Checkout")).toHaveLength(2);
  });
});
