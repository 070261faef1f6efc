import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

describe("the life of an incident", () => {
  it("goes from a label to a closed issue the team has learned from", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    expect(story.github.issue(issue).body).toContain("It started at nine.");
    expect(story.github.issue(issue).body).toContain("**Impact:**");
    expect(story.status(issue)).toContain("nobody has acknowledged");

    await story.say("rita", issue, "/resolve");
    expect(story.replies(issue)).toEqual([]);
    await story.say("rita", issue, "/resolve");
    expect(story.replies(issue).at(-1)).toContain("needs the triage role");

    await story.say("alice", issue, "/ack");
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
    expect(story.github.issue(issue).assignees).toEqual(["alice"]);

    await story.say("alice", issue, "/status rolling back the deploy of 08:50");
    expect(story.status(issue)).toContain("rolling back the deploy of 08:50");

    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.replies(issue).at(-1)).toContain("**Reopened");

    await story.say("alice", issue, "/postmortem");
    const postMortem = Math.max(...story.github.numbers());
    expect(story.github.issue(postMortem).labels).toEqual(["post-mortem"]);
    expect(story.github.issue(postMortem).body).toContain(`Incident: #${issue}`);
    expect(story.status(issue)).toContain("fill in “What happened”, “Why it happened” and “Action items”");

    await story.fillPostMortem(postMortem);
    expect(story.status(issue)).toContain("It can close: everything it needs is there");

    await story.say("alice", issue, "/resolve back to normal");
    expect(story.github.issue(issue)).toMatchObject({ state: "closed", closeReason: "completed" });
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
    expect(story.replies(issue)).toHaveLength(2);
  });
});
