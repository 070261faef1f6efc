import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice", "bob"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Declared by bob on Mon 2026-01-05 at 09:01 UTC, acknowledged by alice at 09:05 and mitigated at 09:30; it is 10:00. */
async function running(options: { readonly policy?: string; readonly slack?: boolean } = {}) {
  const story = await Story.begin(options);
  const issue = await story.declare();
  await story.advance(4 * MINUTE_MS);
  await story.say("alice", issue, "/ack");
  await story.advance(25 * MINUTE_MS);
  await story.say("alice", issue, "/mitigate traffic moved");
  await story.advance(30 * MINUTE_MS);
  return { story, issue };
}

/** The same, resolved at 10:00 and closed by hand with a waiver; it is a day and two hours later. */
async function closed(options: { readonly policy?: string } = {}) {
  const { story, issue } = await running(options);
  await story.say("alice", issue, "/waive the same as last week\n\n/resolve fixed");
  expect(story.github.issue(issue).state).toBe("closed");
  await story.advance(DAY_MS + 2 * HOUR_MS);
  return { story, issue };
}

function isObeyed(story: Story, comment: number): boolean {
  return story.github
    .reactions(comment)
    .some(({ login, reaction }) => login === story.github.botLogin && reaction === "+1");
}

/** The last `/time` in the record, in UTC. */
function corrected(story: Story, issue: number): { readonly time: string; readonly to: string } | null {
  const entry = story.record(issue).entries.findLast((one) => one.kind === "time-corrected");
  return entry?.kind === "time-corrected" ? { time: entry.time, to: new Date(entry.to).toISOString() } : null;
}

describe("a slip in the year", () => {
  it("is asked about, with the line to comment if it is none", async () => {
    const { story, issue } = await running();
    const comment = await story.say("bob", issue, "/time started 2025-01-05T08:50Z");
    expect(isObeyed(story, comment)).toBe(false);
    expect(story.replies(issue)).toEqual([
      expect.stringContaining(
        "Is the day right? 2025-01-05 08:50 UTC is 365 days before the declaration. If it is, say why: `/time started 2025-01-05T08:50Z REASON`.",
      ),
    ]);
    expect(corrected(story, issue)).toBeNull();
  });

  it("is none where somebody says why", async () => {
    const { story, issue } = await running();
    const comment = await story.say("bob", issue, "/time started 2025-01-05T08:50Z the rounding was wrong all year");
    expect(isObeyed(story, comment)).toBe(true);
    expect(corrected(story, issue)).toEqual({ time: "started", to: "2025-01-05T08:50:00.000Z" });
  });

  it("is not suspected of what began within three months", async () => {
    const { story, issue } = await running();
    const comment = await story.say("bob", issue, "/time started 2025-10-20T08:50Z");
    expect(isObeyed(story, comment)).toBe(true);
  });
});

