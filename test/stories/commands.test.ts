import { describe, expect, it } from "@jest/globals";
import { COMMAND_NAMES, COMMANDS } from "../../src/core/commands/registry.ts";
import { closingReferences } from "../../src/core/markdown/references.ts";
import type { Phase } from "../../src/core/record/history.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { mentionedIn } from "../support/mentioned-in.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A declared incident, a minute old. */
async function incident(options: { readonly policy?: string } = {}): Promise<{ story: Story; issue: number }> {
  const story = await Story.begin(options);
  const issue = await story.declare();
  await story.advance(MINUTE_MS);
  return { story, issue };
}

/** Everything a command may change, to see that nothing did. */
function stateOf(story: Story, issue: number): unknown {
  const { history, labels, assignees, state } = { history: story.history(issue), ...story.github.issue(issue) };
  return { history, labels, assignees, state };
}

function reacted(story: Story, commentId: number): boolean {
  return story.github.reactions(commentId).some((one) => one.login === story.github.botLogin && one.reaction === "+1");
}

describe("a command that is obeyed gets a thumb up and no reply", () => {
  it.each<{ says: string; phase: Phase; shown: string; before?: string }>([
    { says: "/ack", phase: "acknowledged", shown: "Acknowledged by alice" },
    { says: "/ACK", phase: "acknowledged", shown: "Acknowledged by alice" },
    { says: "/unack", before: "/ack", phase: "declared", shown: "Handed back by alice: nobody has it" },
    { says: "/mitigate traffic moved", phase: "mitigated", shown: "Mitigated by alice: traffic moved" },
    { says: "/resolve fixed in v2", phase: "resolved", shown: "Resolved by alice: fixed in v2" },
    { says: "/status halfway", phase: "declared", shown: "Update by alice: halfway" },
    { says: "/note paged the vendor", phase: "declared", shown: "Note by alice: paged the vendor" },
    { says: "/severity P2 few are hit", phase: "declared", shown: "Severity P0 → P2 by alice: few are hit" },
    { says: "/severity p1", phase: "declared", shown: "Severity P0 → P1 by alice" },
    { says: "/assign @bob lead", phase: "declared", shown: "- **lead:** bob" },
    { says: "/assign bob", phase: "declared", shown: "bob was assigned by alice" },
    { says: "/assign @rita @bob", phase: "declared", shown: "rita was assigned by alice" },
    { says: "/handoff @bob thanks!", phase: "acknowledged", shown: "Handed over to bob by alice" },
    { says: "\u200B/status\u00A0halfway\u200B", phase: "declared", shown: "Update by alice: halfway" },
    { says: "/resolve, all is well again", phase: "resolved", shown: "Resolved by alice: all is well again" },
    { says: "/mitigate: traffic moved", phase: "mitigated", shown: "Mitigated by alice: traffic moved" },
    {
      says: "/cancel a broken monitor",
      phase: "cancelled",
      shown: "Cancelled as a false alarm by alice: a broken monitor",
    },
    {
      says: "/waive same cause as last week",
      phase: "resolved",
      shown: "Evidence waived by alice: same cause as last week",
    },
  ])("$says", async ({ says, phase, shown, before }) => {
    const { story, issue } = await incident();
    if (before !== undefined) await story.say("alice", issue, before);
    const comment = await story.say("alice", issue, says);
    expect(story.history(issue).phase).toBe(phase);
    expect(story.stateLabels(issue)).toEqual([`incident:${phase}`]);
    expect(story.words(issue)).toContain(shown);
    expect(story.status(issue)).toContain(`#issuecomment-${comment}`);
    expect(reacted(story, comment)).toBe(true);
    expect(story.replies(issue)).toEqual([]);
  });

  it("/ack assigns who said it, and /unack takes the assignment back", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/ack");
    expect(story.github.issue(issue).assignees).toEqual(["bob"]);
    await story.say("alice", issue, "/unack");
    expect(story.github.issue(issue).assignees).toEqual([]);
  });

  it("/ack by a second person hands responsibility over, and the first acknowledgement stays the moment", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/ack");
    const { acknowledged } = story.history(issue);
    await story.advance(MINUTE_MS);
    await story.say("alice", issue, "/ack");
    expect(story.history(issue)).toMatchObject({ responder: "alice", acknowledged });
  });

  it("/severity changes the label with the severity", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/severity P2");
    await story.advance(5 * SECOND_MS);
    expect(story.github.issue(issue).labels.filter((label) => label.startsWith("sev:"))).toEqual(["sev:P2"]);
    expect(story.replies(issue)).toEqual([]);
    expect(story.record(issue).entries.filter((entry) => entry.kind === "severity-changed")).toHaveLength(1);
  });

  it.each([
    { from: "P0", to: "P2" },
    { from: "P2", to: "P0" },
  ])(
    "/severity from $from to $to holds, is theirs, and needs no words when the pass dies half-way",
    async ({ from, to }) => {
      const story = await Story.begin();
      const issue = await story.declare([`sev:${from}`]);
      await story.advance(MINUTE_MS);
      story.github.faults.fail({ method: "removeLabel" });
      await story.say("alice", issue, `/severity ${to}`);
      await story.advance(MINUTE_MS);
      expect(story.github.issue(issue).labels.filter((label) => label.startsWith("sev:"))).toEqual([`sev:${to}`]);
      expect(story.record(issue).entries.filter((entry) => entry.kind === "severity-changed")).toEqual([
        expect.objectContaining({ from, to, by: "alice", source: expect.anything() }),
      ]);
      expect(story.replies(issue)).toEqual([]);
    },
  );

  it("/assign of several people assigns them all, and a role goes to the last one named", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/assign @bob lead\n/assign alice comms\n/assign alice lead");
    expect(story.github.issue(issue).assignees).toEqual(["bob", "alice"]);
    expect([...story.history(issue).roles]).toEqual([
      ["lead", "alice"],
      ["comms", "alice"],
    ]);
  });

  it("said again changes nothing and is no mistake", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/ack");
    const before = stateOf(story, issue);
    const again = await story.say("alice", issue, "/ack\n/severity P0");
    expect(stateOf(story, issue)).toEqual(before);
    expect(reacted(story, again)).toBe(true);
    expect(story.replies(issue)).toEqual([]);
  });
});

