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
    // Without the mark, as in a post-mortem that somebody wrote.
    const filled = body(story, postMortem)
      .replace(/<!-- sevgate:drafted [^>]*-->\n/, "")
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

const TEMPLATES = ".github/sevgate/templates";
const OWN = (name: string) =>
  `# ${name}\n\nIncident: {{ incident }}\n\n## What happened\n\nWrite what happened, ${name}.\n\n## Why it happened\n\n<!-- Why, ${name}? -->\n\n## Action items\n\n- [ ] An item of the ${name}\n`;

describe("A template of the repository", () => {
  async function draftedWith(names: readonly string[], labels: readonly string[]) {
    const story = await Story.begin();
    const files = names.map((name) => [`${TEMPLATES}/${name}`, OWN(name)]);
    story.github.as("alice").push("Templates", Object.fromEntries(files));
    await story.settle();
    const issue = await story.declare(labels);
    await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
    return { story, issue, postMortem: Math.max(...story.github.numbers()) };
  }

  it.each<{ there: readonly string[]; labels: readonly string[]; used: string }>([
    { there: ["post-mortem.md"], labels: ["sev:P0"], used: "post-mortem.md" },
    { there: ["post-mortem.md", "post-mortem.P0.md"], labels: ["sev:P0"], used: "post-mortem.P0.md" },
    { there: ["post-mortem.md", "post-mortem.P0.md"], labels: ["sev:P1"], used: "post-mortem.md" },
    {
      there: ["post-mortem.P0.md", "post-mortem.team-security.md"],
      labels: ["sev:P0", "Team/Security"],
      used: "post-mortem.team-security.md",
    },
  ])(
    "is chosen by label, then by severity, then the general one: of $there $used for $labels",
    async ({ there, labels, used }) => {
      const { story, postMortem } = await draftedWith(there, labels);
      expect(body(story, postMortem)).toContain(`# ${used}\n`);
    },
  );

  it.each(["post-mortem.md", "post-mortem.P0.md", "post-mortem.team-security.md"])(
    "counts for nothing until a person has changed it: %s",
    async (name) => {
      const { story, issue, postMortem } = await draftedWith([name], ["sev:P0", "team/security"]);
      await story.advance(60_000);
      expect(story.github.issue(issue).state).toBe("open");
      const without = body(story, postMortem).replaceAll("<!-- Why", "Why").replaceAll("? -->", "?");
      story.github.as("bob").edit(postMortem, { body: without });
      await story.settle();
      expect(story.github.issue(issue).state).toBe("open");
      await story.fillPostMortem(postMortem);
      expect(story.github.issue(issue).state).toBe("closed");
    },
  );

  it("that cannot be used is named in the status comment, and the general one is used", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("Templates", {
      [`${TEMPLATES}/post-mortem.P0.md`]: "{% if %",
      [`${TEMPLATES}/post-mortem.md`]: OWN("general"),
    });
    await story.settle();
    const issue = await story.declare();
    expect(story.status(issue)).toContain(`\`${TEMPLATES}/post-mortem.P0.md\` on the default branch cannot be used`);
    await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
    expect(body(story, Math.max(...story.github.numbers()))).toContain("# general\n");
  });

  it("is one of ten for labels and severities at most: of more, the first ten by name are read, and the rest named", async () => {
    const story = await Story.begin();
    const names = Array.from({ length: 12 }, (_, at) => `post-mortem.l${String(at).padStart(2, "0")}.md`);
    const files = names.map((name) => [`${TEMPLATES}/${name}`, OWN(name)]);
    story.github.as("alice").push("Templates", Object.fromEntries(files));
    await story.settle();
    const issue = await story.declare(["sev:P0", "L09", "l11"]);
    for (const name of ["l10", "l11"]) expect(story.status(issue)).toContain(`${TEMPLATES}/post-mortem.${name}.md`);
    expect(story.status(issue)).not.toContain("post-mortem.l09.md");
    await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
    expect(body(story, Math.max(...story.github.numbers()))).toContain("# post-mortem.l09.md\n");
  });

  it("counts for nothing either after the severity, and with it the template, has changed", async () => {
    const { story, issue, postMortem } = await draftedWith(["post-mortem.P0.md"], ["sev:P0"]);
    await story.say("alice", issue, "/severity P1 it was less");
    await story.advance(60_000);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.words(issue)).toContain("What happened");
    await story.fillPostMortem(postMortem);
    expect(story.github.issue(issue).state).toBe("closed");
  });
});

describe("What the draft says itself", () => {
  const POLICY =
    "contributing-factors: [configuration]\npost-mortem: { required-sections: [Timeline, Contributing factors], action-items: 0 }\n";

  it("counts for nothing, not even a timeline or a list of factors that the policy asks for, until a person adds to it", async () => {
    const { story, issue, postMortem } = await drafted(POLICY);
    await story.advance(60_000);
    expect(story.github.issue(issue).state).toBe("open");
    const reordered = body(story, postMortem).replace(/^- (\d.*)$/gm, "* $1");
    story.github.as("bob").edit(postMortem, { body: reordered });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    const ticked = reordered.replace("- [ ] configuration", "- [x] configuration");
    story.github.as("bob").edit(postMortem, { body: ticked });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    story.github
      .as("bob")
      .edit(postMortem, { body: ticked.replace("## Timeline\n", "## Timeline\n\n- 08:55 a deploy\n") });
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("is written once: whatever people make of it stays, whatever passes come later", async () => {
    const { story, issue, postMortem } = await drafted("");
    const theirs = "Incident: #1\n\n## What happened\n\nOurs alone.\n";
    story.github.as("bob").edit(postMortem, { title: "Our title", body: theirs });
    await story.settle();
    await story.say("alice", issue, "/postmortem\n/status more is known\n/time mitigated 09:00");
    story.restart({ database: "lost" });
    await story.look(issue);
    await story.advance(24 * 3_600_000);
    expect(story.github.issue(postMortem)).toMatchObject({ title: "Our title", body: theirs });
    expect(story.github.numbers()).toHaveLength(2);
  });

  it("names reverts, the pull requests that name the incident, and the thread", async () => {
    const story = await Story.begin({ slack: true });
    const issue = await story.declare();
    const { number } = story.github
      .as("bob")
      .openPullRequest({ title: "Limit the pool @alice", body: `For #${issue}` });
    await story.settle();
    await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
    const draft = body(story, Math.max(...story.github.numbers()));
    expect(draft).toContain(`| **Pull requests** | #${number} Limit the pool <span>@</span>alice (open) |`);
    expect(draft).toMatch(/\| \*\*Thread\*\* \| \[\\#alert\]\(https:\/\/[^)]+\) \|/);
    expect(draft).not.toContain("**Alerts**");
  });

  it("names them when the database was lost as well", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    const { number } = story.github.as("bob").openPullRequest({ title: "Limit the pool", body: `For #${issue}` });
    await story.settle();
    story.restart({ database: "lost" });
    await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
    const draft = body(story, Math.max(...story.github.numbers()));
    expect(draft).toContain(`| **Pull requests** | #${number} Limit the pool (open) |`);
  });
});