describe("a time that was said too late is put right with /time", () => {
  it("while the incident goes on: the details and the timeline say it, with who and what it was before", async () => {
    const { story, issue } = await running();
    const before = { ...story.github.issue(issue) };
    const comment = await story.say("bob", issue, "/time mitigated 09:12 the switch was quicker than I was");
    expect(isObeyed(story, comment)).toBe(true);
    expect(story.replies(issue)).toEqual([]);
    expect(story.words(issue)).toContain(
      "- **Mitigated:** 09:12 UTC by alice, after 11 minutes · corrected by bob, was 09:30 UTC",
    );
    expect(story.words(issue)).toContain(
      "Time corrected by bob: mitigated 09:12 UTC, was 09:30 UTC: the switch was quicker than I was",
    );
    expect(story.words(issue)).toContain("09:30 · Mitigated by alice: traffic moved");
    const { labels, assignees, state } = story.github.issue(issue);
    expect({ labels, assignees, state }).toEqual({
      labels: before.labels,
      assignees: before.assignees,
      state: before.state,
    });
  });

  it("after it is closed: the summary counts by it", async () => {
    const { story, issue } = await closed();
    expect(story.words(issue)).toContain(
      "**59 minutes** from declared to resolved · acknowledged after 4 minutes by alice",
    );
    await story.say("bob", issue, "/time acknowledged 09:02");
    await story.say("bob", issue, "/time resolved 2026-01-05 10:31 UTC");
    expect(story.words(issue)).toContain(
      "**1 hour 30 minutes** from declared to resolved · acknowledged after 1 minute by alice",
    );
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("twice: both stay on the timeline, each with what it was before", async () => {
    const { story, issue } = await running();
    await story.say("bob", issue, "/time mitigated 09:12");
    await story.say("alice", issue, "/time mitigated 09:20 by the graph");
    expect(story.words(issue)).toContain("Time corrected by bob: mitigated 09:12 UTC, was 09:30 UTC");
    expect(story.words(issue)).toContain("Time corrected by alice: mitigated 09:20 UTC, was 09:12 UTC: by the graph");
    expect(story.words(issue)).toContain("**Mitigated:** 09:20 UTC by alice, after 19 minutes · corrected by alice");
  });

  it("to what it is already: nothing is added", async () => {
    const { story, issue } = await running();
    await story.say("bob", issue, "/time mitigated 09:12");
    const comment = await story.say("alice", issue, "/time mitigated 2026-01-05T10:12+01:00");
    expect(isObeyed(story, comment)).toBe(true);
    expect(story.record(issue).entries.filter(({ kind }) => kind === "time-corrected")).toHaveLength(1);
  });
});

describe("when it started and was detected is said with /time", () => {
  it("and shown before the declaration, which stays what it is", async () => {
    const { story, issue } = await running();
    await story.say("alice", issue, "/time started 08:15\n\n/time detected 08:50 a customer called");
    expect(story.words(issue)).toContain(
      [
        "- **Started:** 08:15 UTC, 46 minutes before it was declared · added by alice",
        "- **Detected:** 08:50 UTC, 11 minutes before it was declared · added by alice",
        "- **Declared:** 2026-01-05 09:01 UTC by bob",
      ].join("\n"),
    );
    expect(story.words(issue)).toContain("Time added by alice: detected 08:50 UTC: a customer called");
  });

  it("and gives the length of an incident that was declared when it was over", async () => {
    const { story, issue } = await closed();
    await story.say("alice", issue, "/time started 07:00\n\n/time mitigated 07:45\n\n/time acknowledged 07:30");
    await story.say("alice", issue, "/time mitigated 07:45\n\n/time resolved 08:00");
    expect(story.words(issue)).toContain(
      "**1 hour** from started to resolved · acknowledged before it was declared by alice",
    );
  });
});

describe("a time without a day", () => {
  it.each([
    { when: "09:12", to: "2026-01-05T09:12:00.000Z" },
    { when: "9:12", to: "2026-01-05T09:12:00.000Z" },
    { when: "09:12:30Z", to: "2026-01-05T09:12:30.000Z" },
    { when: "10:12+01:00", to: "2026-01-05T09:12:00.000Z" },
    { when: "04:12 -0500", to: "2026-01-05T09:12:00.000Z" },
    { when: "2026-01-05 09:12", to: "2026-01-05T09:12:00.000Z" },
    { when: "2026-01-05T14:42+05:30", to: "2026-01-05T09:12:00.000Z" },
    { when: "09:12 UTC, by the graph", to: "2026-01-05T09:12:00.000Z" },
  ])("$when is that of the incident's day, in UTC without an on-call file", async ({ when, to }) => {
    const { story, issue } = await running();
    await story.say("bob", issue, `/time mitigated ${when}`);
    expect(corrected(story, issue)).toEqual({ time: "mitigated", to });
  });

  it("is in the zone of the on-call file", async () => {
    const { story, issue } = await running();
    const file = `zone: Asia/Tokyo
rotations:
  first: { start: 2025-01-06, members: [alice] }
roles:
  primary: { layers: [first] }
`;
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": file });
    await story.settle();
    await story.say("bob", issue, "/time mitigated 18:12");
    expect(corrected(story, issue)).toEqual({ time: "mitigated", to: "2026-01-05T09:12:00.000Z" });
    await story.say("bob", issue, "/time mitigated 2026-01-05 18:13");
    expect(corrected(story, issue)).toEqual({ time: "mitigated", to: "2026-01-05T09:13:00.000Z" });
    await story.say("bob", issue, "/time mitigated 20:00");
    expect(story.replies(issue).at(-1)).toContain(
      "Add the day, such as `/time mitigated 2026-01-04T11:00Z`: there is no 20:00 (Asia/Tokyo) from 2026-01-04 21:01 UTC to 2026-01-05 10:00 UTC.",
    );
  });

  it("is the last before the comment while the incident goes on, also after midnight", async () => {
    const { story, issue } = await running();
    await story.advance(15 * HOUR_MS);
    await story.say("bob", issue, "/time mitigated 00:30");
    expect(corrected(story, issue)).toEqual({ time: "mitigated", to: "2026-01-06T00:30:00.000Z" });
    await story.say("bob", issue, "/time mitigated 23:30");
    expect(corrected(story, issue)).toEqual({ time: "mitigated", to: "2026-01-05T23:30:00.000Z" });
  });

  it("is that of the incident's day days after it was closed", async () => {
    const { story, issue } = await closed();
    await story.advance(3 * DAY_MS);
    await story.say("bob", issue, "/time mitigated 09:45");
    expect(corrected(story, issue)).toEqual({ time: "mitigated", to: "2026-01-05T09:45:00.000Z" });
    await story.say("bob", issue, "/time resolved 11:30");
    expect(corrected(story, issue)).toEqual({ time: "resolved", to: "2026-01-05T11:30:00.000Z" });
  });

  it("that is in order on one day only is that day's", async () => {
    const { story, issue } = await closed();
    await story.say("bob", issue, "/time acknowledged 21:30");
    expect(corrected(story, issue)).toEqual({ time: "acknowledged", to: "2026-01-04T21:30:00.000Z" });
    await story.say("bob", issue, "/time resolved 21:30");
    expect(corrected(story, issue)).toEqual({ time: "resolved", to: "2026-01-05T21:30:00.000Z" });
  });

  it("that could be two is not guessed: the reply shows one that works", async () => {
    const { story, issue } = await running();
    await story.advance(20 * HOUR_MS);
    await story.say("alice", issue, "/waive the same as last week\n\n/resolve fixed");
    await story.advance(DAY_MS);
    await story.say("bob", issue, "/time resolved 10:30");
    const reply = story.replies(issue).at(-1)!;
    expect(reply).toContain(
      "Add the day, such as `/time resolved 2026-01-06T10:30Z`: 10:30 (UTC) comes more than once from 2026-01-04 21:01 UTC to 2026-01-06 18:00 UTC.",
    );
    expect(corrected(story, issue)).toBeNull();
    await story.say("bob", issue, /`(\/time[^`]*)`/.exec(reply)![1]!);
    expect(corrected(story, issue)).toEqual({ time: "resolved", to: "2026-01-06T10:30:00.000Z" });
  });
});

describe("what cannot be is refused with what to do, and changes nothing", () => {
  it.each([
    {
      says: "/time mitigated 09:03",
      reply:
        "Write a time not before 2026-01-05 09:05 UTC, when the incident was acknowledged, or correct that one first with `/time acknowledged HH:MM`: it cannot have been mitigated at 2026-01-05 09:03 UTC.",
    },
    {
      says: "/time acknowledged 09:31",
      reply: "Write a time not after 2026-01-05 09:30 UTC, when the incident was mitigated, or correct that one first",
    },
    { says: "/time started 2026-01-05 09:06", reply: "Write a time not after 2026-01-05 09:05 UTC" },
    {
      says: "/time mitigated 2026-01-05 10:01Z",
      reply: "Write a time that has passed: 2026-01-05 10:01 UTC is still to come.",
    },
    {
      says: "/time resolved 09:40",
      reply:
        "Comment `/resolve` first, then `/time resolved HH:MM`: it is not resolved yet, and `/time` corrects the time only.",
    },
    {
      says: "/time mitigated 10:42",
      reply:
        "Add the day, such as `/time mitigated 2026-01-04T10:42Z`: there is no 10:42 (UTC) from 2026-01-04 21:01 UTC to 2026-01-05 10:00 UTC.",
    },
    {
      says: "/time",
      reply: "Name one of started, detected, acknowledged, mitigated, resolved: `/time NAME WHEN [REASON]`.",
    },
    { says: "/time mitigated", reply: "Add when that was, such as 10:42, 10:42 UTC or 2026-11-26T10:42Z: `/time" },
    {
      says: "/time mitigated yesterday",
      reply: "Write when that was, such as 10:42, 10:42 UTC or 2026-11-26T10:42Z: `/time",
    },
    { says: "/time mitigated 9:12 pm", reply: "Write the time of 24 hours, and the zone as UTC or an offset" },
    { says: "/time mitigated 10:12 CET", reply: "Write the time of 24 hours, and the zone as UTC or an offset" },
  ])("$says", async ({ says, reply }) => {
    const { story, issue } = await running();
    const before = story.history(issue);
    await story.say("bob", issue, says);
    expect(story.replies(issue)).toHaveLength(1);
    expect(story.replies(issue)[0]).toContain(reply);
    expect(story.history(issue)).toEqual(before);
  });

  it("in the same minute is in order", async () => {
    const { story, issue } = await running();
    await story.advance(30_000);
    await story.say("alice", issue, "/resolve");
    await story.say("bob", issue, "/time mitigated 10:00\n\n/time resolved 10:00");
    expect(story.replies(issue)).toEqual([]);
  });

  it("is the mitigation of a /resolve alone: it moves with the resolution", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.advance(HOUR_MS - MINUTE_MS);
    await story.say("alice", issue, "/resolve");
    await story.say("bob", issue, "/time acknowledged 09:20\n\n/time resolved 09:40");
    expect(story.replies(issue)).toEqual([]);
    await story.advance(MINUTE_MS);
    await story.say("alice", issue, "/resolve");
    expect(story.words(issue)).toContain("- **Resolved:** 09:40 UTC by alice, after 39 minutes · corrected by bob");
    expect(story.words(issue)).not.toContain("**Mitigated:**");
  });
});

