import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const REOPENED = expect.stringContaining("Reopened. It needs one of these before it can close:");

async function incident(options: { readonly policy?: string } = {}): Promise<{ story: Story; issue: number }> {
  const story = await Story.begin(options);
  const issue = await story.declare();
  await story.say("alice", issue, "/ack");
  await story.advance(MINUTE_MS);
  return { story, issue };
}

/** A complete post-mortem, linked. */
async function withPostMortem(
  options: { readonly policy?: string } = {},
): Promise<{ story: Story; issue: number; postMortem: number }> {
  const { story, issue } = await incident(options);
  await story.say("alice", issue, "/postmortem");
  const postMortem = Math.max(...story.github.numbers());
  await story.fillPostMortem(postMortem);
  await story.advance(MINUTE_MS);
  return { story, issue, postMortem };
}

async function close(story: Story, issue: number, reason?: "completed" | "not_planned" | "duplicate"): Promise<void> {
  story.github.as("bob").close(issue, reason);
  await story.settle();
}

describe("an incident closed before the team has learned from it", () => {
  it("is open again within the same pass, with one comment that says what is missing and how to get it", async () => {
    const { story, issue } = await incident();
    await close(story, issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue)).toEqual([REOPENED]);
    expect(story.replies(issue)[0]).toContain("Comment `/postmortem` to create it");
    expect(story.replies(issue)[0]).toContain("False alarm? `/cancel REASON`");
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
  });

  it("is reopened before anything is written about it", async () => {
    const { story, issue } = await incident();
    story.github.forgetCalls();
    await close(story, issue);
    const { writes } = story.github;
    expect(writes.indexOf("reopenIssue")).toBeLessThan(writes.indexOf("createComment"));
  });

  it("gets one comment for each close", async () => {
    const { story, issue } = await incident();
    await close(story, issue);
    await story.advance(MINUTE_MS);
    await close(story, issue);
    expect(story.replies(issue)).toHaveLength(2);
    await story.look(issue);
    await story.advance(10 * MINUTE_MS);
    expect(story.replies(issue)).toHaveLength(2);
  });

  it("is not reopened twice because of an answer that GitHub gave from before the reopening", async () => {
    const { story, issue } = await incident();
    const read = story.github.read.issue;
    await close(story, issue);
    await story.advance(MINUTE_MS);
    story.github.as("bob").close(issue);
    const stale = story.github.issue(issue);
    await story.settle();
    const count = story.replies(issue).length;
    Object.assign(story.github.read, { issue: async () => stale });
    story.clock.advance(2 * SECOND_MS);
    await story.look(issue);
    Object.assign(story.github.read, { issue: read });
    expect(story.replies(issue)).toHaveLength(count);
    expect(story.history(issue).reopenings).toHaveLength(2);
  });

  it("is reopened also by a comment that says /resolve and closes at once: resolved, and waiting", async () => {
    const { story, issue } = await incident();
    story.github.as("bob").comment(issue, "/resolve all good");
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
    expect(story.replies(issue)).toEqual([REOPENED]);
  });

  it("is left alone while GitHub does not tell what there is: unknown neither closes nor reopens", async () => {
    const { story, issue, postMortem } = await withPostMortem();
    story.listens = false;
    story.github.as("bob").close(issue);
    story.listens = true;
    const read = story.github.read.issue;
    Object.assign(story.github.read, {
      issue: async (...given: Parameters<typeof read>) => {
        if (given[1] === postMortem) throw new TerminalError("Forbidden (403).", { status: 403 });
        return read(...given);
      },
    });
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.replies(issue)).toEqual([]);
    Object.assign(story.github.read, { issue: read });
    await story.advance(2 * MINUTE_MS);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.history(issue).closed?.how).toBe("person");
  });

  //
  it("by another app is reopened all the same", async () => {
    const { story, issue } = await incident();
    story.github.as("stale[bot]").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
  });

  it("while Sevgate was down is reopened when it is up again", async () => {
    const { story, issue } = await incident();
    story.listens = false;
    story.github.as("bob").close(issue);
    story.clock.advance(2 * DAY_MS);
    story.listens = true;
    story.restart();
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue)).toContainEqual(REOPENED);
  });
});

