import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const RUNBOOK = { "runbooks/database.md": "# Database\n" };
const FIX_MERGED = "version: 1\nseverities:\n  P0:\n    close-requires: fix-merged\n";
const COMPLETE = `## What happened

The database ran out of connections.

## Why it happened

A new worker opened one for each request.

## Action items

- [ ] Limit the pool, bob, #99
`;

async function incident(policy?: string): Promise<{ story: Story; issue: number }> {
  const story = await Story.begin(policy === undefined ? {} : { policy });
  const issue = await story.declare();
  await story.say("alice", issue, "/ack\n/resolve fixed");
  await story.advance(MINUTE_MS);
  return { story, issue };
}

async function open(
  story: Story,
  login: string,
  options: { readonly title: string; readonly body?: string; readonly files?: Readonly<Record<string, string>> },
): Promise<number> {
  const fromFork = login.startsWith("mallory");
  const { number } = story.github.as(login).openPullRequest({ fromFork, files: { "a.md": "a" }, ...options });
  await story.settle();
  return number;
}

async function merge(story: Story, number: number): Promise<void> {
  story.github.as("alice").merge(number);
  await story.settle();
  await story.advance(MINUTE_MS);
}

function isClosed(story: Story, issue: number): boolean {
  return story.github.issue(issue).state === "closed";
}

