import { afterEach, describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { normalizeAlert } from "../../src/core/alerts/normalize-alert.ts";
import { reportChange } from "../../src/store/report-change.ts";
import { createBetterStackApi } from "../../src/systems/better-stack/better-stack-api.ts";
import { betterStackIncident } from "../../testkit/alert-payloads.ts";
import { FakeBetterStack } from "../../testkit/fake-better-stack.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

const TEAM = ["alice", "bob", "carol"] as const;
everyStoryEndsAtRest(TEAM);

const MINUTE = 60_000;
const ON_CALL = `team: [alice, bob, carol]
rotations:
  first: { start: 2025-01-06, members: [alice] }
  second: { start: 2025-01-06, members: [carol] }
roles:
  primary: { layers: [first] }
  secondary: { layers: [second] }
escalation:
  default: { steps: [{ after: 5m, notify: [primary] }, { after: 20m, notify: [secondary] }] }
`;

async function begin(options: Parameters<typeof Story.begin>[0] & { readonly onCall?: string } = {}): Promise<Story> {
  const story = await Story.begin(options);
  story.github.setRole("carol", "triage");
  story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": options.onCall ?? ON_CALL });
  await story.settle();
  story.github.forgetCalls();
  return story;
}

const AT_ONCE = ON_CALL.replace("after: 5m", "after: 0m");

function isDrill(story: Story, issue: number): boolean {
  return story.history(issue).drill !== null;
}

function labels(story: Story, issue: number): readonly string[] {
  return story.github.issue(issue, story.repository).labels;
}

/** The comments that page. */
function pages(story: Story, issue: number): readonly string[] {
  return story.replies(issue).filter((body) => body.includes("📟"));
}

describe("a drill", () => {
  it("is what has the label when it is declared: people are paged, and everything begins with Drill", async () => {
    const story = await begin({
      onCall: AT_ONCE,
      slack: true,
      policy: "paging: { channels: { default: [pagerduty] } }",
    });
    const issue = await story.declare(["sev:P0", "drill"]);
    await story.advance(2 * 3_600_000);
    await story.say("alice", issue, "/ack");
    await story.say("alice", issue, "/help");
    await story.say("alice", issue, "/resolve");
    story.github.as("bob").close(issue);
    await story.settle();
    await story.advance(MINUTE);

    expect(isDrill(story, issue)).toBe(true);
    expect(story.status(issue)).toMatch(/^<!-- sevgate:status -->\n### Drill: \S+ P0 · /);
    expect(story.replies(issue).length).toBeGreaterThan(4);
    for (const body of story.replies(issue)) expect(body).toMatch(/^\*\*Drill\*\*( · |\n\n)/);
    expect(pages(story, issue)[0]).toMatch(/^\*\*Drill\*\* · 📟 @alice \(primary\)/);
    const [root] = story.slack!.roots;
    expect(root!.text).toMatch(/^Drill: /);
    expect(JSON.stringify(root!.blocks[0])).toMatch(/"text":"Drill: \S+ P0 · Checkout is down"/);
    expect(story.slack!.replies.length).toBeGreaterThan(2);
    for (const { text } of story.slack!.replies) for (const line of text.split("\n")) expect(line).toMatch(/^Drill: /);
  });

  it("pages other systems as well, with a title that says so", async () => {
    const story = await begin({ onCall: AT_ONCE, policy: "paging: { channels: { default: [pagerduty] } }" });
    await story.declare(["sev:P0", "drill"]);
    const [page] = story.pagerDuty.standing.values();
    expect(page).toMatchObject({ summary: expect.stringMatching(/^Drill: P0: Checkout is down \(acme\/ops#\d+\)$/) });
    expect(page!.description).toMatch(/^Drill: Called: alice/);
  });

  it("is what somebody with the triage role makes one with /drill, before anybody is paged", async () => {
    const story = await begin();
    const issue = await story.declare();
    const comment = await story.say("bob", issue, "/drill");
    expect(isDrill(story, issue)).toBe(true);
    expect(labels(story, issue)).toContain("drill");
    expect(story.github.reactions(comment)).toMatchObject([{ reaction: "+1" }]);
    expect(story.replies(issue)).toEqual([]);
    await story.advance(6 * MINUTE);
    expect(pages(story, issue)).toEqual([expect.stringMatching(/^\*\*Drill\*\* · 📟 @alice/)]);
  });

  it("is told by its label alone when it is put on before anybody is paged", async () => {
    const story = await begin();
    const issue = await story.declare();
    story.github.as("bob").label(issue, "Drill");
    await story.settle();
    expect(isDrill(story, issue)).toBe(true);
    expect(story.status(issue)).toContain("Made a drill by bob");
  });

  it("has the label that the policy names", async () => {
    const story = await begin({ policy: "drills: { label: exercise }" });
    const drill = await story.declare(["sev:P0", "exercise"]);
    const real = await story.declare(["sev:P0", "drill"]);
    expect([isDrill(story, drill), isDrill(story, real)]).toEqual([true, false]);
    await story.say("bob", real, "/drill");
    expect(labels(story, real)).toContain("exercise");
  });

  it("closes only with what the policy asks for, as it would if it were real", async () => {
    const story = await begin();
    const issue = await story.declare(["sev:P0", "drill"]);
    await story.say("bob", issue, "/ack");
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue).at(-1)).toMatch(/^\*\*Drill\*\* · \*\*Reopened\. It needs one of these/);
    await story.say("bob", issue, "/postmortem");
    const postMortem = Math.max(...story.github.numbers(story.repository));
    expect(story.github.issue(postMortem).title).toBe("Drill: Post-mortem: Checkout is down");
    await story.fillPostMortem(postMortem);
    await story.say("bob", issue, "/resolve");
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("is still one after the database was lost, and after its record was edited or deleted as well", async () => {
    const story = await begin({ onCall: AT_ONCE });
    const issue = await story.declare(["sev:P0", "drill"]);
    await story.say("alice", issue, "/ack");
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(isDrill(story, issue)).toBe(true);
    for (const lost of ["edited", "deleted"]) {
      const status = story.statusId(issue);
      if (lost === "deleted") story.github.as("alice").deleteComment(status);
      else story.github.as("alice").editComment(status, story.status(issue).replace(/ -->\s*$/, "x -->"));
      story.restart({ database: "lost" });
      await story.look(issue);
      await story.advance(MINUTE);
      expect({ lost, is: isDrill(story, issue) }).toEqual({ lost, is: true });
      expect(labels(story, issue)).toContain("drill");
      expect(story.status(issue)).toContain("### Drill: ");
    }
  });
});

describe("what an incident is", () => {
  it("stays when people were paged: /drill is refused, and says what to do", async () => {
    const story = await begin({ onCall: AT_ONCE });
    const issue = await story.declare();
    await story.say("bob", issue, "/drill");
    expect(isDrill(story, issue)).toBe(false);
    expect(labels(story, issue)).not.toContain("drill");
    expect(story.replies(issue).at(-1)).toMatch(
      /^Open a new issue with the labels `sev:P0` and `drill` for a drill: this one is under way, so it stays a real incident\./,
    );
  });

  it("stays when people were paged: the label of drills is taken off again, which is said once", async () => {
    const story = await begin({ onCall: AT_ONCE });
    const issue = await story.declare();
    story.github.as("bob").label(issue, "drill");
    await story.settle();
    await story.advance(10 * MINUTE);
    expect(isDrill(story, issue)).toBe(false);
    expect(labels(story, issue)).not.toContain("drill");
    expect(story.replies(issue).filter((body) => body.startsWith("Open a new issue"))).toHaveLength(1);
  });

  it.each(["/ack", "/mitigate", "/resolve", "/page"])(
    "stays after %s, where nobody was paged by a step",
    async (command) => {
      const story = await begin();
      const issue = await story.declare();
      await story.say("bob", issue, command);
      await story.say("bob", issue, "/drill");
      expect(isDrill(story, issue)).toBe(false);
      expect(story.replies(issue).at(-1)).toContain("Open a new issue with the labels");
    },
  );

  it("stays a drill when people were paged: the label comes back, which is said once", async () => {
    const story = await begin({ onCall: AT_ONCE });
    const issue = await story.declare(["sev:P0", "drill"]);
    await story.advance(MINUTE);
    story.github.as("bob").unlabel(issue, "drill");
    await story.settle();
    await story.advance(10 * MINUTE);
    expect(isDrill(story, issue)).toBe(true);
    expect(labels(story, issue)).toContain("drill");
    expect(story.replies(issue).filter((body) => body.includes("Is it real? Open a new issue"))).toHaveLength(1);
  });

  it("is what was said last before anybody is paged: label, no label, /drill", async () => {
    const story = await begin();
    const issue = await story.declare(["sev:P0", "drill"]);
    await story.advance(MINUTE);
    story.github.as("bob").unlabel(issue, "drill");
    await story.settle();
    await story.advance(MINUTE);
    // The next pass finds the record without the label, and the event of the label that was taken off.
    story.github.faults.fail({ method: "addLabels" });
    await story.say("bob", issue, "/drill");
    await story.advance(MINUTE);
    expect(isDrill(story, issue)).toBe(true);
    expect(labels(story, issue)).toContain("drill");
    expect(story.replies(issue)).toEqual([]);
  });

  it("is real again when the label is taken off before anybody is paged", async () => {
    const story = await begin();
    const issue = await story.declare(["sev:P0", "drill"]);
    await story.advance(MINUTE);
    story.github.as("bob").unlabel(issue, "drill");
    await story.settle();
    expect(isDrill(story, issue)).toBe(false);
    await story.advance(10 * MINUTE);
    expect(pages(story, issue)).toEqual([expect.stringMatching(/^📟 @alice/)]);
    expect(labels(story, issue)).not.toContain("drill");
  });

  it.each(["before", "after"] as const)(
    "is the same for pages and record, at whichever write of the pass with /drill and the first page it dies (%s)",
    async (when) => {
      let isReached = true;
      for (let nth = 1; isReached; nth += 1) {
        const story = await begin();
        const issue = await story.declare();
        // What was said while nobody listened is judged by the pass that pages.
        story.listens = false;
        story.github.as("bob").comment(issue, "/drill");
        story.clock.advance(6 * MINUTE);
        story.listens = true;
        isReached = false;
        story.github.faults.fail({ kind: "write", nth, when, error: new TransientError(`killed at write ${nth}`) });
        story.onFailure = () => {
          isReached = true;
          story.restart({ database: "lost" });
        };
        await story.look(issue);
        await story.look(issue);
        await story.advance(MINUTE);
        expect({ nth, said: pages(story, issue) }).toEqual({
          nth,
          said: [expect.stringMatching(/^\*\*Drill\*\* · 📟/)],
        });
        expect(isDrill(story, issue)).toBe(true);
        expect(labels(story, issue)).toContain("drill");
        if (nth === 1) expect(isReached).toBe(true);
      }
    },
  );
});

describe("who makes a real incident a drill", () => {
  it("has a role here: somebody without one is refused, and the pages are real", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("rita", issue, "/drill");
    expect(isDrill(story, issue)).toBe(false);
    await story.advance(6 * MINUTE);
    expect(pages(story, issue)).toEqual([expect.stringMatching(/^📟 @alice/)]);
  });

  it("is no app, unless the policy grants it /drill by name: its label is taken off, and it is said how", async () => {
    const grant = (commands: string) => `commands: { bots: { "label[bot]": [${commands}] } }`;
    for (const [commands, counts] of [
      ["note, severity", false],
      ["drill", true],
    ] as const) {
      const story = await begin({ policy: grant(commands) });
      const issue = await story.declare();
      story.github.as("label[bot]").label(issue, "drill");
      await story.settle();
      await story.advance(MINUTE);
      expect(isDrill(story, issue)).toBe(counts);
      expect(labels(story, issue).includes("drill")).toBe(counts);
      const told = story.replies(issue).filter((body) => body.startsWith("Add `drill` to the line of `label[bot]`"));
      expect(told).toHaveLength(counts ? 0 : 1);
    }
  });

  it("has the role that the policy asks for /drill, by label as well", async () => {
    const story = await begin({ policy: "commands: { permission: { drill: maintain } }" });
    const issue = await story.declare(["sev:P0", "drill"]);
    await story.advance(MINUTE);
    expect(isDrill(story, issue)).toBe(false);
    expect(labels(story, issue)).not.toContain("drill");
    expect(story.replies(issue)).toEqual([
      expect.stringMatching(/^Ask someone with the maintain role to comment `\/drill`/),
    ]);
    await story.say("alice", issue, "/drill");
    expect(isDrill(story, issue)).toBe(true);
  });

  it("is nobody needed for the way back: with no answer about who took the label off, it is real", async () => {
    const onCall = ON_CALL.replace("after: 5m", "after: 10m");
    const story = await begin({ onCall, policy: "paging: { unconfirmed: page }" });
    const issue = await story.declare(["sev:P0", "drill"]);
    expect(isDrill(story, issue)).toBe(true);
    story.github.faults.fail({ method: "permission", times: Number.POSITIVE_INFINITY });
    await story.advance(3 * MINUTE);
    story.github.as("carol").unlabel(issue, "drill");
    await story.settle();
    await story.advance(10 * MINUTE);
    expect(isDrill(story, issue)).toBe(false);
    expect(pages(story, issue)).toEqual([expect.stringMatching(/^📟 @alice/)]);
  });

  it("is not waited for: with no answer about whose label it is, people are paged for real two minutes later", async () => {
    const story = await begin({ onCall: AT_ONCE, policy: "paging: { unconfirmed: page }" });
    story.github.faults.fail({ method: "permission", times: Number.POSITIVE_INFINITY });
    const issue = await story.declare(["sev:P0", "drill"]);
    expect(pages(story, issue)).toEqual([]);
    await story.advance(3 * MINUTE);
    expect(pages(story, issue)).toEqual([expect.stringMatching(/^📟 @alice/)]);
    expect(isDrill(story, issue)).toBe(false);
    expect(labels(story, issue)).not.toContain("drill");
  });
});

describe("the alert of a drill", () => {
  const POLICY = `
alerts:
  endpoints:
    prod: { severity: P1 }
`;
  const fakes: FakeBetterStack[] = [];

  afterEach(async () => {
    for (const fake of fakes.splice(0)) await fake.close();
  });

  async function beginWithAlert() {
    const story = await begin({ policy: POLICY });
    const fake = new FakeBetterStack();
    fakes.push(fake);
    const api = createBetterStackApi(fake.token, await fake.listen());
    story.alertSources = new Map([[api.source, api]]);
    story.restart();
    return { story, fake };
  }

  async function fire(story: Story, event: "started" | "resolved", incident: string, monitor = "4"): Promise<void> {
    const at = new Date(story.clock.now()).toISOString();
    const moments = { started_at: null, acknowledged_at: null, resolved_at: null };
    const moment = event === "started" ? { started_at: at } : { resolved_at: at };
    const read = normalizeAlert(
      "better-stack",
      betterStackIncident(event, { ...moments, ...moment }, incident, monitor),
      "related",
    );
    if (read.kind !== "changes") throw new Error(read.kind);
    for (const change of read.changes) {
      const from = { source: "better-stack", name: "prod" } as const;
      const { ids } = await reportChange(story.alerts, story.repository, from, change, story.clock.now());
      for (const alert of ids) story.hint({ kind: "alert", repository: story.repository, alert });
    }
    await story.settle();
  }

  it("is not answered at its source, where a real one is", async () => {
    for (const label of [null, "drill"]) {
      const { story, fake } = await beginWithAlert();
      fake.open("1", { started_at: new Date(story.clock.now()).toISOString() });
      await fire(story, "started", "1");
      const [issue] = story.github.numbers(story.repository);
      if (label !== null) story.github.as("bob").label(issue!, label);
      await story.settle();
      await story.say("bob", issue!, "/ack");
      await story.advance(MINUTE);
      expect(fake.heard).toHaveLength(label === null ? 1 : 0);
    }
  });

  it.each(["open", "closed"])("opens a real incident when it fires again while the drill is %s", async (state) => {
    const { story } = await beginWithAlert();
    await fire(story, "started", "1");
    const [drill] = story.github.numbers(story.repository);
    await story.say("bob", drill!, "/drill");
    await fire(story, "resolved", "1");
    if (state === "closed") await story.say("bob", drill!, "/cancel the drill is over");
    await story.advance(MINUTE);
    await fire(story, "started", "2");
    const numbers = story.github.numbers(story.repository);
    expect(numbers).toHaveLength(2);
    const real = numbers.find((one) => one !== drill)!;
    expect([isDrill(story, drill!), isDrill(story, real)]).toEqual([true, false]);
    expect(story.github.issue(drill!).state).toBe(state);
    await story.advance(6 * MINUTE);
    expect(pages(story, real)).toEqual([expect.stringMatching(/^📟 @alice/)]);
  });

  it.each(["its label was tidied away", "the policy names another label"])(
    "opens a real incident when it fires again after the drill was closed and %s",
    async (how) => {
      const { story } = await beginWithAlert();
      await fire(story, "started", "1");
      const [drill] = story.github.numbers(story.repository);
      await story.say("bob", drill!, "/drill");
      await fire(story, "resolved", "1");
      await story.say("bob", drill!, "/cancel the drill is over");
      if (how.startsWith("its label")) story.github.as("bob").unlabel(drill!, "drill");
      else story.github.as("alice").push("Policy", { ".github/sevgate.yml": `${POLICY}drills: { label: exercise }\n` });
      await story.settle();
      await story.advance(MINUTE);
      await fire(story, "started", "2");
      expect(story.github.numbers(story.repository)).toHaveLength(2);
      expect(story.github.issue(drill!).state).toBe("closed");
    },
  );

  it("belongs to its real incident, whatever label a bot that is not listed puts on that", async () => {
    const { story } = await beginWithAlert();
    await fire(story, "started", "1");
    const [real] = story.github.numbers(story.repository);
    await story.say("bob", real!, "/ack");
    await fire(story, "resolved", "1");
    await story.advance(MINUTE);
    story.listens = false;
    story.github.as("stale[bot]").label(real!, "drill");
    story.listens = true;
    await fire(story, "started", "2");
    expect(story.github.numbers(story.repository)).toEqual([real]);
  });

  it("is none of a storm: what collects alerts cannot be made a drill", async () => {
    const story = await begin({ policy: `${POLICY}  issues-per-hour: 1\n` });
    for (const [at, monitor] of ["4", "5", "6"].entries()) await fire(story, "started", String(at), monitor);
    const [storm] = story.github.numbers(story.repository);
    expect(story.github.issue(storm!).title).toContain("Alert storm");
    await story.say("bob", storm!, "/drill");
    story.github.as("bob").label(storm!, "drill");
    await story.settle();
    await story.advance(MINUTE);
    expect(isDrill(story, storm!)).toBe(false);
    expect(labels(story, storm!)).not.toContain("drill");
    expect(story.replies(storm!)[0]).toContain("alerts that nobody has looked at are collected here");
  });
});

describe("Whoever may not make a drill", () => {
  it("makes none by labeling a fresh issue of somebody who may, before its severity is set", async () => {
    const story = await begin();
    const { number } = story.github.as("alice").openIssue({ title: "Checkout is down", body: "x", labels: [] });
    await story.advance(5_000);
    story.github.as("labeler[bot]").label(number, "drill");
    await story.settle();
    await story.advance(15_000);
    story.github.as("alice").label(number, "sev:P0");
    await story.settle();
    await story.advance(6 * MINUTE);
    expect(isDrill(story, number)).toBe(false);
    expect(pages(story, number)).toEqual([expect.stringMatching(/^📟 @alice/)]);
    expect(labels(story, number)).not.toContain("drill");
  });

  it("keeps nobody asleep: where pages go at once, they still do", async () => {
    const story = await begin({ onCall: AT_ONCE, policy: "commands: { permission: { drill: maintain } }\n" });
    const { number } = story.github.as("bob").openIssue({ title: "Down", body: "x", labels: ["sev:P0", "drill"] });
    await story.settle();
    expect(pages(story, number)).toHaveLength(1);
  });

  it("nor does it while GitHub shows nobody who set the label: two minutes at most", async () => {
    const story = await begin({ onCall: AT_ONCE });
    const issue = await story.declare();
    await story.say("bob", issue, "/note here");
    const other = await story.declare([]);
    story.github.faults.fail({ method: "timeline", times: 1_000 });
    story.github.as("labeler[bot]").label(other, "sev:P0");
    story.github.as("labeler[bot]").label(other, "drill");
    await story.settle();
    story.github.faults.clear();
    await story.advance(5 * MINUTE);
    expect(pages(story, other)).toHaveLength(1);
  });

  it("is answered once, however often a bot puts the label on", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    for (let times = 0; times < 5; times += 1) {
      story.github.as("stale[bot]").label(issue, "drill");
      await story.advance(20_000);
    }
    expect(story.replies(issue)).toHaveLength(1);
    expect(labels(story, issue)).not.toContain("drill");
  });
});

it("A closed incident is not reopened for practice: /drill there says to open a new issue", async () => {
  const story = await begin();
  const issue = await story.declare();
  await story.say("alice", issue, "/ack");
  await story.say("alice", issue, "/cancel it was nothing after all");
  expect(story.github.issue(issue).state).toBe("closed");
  await story.say("alice", issue, "/drill");
  expect(story.replies(issue).at(-1)).toContain("Open a new issue with the labels `sev:P0` and `drill` for a drill");
});

it("A pull request that would close a drill is held by a check that says so", async () => {
  const story = await begin();
  const drill = await story.declare(["sev:P0", "drill"]);
  const { number, headSha } = story.github.as("alice").openPullRequest({ title: "Fix", body: `Fixes #${drill}` });
  await story.settle();
  const run = story.github.checkRuns(headSha).find(({ name }) => name === "sevgate/close-gate");
  expect(run?.content).toMatchObject({ title: `Drill: Would close #${drill} too early` });
  expect(run!.content.summary).toContain("### Drill: P0 incident");
  expect(number).toBeGreaterThan(drill);
});