describe("several commands", () => {
  it("in one comment are obeyed in order, with one thumb up", async () => {
    const { story, issue } = await incident();
    const comment = await story.say("alice", issue, "On it.\n/ack\n/severity P1 fewer people\n/status found the cause");
    expect(story.record(issue).entries.map((entry) => entry.kind)).toEqual([
      "declared",
      "runbooks-matched",
      "acknowledged",
      "severity-changed",
      "updated",
    ]);
    expect(story.github.reactions(comment)).toHaveLength(1);
  });

  // A-065
  it("in several comments read in one pass are obeyed in the order they were written", async () => {
    const { story, issue } = await incident();
    story.github.as("alice").comment(issue, "/ack");
    story.github.as("bob").comment(issue, "/ack");
    story.github.as("alice").comment(issue, "/unack\n/note handing over");
    story.github.as("bob").comment(issue, "/ack");
    await story.settle();
    expect(story.history(issue)).toMatchObject({ responder: "bob", phase: "acknowledged" });
    expect(story.github.issue(issue).assignees).toContain("bob");
  });

  it("a hundred of them, waiting after an outage, are all obeyed", async () => {
    const { story, issue } = await incident();
    story.listens = false;
    for (let count = 1; count <= 100; count += 1) story.github.as("alice").comment(issue, `/note number ${count}`);
    story.listens = true;
    await story.look(issue);
    await story.advance(MINUTE_MS);
    expect(story.record(issue).entries.filter((entry) => entry.kind === "noted")).toHaveLength(100);
  });

  it("with a mistake among them: the others are obeyed and the mistake is answered", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/ack\n/severity P9\n/note after it");
    expect(story.history(issue)).toMatchObject({ phase: "acknowledged", severity: "P0" });
    expect(story.words(issue)).toContain("Note by alice: after it");
    expect(story.replies(issue)).toHaveLength(1);
  });
});