describe("the reason of a reopening", () => {
  it("leads to the line of the policy that asks for it, of the severity it has", async () => {
    const policy =
      "version: 1\nseverities:\n  P0: { close-requires: [post-mortem] }\n  P1:\n    label: sev:P1\n    close-requires: [fix-merged]\n";
    const story = await Story.begin({ policy });
    const issue = await story.declare(["sev:P1"]);
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.replies(issue).at(-1)).toContain(
      "[Why](https://github.com/acme/ops/blob/HEAD/.github/sevgate.yml#L6)",
    );
    await story.say("alice", issue, "/severity P0");
    await story.advance(60_000);
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.replies(issue).at(-1)).toContain(
      "[Why](https://github.com/acme/ops/blob/HEAD/.github/sevgate.yml#L3)",
    );
  });
});

describe("reopening", () => {
  it("stops after three times in a day: the incident stays closed, is marked, and that is said once", async () => {
    const { story, issue } = await incident();
    for (let count = 1; count <= 3; count += 1) {
      await close(story, issue);
      expect(story.github.issue(issue).state).toBe("open");
      await story.advance(MINUTE_MS);
    }
    expect(story.replies(issue)[2]).toContain("If it is closed once more like this, it stays closed and is marked.");
    await close(story, issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.stateLabels(issue)).toEqual(["incident:closed-ungated"]);
    expect(story.replies(issue)).toHaveLength(4);
    expect(story.replies(issue)[3]).toContain("marked `incident:closed-ungated`. One of these removes the mark:");

    await story.look(issue);
    await story.advance(DAY_MS);
    await story.look(issue);
    expect(story.replies(issue)).toHaveLength(4);
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("the day after, the count is fresh", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nseverities:\n  P0: {}\n" });
    for (let count = 1; count <= 3; count += 1) {
      await close(story, issue);
      await story.advance(MINUTE_MS);
    }
    await story.advance(DAY_MS);
    await close(story, issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
  });

  it("begins anew when a person opens the marked incident again, and the mark goes when the evidence is there", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nclosing:\n  max-reopens-per-day: 0\n" });
    await close(story, issue);
    expect(story.stateLabels(issue)).toEqual(["incident:closed-ungated"]);

    await story.advance(MINUTE_MS);
    story.github.as("alice").reopen(issue);
    await story.settle();
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
    await close(story, issue);
    expect(story.stateLabels(issue)).toEqual(["incident:closed-ungated"]);

    await story.say("alice", issue, "/postmortem");
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
  });

  it("waits for the policy's grace: evidence that comes in time means no reopening", async () => {
    const policy = "version: 1\nclosing:\n  grace: 30m\n";
    const { story, issue } = await incident({ policy });
    await close(story, issue);
    await story.advance(29 * MINUTE_MS);
    expect(story.github.issue(issue).state).toBe("closed");
    await story.say("alice", issue, "/postmortem");
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    await story.advance(HOUR_MS);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.replies(issue)).toEqual([]);
  });

  it("comes by itself when the grace is over, and not a second before", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nclosing:\n  grace: 30m\n" });
    await close(story, issue);
    await story.advance(30 * MINUTE_MS - SECOND_MS);
    expect(story.github.issue(issue).state).toBe("closed");
    await story.advance(2 * SECOND_MS);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue)).toEqual([REOPENED]);
  });
});

