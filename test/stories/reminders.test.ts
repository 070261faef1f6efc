import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const NOT_ACKNOWLEDGED = expect.stringContaining("Comment `/ack` to take this incident: somebody should have acknowledged it by");
const NO_UPDATE = expect.stringContaining("Post an update, a line is enough: `/status TEXT`. It was due by");
const NO_POST_MORTEM = expect.stringContaining("Complete the post-mortem, which was due by");

/** One severity with the deadlines given. */
function policy(deadlines: string): string {
  return `version: 1\nseverities:\n  P0: { ${deadlines} }\n`;
}

describe("a promise of the policy", () => {
  it("is shown with its moment in the status comment, and no longer once it is kept", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    expect(story.status(issue)).toContain("- **Acknowledge by:** 09:16 UTC");
    expect(story.status(issue)).toContain("- **Next update by:** 10:01 UTC");
    await story.advance(MINUTE_MS);
    await story.say("alice", issue, "/ack");
    expect(story.status(issue)).not.toContain("Acknowledge by");
    expect(story.status(issue)).toContain("- **Next update by:** 10:02 UTC");
  });

  it("is not broken at its moment, and is broken right after it: one comment, and the status comment says overdue", async () => {
    const story = await Story.begin({ policy: policy("acknowledge-within: 15m") });
    const issue = await story.declare();
    await story.advance(15 * MINUTE_MS);
    await story.look(issue);
    expect(story.replies(issue)).toEqual([]);
    await story.advance(SECOND_MS);
    expect(story.replies(issue)).toEqual([NOT_ACKNOWLEDGED]);
    expect(story.status(issue)).toContain("nobody has acknowledged it · overdue");
    expect(story.status(issue)).toContain("⏰ overdue");
  });

  it("broken is said once, however long it stays broken and however often Sevgate looks", async () => {
    const story = await Story.begin({ policy: policy("acknowledge-within: 15m, update-every: 1h") });
    const issue = await story.declare();
    await story.advance(7 * DAY_MS);
    await story.look(issue);
    story.restart({ database: "lost" });
    await story.look(issue);
    expect(story.replies(issue)).toEqual([NOT_ACKNOWLEDGED, NO_UPDATE]);
  });

  it("broken while Sevgate was down for a week is said once when it is up again", async () => {
    const story = await Story.begin({ policy: policy("acknowledge-within: 15m, update-every: 1h") });
    const issue = await story.declare();
    story.clock.advance(7 * DAY_MS);
    story.restart();
    await story.look(issue);
    await story.advance(HOUR_MS);
    expect(story.replies(issue)).toEqual([NOT_ACKNOWLEDGED, NO_UPDATE]);
  });

  it("is said once also when the pass dies right after saying it", async () => {
    const story = await Story.begin({ policy: policy("acknowledge-within: 15m") });
    const issue = await story.declare();
    story.github.faults.fail({ method: "createComment", when: "after" });
    await story.advance(HOUR_MS);
    expect(story.replies(issue)).toEqual([NOT_ACKNOWLEDGED]);
  });

  it("is kept by the clock alone: no event is needed, and none of it costs more than one write of each kind", async () => {
    const story = await Story.begin({ policy: policy("acknowledge-within: 15m") });
    await story.declare();
    story.github.forgetCalls();
    await story.advance(HOUR_MS);
    expect(story.github.writes).toEqual(["createComment", "editComment"]);
  });
});

describe("the update timer", () => {
  it.each(["/status still looking", "/mitigate traffic moved", "/ack"])("starts again by %s", async (says) => {
    const story = await Story.begin({ policy: policy("update-every: 1h") });
    const issue = await story.declare();
    await story.advance(50 * MINUTE_MS);
    await story.say("alice", issue, says);
    await story.advance(50 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([]);
    await story.advance(11 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([NO_UPDATE]);
  });

  it("runs anew after an update that came late, and reminds anew", async () => {
    const story = await Story.begin({ policy: policy("update-every: 1h") });
    const issue = await story.declare();
    await story.advance(2 * HOUR_MS);
    await story.say("alice", issue, "/status still looking");
    expect(story.status(issue)).not.toContain("⏰");
    await story.advance(2 * HOUR_MS);
    expect(story.replies(issue)).toEqual([NO_UPDATE, NO_UPDATE]);
  });

  it("is not started again by a note or by talk", async () => {
    const story = await Story.begin({ policy: policy("update-every: 1h") });
    const issue = await story.declare();
    await story.advance(50 * MINUTE_MS);
    await story.say("alice", issue, "/note paged the vendor");
    await story.say("alice", issue, "still looking");
    await story.advance(11 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([NO_UPDATE]);
  });

  it.each(["/resolve fixed", "/cancel it was the monitor", "/waive same cause as last week"])(
    "stops with %s",
    async (says) => {
      const story = await Story.begin({ policy: policy("acknowledge-within: 15m, update-every: 1h") });
      const issue = await story.declare();
      await story.say("alice", issue, says);
      await story.advance(2 * DAY_MS);
      expect(story.replies(issue)).toEqual([]);
    },
  );
});

describe("the acknowledgement timer", () => {
  it("starts again when responsibility is handed back", async () => {
    const story = await Story.begin({ policy: policy("acknowledge-within: 15m") });
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.advance(HOUR_MS);
    await story.say("alice", issue, "/unack");
    await story.advance(14 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([]);
    await story.advance(2 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([NOT_ACKNOWLEDGED]);
  });

  it("starts again, by the rules of the new severity, when the severity changes", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P2"]);
    await story.advance(HOUR_MS);
    await story.say("alice", issue, "/severity P0");
    expect(story.status(issue)).toContain("- **Acknowledge by:** 10:16 UTC");
    await story.advance(16 * MINUTE_MS);
    expect(story.replies(issue)).toEqual([NOT_ACKNOWLEDGED]);
  });
});

describe("the post-mortem timer", () => {
  it("runs from the resolution, and reminds once", async () => {
    const story = await Story.begin({ policy: policy("post-mortem-within: 3d") });
    const issue = await story.declare();
    await story.say("alice", issue, "/ack\n/resolve fixed");
    expect(story.status(issue)).toContain("- **Post-mortem by:** 2026-01-08 09:01 UTC");
    await story.advance(3 * DAY_MS);
    expect(story.replies(issue)).toEqual([]);
    await story.advance(7 * DAY_MS);
    expect(story.replies(issue)).toEqual([NO_POST_MORTEM]);
  });

  it("does not run where the post-mortem is complete", async () => {
    const story = await Story.begin({ policy: policy("post-mortem-within: 3d") });
    const issue = await story.declare();
    await story.say("alice", issue, "/ack\n/postmortem");
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    await story.say("alice", issue, "/resolve fixed");
    await story.advance(10 * DAY_MS);
    expect(story.replies(issue)).toEqual([]);
  });
});

it("a policy without deadlines reminds of nothing", async () => {
  const story = await Story.begin({ policy: "version: 1\nseverities:\n  P0: {}\n" });
  const issue = await story.declare();
  expect(story.queue.nextTimer()).toBe(null);
  await story.advance(30 * DAY_MS);
  await story.look(issue);
  expect(story.replies(issue)).toEqual([]);
});