describe("a command that is refused changes nothing and gets one reply", () => {
  it.each<{ by: string; says: string; reply: string }>([
    { by: "rita", says: "/resolve", reply: "rita: `/resolve` needs the triage role here" },
    { by: "stranger", says: "/ack", reply: "stranger: `/ack` needs the triage role" },
    { by: "bob", says: "/waive same cause as last week", reply: "bob: `/waive` needs the maintain role" },
    {
      by: "alice",
      says: "/severity P9",
      reply:
        "Choose one of `P0`, `P1`, `P2`: the policy has no severity `P9`.\n\n- `P0`: Extreme user interruption, no reasonable workaround. For example: data loss, a security hole, nobody can log in.\n",
    },
    { by: "alice", says: "/severity", reply: "Add a level: `/severity LEVEL [REASON]`." },
    {
      by: "alice",
      says: "/assign bob janitor",
      reply: "Choose one of `lead`, `comms`, `scribe`: the policy has no role `janitor`.",
    },
    {
      by: "alice",
      says: "/assign acme/sre",
      reply: "Name people, as a team cannot be assigned: `/assign @LOGIN [ROLE]`.",
    },
    { by: "alice", says: "/assign nobody-at-all", reply: "GitHub does not let me assign nobody-at-all here." },
    { by: "alice", says: "/cancel oops", reply: "Write a reason of at least 10 characters" },
    { by: "alice", says: "/waive", reply: "Add a reason of at least 10 characters: `/waive [DURATION] REASON`." },
    { by: "alice", says: "/status", reply: "Add what is known: `/status TEXT`." },
    {
      by: "alice",
      says: `/note ${"x".repeat(501)}`,
      reply: "Shorten the text to 500 characters (it has 501): `/note TEXT`.",
    },
    { by: "alice", says: "/unack", reply: "Nothing to hand back: nobody has acknowledged it" },
    { by: "alice", says: "/postmortem soon", reply: "Write the number of an issue or pull request" },
    { by: "alice", says: "/postmortem #4000", reply: "there is no issue #4000." },
    {
      by: "alice",
      says: "/postmortem #1",
      reply: "Comment `/postmortem` to create a post-mortem: the incident cannot be its own.",
    },
    {
      by: "alice",
      says: "/runbook #4000",
      reply: "Check the number: there is no pull request #4000 in this repository.",
    },
    { by: "alice", says: "/runbook other/place#3", reply: "Link one from `acme/ops`" },
    { by: "alice", says: "/akc", reply: "Did you mean `/ack`?" },
    { by: "alice", says: "/resolve?", reply: "Did you mean `/resolve`?" },
    {
      by: "alice",
      says: "/acked",
      reply: "Did you mean `/ack`? Comment it again, or `/help` for the list: there is no `/acked`.",
    },
    { by: "alice", says: "/sev1", reply: "Did you mean `/severity`?" },
    { by: "alice", says: "/severity=P0", reply: "Did you mean `/severity P0`?" },
    { by: "alice", says: "/severity:P0", reply: "Did you mean `/severity P0`?" },
    { by: "alice", says: "/handoff @bob @carol", reply: "Name one person only: `/handoff @LOGIN`." },
    {
      by: "alice",
      says: "\uFF0Fack",
      reply: "Comment `/ack` again: the slash or a letter there only looked like it",
    },
    { by: "alice", says: "/ ack", reply: "Comment `/ack` again: " },
    { by: "alice", says: "</details>\n/ack", reply: "Comment `/ack` again, with an empty line above it and below it" },
    {
      by: "alice",
      says: '<img src="https://a.example/x.png">\n/ack',
      reply: "Comment `/ack` again, with an empty line",
    },
    { by: "alice", says: "> please take it\n/ack\n/status x", reply: "Comment `/ack` again, with an empty line" },
    { by: "alice", says: "/ack\n---", reply: "Comment `/ack` again, with an empty line" },
  ])("$by: $says", async ({ by, says, reply }) => {
    const { story, issue } = await incident();
    // In a public one, people without rights get a reaction first (budgets.test.ts).
    story.github.changeVisibility("private");
    await story.settle();
    const before = stateOf(story, issue);
    const comment = await story.say(by, issue, says);
    // What has just been created may not be visible yet: a number is looked for again.
    await story.advance(5 * SECOND_MS);
    expect(stateOf(story, issue)).toEqual(before);
    expect(story.replies(issue)).toEqual([expect.stringContaining(reply)]);
    expect(reacted(story, comment)).toBe(false);
  });

  it("of one person in words five times an hour, the fifth time saying so; and then by a reaction each time", async () => {
    const { story, issue } = await incident();
    const slips = ["/akc", "/severity P9", "/waive", "/unack", "/akc", "/severity P8", "/waive", "/unack", "/akc"];
    const comments: number[] = [];
    for (const slip of slips) comments.push(await story.say("alice", issue, slip));
    const replies = story.replies(issue);
    const last = "I answer no more slips for an hour; 😕 marks them.";
    expect(replies.map((one) => one.includes(last))).toEqual([false, false, false, false, true]);
    const reactions = comments.map((comment) => story.github.reactions(comment).map(({ reaction }) => reaction));
    expect(reactions).toEqual([...Array(5).fill([]), ...Array(4).fill(["confused"])]);
    await story.say("bob", issue, "/akc");
    await story.say("alice", issue, "/ack");
    expect(story.replies(issue)).toHaveLength(6);
    expect(story.history(issue).responder).toBe("alice");
    await story.advance(61 * MINUTE_MS);
    await story.say("alice", issue, "/akc");
    expect(story.replies(issue).at(-1)).toContain("Did you mean `/ack`?");
  });

  it("to a person without the right in words once an hour for each command, and then by a reaction", async () => {
    const { story, issue } = await incident();
    const comments: number[] = [];
    for (const says of ["/waive it is fine", "/waive it is fine", "/waive so fine"]) {
      comments.push(await story.say("bob", issue, says));
    }
    expect(story.replies(issue)).toHaveLength(1);
    const reactions = comments.map((comment) => story.github.reactions(comment).map(({ reaction }) => reaction));
    expect(reactions).toEqual([[], ["confused"], ["confused"]]);
    await story.advance(61 * MINUTE_MS);
    const before = story.replies(issue).length;
    await story.say("bob", issue, "/waive it is fine");
    expect(story.replies(issue)).toHaveLength(before + 1);
  });

  it("on a closed incident, but for those that add to its story", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/cancel a broken monitor");
    await story.advance(MINUTE_MS);
    await story.say("bob", issue, "/ack");
    expect(story.replies(issue)).toEqual([
      expect.stringContaining("Reopen the issue, then comment it again: on a closed incident, `/ack` does nothing."),
    ]);
    await story.say("bob", issue, "/note the monitor is fixed");
    expect(story.words(issue)).toContain("Note by bob: the monitor is fixed");
    expect(story.github.issue(issue).state).toBe("closed");
  });
});

