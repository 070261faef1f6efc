import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { Story } from "../support/story.ts";

/** What is left on GitHub when the story is over, without ids and times. */
interface Ending {
  readonly state: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly body: string;
  readonly replies: readonly string[];
  readonly status: string;
  readonly issues: number;
  readonly check: string | null;
}

/** The main story, from the label to the closed issue. People wait a minute between acts. */
async function play(story: Story): Promise<Ending> {
  const github = story.github;
  const wait = () => story.advance(60_000);
  const issue = await story.declare();
  await wait();
  await story.say("rita", issue, "/resolve");
  await wait();
  await story.say("alice", issue, "/ack");
  await wait();
  await story.say("alice", issue, "/status rolling back\n/assign @bob comms");
  await wait();
  github.as("bob").close(issue);
  await wait();
  const fix = github
    .as("bob")
    .openPullRequest({ title: "Limit the pool", body: `Fixes #${issue}`, files: { "a.ts": "1" } });
  await wait();
  await story.say("alice", issue, "/postmortem");
  await wait();
  const postMortem = github.numbers().find((number) => github.issue(number).labels.includes("post-mortem"));
  if (postMortem !== undefined) await story.fillPostMortem(postMortem);
  await wait();
  await story.say("alice", issue, "/time started 08:30 by the graph");
  await wait();
  await story.say("alice", issue, "/resolve back to normal");
  await wait();
  // Whatever was lost on the way, the next sweep looks at it again.
  story.hint({ kind: "repository", repository: story.repository });
  await wait();
  return ending(story, issue, fix.number);
}

function ending(story: Story, issue: number, pullRequest: number): Ending {
  const { github } = story;
  const facts = github.issue(issue);
  const bare = (text: string) =>
    text
      .replace(/<!-- sevgate:record [^>]*-->/g, "")
      .replace(/#issuecomment-\d+/g, "")
      .replace(/reply-\d+/g, "reply")
      .replace(/reopened-\d+/g, "reopened");
  return {
    state: `${facts.state} ${facts.closeReason}`,
    labels: [...facts.labels].sort(),
    assignees: [...facts.assignees].sort(),
    body: facts.body,
    replies: story.replies(issue).map(bare),
    status: bare(story.status(issue)),
    issues: github.numbers().length,
    check: github.checkRuns(github.pullRequest(pullRequest).headSha).at(-1)?.conclusion ?? null,
  };
}

async function golden(): Promise<{ readonly ending: Ending; readonly writes: number }> {
  const story = await Story.begin();
  const result = await play(story);
  return { ending: result, writes: story.github.writes.length };
}

describe("a process that dies", () => {
  it.each([
    ["before GitHub hears of it", "before", "kept"],
    ["after GitHub did it and before the answer arrives", "after", "kept"],
    ["before GitHub hears of it, and the database is lost", "before", "lost"],
    ["after GitHub did it, and the database is lost", "after", "lost"],
  ] as const)(
    "at any write of the main story, %s, changes nothing about how the story ends",
    async (_, when, database) => {
      const expected = await golden();
      expect(expected.writes).toBeGreaterThan(25);
      expect(expected.ending.state).toBe("closed completed");

      for (let nth = 1; nth <= expected.writes; nth += 1) {
        const story = await Story.begin();
        const died = new TransientError(`killed at write ${nth}`);
        story.github.faults.fail({ kind: "write", nth, when, error: died });
        story.onFailure = () => story.restart({ database });
        const result = await play(story);
        expect({ nth, ...result }).toEqual({ nth, ...expected.ending });
      }
    },
    120_000,
  );
});
