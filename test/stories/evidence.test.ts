import { describe, expect, it } from "@jest/globals";
import type { Repository } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const COMPLETE = `## What happened

The database ran out of connections.

## Why it happened

A new worker opened one for each request.

## Action items

- [ ] Limit the pool, bob, #99
`;
const RUNBOOK = { "runbooks/database.md": "# Database\n" };

async function incident(policy?: string): Promise<{ story: Story; issue: number }> {
  const story = await Story.begin(policy === undefined ? {} : { policy });
  const issue = await story.declare();
  await story.say("alice", issue, "/ack\n/resolve fixed");
  await story.advance(MINUTE_MS);
  return { story, issue };
}

/** An issue that bob opens as a post-mortem. */
async function postMortem(story: Story, body: string, labels: readonly string[] = ["post-mortem"]): Promise<number> {
  const { number } = story.github.as("bob").openIssue({ title: "What we learned", body, labels });
  await story.settle();
  return number;
}

function isClosed(story: Story, issue: number): boolean {
  return story.github.issue(issue).state === "closed";
}

describe("a complete post-mortem closes a resolved incident by itself, linked", () => {
  it("by /postmortem", async () => {
    const { story, issue } = await incident();
    const number = await postMortem(story, COMPLETE);
    await story.say("alice", issue, `/postmortem #${number}`);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("by a line `Post-mortem: #n` in the incident", async () => {
    const { story, issue } = await incident();
    const number = await postMortem(story, COMPLETE);
    story.github.as("bob").edit(issue, { body: `It started at nine.\n\nPost-mortem: #${number}` });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("by a line `Incident: #n` of its own", async () => {
    const { story, issue } = await incident();
    await postMortem(story, `Incident: #${issue}\n\n${COMPLETE}`);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("by a line `Incident: #n` that is added to it later, or a label that is", async () => {
    const { story, issue } = await incident();
    const number = await postMortem(story, COMPLETE, []);
    story.github.as("bob").edit(number, { body: `Incident: #${issue}\n\n${COMPLETE}` });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    story.github.as("bob").label(number, "post-mortem");
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("as a sub-issue", async () => {
    const { story, issue } = await incident();
    const number = await postMortem(story, COMPLETE);
    story.github.as("bob").addSubIssue(issue, number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it.each<{ name: string; link: (story: Story, issue: number, number: number) => void }>([
    {
      name: "by command",
      link: (story, issue, number) => story.github.as("bob").comment(issue, `/postmortem #${number}`),
    },
    {
      name: "in the incident",
      link: (story, issue, number) => story.github.as("bob").edit(issue, { body: `Post-mortem: #${number}` }),
    },
    { name: "as a sub-issue", link: (story, issue, number) => story.github.as("bob").addSubIssue(issue, number) },
  ])("$name, as soon as it is filled in, without anybody touching the incident", async ({ link }) => {
    const { story, issue } = await incident();
    const number = await postMortem(story, "Nothing yet.");
    link(story, issue, number);
    await story.settle();
    await story.advance(MINUTE_MS);
    story.github.as("bob").edit(number, { body: COMPLETE });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("also when it was closed already: what is written in it counts", async () => {
    const { story, issue } = await incident();
    const number = await postMortem(story, COMPLETE);
    story.github.as("bob").close(number);
    await story.say("alice", issue, `/postmortem #${number}`);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("and remembered when the database is lost afterwards", async () => {
    const { story, issue } = await incident("version: 1\nclosing: { grace: 0s }\n");
    const number = await postMortem(story, `Incident: #${issue}\n\n## What happened\n\nIt broke.`);
    expect(story.status(issue)).toContain(`#${number}`);
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(story.status(issue)).toContain(`#${number}`);
    story.github.as("bob").edit(number, { body: `Incident: #${issue}\n\n${COMPLETE}` });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });
});

describe("a post-mortem in another repository", () => {
  const policy = "version: 1\npost-mortem:\n  repository: acme/learnings\n";

  async function withLearnings(): Promise<{ story: Story; issue: number; learnings: Repository }> {
    const { story, issue } = await incident(policy);
    const learnings = story.github.addRepository({ owner: "acme", name: "learnings" });
    story.hint({ kind: "repository", repository: learnings });
    await story.settle();
    return { story, issue, learnings };
  }

  it.each([
    { name: "owner/repository#n", line: "Incident: acme/ops#1" },
    { name: "an address", line: "Incident: https://github.com/acme/ops/issues/1" },
  ])("counts by its own `Incident:` line with $name", async ({ line }) => {
    const { story, issue, learnings } = await withLearnings();
    story.github
      .as("bob", learnings)
      .openIssue({ title: "LearnedInLook", body: `${line}\n\n${COMPLETE}`, labels: ["post-mortem"] });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("does not count by a plain #n: that is an issue of its own repository", async () => {
    const { story, issue, learnings } = await withLearnings();
    story.github
      .as("bob", learnings)
      .openIssue({ title: "LearnedInLook", body: `Incident: #1\n\n${COMPLETE}`, labels: ["post-mortem"] });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
  });

  it("is the only place that counts: one here is said to be in the wrong repository", async () => {
    const { story, issue } = await withLearnings();
    await postMortem(story, `Incident: #${issue}\n\n${COMPLETE}`);
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain("the policy wants it in `acme/learnings`");
  });

  it("where the app is not installed neither counts nor is called missing", async () => {
    const { story, issue } = await incident(policy);
    story.github.as("bob").edit(issue, { body: "Post-mortem: acme/learnings#7" });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain("could not be judged yet");
    expect(story.status(issue)).toContain(
      "it is not looked at from here; install the app in `acme/learnings` and, if that is private, write the line " +
        "`evidence-for: [acme/ops]` into its `.github/sevgate.yml`",
    );
    story.github.as("bob").edit(issue, { body: "" });
    await story.settle();
    expect(story.status(issue)).toContain("Before it can close: a post-mortem or a merged runbook");
  });
});

describe("a post-mortem that lacks something does not count, and the status comment says what", () => {
  it.each<{ name: string; body: (complete: string) => string; labels?: readonly string[]; says: string }>([
    {
      name: "an empty section",
      body: (complete) => complete.replace("The database ran out of connections.", ""),
      says: "fill in “What happened”.",
    },
    {
      name: "a section with the template's own words only",
      body: (complete) =>
        complete.replace(
          "A new worker opened one for each request.",
          "<!-- What made it possible, what triggered it, why it was not noticed earlier. -->",
        ),
      says: "fill in “Why it happened”.",
    },
    {
      name: "a section with a placeholder",
      body: (complete) => complete.replace("The database ran out of connections.", "TBD"),
      says: "fill in “What happened” (there is only a placeholder).",
    },
    {
      name: "a missing section",
      body: (complete) => complete.replace("## Why it happened", "## Thoughts"),
      says: "add the section “Why it happened”.",
    },
    {
      name: "the template's hint without its comment marks",
      body: (complete) =>
        complete.replace(
          "A new worker opened one for each request.",
          "What made it possible, what triggered it, why it was not noticed earlier.",
        ),
      says: "fill in “Why it happened” (there are only the template's own words).",
    },
    {
      name: "a bold line in place of a heading",
      body: (complete) => complete.replace("## Why it happened", "**Why it happened**"),
      says: "make line 5 a heading:",
    },
    {
      name: "a heading inside code",
      body: (complete) => complete.replace("## Why it happened", "```\n## Why it happened\n```"),
      says: "add the section “Why it happened”.",
    },
    {
      name: "no action item",
      body: (complete) => complete.replace(/- \[ \] .*/, "We will be careful."),
      says: "add 1 action item, written as `- [ ]`.",
    },
    {
      name: "an action item without words",
      body: (complete) => complete.replace(/- \[ \] .*/, "We will be careful.\n- [ ] <!-- what -->"),
      says: "add 1 action item, written as `- [ ]` (1 there says nothing yet).",
    },
    { name: "the label", body: (complete) => complete, labels: [], says: "give it the label `post-mortem`." },
    {
      name: "several things at once",
      body: () => "Nothing yet.",
      labels: [],
      says: "add the sections “What happened”, “Why it happened” and “Action items”; give it the label `post-mortem`.",
    },
  ])("$name", async ({ body, labels, says }) => {
    const { story, issue } = await incident();
    const number = await postMortem(story, body(COMPLETE), labels);
    await story.say("alice", issue, `/postmortem #${number}`);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(says);

    story.github.as("bob").edit(number, { body: COMPLETE });
    story.github.as("bob").label(number, "post-mortem");
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  //
  it("a section at its very end: as long as GitHub takes one, it is read whole", async () => {
    const { story, issue } = await incident();
    const end = "\n\n## Action items\n\n- [ ] Limit the pool, bob, #99\n";
    const begin = `Incident: #${issue}\n\n${COMPLETE.slice(0, COMPLETE.indexOf("## Action items"))}`;
    // 65,536 characters, as in GitHub's error message, of four bytes each: two code units in a string.
    const rest = (characters: number) => "\u{20BB7}".repeat(characters - begin.length - end.length);
    const number = await postMortem(story, `${begin}${rest(65_536)}${end.replace("Limit the pool, bob, #99", "")}`);
    expect(story.status(issue)).toContain("fill in “Action items”.");
    story.github.as("bob").edit(number, { body: `${begin}${rest(65_536)}${end}` });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("what stands below more lines than anybody writes, and the reason with it", async () => {
    const { story, issue } = await incident();
    await postMortem(story, `Incident: #${issue}\n${"\n".repeat(12_000)}${COMPLETE}`);
    expect(story.status(issue)).toContain(
      "only the first 12,000 lines are read: shorten it, or move what is missing up.",
    );
  });

  it("the link back: its `Incident:` line was taken out again", async () => {
    const { story, issue } = await incident();
    const number = await postMortem(story, `Incident: #${issue}\n\nNothing yet.`);
    story.github.as("bob").edit(number, { body: COMPLETE });
    await story.settle();
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain("it no longer names this incident; comment `/postmortem #NUMBER` to link it");
  });

  it.each([
    { name: "in code", line: "`Incident: #1`" },
    { name: "in a quote", line: "> Incident: #1" },
    { name: "in an HTML comment", line: "<!--\nIncident: #1\n-->" },
  ])("a link that is only $name", async ({ line }) => {
    const { story, issue } = await incident();
    await postMortem(story, `${line}\n\n${COMPLETE}`);
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(false);
  });
});

describe("action-items-filed", () => {
  const policy = "version: 1\nseverities:\n  P0:\n    close-requires: [post-mortem, action-items-filed]\n";

  it("needs the number of an issue behind every action item", async () => {
    const { story, issue } = await incident(policy);
    const body = `Incident: #${issue}\n\n${COMPLETE}- [ ] Alert on the pool, alice\n`;
    const number = await postMortem(story, body);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain("1 action item of the post-mortem names no issue.");
    story.github.as("bob").edit(number, { body: body.replace("the pool, alice", "the pool, alice, #100") });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });
});

describe("fix-merged", () => {
  const policy = "version: 1\nseverities:\n  P0:\n    close-requires: fix-merged\n";

  it("needs a merged pull request that names the incident", async () => {
    const { story, issue } = await incident(policy);
    const { number } = story.github.as("bob").openPullRequest({ title: "Limit the pool", body: `Refs #${issue}` });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    story.github.as("bob").merge(number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("does not count one that was closed, or merged elsewhere than into the default branch", async () => {
    const { story, issue } = await incident(policy);
    const closed = story.github.as("bob").openPullRequest({ title: "No", body: `Refs #${issue}` });
    const aside = story.github.as("bob").openPullRequest({ title: "Aside", body: `Refs #${issue}`, base: "next" });
    await story.settle();
    story.github.as("bob").close(closed.number);
    story.github.as("bob").merge(aside.number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
  });
});

describe("a pull request that adds to a runbook closes a resolved incident by itself once it is merged", () => {
  it("when its text names the incident", async () => {
    const { story, issue } = await incident();
    const { number } = story.github
      .as("bob")
      .openPullRequest({ title: "Runbook", body: `Refs #${issue}`, files: RUNBOOK });
    await story.settle();
    expect(story.status(issue)).toContain(`#${number}`);
    expect(story.status(issue)).toContain("it is not merged yet");
    story.github.as("bob").merge(number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
    expect(story.history(issue).closed?.evidence).toEqual([{ repository: null, number }]);
  });

  it("when /runbook names it", async () => {
    const { story, issue } = await incident();
    const { number } = story.github.as("bob").openPullRequest({ title: "Runbook", files: RUNBOOK });
    await story.say("alice", issue, `/runbook #${number}`);
    expect(isClosed(story, issue)).toBe(false);
    story.github.as("bob").merge(number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("when it was merged already before /runbook named it", async () => {
    const { story, issue } = await incident();
    const { number } = story.github.as("bob").openPullRequest({ title: "Runbook", files: RUNBOOK });
    story.github.as("bob").merge(number);
    await story.say("alice", issue, `/runbook #${number}`);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("as soon as it is open where the policy says so", async () => {
    const { story, issue } = await incident("version: 1\nrunbooks:\n  pull-request: open\n");
    story.github.as("bob").openPullRequest({ title: "Runbook", body: `Refs #${issue}`, files: RUNBOOK });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });
});

describe("a pull request does not count", () => {
  it.each<{ name: string; open: Parameters<ReturnType<Story["github"]["as"]>["openPullRequest"]>[0]; says: string }>([
    {
      name: "that goes to another branch",
      open: { title: "Runbook for #1", base: "next", files: RUNBOOK },
      says: "it goes to `next`, not to `main`",
    },
    {
      name: "that changes no runbook",
      open: { title: "Runbook for #1", files: { "docs/readme.md": "x" } },
      says: "it changes no file under `runbooks/**/*.md` or `docs/runbooks/**/*.md`",
    },
    {
      name: "that only removes a runbook",
      open: { title: "Runbook for #1", files: { "runbooks/old.md": null } },
      says: "it changes no file under",
    },
  ])("$name, and the status comment says so", async ({ open, says }) => {
    const { story, issue } = await incident();
    const { number } = story.github.as("bob").openPullRequest(open);
    await story.say("alice", issue, `/runbook #${number}`);
    story.github.as("bob").merge(number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(says);
  });

  it("that was closed without being merged, and the status comment says so", async () => {
    const { story, issue } = await incident();
    const { number } = story.github
      .as("bob")
      .openPullRequest({ title: "Runbook", body: `Refs #${issue}`, files: RUNBOOK });
    await story.settle();
    story.github.as("bob").close(number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain("it was closed without being merged");
  });

  it("that no longer names the incident", async () => {
    const { story, issue } = await incident();
    const { number } = story.github
      .as("bob")
      .openPullRequest({ title: "Runbook", body: `Refs #${issue}`, files: RUNBOOK });
    await story.settle();
    story.github.as("bob").edit(number, { body: "Something else" });
    await story.settle();
    story.github.as("bob").merge(number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
  });
});

describe("a merged runbook that is reverted", () => {
  async function closedByRunbook(): Promise<{ story: Story; issue: number; runbook: number }> {
    const { story, issue } = await incident();
    const { number } = story.github
      .as("bob")
      .openPullRequest({ title: "Runbook", body: `Refs #${issue}`, files: RUNBOOK });
    await story.settle();
    story.github.as("bob").merge(number);
    await story.settle();
    await story.advance(HOUR_MS);
    return { story, issue, runbook: number };
  }

  it("opens the incident again, with one comment that says so", async () => {
    const { story, issue, runbook } = await closedByRunbook();
    const revert = story.github.as("bob").openPullRequest({
      title: 'Revert "Runbook"',
      body: `Reverts acme/ops#${runbook}`,
      files: { "runbooks/database.md": null },
    });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
    story.github.as("bob").merge(revert.number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([expect.stringContaining("is no longer there")]);
    expect(story.status(issue)).toContain(`it was reverted by #${revert.number}`);
  });

  it.each([
    ["Back out", (n: number) => `Reverts https://github.com/acme/ops/pull/${n}`],
    ['Revert "Runbook"', (n: number) => `It misled us: this takes #${n} back.`],
    ["Back out", (n: number) => `This reverts #${n}, which misled us.`],
    ["Back out", (n: number) => `reverts GH-${n}`],
  ])("opens it again however the revert names the pull request: %s / %s", async (title, body) => {
    const { story, issue, runbook } = await closedByRunbook();
    const revert = story.github.as("bob").openPullRequest({ title, body: body(runbook) });
    story.github.as("bob").merge(revert.number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(`it was reverted by #${revert.number}`);
  });

  it.each([
    (n: number) => `Reverts acme/other#${n}`,
    (n: number) => `Reverts https://github.com/acme/other/pull/${n}`,
    (n: number) => `Reverts https://git.example/acme/ops/pull/${n}`,
    (n: number) => `Goes with #${n}`,
  ])("stays closed when a merged revert of something else says: %s", async (body) => {
    const { story, issue, runbook } = await closedByRunbook();
    const bob = story.github.as("bob");
    const other = bob.openPullRequest({ title: "Graph", body: `Refs #${issue}`, files: { "graph.md": "A graph.\n" } });
    await story.settle();
    bob.merge(other.number);
    await story.settle();
    const revert = bob.openPullRequest({ title: "Back out", body: `Reverts #${other.number}\n${body(runbook)}` });
    bob.merge(revert.number);
    await story.settle();
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("is still known to be reverted when the database is lost", async () => {
    const { story, issue, runbook } = await closedByRunbook();
    const revert = story.github.as("bob").openPullRequest({ title: 'Revert "Runbook"', body: `Reverts #${runbook}` });
    story.github.as("bob").merge(revert.number);
    await story.settle();
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(`it was reverted by #${revert.number}`);
  });

  it("only counts as reverted when the revert is merged", async () => {
    const { story, issue, runbook } = await closedByRunbook();
    const revert = story.github.as("bob").openPullRequest({ title: 'Revert "Runbook"', body: `Reverts #${runbook}` });
    await story.settle();
    story.github.as("bob").close(revert.number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
  });

  it("what happens to the merged pull request's text later changes nothing", async () => {
    const { story, issue, runbook } = await closedByRunbook();
    story.github.as("bob").edit(runbook, { title: "Something", body: "else" });
    await story.settle();
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(true);
  });
});

describe("what was done before the incident", () => {
  /** A repository in which rita, who may only read, has had a runbook merged, and an incident an hour later. */
  async function later(policy?: string): Promise<{ story: Story; issue: number; runbook: number; postMortem: number }> {
    const story = await Story.begin(policy === undefined ? {} : { policy });
    const { number } = story.github.as("rita").openPullRequest({ title: "Runbook", files: RUNBOOK });
    story.github.as("alice").merge(number);
    const { number: old } = story.github
      .as("rita")
      .openIssue({ title: "What we learned", body: COMPLETE, labels: ["post-mortem"] });
    await story.advance(HOUR_MS);
    const issue = await story.declare();
    await story.say("alice", issue, "/ack\n/resolve fixed");
    await story.advance(MINUTE_MS);
    return { story, issue, runbook: number, postMortem: old };
  }

  it("is no learning from it: a runbook merged before does not count when its author makes it name the incident", async () => {
    const { story, issue, runbook } = await later();
    story.github.as("rita").edit(runbook, { body: `Refs #${issue}` });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(
      "it was merged before this incident was opened; if it covers it all the same, comment `/runbook #NUMBER REASON`",
    );
    expect(story.history(issue).links).toEqual([]);
  });

  it("counts when the team links the runbook with a reason, and without one is refused with the way to write it", async () => {
    const { story, issue, runbook } = await later();
    await story.say("alice", issue, `/runbook #${runbook}`);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue).at(-1)).toContain("was merged before this incident was opened.");
    expect(story.history(issue).links).toEqual([]);
    await story.say("rita", issue, `/runbook #${runbook} because I want it closed`);
    expect(isClosed(story, issue)).toBe(false);
    await story.say("alice", issue, `/runbook #${runbook} covers exactly this, nobody had looked`);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.words(issue)).toContain("linked by alice: covers exactly this, nobody had looked");
  });

  it("and a reason given later mends a link that had none", async () => {
    const { story, issue } = await incident();
    const { number } = story.github.as("bob").openPullRequest({ title: "Runbook", files: RUNBOOK });
    await story.say("alice", issue, `/runbook #${number}`);
    await story.say("alice", issue, `/runbook #${number} it is the one for the database`);
    expect(story.history(issue).links).toMatchObject([{ byCommand: true, withReason: true }]);
    await story.say("alice", issue, `/runbook #${number}`);
    expect(story.history(issue).links).toHaveLength(1);
  });

  it.each<{ name: string; link: (story: Story, issue: number, number: number) => void }>([
    {
      name: "its own words",
      link: (story, issue, number) =>
        story.github.as("rita").edit(number, { body: `Incident: #${issue}\n\n${COMPLETE}` }),
    },
    {
      name: "the incident's words",
      link: (story, issue, number) => story.github.as("rita").edit(issue, { body: `Post-mortem: #${number}` }),
    },
  ])("a post-mortem opened before does not count by $name", async ({ link }) => {
    const { story, issue, postMortem: number } = await later();
    link(story, issue, number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(
      "it is older than this incident; if it covers it all the same, comment `/postmortem #NUMBER` to link it",
    );
  });

  it.each<{ name: string; link: (story: Story, issue: number, number: number) => void }>([
    {
      name: "/postmortem",
      link: (story, issue, number) => story.github.as("alice").comment(issue, `/postmortem #${number}`),
    },
    { name: "a sub-issue", link: (story, issue, number) => story.github.as("alice").addSubIssue(issue, number) },
  ])("one post-mortem stays possible for two incidents, linked by the team: $name", async ({ link }) => {
    const { story, issue, postMortem: number } = await later();
    link(story, issue, number);
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
    await story.advance(HOUR_MS);
    const second = await story.declare();
    await story.say("alice", second, "/resolve fixed");
    await story.advance(MINUTE_MS);
    link(story, second, number);
    await story.settle();
    expect(isClosed(story, second)).toBe(true);
  });

  it("is no fix of it: one merged before does not count, and the status comment says so", async () => {
    const { story, issue, runbook } = await later("version: 1\nseverities:\n  P0:\n    close-requires: fix-merged\n");
    story.github.as("rita").edit(runbook, { body: `Refs #${issue}` });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(`#${runbook} was merged before this incident was opened.`);
  });
});