describe("What outsiders write hides nothing of the team's:", () => {
  it.each([10, 25])("%d unmerged runbook pull requests, and the merged one closes the incident", async (many) => {
    const { story, issue } = await incident();
    for (let count = 0; count < many; count += 1) {
      await open(story, `mallory-${count % 3}`, { title: `Runbook for #${issue}`, files: RUNBOOK });
    }
    expect(isClosed(story, issue)).toBe(false);
    const ours = await open(story, "bob", { title: `Runbook for #${issue}`, files: RUNBOOK });
    await merge(story, ours);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.status(issue)).toContain(`#${ours}`);
  });

  it("the record keeps a place for it, and needs no index to find it again", async () => {
    const { story, issue } = await incident();
    for (let count = 0; count < 12; count += 1) {
      await open(story, "mallory", { title: `Runbook for #${issue}`, files: RUNBOOK });
    }
    expect(story.history(issue).links).toEqual([]);
    await merge(story, await open(story, "bob", { title: `Runbook for #${issue}`, files: RUNBOOK }));
    expect(isClosed(story, issue)).toBe(true);
    story.restart({ database: "lost" });
    await story.look(issue);
    await story.advance(MINUTE_MS);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.status(issue)).toContain("✅");
  });

  it("ten links in texts keep out none that a command makes", async () => {
    const { story, issue } = await incident();
    for (let count = 0; count < 11; count += 1) {
      await open(story, "bob", { title: `Runbook for #${issue}`, files: RUNBOOK });
    }
    const ours = await open(story, "bob", { title: "Another one", files: RUNBOOK });
    await story.say("alice", issue, `/runbook #${ours}`);
    expect(story.replies(issue)).toEqual([]);
    await merge(story, ours);
    expect(isClosed(story, issue)).toBe(true);
  });

  it.each([10, 25])("%d that say they revert it, and the real revert opens the incident again", async (many) => {
    const { story, issue } = await incident();
    const runbook = await open(story, "bob", { title: `Runbook for #${issue}`, files: RUNBOOK });
    await merge(story, runbook);
    expect(isClosed(story, issue)).toBe(true);
    for (let count = 0; count < many; count += 1) {
      await open(story, "mallory", { title: 'Revert "Runbook"', body: `Reverts #${runbook}` });
    }
    expect(isClosed(story, issue)).toBe(true);
    await merge(story, await open(story, "bob", { title: 'Revert "Runbook"', body: `Reverts #${runbook}` }));
    expect(isClosed(story, issue)).toBe(false);
  });

  it("nor do such reverts, opened first, let evidence count that was taken back", async () => {
    const { story, issue } = await incident();
    const runbook = await open(story, "bob", { title: `Runbook for #${issue}`, files: RUNBOOK });
    for (let count = 0; count < 12; count += 1) {
      await open(story, "mallory", { title: 'Revert "Runbook"', body: `Reverts #${runbook}` });
    }
    const revert = await open(story, "bob", { title: 'Revert "Runbook"', body: `Reverts #${runbook}` });
    story.listens = false;
    await merge(story, runbook);
    await merge(story, revert);
    story.listens = true;
    story.hint({ kind: "pull-request", repository: story.repository, number: revert });
    story.hint({ kind: "pull-request", repository: story.repository, number: runbook });
    await story.settle();
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.status(issue)).toContain(`it was reverted by #${revert}`);
  });

  it.each([10, 25])("%d that name the incident, and the merged fix counts", async (many) => {
    const { story, issue } = await incident(FIX_MERGED);
    const fix = await open(story, "bob", { title: `Limit the pool (refs #${issue})` });
    for (let count = 0; count < many; count += 1) await open(story, "mallory", { title: `Me too #${issue}` });
    await merge(story, fix);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("twelve post-mortems by a form, and the team's own counts", async () => {
    const { story, issue } = await incident();
    for (let count = 0; count < 12; count += 1) {
      const body = `Incident: #${issue}\n\n## What happened\n`;
      story.github.as(`mallory-${count}`).openIssue({ title: "Mine", body, labels: ["post-mortem"] });
      await story.settle();
    }
    const body = `Incident: #${issue}\n\n${COMPLETE}`;
    story.github.as("bob").openIssue({ title: "What we learned", body, labels: ["post-mortem"] });
    await story.settle();
    await story.advance(MINUTE_MS);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("nor do they keep `/postmortem` from making one", async () => {
    const { story, issue } = await incident();
    for (let count = 0; count < 12; count += 1) {
      const body = `Incident: #${issue}\n\n## What happened\n`;
      story.github.as("mallory").openIssue({ title: "Mine", body, labels: ["post-mortem"] });
    }
    await story.settle();
    await story.say("bob", issue, "/postmortem");
    expect(story.replies(issue)).toEqual([]);
    expect(story.history(issue).links).toMatchObject([{ evidence: "post-mortem", byCommand: true }]);
    const before = story.status(issue);
    await story.look(issue);
    expect(story.status(issue)).toBe(before);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(story.status(issue)).toBe(before);
  });

  it("a long list of other issues in front of the incident", async () => {
    const { story, issue } = await incident(FIX_MERGED);
    const others = Array.from({ length: 30 }, (_, at) => `#${at + 500}`).join(", ");
    await merge(story, await open(story, "bob", { title: "Many", body: `Refs ${others} and #${issue}` }));
    expect(isClosed(story, issue)).toBe(true);
  });
});

describe("When more may count than are looked at", () => {
  it("nobody knows: it is said, and the incident is neither closed nor opened again", async () => {
    const { story, issue } = await incident();
    for (let count = 0; count < 12; count += 1) {
      const body = `Incident: #${issue}\n\n## What happened\n`;
      story.github.as("bob").openIssue({ title: "Another", body, labels: ["post-mortem"] });
    }
    await story.settle();
    await story.look(issue);
    expect(story.status(issue)).toContain("Not all were looked at: too many name this incident.");
    expect(story.status(issue)).toContain("(could not be judged yet)");
    story.github.as("bob").close(issue);
    await story.settle();
    await story.advance(5 * MINUTE_MS);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
    // A command says which one counts: it is looked at first.
    const whole = story.github.as("bob").openIssue({ title: "Whole", body: COMPLETE, labels: ["post-mortem"] }).number;
    await story.say("alice", issue, `/postmortem #${whole}`);
    expect(story.status(issue)).toContain("is complete");
  });

  it("but pull requests that are known not to be merged could not: the gate holds", async () => {
    const { story, issue } = await incident();
    for (let count = 0; count < 15; count += 1) {
      await open(story, "mallory", { title: `Runbook for #${issue}`, files: RUNBOOK });
    }
    expect(story.status(issue)).toContain("Not all were looked at");
    story.github.as("bob").close(issue);
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
  });

  it("`/suspects` says so", async () => {
    const story = await Story.begin();
    for (let count = 0; count < 21; count += 1) {
      story.github.as("alice").merge(await open(story, "bob", { title: `Change ${count}` }));
    }
    await story.settle();
    const issue = await story.declare();
    await story.say("alice", issue, "/suspects");
    expect(story.replies(issue)).toEqual([expect.stringContaining("Not all were looked at")]);
  });
});