describe("an incident the team has learned from", () => {
  it("closes at once by /resolve, and is not touched again", async () => {
    const { story, issue, postMortem } = await withPostMortem();
    await story.say("bob", issue, "/resolve back to normal");
    expect(story.github.issue(issue)).toMatchObject({ state: "closed", closeReason: "completed" });
    expect(story.history(issue).closed).toMatchObject({ how: "resolved", evidence: [{ number: postMortem }] });
    expect(story.replies(issue)).toEqual([]);
  });

  it("may be closed by a person without /resolve: then that person resolved it", async () => {
    const { story, issue } = await withPostMortem();
    await close(story, issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.history(issue)).toMatchObject({
      phase: "resolved",
      resolved: { by: "bob" },
      closed: { how: "person" },
    });
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
  });

  it("closes by itself when the evidence arrives after /resolve", async () => {
    const { story, issue } = await incident();
    await story.say("bob", issue, "/resolve");
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.status(issue)).toContain("resolved · post-mortem due Thu 8 Jan");
    await story.say("alice", issue, "/postmortem");
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.replies(issue)).toEqual([]);
  });
});

describe("an incident whose evidence disappears after it was closed", () => {
  const GONE = expect.stringContaining("Reopened: what it closed with is no longer there.");

  it.each<{ name: string; act: (story: Story, postMortem: number) => void }>([
    { name: "emptied", act: (story, number) => story.github.as("bob").edit(number, { body: "gone" }) },
    { name: "unlabelled", act: (story, number) => story.github.as("bob").unlabel(number, "post-mortem") },
    { name: "deleted", act: (story, number) => story.github.as("alice").deleteIssue(number) },
  ])("is open again with one comment: post-mortem $name", async ({ act }) => {
    const { story, issue, postMortem } = await withPostMortem();
    await story.say("bob", issue, "/resolve");
    await story.advance(HOUR_MS);
    act(story, postMortem);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue)).toEqual([GONE]);
    await story.look(issue);
    expect(story.replies(issue)).toHaveLength(1);
  });

  it("and closes by itself again when it comes back", async () => {
    const { story, issue, postMortem } = await withPostMortem();
    await story.say("bob", issue, "/resolve");
    await story.advance(HOUR_MS);
    story.github.as("bob").unlabel(postMortem, "post-mortem");
    await story.settle();
    story.github.as("bob").label(postMortem, "post-mortem");
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
  });

  it("stays closed while other evidence holds", async () => {
    const { story, issue, postMortem } = await withPostMortem();
    const second = story.github
      .as("bob")
      .openIssue({ title: "More", body: story.github.issue(postMortem).body, labels: ["post-mortem"] });
    await story.settle();
    await story.say("bob", issue, `/postmortem #${second.number}`);
    await story.say("bob", issue, "/resolve");
    await story.advance(HOUR_MS);
    story.github.as("bob").edit(postMortem, { body: "gone" });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("stays closed when only the policy became stricter", async () => {
    const { story, issue } = await withPostMortem();
    await story.say("bob", issue, "/resolve");
    await story.advance(HOUR_MS);
    story.github.as("alice").push("Stricter", {
      ".github/sevgate.yml":
        "version: 1\npost-mortem:\n  action-items: 20\n  required-sections: [Impact on customers]\n",
    });
    await story.settle();
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.replies(issue)).toEqual([]);
  });

  it("stays closed when an edit leaves the post-mortem complete", async () => {
    const { story, issue, postMortem } = await withPostMortem();
    await story.say("bob", issue, "/resolve");
    await story.advance(HOUR_MS);
    story.github.as("bob").edit(postMortem, { body: `${story.github.issue(postMortem).body}\n\nOne more thought.` });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("is reopened at most three times a day, however often it comes and goes", async () => {
    const { story, issue, postMortem } = await withPostMortem();
    await story.say("bob", issue, "/resolve");
    for (let count = 0; count < 5; count += 1) {
      await story.advance(MINUTE_MS);
      story.github.as("bob").unlabel(postMortem, "post-mortem");
      await story.settle();
      await story.advance(MINUTE_MS);
      story.github.as("bob").label(postMortem, "post-mortem");
      await story.settle();
    }
    expect(story.history(issue).reopenings).toHaveLength(3);
    expect(story.github.issue(issue).state).toBe("closed");
  });
});

describe("closing as not planned", () => {
  it("cancels the incident by default", async () => {
    const { story, issue } = await incident();
    await close(story, issue, "not_planned");
    expect(story.github.issue(issue)).toMatchObject({ state: "closed", closeReason: "not_planned" });
    expect(story.stateLabels(issue)).toEqual(["incident:cancelled"]);
    expect(story.history(issue)).toMatchObject({ phase: "cancelled", cancelled: { by: "bob" } });
    expect(story.replies(issue)).toEqual([]);
  });

  it("is held by the gate where the policy says so", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nclosing:\n  not-planned: gated\n" });
    await close(story, issue, "not_planned");
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue)).toEqual([REOPENED]);
  });
});

