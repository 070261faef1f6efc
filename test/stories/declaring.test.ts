import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Longer than Sevgate waits for the second half of a label swap. */
const SETTLED_MS = 4 * SECOND_MS;

describe("an issue becomes an incident by its severity label", () => {
  //
  it("set when it is opened: its author declared it, at that moment", async () => {
    const story = await Story.begin();
    const openedAt = story.clock.now();
    const issue = await story.declare(["sev:P1"], "rita");
    expect(story.history(issue)).toMatchObject({ severity: "P1", declared: { at: openedAt, by: "rita" } });
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
  });

  it("set later: whoever set it declared it, at that moment, and not before", async () => {
    const story = await Story.begin();
    const { number } = story.github.as("rita").openIssue({ title: "Slow", body: "Since nine." });
    await story.settle();
    expect(story.github.calls).toEqual([]);

    await story.advance(20 * MINUTE_MS);
    const labeledAt = story.clock.now();
    story.github.as("alice").label(number, "sev:P2");
    await story.settle();
    expect(story.history(number)).toMatchObject({ severity: "P2", declared: { at: labeledAt, by: "alice" } });
  });

  it("also behind more events than are read: who set it is told when that is among the newest, else nobody is named", async () => {
    const story = await Story.begin();
    const opened = ["near", "far"].map((title) => story.github.as("rita").openIssue({ title }).number);
    await story.settle();
    await story.advance(20 * MINUTE_MS);
    const [near = 0, far = 0] = opened;
    const noise = (number: number) => {
      for (let at = 0; at < 2_501; at += 1) {
        story.github.as("mallory").label(number, "noise");
        story.github.as("mallory").unlabel(number, "noise");
      }
    };
    noise(near);
    story.github.as("alice").label(near, "sev:P0");
    story.github.as("alice").label(far, "sev:P0");
    noise(far);
    await story.settle();
    expect(story.history(near)).toMatchObject({ severity: "P0", declared: { by: "alice" } });
    expect(story.history(far)).toMatchObject({ severity: "P0", declared: { by: null } });
    for (const number of opened) expect(story.stateLabels(number)).toEqual(["incident:declared"]);
  });

  it("chosen in an issue form: nothing is added to what the form asked", async () => {
    const story = await Story.begin();
    const form = "### Impact\n\nNobody can pay.\n\n### What is known\n\n_No response_";
    const { number } = story.github.as("rita").openIssue({ title: "Down", body: form, labels: ["sev:P0"] });
    await story.settle();
    expect(story.github.issue(number).body).toBe(form);
  });

  //
  it("in any case of letters, as GitHub compares labels", async () => {
    const story = await Story.begin();
    const repository = story.github.addRepository({ owner: "acme", name: "shop", labels: ["SEV:p0"] });
    story.hint({ kind: "repository", repository });
    await story.settle();
    const { number } = story.github.as("bob", repository).openIssue({ title: "Down", labels: ["SEV:p0"] });
    await story.settle();
    expect(story.github.issue(number, repository).labels).toEqual(["SEV:p0", "incident:declared"]);
  });

  //
  it("and a swapped label goes in the case in which the issue shows it", async () => {
    const story = await Story.begin();
    const repository = story.github.addRepository({ owner: "acme", name: "shop", labels: ["SEV:p0", "Sev:P2"] });
    story.github.setRole("bob", "triage", repository);
    story.hint({ kind: "repository", repository });
    await story.settle();
    const { number } = story.github.as("bob", repository).openIssue({ title: "Down", labels: ["Sev:P2"] });
    await story.settle();
    story.github.as("bob", repository).label(number, "SEV:p0");
    await story.settle();
    await story.advance(10_000);
    expect(story.github.issue(number, repository).labels).toEqual(["incident:declared", "SEV:p0"]);
  });

  it("not when it was closed long ago", async () => {
    const story = await Story.begin();
    story.listens = false;
    const { number } = story.github.as("bob").openIssue({ title: "Old", labels: ["sev:P0"] });
    story.github.as("bob").close(number);
    await story.advance(2 * HOUR_MS);
    story.listens = true;
    story.github.as("bob").comment(number, "/ack");
    await story.settle();
    expect(story.github.issue(number).state).toBe("closed");
    expect(story.ownComments(number)).toEqual([]);
  });

  it("also when it was closed just now, before anybody could look", async () => {
    const story = await Story.begin();
    const { number } = story.github.as("bob").openIssue({ title: "Down", labels: ["sev:P0"] });
    story.github.as("bob").close(number);
    await story.settle();
    expect(story.github.issue(number).state).toBe("open");
    expect(story.replies(number)).toEqual([expect.stringContaining("**Reopened")]);
  });

  it("unless it is a pull request", async () => {
    const story = await Story.begin();
    const { number } = story.github.as("bob").openPullRequest({ title: "Speed up" });
    story.github.as("bob").label(number, "sev:P0");
    story.github.as("bob").comment(number, "/ack");
    await story.look(number);
    // Only where commands work is said.
    expect(story.ownComments(number)).toEqual([expect.stringContaining("Commands work on the incident")]);
    expect(story.github.issue(number).labels).toEqual(["sev:P0"]);
  });

  it("with one comment, and one only, that notifies people", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    expect(story.github.writes.filter((method) => method === "createComment")).toHaveLength(1);
    expect(story.github.pinnedComments(issue)).toEqual([story.statusId(issue)]);
  });
});

