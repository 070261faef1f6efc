import { describe, expect, it } from "@jest/globals";
import type { CheckRunFacts } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { closedIncident, file, look } from "../support/filed-items.ts";
import type { Story } from "../support/story.ts";

everyStoryEndsAtRest(["bob"]);

const DAY_MS = 24 * 3_600_000;
const REQUIRED = "follow-ups: { check: required }\n";

async function open(
  story: Story,
  files: Readonly<Record<string, string>>,
  body = "Words.",
  login = "bob",
): Promise<number> {
  const { number } = story.github.as(login).openPullRequest({ title: "Go on", body, files });
  await story.settle();
  return number;
}

function runs(story: Story, pullRequest: number): readonly CheckRunFacts[] {
  const { headSha } = story.github.pullRequest(pullRequest);
  return story.github.checkRuns(headSha).filter(({ name }) => name === "sevgate/follow-ups");
}

/** What the newest run says; `null`: there is none. */
function check(story: Story, pullRequest: number): CheckRunFacts | null {
  return (
    runs(story, pullRequest)
      .toSorted((a, b) => a.id - b.id)
      .at(-1) ?? null
  );
}

describe("sevgate/follow-ups", () => {
  it("says on a pull request that it touches files an open action item names, and holds nothing", async () => {
    const { story, incident } = await closedIncident();
    const item = await file(story, incident, { due: "2026-03-01", paths: ["src/db/"] });
    const pull = await open(story, { "src/db/pool.ts": "1" });
    expect(check(story, pull)).toMatchObject({ conclusion: "neutral", title: "Touches 1 open action item" });
    const summary = check(story, pull)!.summary!;
    expect(summary).toContain("Limit the pool · bob · due 2026-03-01 · names `src/db/pool.ts`");
    expect(summary).toContain(`write \`Closes #${item}\` in the description`);
    expect(summary).toContain("this holds no merge");
  });

  it("says so as well about files that the fix of the incident changed", async () => {
    const { story, incident } = await closedIncident();
    const fix = story.github
      .as("alice")
      .openPullRequest({ title: `Fix #${incident}`, body: `Fixes #${incident}`, files: { "src/worker.ts": "1" } });
    await story.settle();
    story.github.as("alice").merge(fix.number);
    await story.settle();
    await file(story, incident, { due: "2026-03-01" });
    const pull = await open(story, { "src/worker.ts": "2" });
    expect(check(story, pull)).toMatchObject({ conclusion: "neutral" });
    expect(check(story, pull)!.summary).toContain("`src/worker.ts` was changed by the fix");
    expect(check(story, await open(story, { "src/other.ts": "2" }))).toBeNull();
  });

  it("is not posted where there is nothing to say, or where the policy does not want it", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-03-01", paths: ["src/db/"] });
    expect(check(story, await open(story, { "README.md": "1" }))).toBeNull();
    story.github.as("alice").push("Policy", { ".github/sevgate.yml": "follow-ups: { check: off }\n" });
    await story.settle();
    expect(check(story, await open(story, { "src/db/pool.ts": "1" }))).toBeNull();
  });

  it("counts a pull request that closes the item as what is asked for", async () => {
    const { story, incident } = await closedIncident();
    const item = await file(story, incident, { due: "2026-03-01", paths: ["src/db/"] });
    const pull = await open(story, { "src/db/pool.ts": "1" });
    expect(check(story, pull)).toMatchObject({ conclusion: "neutral" });
    story.github.as("bob").edit(pull, { body: `Closes #${item}` });
    await story.settle();
    expect(check(story, pull)).toMatchObject({ conclusion: "success", title: "Touches no open action item" });
  });

  it("becomes a success when the item is done", async () => {
    const { story, incident } = await closedIncident();
    const item = await file(story, incident, { due: "2026-03-01", paths: ["src/db/"] });
    const pull = await open(story, { "src/db/pool.ts": "1" });
    story.github.as("bob").close(item);
    await story.settle();
    expect(check(story, pull)).toMatchObject({ conclusion: "success" });
  });

  it("that is required is posted on every pull request and in the merge queue, and red only for late items", async () => {
    const { story, incident } = await closedIncident(REQUIRED);
    const item = await file(story, incident, { due: "2026-01-20", paths: ["src/db/"] });
    const other = await open(story, { "README.md": "1" });
    const pull = await open(story, { "src/db/pool.ts": "1" });
    expect(check(story, other)).toMatchObject({ conclusion: "success", title: "Touches no open action item" });
    expect(check(story, pull)).toMatchObject({ conclusion: "success", title: "Touches 1 open action item" });
    await story.advance(17 * DAY_MS);
    expect(check(story, other)).toMatchObject({ conclusion: "success" });
    expect(check(story, pull)).toMatchObject({ conclusion: "failure", title: "Touches 1 open action item, 1 late" });
    expect(check(story, pull)!.summary).toContain(
      `comment \`/snooze #${item} 14d REASON\` or \`/drop #${item} REASON\` on #${incident}`,
    );
    const [group] = story.github.enqueue([other]);
    await story.settle();
    const inGroup = story.github.checkRuns(group!.headSha!).filter(({ name }) => name === "sevgate/follow-ups");
    expect(inGroup).toMatchObject([{ conclusion: "success", title: "Judged on each pull request" }]);
    story.github.as("bob").edit(pull, { body: `Closes #${item}` });
    await story.settle();
    expect(check(story, pull)).toMatchObject({ conclusion: "success" });
  });

  it("that is required waits while GitHub does not list the items, and a neutral one says nothing", async () => {
    for (const [policy, status] of [
      [REQUIRED, "in_progress"],
      ["follow-ups: { check: neutral }\n", undefined],
    ] as const) {
      const { story, incident } = await closedIncident(policy);
      await file(story, incident, { due: "2026-01-20", paths: ["src/db/"] });
      await story.advance(10 * 60_000);
      story.github.faults.fail({ method: "issuesWithLabel", kind: "read", times: 1 });
      const pull = await open(story, { "src/db/pool.ts": "1" });
      expect(check(story, pull)?.status).toBe(status);
      await story.advance(2 * 60_000);
      expect(check(story, pull)).toMatchObject({ conclusion: policy === REQUIRED ? "success" : "neutral" });
    }
  });

  it("knows an item that has lost its label, or whose label the policy has changed", async () => {
    for (const change of ["label", "policy"] as const) {
      const { story, incident } = await closedIncident(REQUIRED);
      const postMortem = incident + 1;
      const { body } = story.github.issue(postMortem);
      const line = "- [ ] Limit `src/db/` by 2026-01-06";
      story.github
        .as("bob")
        .edit(postMortem, { body: body.replace("## Action items\n", `## Action items\n\n${line}\n`) });
      await story.say("bob", incident, "/items");
      await story.advance(5 * DAY_MS);
      const item = story.github.numbers().find((one) => story.github.issue(one).labels.includes("action-item"))!;
      const policy = `${REQUIRED}action-items: { label: todo }\n`;
      if (change === "label") story.github.as("alice").unlabel(item, "action-item");
      else story.github.as("alice").push("Policy", { ".github/sevgate.yml": policy });
      await story.settle();
      await story.advance(10 * 60_000);
      const pull = await open(story, { "src/db/pool.ts": "1" });
      expect(check(story, pull)).toMatchObject({ conclusion: "failure" });
    }
  });

  it("that is required does not take a lost database for a repository without items", async () => {
    const { story, incident } = await closedIncident(REQUIRED);
    await file(story, incident, { due: "2026-01-06", paths: ["src/db/"] });
    await story.advance(10 * DAY_MS);
    story.restart({ database: "lost" });
    const pull = await open(story, { "src/db/pool.ts": "1" });
    expect(check(story, pull)).toMatchObject({ conclusion: "failure" });
  });

  it("looks again when somebody asks for it", async () => {
    const { story, incident } = await closedIncident();
    await file(story, incident, { due: "2026-03-01", paths: ["src/db/"] });
    const pull = await open(story, { "src/db/pool.ts": "1" });
    const { id } = check(story, pull)!;
    story.github.as("bob").requestAction(id, "recheck");
    await story.settle();
    expect(runs(story, pull)).toHaveLength(2);
  });

  it("asks nothing more in a repository without items, and one listing in five minutes in any other", async () => {
    const { story, incident } = await closedIncident();
    const reads = async (files: Readonly<Record<string, string>>) => {
      story.github.forgetCalls();
      await open(story, files);
      return story.github.calls.filter(({ kind, method }) => kind === "read" && method === "issuesWithLabel").length;
    };
    expect(await reads({ "README.md": "1" })).toBe(0);
    await file(story, incident, { due: "2026-03-01", paths: ["src/db/"] });
    await story.advance(10 * 60_000);
    expect(await reads({ "src/db/pool.ts": "2" })).toBe(1);
    expect(await reads({ "src/db/pool.ts": "3" })).toBe(0);
    await look(story);
  });
});
