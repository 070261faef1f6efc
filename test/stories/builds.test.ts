import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import type { Key } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POLICY = "alerts:\n  workflow-runs: {}\n";
/** Closes together with its alert: nothing has to be learned. */
const EASY = `severities:\n  P1: { close-requires: [] }\n${POLICY}`;
const CI = { id: 71, name: "CI" };

/** A run of CI ends, and a minute passes. */
async function run(
  story: Story,
  conclusion: string | null,
  more: Partial<Parameters<Story["github"]["runWorkflow"]>[0]> = {},
): Promise<void> {
  story.github.runWorkflow({ ...CI, ...more }, conclusion, story.repository);
  await story.settle();
  await story.advance(MINUTE);
}

function issues(story: Story): readonly number[] {
  return story.github.numbers(story.repository);
}

describe("a workflow that fails on the default branch", () => {
  it("becomes one P1 incident that names branch, workflow, commit and run", async () => {
    const story = await Story.begin({ policy: POLICY });
    await run(story, "success");
    expect(issues(story)).toEqual([]);
    await run(story, "failure");
    const [number] = issues(story);
    const issue = story.github.issue(number!, story.repository);
    expect(issue.title).toBe("main build is broken in CI: CI");
    expect(issue.labels).toEqual(expect.arrayContaining(["sev:P1", "alert", "incident:declared"]));
    expect(issue.body).toContain("The workflow `CI` has failed on the default branch since");
    expect(issue.body).toContain(story.github.head(story.repository));
    expect(issue.body).toContain("](https://github.com/acme/ops/actions/runs/");
    expect(story.status(number!)).toContain("GitHub Actions `CI`: firing since");
    await run(story, "failure");
    expect(issues(story)).toEqual([number]);
  });

  it("does nothing where the policy does not say so, and GitHub is not asked", async () => {
    const story = await Story.begin();
    await run(story, "failure");
    expect(issues(story)).toEqual([]);
    expect(story.github.reads).toEqual([]);
  });

  it("does nothing when the policy leaves it out", async () => {
    const story = await Story.begin({ policy: 'alerts:\n  workflow-runs: { ignore: ["Nightly*"] }\n' });
    await run(story, "failure", { id: 72, name: "Nightly fuzzing" });
    expect(issues(story)).toEqual([]);
    await run(story, "failure");
    expect(issues(story)).toHaveLength(1);
  });

  it("on a schedule does nothing once, and opens an issue when it fails twice in a row", async () => {
    const story = await Story.begin({ policy: POLICY });
    await run(story, "success", { event: "schedule" });
    await run(story, "failure", { event: "schedule" });
    await story.advance(HOUR);
    expect(issues(story)).toEqual([]);
    await run(story, "failure", { event: "schedule" });
    expect(issues(story)).toHaveLength(1);
  });

  it.each<readonly [string, Partial<Parameters<Story["github"]["runWorkflow"]>[0]>]>([
    ["in a fork whose branch is called the same", { fork: true }],
    ["for a pull request", { event: "pull_request" }],
    ["for a pull request from a fork", { event: "pull_request", fork: true }],
    ["on another branch", { branch: "topic" }],
    ["for a comment of a stranger", { event: "issue_comment" }],
  ])("does nothing when it fails %s", async (_says, where) => {
    const story = await Story.begin({ policy: POLICY });
    await run(story, "failure", where);
    story.hint({ kind: "workflow", repository: story.repository, workflow: CI.id });
    await story.settle();
    expect(issues(story)).toEqual([]);
  });

  it("twice at once is one issue, and two workflows are two", async () => {
    const story = await Story.begin({ policy: POLICY });
    for (let count = 0; count < 3; count += 1) story.github.runWorkflow(CI, "failure", story.repository);
    await story.settle();
    expect(issues(story)).toHaveLength(1);
    await run(story, "failure", { id: 72, name: "Deploy" });
    expect(issues(story)).toHaveLength(2);
  });

  it("makes no second issue when the answer to its creation is lost, nor when the database is", async () => {
    const story = await Story.begin({ policy: POLICY });
    story.github.faults.fail({ method: "createIssue", when: "after" });
    await run(story, "failure");
    expect(issues(story)).toHaveLength(1);
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await run(story, "failure");
    expect(issues(story)).toHaveLength(1);
  });

  it("is found all the same when GitHub does not answer for a while", async () => {
    const story = await Story.begin({ policy: POLICY });
    story.github.faults.fail({ method: "workflowRuns", times: 3, error: new TransientError("busy") });
    await run(story, "failure");
    expect(issues(story)).toHaveLength(1);
  });

  it("is known by a run that was seen on its way, also when the webhook about its end is lost", async () => {
    const story = await Story.begin({ policy: POLICY });
    story.github.runWorkflow(CI, null, story.repository);
    await run(story, "success", { id: 71 });
    story.listens = false;
    await run(story, "failure", { number: 1 });
    await run(story, "failure");
    await story.advance(6 * MINUTE);
    expect(issues(story)).toHaveLength(1);
  });
});