describe("the issue template", () => {
  it.each<{ name: string; body: string }>([
    { name: "nothing", body: "" },
    { name: "one line", body: "It started at nine." },
    { name: "empty lines at the end", body: "It started at nine.\n\n\n" },
    { name: "lines that end in carriage returns", body: "It started\r\nat nine.\r\n\r\n- one\r\n- two" },
    { name: "code that is never closed", body: "```\nstack trace" },
    { name: "a comment that is never closed", body: "It started <!-- at nine" },
    { name: "a heading without a word", body: "## Impact\n" },
    { name: "text that looks like a template", body: "{{ severity }} {% for %}" },
  ])("is put below what the author wrote, which stays byte for byte: $name", async ({ body }) => {
    const story = await Story.begin();
    // GitHub did it but the answer got lost: the next pass must not do it again.
    story.github.faults.fail({ method: "editIssueBody", when: "after" });
    const { number } = story.github.as("rita").openIssue({ title: "Down", body, labels: ["sev:P0"] });
    await story.settle();
    await story.advance(MINUTE_MS);
    const after = story.github.issue(number).body;
    expect(after.startsWith(body)).toBe(true);
    for (const line of ["Impact", "Known so far", "Being tried"]) expect(after.split(`**${line}:**`)).toHaveLength(2);
  });

  it("is not put back when the author deletes its sections", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    story.github.as("bob").edit(issue, { body: "Just this." });
    await story.settle();
    await story.say("alice", issue, "/ack");
    expect(story.github.issue(issue).body).toBe("Just this.");
  });

  it("may be the repository's own, and a broken one of its own gives way to the built-in one", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("Our template", {
      ".github/sevgate/templates/incident.md": "## Customers of {{ severity }}\n\n## Dashboards\n",
    });
    await story.settle();
    await story.advance(MINUTE_MS);
    const own = await story.declare();
    expect(story.github.issue(own).body).toContain("## Customers of P0");
    expect(story.github.issue(own).body).not.toContain("**Impact:**");

    story.github.as("alice").push("Broken", { ".github/sevgate/templates/incident.md": "## {% if %}" });
    await story.settle();
    await story.advance(MINUTE_MS);
    const builtIn = await story.declare();
    expect(story.github.issue(builtIn).body).toContain("**Impact:**");
  });

  //
  it("leaves a body alone that has no room for it", async () => {
    const story = await Story.begin();
    const body = "x".repeat(65_000);
    const { number } = story.github.as("rita").openIssue({ title: "Down", body, labels: ["sev:P0"] });
    await story.settle();
    expect(story.github.issue(number).body).toBe(body);
    expect(story.stateLabels(number)).toEqual(["incident:declared"]);
  });
});

describe("several severity labels", () => {
  it("at opening: the most severe counts, the others are taken off after a moment, and that is said once", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P2", "sev:P0", "sev:P1"]);
    expect(story.history(issue).severity).toBe("P0");
    await story.advance(SETTLED_MS);
    expect(story.github.issue(issue).labels).toEqual(["sev:P0", "incident:declared"]);
    expect(story.replies(issue)).toEqual([expect.stringContaining("`sev:P0` stays, `sev:P1`, `sev:P2` are removed")]);

    await story.look(issue);
    await story.advance(MINUTE_MS);
    expect(story.replies(issue)).toHaveLength(1);
  });

  it.each<{ from: string; to: string; order: "add first" | "remove first"; seen: "together" | "apart" }>([
    { from: "P1", to: "P0", order: "add first", seen: "together" },
    { from: "P1", to: "P0", order: "add first", seen: "apart" },
    { from: "P1", to: "P0", order: "remove first", seen: "together" },
    { from: "P1", to: "P0", order: "remove first", seen: "apart" },
    { from: "P0", to: "P1", order: "add first", seen: "together" },
    { from: "P0", to: "P1", order: "add first", seen: "apart" },
    { from: "P0", to: "P1", order: "remove first", seen: "together" },
    { from: "P0", to: "P1", order: "remove first", seen: "apart" },
  ])("swapped by a person change the severity: $from to $to, $order, events seen $seen", async (row) => {
    const story = await Story.begin();
    const issue = await story.declare([`sev:${row.from}`]);
    await story.advance(MINUTE_MS);
    const alice = story.github.as("alice");
    const steps = [() => alice.label(issue, `sev:${row.to}`), () => alice.unlabel(issue, `sev:${row.from}`)];
    if (row.order === "remove first") steps.reverse();
    steps[0]!();
    if (row.seen === "apart") {
      await story.settle();
      await story.advance(SECOND_MS);
    }
    steps[1]!();
    await story.settle();
    await story.advance(SETTLED_MS);

    expect(story.history(issue).severity).toBe(row.to);
    expect(story.record(issue).entries.filter((entry) => entry.kind === "severity-changed")).toEqual([
      expect.objectContaining({ from: row.from, to: row.to, by: "alice" }),
    ]);
    expect(story.github.issue(issue).labels).toEqual(["incident:declared", `sev:${row.to}`]);
    expect(story.replies(issue)).toEqual([]);
  });

  it("a second, milder one that stays is taken off, and the severity stays", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P0"]);
    await story.advance(MINUTE_MS);
    story.github.as("alice").label(issue, "sev:P2");
    await story.settle();
    expect(story.github.issue(issue).labels).toContain("sev:P2");
    await story.advance(SETTLED_MS);
    expect(story.github.issue(issue).labels).not.toContain("sev:P2");
    expect(story.history(issue).severity).toBe("P0");
    expect(story.replies(issue)).toHaveLength(1);
  });
});

