import { describe, expect, it } from "@jest/globals";
import { tickedFactors } from "../../src/core/archive/ticked-factors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

/** An incident that is resolved, and the post-mortem that Sevgate drafted for it. */
async function drafted(policy: string): Promise<{ story: Story; issue: number; postMortem: number }> {
  const story = await Story.begin({ policy });
  const issue = await story.declare();
  await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
  return { story, issue, postMortem: Math.max(...story.github.numbers()) };
}

function body(story: Story, number: number): string {
  return story.github.issue(number).body ?? "";
}

describe("Contributing factors of the policy", () => {
  const FACTORS = ["configuration", "missing alert", "a_b *c*"];
  const POLICY = `contributing-factors: ${JSON.stringify(FACTORS)}\n`;

  it("are listed in the draft, a box each, and what people tick there is read back", async () => {
    const { story, postMortem } = await drafted(POLICY);
    const draft = body(story, postMortem);
    expect(draft).toContain("## Contributing factors\n");
    expect(draft).toContain("- [ ] configuration\n- [ ] missing alert\n- [ ] ");
    expect(tickedFactors(draft, FACTORS)).toEqual([]);
    expect(tickedFactors(draft.replaceAll("- [ ]", "- [x]"), FACTORS)).toEqual(FACTORS);
  });

  it("are no section of the draft where the policy lists none", async () => {
    const { story, postMortem } = await drafted("");
    expect(body(story, postMortem)).not.toContain("Contributing factors");
  });

  it("are no action items: with every other section filled in, one is still missing", async () => {
    const { story, issue, postMortem } = await drafted(POLICY);
    const filled = body(story, postMortem)
      .replaceAll("- [ ]", "- [x]")
      .replace("## Action items\n", "## Action items\n\nWe talked about it.\n")
      .replace("## What happened\n", "## What happened\n\nThe pool ran dry.\n")
      .replace("## Why it happened\n", "## Why it happened\n\nA worker opened too many.\n");
    story.github.as("bob").edit(postMortem, { body: filled });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    story.github.as("bob").edit(postMortem, { body: `${filled}\n- [ ] Limit the pool, bob\n` });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });
});