describe("/assign @one @two", () => {
  it("assigns both, and tells of those whom GitHub does not take", async () => {
    const { story, issue } = await incident();
    const comment = await story.say("alice", issue, "/assign @bob @stranger @rita");
    expect(story.github.issue(issue).assignees.toSorted()).toEqual(["bob", "rita"]);
    expect(story.words(issue)).toContain("bob was assigned by alice");
    expect(story.words(issue)).toContain("rita was assigned by alice");
    expect(story.status(issue)).not.toContain("stranger was assigned");
    expect(story.replies(issue)).toEqual([expect.stringContaining("GitHub does not let me assign stranger here.")]);
    expect(reacted(story, comment)).toBe(true);
  });
});

describe("what Sevgate says can be pasted back", () => {
  it("with a character that nobody sees in it, as older comments and web pages have it", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/assign @\u200Bbob");
    expect(story.github.issue(issue).assignees).toEqual(["bob"]);
    await story.say("alice", issue, "/postmortem #\u200B4000");
    await story.advance(5 * SECOND_MS);
    expect(story.replies(issue).at(-1)).toContain("there is no issue #4000.");
  });
});

describe("what is no command is met with silence", () => {
  it.each<{ name: string; body: string }>([
    { name: "a path", body: "/etc/hosts is empty\n/usr/bin/env" },
    { name: "code", body: "```\n/ack\n```\n\n    /ack\n\n`/ack`" },
    { name: "a quote", body: "> /ack\n> /resolve" },
    { name: "an HTML comment", body: "<!--\n/ack\n-->" },
    { name: "a heading", body: "# /ack" },
    { name: "a word within a line", body: "please /ack this" },
    { name: "a mention", body: "@alice @acme/sre what about this?" },
    { name: "nothing at all but spaces", body: "  \n " },
  ])("$name", async ({ body }) => {
    const { story, issue } = await incident();
    const before = stateOf(story, issue);
    story.github.forgetCalls();
    await story.say("alice", issue, body);
    expect(stateOf(story, issue)).toEqual(before);
    expect(story.github.writes).toEqual([]);
    expect(story.github.reads.length).toBeLessThanOrEqual(3);
  });

  it("a comment of 64 KiB", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/note x\n".repeat(8_191));
    expect(story.record(issue).entries.filter((entry) => entry.kind === "noted")).toHaveLength(10);
    await story.say("alice", issue, "[".repeat(65_536));
    await story.say("alice", issue, `${"> ".repeat(30_000)}/ack`);
    expect(story.history(issue).phase).toBe("declared");
  });

  it("a mistyped command by somebody without rights here", async () => {
    const { story, issue } = await incident();
    await story.say("stranger", issue, "/akc");
    expect(story.replies(issue)).toEqual([]);
  });

  it("a bot that nobody listed", async () => {
    const { story, issue } = await incident();
    await story.say("deploy[bot]", issue, "/resolve\n/help");
    expect(story.history(issue).phase).toBe("declared");
    expect(story.replies(issue)).toEqual([]);
  });

  it("a person who left GitHub", async () => {
    const { story, issue } = await incident();
    story.listens = false;
    story.github.as("bob").comment(issue, "/resolve");
    story.github.deleteAccount("bob");
    story.listens = true;
    await story.look(issue);
    expect(story.history(issue).phase).toBe("declared");
    expect(story.replies(issue)).toEqual([]);
  });
});

// GitHub does not tell apps' rights (A-034): the line in the policy is all there is.
describe("an app that the policy names", () => {
  const line = (bots: string) => `version: 1\ncommands:\n  bots: ${bots}\n`;

  it.each(["['Deploy[bot]']", "[deploy]", "{ 'Deploy[bot]': [status] }", "{ deploy: [status, note] }"])(
    "with %s is obeyed, though GitHub gives it no role",
    async (bots) => {
      const { story, issue } = await incident({ policy: line(bots) });
      story.github.forgetCalls();
      await story.say("deploy[bot]", issue, "/status rolled out v2");
      expect(story.status(issue)).toContain("rolled out v2");
      expect(story.github.calls.filter(({ method }) => method === "permission")).toEqual([]);
    },
  );

  it.each(["[deploy]", "{ deploy: [note, cancel] }"])(
    "with %s does nothing else, and is told once where more would be granted",
    async (bots) => {
      const { story, issue } = await incident({ policy: line(bots) });
      await story.say("deploy[bot]", issue, "/resolve");
      expect(story.history(issue).phase).toBe("declared");
      expect(story.replies(issue)).toEqual([
        expect.stringContaining("Add `resolve` to the line of `deploy[bot]` in `commands.bots`"),
      ]);
    },
  );

  it("ends an incident when /resolve is granted to it and the gate has nothing against it", async () => {
    const policy = `${line("{ 'github-actions[bot]': [note, resolve] }")}severities: { P0: { close-requires: [] } }\n`;
    const { story, issue } = await incident({ policy });
    await story.say("github-actions[bot]", issue, "/resolve the rollback is through");
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
  });

  it("lowers the severity only where `lower-severity` or `waive` is granted, not by /severity alone", async () => {
    const severities = "severities:\n  P0: {}\n  P2: { close-requires: [] }\n";
    for (const [granted, severity] of [
      ["severity", "P0"],
      ["severity, lower-severity", "P2"],
      ["severity, waive", "P2"],
    ] as const) {
      const { story, issue } = await incident({ policy: `${line(`{ deploy: [${granted}] }`)}${severities}` });
      await story.say("deploy[bot]", issue, "/severity P2");
      expect(story.history(issue).severity).toBe(severity);
    }
  });

  it("writes no post-mortem elsewhere, where nothing tells that it may", async () => {
    const policy = `${line("{ deploy: [postmortem] }")}post-mortem: { repository: acme/learnings }\n`;
    const { story, issue } = await incident({ policy });
    const there = story.github.addRepository({ owner: "acme", name: "learnings" });
    await story.say("deploy[bot]", issue, "/postmortem");
    expect(() => story.github.issue(1, there)).toThrow();
    expect(story.replies(issue)).toHaveLength(1);
  });
});