describe("taking off the last severity label", () => {
  it("of an open incident puts it back and explains /cancel, once", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P1"]);
    await story.advance(MINUTE_MS);
    story.github.as("alice").unlabel(issue, "sev:P1");
    await story.settle();
    await story.advance(SETTLED_MS);
    expect(story.github.issue(issue).labels).toContain("sev:P1");
    expect(story.replies(issue)).toEqual([expect.stringContaining("False alarm? `/cancel REASON`")]);

    await story.look(issue);
    await story.advance(MINUTE_MS);
    expect(story.replies(issue)).toHaveLength(1);
  });

  it("of a closed incident changes nothing", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P1"]);
    await story.say("alice", issue, "/cancel it was the monitor");
    story.github.as("alice").unlabel(issue, "sev:P1");
    await story.settle();
    await story.advance(SETTLED_MS);
    expect(story.github.issue(issue)).toMatchObject({ state: "closed", labels: ["incident:cancelled"] });
  });
});

describe("labels", () => {
  it("are created when they are first needed, with a colour and a description; those that exist are left as they are", async () => {
    const story = await Story.begin();
    const other = story.github.addRepository({ owner: "acme", name: "shop", labels: ["sev:P1"] });
    story.github.setRole("alice", "maintain", other);
    const names = () => story.github.labels(other).map((label) => label.name);
    story.hint({ kind: "repository", repository: other });
    await story.settle();
    const severities = ["sev:P0", "sev:P1", "sev:P2"];
    expect(names().sort()).toEqual(severities);

    const { number } = story.github.as("alice", other).openIssue({ title: "Down", body: "Words.", labels: ["sev:P0"] });
    await story.settle();
    const states = ["acknowledged", "cancelled", "closed-ungated", "declared", "mitigated", "resolved"];
    expect(names().sort()).toEqual([...states.map((state) => `incident:${state}`), ...severities]);

    story.github.as("alice", other).comment(number, "/postmortem");
    await story.settle();
    expect(names()).toContain("post-mortem");
    const labels = story.github.labels(other);
    for (const label of labels.filter(({ name }) => name !== "sev:P1")) {
      expect(label.color).toMatch(/^(?!ededed)[0-9a-f]{6}$/);
      expect(label.description).not.toBe("");
    }
    expect(labels.find(({ name }) => name === "sev:P1")).toEqual({ name: "sev:P1", color: "ededed", description: "" });
  });

  it("are there with their colours also when the first issue comes before the first look at the repository", async () => {
    const story = await Story.begin();
    const other = story.github.addRepository({ owner: "acme", name: "shop" });
    const { number } = story.github.as("bob", other).openIssue({ title: "Down", labels: ["sev:P0"] });
    await story.settle();
    expect(story.github.issue(number, other).labels).toEqual(["sev:P0", "incident:declared"]);
    expect(story.github.labels(other).find(({ name }) => name === "incident:declared")?.color).toBe("d93f0b");
    expect(story.github.labels(other).map(({ name }) => name)).toContain("incident:resolved");
  });

  it("show exactly one state at every step of a life", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    const steps: readonly (readonly [act: () => Promise<unknown>, state: string])[] = [
      [() => story.say("alice", issue, "/ack"), "incident:acknowledged"],
      [() => story.say("alice", issue, "/unack"), "incident:declared"],
      [() => story.say("alice", issue, "/ack"), "incident:acknowledged"],
      [() => story.say("alice", issue, "/mitigate traffic moved"), "incident:mitigated"],
      [() => story.say("alice", issue, "/resolve"), "incident:resolved"],
      [() => story.say("alice", issue, "/waive known cause, see last week"), "incident:resolved"],
      [() => story.say("alice", issue, "/cancel it was the monitor"), "incident:resolved"],
    ];
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    for (const [act, state] of steps) {
      await act();
      expect(story.stateLabels(issue)).toEqual([state]);
    }
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("of a state set by a person are taken off again: the state is what was commanded", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    story.github.as("alice").label(issue, "incident:resolved");
    story.github.as("alice").unlabel(issue, "incident:declared");
    await story.settle();
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
  });

  it("that have nothing to do with incidents stay", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["bug", "sev:P0", "area/checkout"]);
    await story.say("alice", issue, "/ack");
    expect(story.github.issue(issue).labels).toEqual(expect.arrayContaining(["bug", "area/checkout"]));
  });
});
