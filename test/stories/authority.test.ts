import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice"]);

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Rita may only read, and has opened an issue that bob, who is on the team, has made an incident. Alice is on call. */
async function begin(
  options: { readonly policy?: string; readonly acknowledged?: boolean; readonly onCall?: boolean } = {},
): Promise<{ story: Story; issue: number }> {
  const { acknowledged = true, onCall = true, ...rest } = options;
  const story = await Story.begin(rest);
  if (onCall) {
    story.github.as("alice").push("On call", {
      ".github/sevgate/on-call.yml":
        "rotations:\n  first: { start: 2025-01-06, members: [alice] }\nroles:\n  primary: { layers: [first] }\n" +
        "escalation:\n  default: { steps: [{ after: 0m, notify: [primary] }] }\n",
    });
    await story.settle();
  }
  const issue = await declared(story);
  if (acknowledged) await story.say("alice", issue, "/ack");
  await story.advance(MINUTE_MS);
  return { story, issue };
}

async function declared(story: Story, label = "sev:P0"): Promise<number> {
  const { number } = story.github.as("rita").openIssue({ title: "Checkout is down", body: "It is.", labels: [] });
  await story.advance(2 * MINUTE_MS);
  story.github.as("bob").label(number, label);
  await story.settle();
  return number;
}

async function closes(story: Story, login: string, issue: number, reason?: "not_planned" | "duplicate"): Promise<void> {
  story.github.as(login).close(issue, reason);
  await story.settle();
}

function pages(story: Story, issue: number): number {
  return story.replies(issue).filter((body) => body.includes("📟")).length;
}

/** GitHub does not tell the rights of `login` until the returned function is called. */
function silenceRightsOf(story: Story, login: string): () => void {
  const read = story.github.read.permission;
  Object.assign(story.github.read, {
    permission: async (...given: Parameters<typeof read>) => {
      if (given[1] === login) throw new TransientError("no answer");
      return read(...given);
    },
  });
  return () => Object.assign(story.github.read, { permission: read });
}

/** Everything the app asks or does from now on, by method. */
function callsOf(story: Story, method: string): number {
  return story.github.calls.filter((call) => call.method === method).length;
}