describe("a command is judged once", () => {
  it("what becomes of its comment afterwards changes nothing", async () => {
    const { story, issue } = await incident();
    const first = await story.say("alice", issue, "/ack");
    const second = await story.say("alice", issue, "/severity P1");
    await story.advance(MINUTE_MS);
    const before = stateOf(story, issue);
    story.github.as("alice").editComment(first, "/resolve");
    story.github.as("alice").deleteComment(second);
    await story.settle();
    expect(stateOf(story, issue)).toEqual(before);
    expect(story.replies(issue)).toEqual([]);
  });

  it("a second command added to a judged comment is not obeyed, and that is said once", async () => {
    const { story, issue } = await incident();
    const comment = await story.say("alice", issue, "/ack");
    await story.advance(MINUTE_MS);
    story.github.as("alice").editComment(comment, "/ack\n/resolve");
    await story.settle();
    expect(story.history(issue).phase).toBe("acknowledged");
    expect(story.replies(issue)).toEqual([expect.stringContaining("edited before it was read")]);
  });

  it("an old comment edited into a command is not one, and not a word is said", async () => {
    const { story, issue } = await incident();
    const comment = await story.say("alice", issue, "looking");
    await story.advance(11 * MINUTE_MS);
    story.github.as("alice").editComment(comment, "/ack");
    await story.settle();
    expect(story.history(issue).phase).toBe("declared");
    expect(story.replies(issue)).toEqual([]);
  });

  it.each([1, 3])(
    "one that GitHub shows as changed %d s after it was written, and nobody has edited, is obeyed",
    async (s) => {
      const { story, issue } = await incident();
      story.github.stampsLateByMs = s * SECOND_MS;
      await story.say("alice", issue, "/ack");
      expect(story.history(issue).responder).toBe("alice");
      expect(story.replies(issue)).toEqual([]);
      story.listens = false;
      await story.say("alice", issue, "/status read late");
      await story.advance(20 * MINUTE_MS);
      story.listens = true;
      await story.look(issue);
      expect(story.status(issue)).toContain("read late");
    },
  );

  // A-064
  it("one that may have been edited is obeyed for a second's difference where the server does not tell", async () => {
    const { story, issue } = await incident();
    story.github.features.graphql = false;
    story.github.stampsLateByMs = SECOND_MS;
    await story.say("alice", issue, "/ack");
    expect(story.history(issue).responder).toBe("alice");
  });

  it.each(["/waive the app has written this", "/ack", "/cancel a false alarm", "/severity P1", "/resolve"])(
    "one that somebody else has edited into %s within its first second is not obeyed",
    async (command) => {
      const { story, issue } = await incident();
      const before = story.record(issue).entries.length;
      story.listens = false;
      const { id } = story.github.as("alice").comment(issue, "looks fine to me");
      story.clock.advance(500);
      story.github.as("x[bot]").editComment(id, command);
      story.listens = true;
      await story.look(issue);
      expect(story.record(issue).entries.slice(before)).toEqual([expect.objectContaining({ kind: "refused" })]);
      expect(story.replies(issue)).toEqual([expect.stringContaining("edited before it was read")]);
    },
  );

  it("an acknowledgement waits for nothing while GraphQL alone is down", async () => {
    const { story, issue } = await incident();
    story.github.faults.fail({ method: "commentEdits", times: 100 });
    await story.say("alice", issue, "/ack");
    expect(story.history(issue).responder).toBe("alice");
    story.github.faults.clear();
  });

  it("one edited before it was read is not obeyed, and its author is told once", async () => {
    const { story, issue } = await incident();
    const { id } = story.github.as("alice").comment(issue, "/ack\n/note one");
    story.clock.advance(2 * SECOND_MS);
    story.github.as("alice").editComment(id, "/ack\n/note two");
    await story.settle();
    expect(story.history(issue).phase).toBe("declared");
    expect(story.replies(issue)).toEqual([expect.stringContaining("comment it again. That comment was edited")]);
  });

  it("one deleted before it was read does nothing", async () => {
    const { story, issue } = await incident();
    const { id } = story.github.as("alice").comment(issue, "/ack");
    story.github.as("alice").deleteComment(id);
    await story.settle();
    expect(story.history(issue).phase).toBe("declared");
    expect(story.replies(issue)).toEqual([]);
  });

  it("and not when it was written before the incident was declared", async () => {
    const story = await Story.begin();
    const { number } = story.github.as("rita").openIssue({ title: "Slow" });
    story.github.as("alice").comment(number, "/resolve");
    await story.advance(5 * MINUTE_MS);
    story.github.as("alice").label(number, "sev:P0");
    await story.settle();
    expect(story.history(number).phase).toBe("declared");
    expect(story.replies(number)).toEqual([]);
  });

  it("and not when nobody read it for a day", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/ack");
    story.listens = false;
    story.github.as("alice").comment(issue, "/resolve");
    story.clock.advance(25 * HOUR_MS);
    story.listens = true;
    await story.look(issue);
    expect(story.history(issue).phase).toBe("acknowledged");
  });
});

