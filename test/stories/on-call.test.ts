import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

// Pages mention the people the file names, and show how to call somebody: `/page @login`.
everyStoryEndsAtRest(["alice", "bob", "login"]);

const HOUR_MS = 3_600_000;
const FILE = ".github/sevgate/on-call.yml";
const WEEK = `rotations: { week: { start: 2020-01-06, members: [alice] } }
roles: { primary: { layers: [week] } }
`;

describe("the on-call file of the default branch", () => {
  it("is in force from the push that brings it: the status comment names who is on call", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { [FILE]: WEEK });
    const issue = await story.declare();
    expect(story.status(issue)).toContain("alice (primary)");
    story.github.as("alice").push("Bob as well", { [FILE]: WEEK.replace("[alice]", "[bob]") });
    await story.advance(HOUR_MS);
    expect(story.status(issue)).toContain("bob (primary)");
  });

  it("when it breaks, leaves the last good one in force, and says so until it is fixed", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { [FILE]: WEEK });
    const issue = await story.declare();
    story.github.as("alice").push("A slip", { [FILE]: WEEK.replace("layers", "layer") });
    await story.advance(HOUR_MS);
    expect(story.status(issue)).toContain("alice (primary)");
    expect(story.status(issue)).toContain(
      `\`${FILE}:2:21\` unknown key &quot;layer&quot;: did you mean layers?. The last good one stays in force`,
    );
    story.restart();
    story.github.as("alice").push("Mended", { [FILE]: WEEK });
    await story.advance(HOUR_MS);
    expect(story.status(issue)).not.toContain("stays in force");
  });

  it("that was never good leaves nobody on call, and says what to do", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("A slip", { [FILE]: "roles: {}" });
    const issue = await story.declare();
    expect(story.status(issue)).toContain("Nobody is on call until it is fixed");
  });

  it("when GitHub does not give it, stays the one that was known", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { [FILE]: WEEK });
    const issue = await story.declare();
    story.github.faults.fail({ method: "file", times: Number.POSITIVE_INFINITY });
    await story.advance(2 * HOUR_MS);
    await story.say("bob", issue, "/note still there");
    expect(story.status(issue)).toContain("The on-call file could not be read just now");
    story.github.faults.clear();
    await story.advance(2 * HOUR_MS);
    await story.say("bob", issue, "/note back again");
    expect(story.status(issue)).not.toContain("could not be read");
  });
});

describe("/handoff @login", () => {
  it("makes somebody the responder, in place of the one before, and ends the escalation as an acknowledgement does", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { [FILE]: WEEK });
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.say("alice", issue, "/handoff @bob");
    expect(story.history(issue)).toMatchObject({ responder: "bob", phase: "acknowledged" });
    expect(story.github.issue(issue).assignees).toEqual(["bob"]);
    expect(story.words(issue)).toContain("Handed over to bob by alice");
    await story.advance(HOUR_MS / 2);
    expect(story.replies(issue).filter((one) => one.includes("sevgate:page-"))).toHaveLength(1);
  });

  it("changes nothing where GitHub does not know the person, or whoever asks has no rights", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    await story.say("alice", issue, "/handoff @stranger");
    await story.say("rita", issue, "/handoff @rita");
    expect(story.history(issue).responder).toBe("alice");
    expect(story.github.issue(issue).assignees).toEqual(["alice"]);
    expect(story.replies(issue).join()).toContain("GitHub does not let me assign");
  });
});

describe("/oncall", () => {
  it("says who is on call, why, and who comes next, and mentions nobody", async () => {
    const story = await Story.begin();
    const file =
      "rotations: { week: { start: 2025-12-29, members: [zed, yan] } }\nroles: { primary: { layers: [week] } }";
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    story.github.as("alice").push("On call", { [FILE]: file });
    await story.say("bob", issue, "/oncall");
    expect(story.replies(issue).at(-1)).toContain(
      "| primary | yan | Mon 2026-01-12 09:00, then zed | week: yan, zed in turn |",
    );
  });

  it("without a file says how to get one", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/oncall");
    expect(story.replies(issue).at(-1)).toContain("this repository does not say who is on call");
  });
});