describe("closing says what a command says, and needs its right", () => {
  it.each(["not_planned", "duplicate"] as const)(
    "the author without it who closes as %s has cancelled nothing: it is open again, with the reason",
    async (reason) => {
      const { story, issue } = await begin();
      await closes(story, "rita", issue, reason);
      expect(story.github.issue(issue).state).toBe("open");
      expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
      expect(story.history(issue)).toMatchObject({ cancelled: null, closed: null, responder: "alice" });
      expect(story.replies(issue).at(-1)).toContain(
        "**Reopened: calling it off takes the triage role here**, as `/cancel` does.",
      );
      expect(story.replies(issue).at(-1)).toContain("someone on the team can `/cancel REASON`.");
    },
  );

  //
  it.each(["not_planned", "duplicate"] as const)("somebody with it closes as %s, and that is that", async (reason) => {
    const { story, issue } = await begin();
    await closes(story, "bob", issue, reason);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.stateLabels(issue)).toEqual(["incident:cancelled"]);
    expect(story.history(issue).cancelled?.by).toBe("bob");
  });

  it("the right is the one that the policy gives to /cancel", async () => {
    const policy = "version: 1\ncommands:\n  permission: { cancel: maintain }\n";
    const { story, issue } = await begin({ policy });
    await closes(story, "bob", issue, "not_planned");
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue).at(-1)).toContain("takes the maintain role");
    await story.advance(MINUTE_MS);
    await closes(story, "alice", issue, "not_planned");
    expect(story.stateLabels(issue)).toEqual(["incident:cancelled"]);
  });

  it("an app to which the policy does not grant /cancel has cancelled nothing, and one to which it does has", async () => {
    const bots = '{ "keeper[bot]": [cancel], plain: [note, resolve] }';
    const { story, issue } = await begin({ policy: `version: 1\ncommands:\n  bots: ${bots}\n` });
    for (const login of ["stale[bot]", "plain[bot]"]) {
      await closes(story, login, issue, "not_planned");
      expect(story.github.issue(issue).state).toBe("open");
      expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
      expect(story.replies(issue).at(-1)).toContain("an app closed it to which the policy does not grant `/cancel`.");
      await story.advance(MINUTE_MS);
    }
    await closes(story, "keeper[bot]", issue, "not_planned");
    expect(story.stateLabels(issue)).toEqual(["incident:cancelled"]);
  });

  it("while GitHub does not tell the rights it is left as it is: neither cancelled nor reopened", async () => {
    const { story, issue } = await begin();
    const tell = silenceRightsOf(story, "rita");
    const said = story.replies(issue).length;
    await closes(story, "rita", issue, "not_planned");
    await story.advance(10 * MINUTE_MS);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.history(issue)).toMatchObject({ cancelled: null, closed: null });
    expect(story.replies(issue)).toHaveLength(said);
    tell();
    await story.advance(2 * MINUTE_MS);
    expect(story.github.issue(issue).state).toBe("open");
  });

  //
  it("when the evidence is there, the author without the right to /resolve does not end it, but the team does", async () => {
    const { story, issue } = await begin({ policy: "version: 1\nseverities:\n  P0: { close-requires: [] }\n" });
    await closes(story, "rita", issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue).at(-1)).toContain("ending it takes the triage role here");
    expect(story.replies(issue).at(-1)).not.toContain("before it can close");
    await story.advance(MINUTE_MS);
    await closes(story, "bob", issue);
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
  });

  it("what the team has called over may be closed by anybody", async () => {
    const { story, issue } = await begin();
    story.listens = false;
    story.github.as("alice").comment(issue, "/waive the same as last week");
    story.listens = true;
    await closes(story, "rita", issue, "not_planned");
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.history(issue).closed?.how).toBe("waived");
  });

  it("by an account that is gone, is no end without evidence", async () => {
    const { story, issue } = await begin();
    story.listens = false;
    story.github.as("rita").close(issue, "not_planned");
    story.github.deleteAccount("rita");
    story.listens = true;
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.history(issue).cancelled).toBeNull();
  });

  it("asks GitHub for nobody's rights when the gate holds anyway", async () => {
    const { story, issue } = await begin();
    story.github.forgetCalls();
    await closes(story, "rita", issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(callsOf(story, "permission")).toBe(0);
  });

  it("a grace is not for who may not close it", async () => {
    const { story, issue } = await begin({ policy: "version: 1\nclosing:\n  grace: 30m\n" });
    await closes(story, "rita", issue);
    expect(story.github.issue(issue).state).toBe("open");
    await story.advance(MINUTE_MS);
    await closes(story, "bob", issue);
    expect(story.github.issue(issue).state).toBe("closed");
    await story.advance(30 * MINUTE_MS);
    expect(story.github.issue(issue).state).toBe("open");
  });
});