describe("only those who may change a time", () => {
  it("rita, who may only read, does not", async () => {
    const { story, issue } = await running();
    const before = story.history(issue);
    await story.say("rita", issue, "/time mitigated 09:12");
    expect(story.history(issue)).toEqual(before);
    expect(story.replies(issue)).toEqual([]);
  });

  it("a policy may ask for more than triage", async () => {
    const { story, issue } = await running({ policy: "commands: { permission: { time: maintain } }\n" });
    await story.say("bob", issue, "/time mitigated 09:12");
    expect(corrected(story, issue)).toBeNull();
    await story.say("alice", issue, "/time mitigated 09:13");
    expect(corrected(story, issue)).toMatchObject({ time: "mitigated" });
  });

  it.each([
    { bots: "[]", may: false },
    { bots: '["clock[bot]"]', may: false },
    { bots: '{ "clock[bot]": [note] }', may: false },
    { bots: '{ "clock[bot]": [time] }', may: true },
  ])("an app with bots: $bots: $may", async ({ bots, may }) => {
    const { story, issue } = await running({ policy: `commands: { bots: ${bots} }\n` });
    await story.say("clock[bot]", issue, "/time mitigated 09:12");
    expect(corrected(story, issue) !== null).toBe(may);
  });
});

describe("paging and deadlines go by what was said when it was said", () => {
  const ON_CALL = `team: [alice, bob]
rotations:
  first: { start: 2025-01-06, members: [alice] }
roles:
  primary: { layers: [first] }
escalation:
  default: { steps: [{ after: 0m, notify: [primary] }, { after: 15m, notify: [team] }], ack-timeout: 2h }
`;

  async function onCall(file = ON_CALL): Promise<{ story: Story; issue: number }> {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": file });
    await story.settle();
    return { story, issue: await story.declare() };
  }
  const pages = (story: Story, issue: number) => story.replies(issue).filter((body) => body.includes("📟"));

  it("a time does not acknowledge: people are paged on", async () => {
    const { story, issue } = await onCall();
    await story.advance(5 * MINUTE_MS);
    await story.say("bob", issue, "/time acknowledged 09:03");
    expect(story.replies(issue).at(-1)).toContain(
      "Comment `/ack` first, then `/time acknowledged HH:MM`: it is not acknowledged yet",
    );
    await story.advance(15 * MINUTE_MS);
    expect(pages(story, issue)).toHaveLength(2);
    expect(story.history(issue).acknowledged).toBeNull();
  });

  it.each(["2026-01-04 09:00 UTC", "09:01", "09:40"])(
    "an acknowledgement put right to %s wakes nobody and moves no deadline",
    async (when) => {
      const { story, issue } = await onCall();
      await story.advance(9 * MINUTE_MS);
      await story.say("alice", issue, "/ack");
      await story.advance(35 * MINUTE_MS);
      const deadline = /an update by ([^:]*:\d\d UTC)/.exec(story.words(issue))?.[1];
      await story.say("alice", issue, `/time acknowledged ${when}`);
      expect(corrected(story, issue)).not.toBeNull();
      expect(/an update by ([^:]*:\d\d UTC)/.exec(story.words(issue))?.[1]).toBe(deadline);
      expect(deadline).toBe("10:10 UTC");
      await story.advance(HOUR_MS);
      expect(pages(story, issue)).toHaveLength(1);
    },
  );

  it("whoever corrects a time is awake: the time until people are paged again starts anew", async () => {
    const { story, issue } = await onCall(ON_CALL.replace("team: [alice, bob]", "team: [alice]"));
    await story.say("alice", issue, "/ack");
    await story.advance(110 * MINUTE_MS);
    await story.say("bob", issue, "/time detected 08:55");
    await story.advance(100 * MINUTE_MS);
    expect(pages(story, issue)).toHaveLength(1);
    await story.advance(30 * MINUTE_MS);
    expect(pages(story, issue)).toHaveLength(2);
  });

  it("an acknowledgement that is taken back takes its corrected time with it", async () => {
    const { story, issue } = await onCall();
    await story.advance(9 * MINUTE_MS);
    await story.say("alice", issue, "/ack");
    await story.say("alice", issue, "/time acknowledged 09:03");
    await story.say("alice", issue, "/unack");
    expect(story.words(issue)).not.toContain("**Acknowledged:**");
    await story.advance(MINUTE_MS);
    await story.say("bob", issue, "/ack");
    expect(story.words(issue)).toContain("- **Acknowledged:** 09:11 UTC by bob, after 10 minutes");
    expect(story.words(issue)).not.toContain("corrected by alice, was 09:10");
  });

  it("a resolution put right stays when it is said again, and goes when the issue is opened again", async () => {
    const { story, issue } = await closed();
    await story.say("bob", issue, "/time resolved 09:50");
    story.github.as("alice").reopen(issue);
    await story.settle();
    expect(story.words(issue)).not.toContain("**Resolved:**");
    expect(story.history(issue).phase).toBe("mitigated");
    await story.say("alice", issue, "/resolve");
    expect(story.words(issue)).toContain("**Resolved:** 2026-01-06 12:00 UTC");
    await story.say("alice", issue, "/time resolved 2026-01-06 11:50 UTC");
    await story.say("alice", issue, "/resolve");
    expect(story.words(issue)).toContain("**Resolved:** 2026-01-06 11:50 UTC");
  });
});

