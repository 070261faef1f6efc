import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const DAY_MS = 86_400_000;

/** An incident, and a pull request with this description (`#N`: the incident's number). */
async function begin(body: string): Promise<{ story: Story; issue: number; pull: number }> {
  const story = await Story.begin();
  const issue = await story.declare();
  const { number: pull } = story.github
    .as("bob")
    .openPullRequest({ title: "Limit the pool", body: body.replace("#N", `#${issue}`), files: { "a.ts": "1" } });
  await story.settle();
  story.github.forgetCalls();
  return { story, issue, pull };
}

describe("a command on a pull request", () => {
  it("is answered once with the incident on which it works, and does nothing", async () => {
    const { story, issue, pull } = await begin("Fixes #N");
    await story.say("bob", pull, "/postmortem");
    expect(story.ownComments(pull)).toEqual([
      expect.stringContaining(
        `Commands work on the incident, [#${issue}](https://github.com/acme/ops/issues/${issue}). Comment \`/postmortem\` there.`,
      ),
    ]);
    await story.say("bob", pull, "/ack");
    await story.say("alice", pull, "/resolve");
    expect(story.ownComments(pull)).toHaveLength(1);
    await story.advance(2 * DAY_MS);
    story.restart({ database: "lost" });
    await story.say("alice", pull, "/ack");
    expect(story.ownComments(pull)).toHaveLength(1);
    expect(story.history(issue).phase).toBe("declared");
  });

  it("is answered once, also when the pass dies after saying it", async () => {
    const { story, pull } = await begin("Refs #N");
    story.github.faults.fail({ method: "createComment", when: "after" });
    await story.say("bob", pull, "/ack");
    await story.advance(60_000);
    expect(story.ownComments(pull)).toHaveLength(1);
  });

  it("is answered where the pull request names no incident with where incidents are", async () => {
    const { story, pull } = await begin("Nothing to do with it.");
    await story.say("bob", pull, "/postmortem");
    expect(story.ownComments(pull)[0]).toContain(
      "this pull request names none of this repository. Comment `/postmortem` on [the open incident](",
    );
    const [, address = ""] = /\((https[^)]*)\)/.exec(story.ownComments(pull)[0]!) ?? [];
    expect(new URL(address).searchParams.get("q")).toBe('is:issue is:open label:"sev:P0","sev:P1","sev:P2"');
  });

  it.each(["/assign @bob", "/help", "/retest", "/lgtm", "/akc", "/severity", "see `/ack`"])(
    "%s, which other apps know or nobody does, is left alone where it names no incident",
    async (says) => {
      const { story, pull } = await begin("Nothing to do with it.");
      await story.say("bob", pull, says);
      expect(story.ownComments(pull)).toEqual([]);
    },
  );

  it("of somebody without rights gets nothing, and costs their rights and the comments of a day", async () => {
    const { story, pull } = await begin("Fixes #N");
    for (let count = 0; count < 3; count += 1) await story.say("mallory", pull, "/resolve");
    expect(story.ownComments(pull)).toEqual([]);
    expect(story.github.writes).toEqual([]);
    expect([...new Set(story.github.reads)].toSorted()).toEqual(["comments", "permission"]);
    expect(story.github.reads.filter((read) => read === "permission")).toHaveLength(1);
  });
});