describe("closing and reopening by somebody without rights", () => {
  it("five times wipes no acknowledgement and pages nobody", async () => {
    const { story, issue } = await begin();
    expect(pages(story, issue)).toBe(1);
    for (let count = 0; count < 5; count += 1) {
      await closes(story, "rita", issue, "not_planned");
      story.github.as("rita").reopen(issue);
      await story.settle();
      await story.advance(31 * MINUTE_MS);
    }
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.history(issue)).toMatchObject({ responder: "alice", phase: "acknowledged" });
    expect(pages(story, issue)).toBe(1);
  });

  it("of what the team had closed restores what was before, and pages nobody who has acknowledged", async () => {
    const { story, issue } = await begin();
    await story.say("alice", issue, "/cancel it was the monitor");
    for (let count = 0; count < 3; count += 1) {
      await story.advance(MINUTE_MS);
      story.github.as("rita").reopen(issue);
      await story.settle();
      expect(story.history(issue)).toMatchObject({ phase: "acknowledged", responder: "alice", closed: null });
      await closes(story, "bob", issue, "not_planned");
    }
    await story.advance(MINUTE_MS);
    story.github.as("rita").reopen(issue);
    await story.settle();
    await story.advance(HOUR_MS);
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
    expect(pages(story, issue)).toBe(1);
  });

  it("of one that nobody had acknowledged goes on with the pages where they were", async () => {
    const { story, issue } = await begin({ acknowledged: false });
    await story.say("bob", issue, "/cancel it was the monitor");
    await story.advance(MINUTE_MS);
    story.github.as("rita").reopen(issue);
    await story.settle();
    await story.advance(HOUR_MS);
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    expect(pages(story, issue)).toBe(1);
  });

  it("is told from one by the team, which asks for somebody anew", async () => {
    const { story, issue } = await begin();
    await story.say("alice", issue, "/cancel it was the monitor");
    await story.advance(MINUTE_MS);
    story.github.as("bob").reopen(issue);
    await story.settle();
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    expect(pages(story, issue)).toBe(2);
  });

  it("counts as the team's after two minutes when GitHub does not tell: rather a page too many", async () => {
    const { story, issue } = await begin();
    await story.say("alice", issue, "/cancel it was the monitor");
    await story.advance(MINUTE_MS);
    silenceRightsOf(story, "rita");
    story.github.as("rita").reopen(issue);
    await story.settle();
    await story.advance(MINUTE_MS);
    expect(pages(story, issue)).toBe(1);
    await story.advance(2 * MINUTE_MS);
    expect(pages(story, issue)).toBe(2);
  });

  it.each([
    { who: "the author", login: "rita", reason: undefined },
    { who: "the author, as not planned", login: "rita", reason: "not_planned" as const },
    { who: "an app", login: "stale[bot]", reason: undefined },
    { who: "an app, as not planned", login: "stale[bot]", reason: "not_planned" as const },
  ])("never leaves it closed past the gate, however often: $who", async ({ login, reason }) => {
    const { story, issue } = await begin();
    for (let count = 0; count < 12; count += 1) {
      await closes(story, login, issue, reason);
      await story.advance(5 * MINUTE_MS);
    }
    await story.advance(HOUR_MS);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
  });

  it("uses up nothing of the team's limit: its own third close is still reopened, and its fourth is not", async () => {
    const { story, issue } = await begin();
    for (let count = 0; count < 4; count += 1) {
      await closes(story, "rita", issue);
      await story.advance(31 * MINUTE_MS);
    }
    for (let count = 1; count <= 3; count += 1) {
      await closes(story, "bob", issue);
      expect(story.github.issue(issue).state).toBe("open");
      await story.advance(MINUTE_MS);
    }
    expect(story.replies(issue).at(-1)).toContain(
      "If it is closed once more like this, it stays closed and is marked.",
    );
    await closes(story, "bob", issue);
    expect(story.stateLabels(issue)).toEqual(["incident:closed-ungated"]);
  });

  it("has a brake: from the fourth time on it takes half an hour, in few requests and without a word", async () => {
    const { story, issue } = await begin({ acknowledged: false });
    // A robot that closes whatever is open.
    story.github.forgetCalls();
    for (let at = 0; at < DAY_MS; at += 5 * MINUTE_MS) {
      if (story.github.issue(issue).state === "open") await closes(story, "stale[bot]", issue, "not_planned");
      await story.advance(5 * MINUTE_MS);
    }
    expect(callsOf(story, "reopenIssue")).toBeLessThanOrEqual(3 + 48);
    expect(callsOf(story, "reopenIssue")).toBeGreaterThan(40);
    expect(story.replies(issue).filter((body) => body.includes("**Reopened"))).toHaveLength(3);
    expect(story.record(issue).entries.filter((entry) => entry.kind === "closed")).toEqual([]);
  });

  it("silences no page: the escalation goes on while the brake holds", async () => {
    const story = await Story.begin();
    for (const login of ["carol"]) story.github.setRole(login, "triage");
    story.github.as("alice").push("On call", {
      ".github/sevgate/on-call.yml":
        "rotations:\n  first: { start: 2025-01-06, members: [alice] }\nroles:\n  primary: { layers: [first] }\n" +
        "escalation:\n  default: { steps: [{ after: 20m, notify: [primary] }] }\n",
    });
    await story.settle();
    const issue = await declared(story);
    for (let count = 0; count < 4; count += 1) {
      await story.advance(10 * SECOND_MS);
      await closes(story, "rita", issue, "not_planned");
    }
    expect(story.github.issue(issue).state).toBe("closed");
    expect(pages(story, issue)).toBe(0);
    await story.advance(21 * MINUTE_MS);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(pages(story, issue)).toBe(1);
  });
});