describe("close-requires: key-times", () => {
  const POLICY = "severities: { P0: { close-requires: key-times } }\n";

  it("says which are missing and what to type; typed, the incident closes by itself", async () => {
    const { story, issue } = await running({ policy: POLICY });
    expect(story.status(issue)).toContain("Before it can close: its key times");
    await story.say("alice", issue, "/resolve");
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.status(issue)).toContain(
      "❌ **Key times**: started and detected are missing. Comment `/time started HH:MM` and `/time detected HH:MM`, each on a line of its own.",
    );
    await story.say("bob", issue, "/time started 08:15");
    expect(story.status(issue)).toContain("❌ **Key times**: detected is missing. Comment `/time detected HH:MM`.");
    await story.say("bob", issue, "/time detected 08:50");
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.status(issue)).toContain("✅ **Key times** are all there.");
  });

  it("opens an issue again that was closed by hand without them", async () => {
    const story = await Story.begin({ policy: `${POLICY}key-times: [acknowledged, mitigated, resolved]\n` });
    const issue = await story.declare();
    await story.advance(10 * MINUTE_MS);
    story.github.as("alice").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    const [reply = ""] = story.replies(issue);
    expect(reply).toContain("Reopened. It needs this before it can close:");
    expect(reply).toContain(
      "- **Key times**: acknowledged and mitigated are missing. Comment `/ack` and `/mitigate`, each on a line of its own.",
    );
    await story.say("alice", issue, "/ack\n\n/mitigate");
    story.github.as("alice").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("asks for the time alone where it is over already", async () => {
    const story = await Story.begin({ policy: `${POLICY}key-times: [acknowledged, resolved]\n` });
    const issue = await story.declare();
    await story.advance(10 * MINUTE_MS);
    await story.say("alice", issue, "/resolve");
    expect(story.status(issue)).toContain("acknowledged is missing. Comment `/time acknowledged HH:MM`.");
    await story.say("alice", issue, "/time acknowledged 09:05");
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.history(issue).acknowledged).toBeNull();
  });

  it("stays closed whatever is corrected afterwards", async () => {
    const { story, issue } = await running({ policy: `${POLICY}key-times: [mitigated]\n` });
    await story.say("alice", issue, "/resolve");
    await story.advance(HOUR_MS);
    await story.say("alice", issue, "/time mitigated 09:20\n\n/time started 08:00");
    await story.advance(HOUR_MS);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.words(issue)).toContain("Time added by alice: started 08:00 UTC");
  });
});