describe("closing as a duplicate", () => {
  it("is allowed by default", async () => {
    const { story, issue } = await incident();
    await close(story, issue, "duplicate");
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.history(issue).closed?.how).toBe("duplicate");
    expect(story.replies(issue)).toEqual([]);
  });

  it("is held by the gate where the policy says so", async () => {
    const { story, issue } = await incident({ policy: "version: 1\nclosing:\n  duplicate: gated\n" });
    await close(story, issue, "duplicate");
    expect(story.github.issue(issue).state).toBe("open");
  });
});

describe("/cancel and /waive", () => {
  it("/cancel closes as not planned, without evidence, and cannot be undone by evidence that goes", async () => {
    const { story, issue, postMortem } = await withPostMortem();
    await story.say("alice", issue, "/cancel it was the monitor");
    expect(story.github.issue(issue)).toMatchObject({ state: "closed", closeReason: "not_planned" });
    expect(story.stateLabels(issue)).toEqual(["incident:cancelled"]);
    story.github.as("bob").edit(postMortem, { body: "gone" });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("/waive closes without evidence, and stays visible for ever", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/waive same cause as last week, see its post-mortem");
    expect(story.github.issue(issue)).toMatchObject({ state: "closed", closeReason: "completed" });
    expect(story.history(issue).closed?.how).toBe("waived");
    for (let count = 0; count < 8; count += 1) {
      await story.say(
        "alice",
        issue,
        Array.from({ length: 10 }, (_, at) => `/note ${count}${at} ${"x".repeat(480)}`).join("\n"),
      );
    }
    expect(story.history(issue).waived).toMatchObject({
      by: "alice",
      reason: "same cause as last week, see its post-mortem",
    });
    expect(story.status(issue)).toContain("closed, evidence waived");
    expect(story.status(issue)).toContain("by alice: same cause as last week");
  });

  it("a closed incident that a person opens again goes on where it was, and a waiver given before does not count", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/waive same cause as last week");
    await story.advance(MINUTE_MS);
    story.github.as("alice").reopen(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
    expect(story.status(issue)).toContain("Reopened by ");
    await close(story, issue);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue)).toEqual([REOPENED]);
  });

  it("a cancelled incident that somebody else of the team opens again is an incident again, and waits for somebody to take it", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/cancel it was the monitor");
    await story.advance(MINUTE_MS);
    story.github.as("bob").reopen(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    expect(story.history(issue)).toMatchObject({ cancelled: null, closed: null });
  });

  it("an answer of GitHub from before the close is not a person who opened it again", async () => {
    const { story, issue } = await incident();
    const read = story.github.read.issue;
    const stale = story.github.issue(issue);
    story.clock.advance(2 * SECOND_MS);
    await story.say("alice", issue, "/cancel it was the monitor");
    Object.assign(story.github.read, { issue: async () => stale });
    await story.look(issue);
    Object.assign(story.github.read, { issue: read });
    expect(story.history(issue).phase).toBe("cancelled");
    expect(story.status(issue)).not.toContain("Opened again");
  });
});

