import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const POLICY = "issue-type: incident\n";

async function begin({ types = ["Task", "Incident"], policy = POLICY } = {}): Promise<Story> {
  const story = await Story.begin({ policy });
  story.github.issueTypes = types;
  return story;
}

function typeOf(story: Story, number: number): string | null {
  return story.github.issue(number).type;
}

function asked(story: Story, method: string): number {
  return story.github.calls.filter((call) => call.method === method).length;
}

//
describe("The issue type of the policy", () => {
  it("is set once, by the name that the organization gives it", async () => {
    const story = await begin();
    const issue = await story.declare();
    expect(typeOf(story, issue)).toBe("Incident");
    await story.advance(2 * MINUTE_MS);
    await story.say("alice", issue, "/ack");
    expect([asked(story, "issueTypes"), asked(story, "setIssueType")]).toEqual([1, 1]);
  });

  it("leaves the type that somebody has chosen, whenever they chose it, and stays off where they took it off", async () => {
    const story = await begin();
    const chosen = story.github.as("bob").openIssue({ title: "Down", body: "", labels: [] }).number;
    story.github.as("bob").setType(chosen, "Task");
    story.github.as("bob").label(chosen, "sev:P0");
    await story.settle();
    expect(typeOf(story, chosen)).toBe("Task");
    const issue = await story.declare();
    for (const type of ["Task", null]) {
      story.github.as("bob").setType(issue, type);
      await story.say("alice", issue, "/status more is known");
      await story.advance(MINUTE_MS);
      expect(typeOf(story, issue)).toBe(type);
    }
    expect(asked(story, "setIssueType")).toBe(1);
  });

  it.each<{ name: string; story: () => Promise<Story>; requests: number }>([
    { name: "the organization has no such type", story: () => begin({ types: ["Bug"] }), requests: 1 },
    {
      name: "the server has no types",
      story: async () => {
        const story = await begin();
        story.github.features.issueTypes = false;
        return story;
      },
      requests: 1,
    },
    { name: "the policy names none", story: () => begin({ policy: "version: 1\n" }), requests: 0 },
    {
      name: "GitHub does not answer",
      story: async () => {
        const story = await begin();
        story.github.faults.fail({ method: "issueTypes", times: 1_000, error: new TransientError("down") });
        return story;
      },
      requests: 1,
    },
  ])("is not set where $name, and nothing waits for it", async ({ story: make, requests }) => {
    const story = await make();
    const issue = await story.declare();
    expect(typeOf(story, issue)).toBe(null);
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    expect([asked(story, "issueTypes"), asked(story, "setIssueType")]).toEqual([requests, 0]);
  });

  it("is set once if the process dies at any write of the declaration", async () => {
    const golden = await begin();
    golden.github.forgetCalls();
    await golden.declare();
    const writes = golden.github.writes.length;
    expect(writes).toBeGreaterThan(4);
    for (const when of ["before", "after"] as const) {
      for (let nth = 1; nth <= writes; nth += 1) {
        const story = await begin();
        story.github.faults.fail({ kind: "write", nth, when, error: new TransientError("killed") });
        story.onFailure = () => story.restart();
        const issue = await story.declare();
        await story.advance(MINUTE_MS);
        expect({ when, nth, type: typeOf(story, issue) }).toEqual({ when, nth, type: "Incident" });
        expect(story.history(issue).isTyped).toBe(true);
      }
    }
  });
});