describe("a broken build that works again", () => {
  it("is resolved by itself, and closed when nothing has to be learned", async () => {
    const story = await Story.begin({ policy: EASY });
    await run(story, "failure");
    await run(story, "success");
    await story.advance(3 * MINUTE);
    expect(story.github.issue(issues(story)[0]!, story.repository)).toMatchObject({
      state: "closed",
      closeReason: "completed",
    });
  });

  it("never closes past the gate", async () => {
    const story = await Story.begin({ policy: POLICY });
    await run(story, "failure");
    await run(story, "success");
    await story.advance(10 * MINUTE);
    const [number] = issues(story);
    expect(story.github.issue(number!, story.repository).state).toBe("open");
    expect(story.history(number!).phase).toBe("resolved");
  });

  it("stays for whoever has touched it, who is told once", async () => {
    const story = await Story.begin({ policy: EASY });
    await run(story, "failure");
    const [number] = issues(story);
    await story.say("bob", number!, "/ack");
    await run(story, "success");
    await story.advance(HOUR);
    expect(story.github.issue(number!, story.repository).state).toBe("open");
    expect(story.replies(number!).filter((body) => body.includes("has been over since"))).toHaveLength(1);
  });

  //
  it("works by a re-run of the same run", async () => {
    const story = await Story.begin({ policy: EASY });
    await run(story, "failure");
    await run(story, "success", { number: 1 });
    await story.advance(3 * MINUTE);
    expect(story.github.issue(issues(story)[0]!, story.repository).state).toBe("closed");
  });

  it("is not resolved by a re-run of an older commit, nor by one that has not ended", async () => {
    const story = await Story.begin({ policy: EASY });
    await run(story, "failure");
    await run(story, "failure");
    await run(story, "success", { number: 1 });
    await run(story, null, { number: 2 });
    story.hint({ kind: "workflow", repository: story.repository, workflow: CI.id });
    await story.advance(4 * MINUTE);
    expect(story.github.issue(issues(story)[0]!, story.repository).state).toBe("open");
  });

  it("is found within half an hour when the webhook is lost", async () => {
    const story = await Story.begin({ policy: EASY });
    await run(story, "failure");
    story.listens = false;
    await run(story, "success");
    await story.advance(35 * MINUTE);
    story.listens = true;
    expect(story.github.issue(issues(story)[0]!, story.repository).state).toBe("closed");
  });

  it("costs GitHub nothing while it works", async () => {
    const story = await Story.begin({ policy: EASY });
    await run(story, "failure");
    await run(story, "success");
    await story.advance(3 * HOUR);
    story.github.forgetCalls();
    await story.advance(24 * HOUR);
    expect(story.github.reads.filter((method) => method === "workflowRuns")).toEqual([]);
  });

  it("ends the same whatever the order of the hints, and however late they come", async () => {
    const story = await Story.begin({ policy: EASY });
    story.listens = false;
    for (const conclusion of ["failure", "success", "failure", "success"]) await run(story, conclusion);
    const key: Key = { kind: "workflow", repository: story.repository, workflow: CI.id };
    story.hint(key, key);
    await story.settle();
    // All is well by now, so nobody has to hear about it.
    expect(issues(story)).toEqual([]);
    await run(story, "failure");
    story.hint(key);
    await story.settle();
    expect(issues(story)).toHaveLength(1);
    story.listens = true;
    await run(story, "success");
    story.hint(key);
    await story.advance(3 * MINUTE);
    expect(story.github.issue(issues(story)[0]!, story.repository).state).toBe("closed");
  });
});