describe("a severity label on an outsider's issue", () => {
  it.each([0, 1, 10, 59, 61])("is the team's %i s after the opening as well: it pages at once", async (seconds) => {
    const { story } = await begin({ acknowledged: false });
    const { number } = story.github.as("rita").openIssue({ title: "Checkout is down", body: "It is.", labels: [] });
    await story.advance(seconds * SECOND_MS);
    story.github.as("bob").label(number, "sev:P1");
    await story.settle();
    expect(story.history(number)).toMatchObject({ declared: { by: "bob" }, severity: "P1" });
    expect(pages(story, number)).toBe(1);
  });

  //
  it("is the author's own where a form has set it: nobody is paged", async () => {
    const { story } = await begin({ acknowledged: false });
    const { number } = story.github.as("rita").openIssue({ title: "Mine", body: "It is.", labels: ["sev:P1"] });
    await story.settle();
    await story.advance(5 * MINUTE_MS);
    expect(story.history(number)).toMatchObject({ declared: { by: "rita" }, confirmed: "no" });
    expect(pages(story, number)).toBe(0);
  });

  it("is whose the timeline says, also when that lags behind: asked again, and not held for good", async () => {
    const { story } = await begin({ acknowledged: false });
    const read = story.github.read.timeline;
    Object.assign(story.github.read, { timeline: async () => ({ events: [], isWhole: true }) });
    const { number } = story.github.as("rita").openIssue({ title: "Checkout is down", body: "It is.", labels: [] });
    story.github.as("bob").label(number, "sev:P1");
    await story.settle();
    expect(story.history(number).confirmed).toBe("unasked");
    expect(pages(story, number)).toBe(0);
    Object.assign(story.github.read, { timeline: read });
    await story.advance(MINUTE_MS);
    expect(story.history(number).confirmed).toBe("yes");
    expect(pages(story, number)).toBe(1);
  });

  it("is the author's after two minutes where no timeline tells", async () => {
    const { story } = await begin({ acknowledged: false });
    Object.assign(story.github.read, { timeline: async () => ({ events: [], isWhole: true }) });
    const { number } = story.github.as("rita").openIssue({ title: "Mine", body: "It is.", labels: ["sev:P1"] });
    await story.settle();
    await story.advance(3 * MINUTE_MS);
    expect(story.history(number).confirmed).toBe("no");
    expect(pages(story, number)).toBe(0);
  });

  it("costs a declaration by the team one request more at the most", async () => {
    const story = await Story.begin();
    const asked = () => callsOf(story, "timeline") + callsOf(story, "permission");
    await story.declare(["sev:P1"]);
    expect(asked()).toBe(1);
    await story.declare(["sev:P1"]);
    expect(asked()).toBe(1);
  });
});