describe("the time that counts is told wherever the incident is", () => {
  it("in Slack: once in the thread, and since when somebody has it", async () => {
    const { story, issue } = await running({ slack: true });
    await story.say("bob", issue, "/time acknowledged 09:02 by phone");
    await story.advance(10_000);
    const thread = JSON.stringify(story.slack!.replies.map(({ text, blocks }) => [text, blocks]));
    expect(thread).toContain("🕙 Time corrected by bob: acknowledged ");
    expect(thread).toContain("|2026-01-05 09:02 UTC>, was ");
    expect(thread).toContain(": by phone");
    const root = JSON.stringify(story.slack!.roots.map(({ text, blocks }) => [text, blocks]));
    expect(root).toContain("|2026-01-05 09:02 UTC>");
  });

  it("in the draft of the post-mortem", async () => {
    const { story, issue } = await running();
    await story.say("bob", issue, "/time started 08:15\n\n/time mitigated 09:12\n\n/postmortem");
    const draft = story.github.issue(issue + 1).body.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    expect(draft).toContain("| **Started** | 2026-01-05 08:15 UTC, 46 minutes before it was declared · added by bob |");
    expect(draft).toContain(
      "| **Mitigated** | 2026-01-05 09:12 UTC by alice, after 11 minutes · corrected by bob, was 09:30 UTC |",
    );
    expect(draft).toContain("Time corrected by bob: mitigated 09:12 UTC, was 09:30 UTC");
  });

  it("from GitHub alone, after the database is lost", async () => {
    const { story, issue } = await closed();
    await story.say("bob", issue, "/time resolved 09:50");
    const before = story.status(issue);
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(story.status(issue)).toBe(before);
  });
});