// Closed and locked for good; only the timeline tells.
describe("an incident whose issue was converted to a discussion", () => {
  async function converts(story: Story, login: string, issue: number): Promise<void> {
    story.github.as(login).convertToDiscussion(issue);
    await story.settle();
  }

  it("ends there: it is neither reopened nor talked to, and its record says so", async () => {
    const { story, issue } = await incident();
    story.github.forgetCalls();
    await converts(story, "bob", issue);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.github.writes).not.toContain("reopenIssue");
    expect(story.github.writes).not.toContain("createComment");
    expect(story.history(issue)).toMatchObject({ closed: { how: "discussion", by: "bob" }, cancelled: { by: "bob" } });
    expect(story.status(issue)).toContain("Moved to a discussion by bob: the incident ends here");
    story.github.forgetCalls();
    await story.advance(DAY_MS);
    await story.look(issue);
    expect(story.github.writes).toEqual([]);
  });

  it("stays acknowledged by nobody else, and has its timers and pages ended", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    await converts(story, "alice", issue);
    await story.advance(DAY_MS);
    expect(story.replies(issue)).toEqual([]);
    expect(story.stateLabels(issue)).toEqual(["incident:cancelled"]);
  });

  it.each([
    ["by somebody who may not call it off", "version: 1\ncommands: { permission: { cancel: maintain } }\n"],
    ["where the policy holds what is closed as not planned", "version: 1\nclosing: { not-planned: gated }\n"],
  ])("%s is marked: it ended without what the policy asks for", async (_, policy) => {
    const { story, issue } = await incident({ policy });
    await converts(story, "bob", issue);
    expect(story.stateLabels(issue)).toEqual(["incident:closed-ungated"]);
    expect(story.history(issue)).toMatchObject({ closed: { how: "discussion" }, cancelled: null });
    expect(story.status(issue)).toContain("Moved to a discussion by bob: the incident ends here");
  });

  it("is resolved when what the policy asks for is there", async () => {
    const { story, issue } = await withPostMortem({ policy: "version: 1\nclosing: { not-planned: gated }\n" });
    await converts(story, "bob", issue);
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
    expect(story.status(issue)).toContain("Moved to a discussion by bob: the incident ends here");
  });

  it("is waited for when the timeline is behind: nothing is tried that GitHub refuses", async () => {
    const { story, issue } = await incident();
    const read = story.github.read.timeline;
    const behind = story.github.timeline(issue);
    Object.assign(story.github.read, { timeline: async () => ({ events: behind, isWhole: true }) });
    story.github.forgetCalls();
    await converts(story, "bob", issue);
    await story.advance(10 * SECOND_MS);
    expect(story.github.writes).not.toContain("reopenIssue");
    Object.assign(story.github.read, { timeline: read });
    await story.advance(10 * SECOND_MS);
    expect(story.history(issue).closed?.how).toBe("discussion");
    expect(story.github.writes).not.toContain("reopenIssue");
  });

  it("that is found out only when GitHub refuses to open it again ends all the same, and stays quiet", async () => {
    const { story, issue } = await incident();
    const read = story.github.read.timeline;
    const behind = story.github.timeline(issue);
    Object.assign(story.github.read, { timeline: async () => ({ events: behind, isWhole: true }) });
    await converts(story, "bob", issue);
    await story.advance(2 * MINUTE_MS);
    Object.assign(story.github.read, { timeline: read });
    await story.look(issue);
    expect(story.history(issue)).toMatchObject({ closed: { how: "discussion" } });
    story.github.forgetCalls();
    await story.advance(HOUR_MS);
    await story.look(issue);
    expect(story.github.writes).toEqual([]);
  });

  it("but one that is only locked and closed is reopened like any other", async () => {
    const { story, issue } = await incident();
    story.github.as("bob").lock(issue);
    await close(story, issue);
    expect(story.github.issue(issue).state).toBe("open");
  });
});
