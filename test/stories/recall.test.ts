import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const CAUSE = "A new worker opened one of them for each request.";

/** An incident that was dealt with: resolved, learnt from, and closed. */
async function past(
  story: Story,
  title: string,
  { body = "", what = "The connection pool of the database ran dry." } = {},
): Promise<number> {
  const { number } = story.github.as("bob").openIssue({ title, body, labels: ["sev:P0"] });
  await story.settle();
  await story.say("alice", number, "/ack\n/resolve fixed\n/postmortem");
  const postMortem = Math.max(...story.github.numbers());
  const filled = story.github
    .issue(postMortem)
    .body.replace("## What happened\n", `## What happened\n\n${what}\n`)
    .replace("## Why it happened\n", `## Why it happened\n\n${CAUSE}\n`)
    .replace(/(## Action items\n)[\s\S]*$/, "$1\n- [ ] Limit the pool, bob, #99\n- [x] Write it down\n");
  story.github.as("bob").edit(postMortem, { body: filled });
  await story.settle();
  await story.advance(MINUTE_MS);
  expect(story.github.issue(number).state).toBe("closed");
  return number;
}

async function declared(story: Story, title: string, body = ""): Promise<number> {
  const { number } = story.github.as("bob").openIssue({ title, body, labels: ["sev:P0"] });
  await story.settle();
  return number;
}

function similar(story: Story, number: number): readonly string[] {
  const fold = /<summary>\d similar incidents? before<\/summary>\n\n([\s\S]*?)\n\n<\/details>/.exec(
    story.words(number),
  );
  return fold?.[1]?.split("\n") ?? [];
}

describe("A new incident", () => {
  it("names a similar one of the past with the reason, its cause and what is still open, below the first steps", async () => {
    const story = await Story.begin();
    const old = await past(story, "Checkout times out: database connections");
    await past(story, "Logo is missing on the start page", { what: "Somebody renamed a picture." });
    const issue = await declared(story, "Customers see errors", "The database refuses connections to the checkout.");
    expect(similar(story, issue)).toEqual([
      `- #${old} Checkout times out: database connections · words: database, connection, checkout · why: ${CAUSE} · 1 open item in #${old + 1}: Limit the pool, bob, <span>#</span>99`,
    ]);
    const status = story.status(issue);
    expect(status.indexOf("similar incident")).toBeGreaterThan(status.indexOf("#### First steps"));
    expect(story.record(issue).entries.map(({ kind }) => kind)).toContain("recalled");
  });
});