describe("an app's severity label", () => {
  it.each(["[]", '["triage[bot]"]', '{ "triage[bot]": [note] }', '{ "triage[bot]": [severity] }'])(
    "on an outsider's incident that is held confirms nothing and pages nobody (bots: %s)",
    async (bots) => {
      const { story } = await begin({ acknowledged: false, policy: `commands: { bots: ${bots} }\n` });
      const { number } = story.github.as("mallory").openIssue({ title: "Mine", body: "It is.", labels: ["sev:P1"] });
      await story.advance(MINUTE_MS);
      story.github.as("triage[bot]").label(number, "sev:P0");
      await story.advance(5 * MINUTE_MS);
      expect(story.history(number)).toMatchObject({ severity: "P0", confirmed: "no", isVouchedFor: false });
      expect(pages(story, number)).toBe(0);
      await story.say("bob", number, "/note it is real");
      expect(pages(story, number)).toBe(1);
    },
  );

  it("that the timeline shows late confirms nothing either", async () => {
    const { story } = await begin({ acknowledged: false });
    const { number } = story.github.as("mallory").openIssue({ title: "Mine", body: "It is.", labels: ["sev:P1"] });
    await story.advance(MINUTE_MS);
    const read = story.github.read.timeline;
    Object.assign(story.github.read, { timeline: async () => ({ events: [], isWhole: true }) });
    story.github.as("triage[bot]").label(number, "sev:P0");
    await story.advance(20 * SECOND_MS);
    Object.assign(story.github.read, { timeline: read });
    await story.advance(5 * MINUTE_MS);
    expect(story.history(number)).toMatchObject({ severity: "P0", confirmed: "no" });
    expect(pages(story, number)).toBe(0);
  });

  it("declares an incident as before, and pages", async () => {
    const { story } = await begin({ acknowledged: false });
    const { number } = story.github.as("rita").openIssue({ title: "Checkout is down", body: "It is.", labels: [] });
    story.github.as("github-actions[bot]").label(number, "sev:P1");
    await story.settle();
    expect(story.history(number)).toMatchObject({ declared: { by: "github-actions[bot]" }, severity: "P1" });
    expect(pages(story, number)).toBe(1);
  });

  it.each(["[]", '{ "triage[bot]": [note] }'])(
    "that lowers a person's severity is put back, with one sentence (bots: %s)",
    async (bots) => {
      const { story, issue } = await begin({ policy: `commands: { bots: ${bots} }\n` });
      const said = story.replies(issue).length;
      story.github.as("triage[bot]").label(issue, "sev:P2");
      story.github.as("triage[bot]").unlabel(issue, "sev:P0");
      await story.settle();
      await story.advance(MINUTE_MS);
      expect(story.github.issue(issue).labels.filter((label) => label.startsWith("sev:"))).toEqual(["sev:P0"]);
      expect(story.history(issue).severity).toBe("P0");
      expect(story.replies(issue)).toHaveLength(said + 1);
      expect(story.replies(issue).at(-1)).toContain("Add `severity` to the line of `triage[bot]` in `commands.bots`");
    },
  );

  it("counts where `severity` is granted, and one that raises always", async () => {
    const granted = await begin({ policy: 'commands: { bots: { "triage[bot]": [severity] } }\n' });
    granted.story.github.as("triage[bot]").label(granted.issue, "sev:P2");
    granted.story.github.as("triage[bot]").unlabel(granted.issue, "sev:P0");
    await granted.story.advance(MINUTE_MS);
    expect(granted.story.history(granted.issue).severity).toBe("P2");
    const { story } = await begin({ acknowledged: false });
    const issue = await story.declare(["sev:P2"]);
    story.github.as("triage[bot]").label(issue, "sev:P0");
    await story.advance(MINUTE_MS);
    expect(story.history(issue)).toMatchObject({ severity: "P0", confirmed: "yes" });
  });
});

const GRADED = `version: 1
severities:
  P0: {}
  P2: { close-requires: [] }
  P3: { close-requires: { all-of: [post-mortem, runbook-pr] } }
`;