describe("rights are those at the time of judging", () => {
  it("lost since the comment was written: refused", async () => {
    const { story, issue } = await incident();
    story.github.changeVisibility("private");
    await story.settle();
    story.listens = false;
    story.github.as("bob").comment(issue, "/resolve");
    story.github.setRole("bob", "read");
    story.listens = true;
    await story.look(issue);
    expect(story.history(issue).phase).toBe("declared");
    expect(story.replies(issue)).toEqual([expect.stringContaining("needs the triage role")]);
  });

  it("lost after it was obeyed: what was done stays done", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/ack");
    story.github.setRole("bob", "none");
    await story.say("alice", issue, "/note still his");
    expect(story.history(issue)).toMatchObject({ responder: "bob", phase: "acknowledged" });
  });

  it("not told by GitHub: nothing changes and nobody is accused; told a minute later: obeyed, in order", async () => {
    const { story, issue } = await incident();
    story.github.faults.fail({ method: "permission", times: Number.POSITIVE_INFINITY });
    story.github.as("bob").comment(issue, "/ack");
    await story.settle();
    story.github.as("bob").comment(issue, "/mitigate moved traffic");
    await story.settle();
    expect(story.history(issue).phase).toBe("declared");
    expect(story.replies(issue)).toEqual([]);

    story.github.faults.clear();
    await story.advance(MINUTE_MS);
    expect(story.record(issue).entries.map((entry) => entry.kind)).toEqual([
      "declared",
      "runbooks-matched",
      "acknowledged",
      "mitigated",
    ]);
    expect(story.replies(issue)).toEqual([]);
  });

  it("not told for a quarter of an hour: one reply, and nothing is done", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nseverities:\n  P0: {}\n" });
    story.github.faults.fail({ method: "permission", times: Number.POSITIVE_INFINITY });
    await story.say("bob", issue, "/ack");
    await story.advance(14 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([]);
    await story.advance(2 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([expect.stringContaining("GitHub did not say what role you have")]);
    await story.advance(HOUR_MS);
    expect(story.replies(issue)).toHaveLength(1);
    expect(story.history(issue).phase).toBe("declared");
  });

  it("asked for by the policy: a stricter one is kept to", async () => {
    const { story, issue } = await incident({
      policy: "version: 1\ncommands:\n  permission: { default: triage, resolve: admin }\n",
    });
    await story.say("alice", issue, "/resolve\n/ack");
    expect(story.history(issue).phase).toBe("acknowledged");
    expect(story.replies(issue)).toEqual([expect.stringContaining("`/resolve` needs the admin role")]);
  });
});

describe("/help", () => {
  it.each([
    {
      by: "rita",
      mayNot:
        /^rita has the read role here, which is not enough for `\/ack`, .*\(triage\); `\/revert`, `\/drop` \(write\); `\/waive` \(maintain\)\.$/m,
    },
    {
      by: "bob",
      mayNot:
        /^bob has the triage role here, which is not enough for `\/revert`, `\/drop` \(write\); `\/waive` \(maintain\)\.$/m,
    },
    { by: "alice", mayNot: null },
  ])("shows $by every command in four groups, and in one line what $by may not use", async ({ by, mayNot }) => {
    const { story, issue } = await incident();
    await story.say(by, issue, "/help");
    const [reply] = story.replies(issue);
    for (const name of COMMAND_NAMES) expect(reply).toContain(`| \`${COMMANDS[name].usage}\` |`);
    const groups = reply!.match(/^\| (\w+) \| What it does \|$/gm);
    expect(groups?.map((group) => group.split(" ")[1])).toEqual(["Now", "People", "Regression", "Close"]);
    if (mayNot === null) expect(reply).not.toContain("not enough");
    else expect(reply).toMatch(mayNot);
    expect(story.replies(issue)).toHaveLength(1);
  });
});

describe("/runbook", () => {
  it("lists the runbooks that match the title, best first", async () => {
    const { story, issue } = await incident();
    story.github.setFile("runbooks/checkout/checkout-down.md", "# Checkout");
    story.github.setFile("runbooks/checkout/payments.md", "# Payments");
    story.github.setFile("docs/runbooks/database.md", "# Database");
    story.github.setFile("docs/checkout.md", "# No runbook");
    await story.say("rita", issue, "/runbook");
    await story.say("bob", issue, "/runbook");
    const reply = story.replies(issue).at(-1)!;
    expect(reply).toContain("/blob/HEAD/runbooks/checkout/checkout-down.md");
    expect(reply.indexOf("checkout-down")).toBeLessThan(reply.indexOf("payments"));
    expect(reply).not.toContain("docs/checkout.md");
    expect(reply).not.toContain("database");
  });

  it("says what to do where there is none", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/runbook");
    expect(story.replies(issue)).toEqual([expect.stringContaining("this repository has no runbook yet")]);
  });
});