describe("a severity that asks for less before closing", () => {
  it("takes the right of /waive by command, and whoever lacks it is told whom to ask", async () => {
    const { story, issue } = await begin({ policy: GRADED });
    await story.say("bob", issue, "/severity P2");
    expect(story.history(issue).severity).toBe("P0");
    expect(story.replies(issue).at(-1)).toContain("`P2` asks for less before an incident may close");
    expect(story.replies(issue).at(-1)).toContain("which takes that role here, as `/waive` does");
    await story.say("alice", issue, "/severity P2");
    expect(story.history(issue).severity).toBe("P2");
  });

  it("takes it by label as well: a swap by somebody without it is put back, and explained once", async () => {
    const { story, issue } = await begin({ policy: GRADED });
    const said = story.replies(issue).length;
    story.github.as("bob").label(issue, "sev:P2");
    story.github.as("bob").unlabel(issue, "sev:P0");
    await story.settle();
    await story.advance(MINUTE_MS);
    expect(story.github.issue(issue).labels.filter((label) => label.startsWith("sev:"))).toEqual(["sev:P0"]);
    expect(story.history(issue).severity).toBe("P0");
    expect(story.replies(issue)).toHaveLength(said + 1);
    expect(story.replies(issue).at(-1)).toContain(
      "Ask someone with the maintain role to comment `/severity P2`. `P2` asks for less",
    );
    await story.look(issue);
    expect(story.replies(issue)).toHaveLength(said + 1);
  });

  it("is taken by label from somebody with it", async () => {
    const { story, issue } = await begin({ policy: GRADED });
    story.github.as("alice").label(issue, "sev:P2");
    story.github.as("alice").unlabel(issue, "sev:P0");
    await story.settle();
    await story.advance(MINUTE_MS);
    expect(story.github.issue(issue).labels.filter((label) => label.startsWith("sev:"))).toEqual(["sev:P2"]);
    expect(story.history(issue).severity).toBe("P2");
  });

  it("is nobody's by a label that an app sets, unless the policy grants it", async () => {
    const bots = '{ "keeper[bot]": [lower-severity], "triage[bot]": [severity] }';
    const { story, issue } = await begin({ policy: `${GRADED}commands:\n  bots: ${bots}\n` });
    for (const [login, severity] of [
      ["triage[bot]", "P0"],
      ["keeper[bot]", "P2"],
    ] as const) {
      story.github.as(login).label(issue, "sev:P2");
      story.github.as(login).unlabel(issue, "sev:P0");
      await story.settle();
      await story.advance(MINUTE_MS);
      expect(story.history(issue).severity).toBe(severity);
    }
  });

  it("neither counts nor is put back while GitHub does not tell who may", async () => {
    const { story, issue } = await begin({ policy: GRADED });
    const tell = silenceRightsOf(story, "alice");
    story.github.as("alice").label(issue, "sev:P2");
    story.github.as("alice").unlabel(issue, "sev:P0");
    await story.settle();
    await story.advance(5 * MINUTE_MS);
    expect(story.github.issue(issue).labels.filter((label) => label.startsWith("sev:"))).toEqual(["sev:P2"]);
    expect(story.history(issue).severity).toBe("P0");
    tell();
    await story.advance(MINUTE_MS);
    expect(story.history(issue).severity).toBe("P2");
  });

  it("is triage's where the policy says so", async () => {
    const policy = `${GRADED}commands:\n  permission: { lower-severity: triage }\n`;
    const { story, issue } = await begin({ policy });
    await story.say("bob", issue, "/severity P2");
    expect(story.history(issue).severity).toBe("P2");
  });

  it("is not one that asks for as much, or for more: that takes what /severity takes", async () => {
    const { story, issue } = await begin({ policy: GRADED });
    await story.say("bob", issue, "/severity P3");
    expect(story.history(issue).severity).toBe("P3");
    // Both pieces of evidence are more than one of them.
    await story.say("bob", issue, "/severity P0");
    expect(story.history(issue).severity).toBe("P3");
  });
});