describe("/postmortem", () => {
  it("creates one issue, filled with what is known, labelled, and linked both ways", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/ack\n/assign bob lead\n/status rolling back");
    const comment = await story.say("alice", issue, "/postmortem");
    const created = Math.max(...story.github.numbers());
    const { title, body, labels } = story.github.issue(created);
    expect(title).toBe("Post-mortem: Checkout is down");
    expect(labels).toEqual(["post-mortem"]);
    expect(body).toContain(`Incident: #${issue}`);
    expect(body).toMatch(/Severity\W+P0 \|/);
    expect(body).toContain("alice (responder), bob (lead)");
    expect(body).toMatch(
      /09:02 · \[Update\]\(https:\/\/github\.com\/acme\/ops\/issues\/1#issuecomment-\d+\) by alice: rolling back/,
    );
    expect(story.status(issue)).toContain(`#${created}`);
    expect(reacted(story, comment)).toBe(true);
  });

  it("said twice creates one issue, and the second time is told where it is", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/postmortem");
    const count = story.github.numbers().length;
    await story.say("bob", issue, "/postmortem");
    expect(story.github.numbers()).toHaveLength(count);
    expect(story.replies(issue)).toEqual([expect.stringContaining("Fill in #2, the post-mortem of this incident.")]);
  });

  it("said twice in one comment, or by two people at once, creates one issue", async () => {
    const { story, issue } = await incident();
    story.github.as("alice").comment(issue, "/postmortem\n/postmortem");
    story.github.as("bob").comment(issue, "/postmortem");
    await story.settle();
    expect(story.github.numbers()).toHaveLength(2);
  });

  it("creates one issue also when GitHub made it and the answer got lost", async () => {
    const { story, issue } = await incident();
    story.github.faults.fail({ method: "createIssue", when: "after" });
    await story.say("alice", issue, "/postmortem");
    await story.advance(MINUTE_MS);
    expect(story.github.numbers()).toHaveLength(2);
    expect(story.history(issue).links).toMatchObject([{ evidence: "post-mortem", target: { number: 2 } }]);
  });

  it.each([
    { name: "a number", written: (issue: number) => `#${issue}` },
    { name: "owner/repository#number", written: (issue: number) => `Acme/Ops#${issue}` },
    { name: "an address", written: (issue: number) => `https://github.com/acme/ops/issues/${issue}` },
  ])("links one by $name", async ({ written }) => {
    const { story, issue } = await incident();
    const { number } = story.github.as("bob").openIssue({ title: "What we learned" });
    await story.say("alice", issue, `/postmortem ${written(number)}`);
    expect(story.history(issue).links).toEqual([
      { evidence: "post-mortem", target: { repository: null, number }, byCommand: true, withReason: false },
    ]);
    expect(story.replies(issue)).toEqual([]);
  });

  it("does not take a pull request for one", async () => {
    const { story, issue } = await incident();
    const { number } = story.github.as("bob").openPullRequest({ title: "A fix" });
    await story.say("alice", issue, `/postmortem #${number}`);
    await story.advance(5 * SECOND_MS);
    expect(story.history(issue).links).toEqual([]);
    expect(story.replies(issue)).toEqual([expect.stringContaining(`there is no issue #${number}.`)]);
  });

  it("mentions and closes nothing by the incident's title", async () => {
    const story = await Story.begin();
    const { number } = story.github.as("bob").openIssue({ title: "@acme/sre look: fixes #12", labels: ["sev:P0"] });
    await story.settle();
    await story.say("alice", number, "/postmortem");
    const { title, body } = story.github.issue(Math.max(...story.github.numbers()));
    // A title is text: GitHub looks for nothing in it.
    expect(title).toBe("Post-mortem: @acme/sre look: fixes #12");
    expect(mentionedIn(body)).toEqual([]);
    expect(closingReferences(body, "acme/ops")).toEqual([]);
  });
});

describe("post-mortems that live in another repository", () => {
  const policy = "version: 1\npost-mortem:\n  repository: acme/learnings\n";

  async function withLearnings() {
    const { story, issue } = await incident({ policy });
    const learnings = story.github.addRepository({ owner: "acme", name: "learnings", isPrivate: true });
    story.hint({ kind: "repository", repository: learnings });
    await story.settle();
    return { story, issue, learnings };
  }

  it("are created there by somebody who may write there", async () => {
    const { story, issue, learnings } = await withLearnings();
    story.github.setRole("alice", "triage", learnings);
    await story.say("alice", issue, "/postmortem");
    const [created] = story.github.numbers(learnings);
    expect(story.github.issue(created!, learnings).body).toContain(`Incident: acme/ops#${issue}`);
    expect(story.history(issue).links).toEqual([
      {
        evidence: "post-mortem",
        target: { repository: "acme/learnings", number: created },
        byCommand: true,
        withReason: false,
      },
    ]);
  });

  it("are not created there by somebody who may not, whatever their rights here", async () => {
    const { story, issue, learnings } = await withLearnings();
    await story.say("alice", issue, "/postmortem");
    expect(story.github.numbers(learnings)).toEqual([]);
    expect(story.replies(issue)).toEqual([
      expect.stringContaining("Ask someone with the triage role in `acme/learnings`"),
    ]);
  });

  it("are not created, and nobody is accused, while GitHub does not tell the rights there", async () => {
    const { story, issue, learnings } = await withLearnings();
    story.github.setRole("alice", "triage", learnings);
    // The second question of the pass is the one about the other repository.
    story.github.faults.fail({ method: "permission", nth: 2 });
    await story.say("alice", issue, "/postmortem");
    expect(story.replies(issue)).toEqual([]);
    await story.advance(MINUTE_MS);
    expect(story.github.numbers(learnings)).toHaveLength(1);
  });

  it("may not be linked from here", async () => {
    const { story, issue } = await withLearnings();
    const { number } = story.github.as("bob").openIssue({ title: "What we learned", labels: ["post-mortem"] });
    await story.say("alice", issue, `/postmortem #${number}`);
    expect(story.replies(issue)).toEqual([expect.stringContaining("Link one from `acme/learnings`")]);
  });

  it("say so where the app is not installed there", async () => {
    const { story, issue } = await incident({ policy });
    await story.say("alice", issue, "/postmortem");
    expect(story.replies(issue)).toEqual([expect.stringContaining("`acme/learnings`")]);
    expect(story.github.numbers()).toEqual([issue]);
  });
});

// People with triage see boxes they cannot tick: changing somebody else's comment takes write (A-038).
describe("/done", () => {
  const boxes = (story: Story, issue: number) =>
    [...story.status(issue).matchAll(/^ *- \[(x| )\] .*<!-- item:([\w-]+) -->$/gm)].map(
      ([, mark, id]) => `${mark} ${id}`,
    );

  it("ticks the boxes it counts to, for somebody with triage, and is thanked", async () => {
    const { story, issue } = await incident();
    expect(story.status(issue)).toContain("`/done 2` ticks the second box");
    const comment = await story.say("bob", issue, "/done 2, 3-4");
    expect(boxes(story, issue)).toEqual(["  revert", "x runbook", "x reach-out", "x thread"]);
    expect(reacted(story, comment)).toBe(true);
    expect(story.replies(issue)).toEqual([]);
    expect(story.words(issue)).toContain("3 boxes ticked by bob");
    await story.look(issue);
    expect(story.record(issue).ticks).toEqual(["reach-out", "runbook", "thread"]);
  });

  it("can be taken back by hand, and is not ticked again", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/done 3");
    const ticked = story.status(issue);
    const body = story.github.comments(issue).find(({ body }) => body === ticked)!.body;
    story.github.as("alice").editComment(story.statusId(issue), body.replace(/- \[x\] (?=Need help)/, "- [ ] "));
    await story.settle();
    await story.advance(MINUTE_MS);
    expect(boxes(story, issue)).toContain("  reach-out");
  });

  it("said twice in one comment ticks and counts a box once", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/done 2\n/done 2 3");
    expect(boxes(story, issue).filter((box) => box.startsWith("x"))).toEqual(["x runbook", "x reach-out"]);
    expect(story.words(issue).match(/\d box(?:es)? ticked/g)).toEqual(["1 box ticked", "1 box ticked"]);
  });

  it("counts the boxes as they stand: the steps of a runbook below it, before what comes next", async () => {
    const story = await Story.begin();
    story.github.setFile("runbooks/checkout.md", "---\nkeywords: [checkout]\n---\n# Down\n\n1. One\n2. Two\n");
    const issue = await story.declare();
    await story.say("alice", issue, "/done 4");
    expect(boxes(story, issue).map((box) => box.replace(/step-\w+-/, "step "))).toEqual([
      "  revert",
      "  runbook",
      "  step 1",
      "x step 2",
      "  reach-out",
      "  thread",
    ]);
  });

  it("counts those of a repository's own template", async () => {
    const story = await Story.begin();
    const own =
      "{% for item in checklist reversed -%}\n- [{% if item.checked %}x{% else %} {% endif %}] {{ item.text }} <!-- item:{{ item.id }} -->\n{% endfor %}";
    story.github.as("alice").push("Template", { ".github/sevgate/templates/status.md": own });
    await story.settle();
    await story.advance(MINUTE_MS);
    const issue = await story.declare();
    await story.say("alice", issue, "/done 1");
    expect(boxes(story, issue)[0]).toBe("x learn");
  });

  it("beyond the last box says how many there are", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/done 8");
    expect(story.replies(issue)).toEqual([expect.stringContaining("Choose a box from 1 to 4, counted from the top")]);
  });

  it("is refused to people without the right", async () => {
    const { story, issue } = await incident();
    await story.say("rita", issue, "/done 3");
    await story.say("rita", issue, "/done 3");
    expect(boxes(story, issue)).toContain("  reach-out");
    expect(story.replies(issue)).toEqual([expect.stringContaining("`/done` needs the triage role")]);
  });
});
