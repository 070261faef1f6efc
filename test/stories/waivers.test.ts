import { describe, expect, it } from "@jest/globals";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["bob"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const REASON = "the people who know are away";
const ON_CALL = `team: [bob]
rotations: { first: { start: 2025-01-06, members: [bob] } }
roles: { primary: { layers: [first] } }
escalation: { default: { steps: [{ after: 0m, notify: [primary] }] } }
`;
const APPROVED = "waive: { approvals: 1 }\n";

async function incident(policy?: string): Promise<{ story: Story; issue: number }> {
  const story = await Story.begin(policy === undefined ? {} : { policy });
  story.github.setRole("carol", "maintain");
  const issue = await story.declare();
  await story.say("alice", issue, "/ack");
  await story.advance(MINUTE_MS);
  return { story, issue };
}

/** An incident that alice has waived for seven days, closed. */
async function waived(): Promise<{ story: Story; issue: number }> {
  const { story, issue } = await incident();
  await story.say("alice", issue, `/waive 7d ${REASON}`);
  expect(isClosed(story, issue)).toBe(true);
  return { story, issue };
}

function isClosed(story: Story, issue: number): boolean {
  return story.github.issue(issue).state === "closed";
}

const REOPENED = expect.stringContaining("**Reopened: the time of its waiver is over. It needs one of these");

describe("a waiver with a duration", () => {
  it("says in the status comment until when, and opens the incident again then, with one comment and the next step", async () => {
    const { story, issue } = await waived();
    expect(story.words(issue)).toContain("Closed without evidence until 2026-01-12 09:02 UTC: alice waived it");
    expect(story.github.issue(issue).labels).toContain("incident:waived");
    await story.advance(7 * DAY_MS - MINUTE_MS);
    expect(isClosed(story, issue)).toBe(true);
    await story.advance(2 * MINUTE_MS);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([REOPENED]);
    expect(story.replies(issue)[0]).toContain("Comment `/postmortem` to create it");
    expect(story.replies(issue)[0]).toContain("`/waive 7d REASON`");
    expect(story.words(issue)).toContain("The time of the waiver was over");
    expect(story.github.issue(issue).labels).not.toContain("incident:waived");
    await story.advance(DAY_MS);
    await story.look(issue);
    expect(story.replies(issue)).toHaveLength(1);
  });

  it("without one it is for good", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, `/waive ${REASON}`);
    await story.advance(400 * DAY_MS);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.github.issue(issue).labels).not.toContain("incident:waived");
    expect(story.replies(issue)).toEqual([]);
  });

  it("pages nobody when it ends: the incident stays resolved, and whoever had it still has it", async () => {
    const { story, issue } = await waived();
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
    await story.settle();
    const other = await story.declare();
    await story.advance(7 * DAY_MS + HOUR_MS);
    expect(story.history(other).pages).toHaveLength(1);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.stateLabels(issue)).toEqual(["incident:resolved"]);
    expect(story.history(issue).pages).toEqual([]);
    expect(story.history(issue).responder).toBe("alice");
    expect(story.record(issue).entries.some(({ kind }) => kind === "paged" || kind === "resumed")).toBe(false);
  });

  it("closes by itself with what it needs, once it is open again", async () => {
    const { story, issue } = await waived();
    await story.advance(7 * DAY_MS + MINUTE_MS);
    await story.say("bob", issue, "/postmortem");
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    expect(isClosed(story, issue)).toBe(true);
    expect(story.history(issue).closed?.how).toBe("resolved");
  });

  it("stays closed if what it needs is there by then, and says with what", async () => {
    const { story, issue } = await waived();
    await story.say("bob", issue, "/postmortem");
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    await story.advance(8 * DAY_MS);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.history(issue).closed).toMatchObject({ how: "resolved", evidence: [{ number: 2 }] });
    expect(story.replies(issue)).toEqual([]);
    expect(story.github.issue(issue).labels).not.toContain("incident:waived");
  });

  it("counts towards no limit: the team's reopenings of that day are all left", async () => {
    const { story, issue } = await waived();
    await story.advance(7 * DAY_MS + MINUTE_MS);
    for (let close = 0; close < 3; close += 1) {
      story.github.as("bob").close(issue);
      await story.settle();
      expect(isClosed(story, issue)).toBe(false);
      await story.advance(MINUTE_MS);
    }
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.stateLabels(issue)).toEqual(["incident:closed-ungated"]);
  });

  it("leaves an outsider's closes as they were: undone at once, and no later because a waiver ended", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P0"], "rita");
    await story.say("alice", issue, `/ack\n/waive 1h ${REASON}`);
    await story.advance(HOUR_MS + MINUTE_MS);
    for (let close = 0; close < 3; close += 1) {
      story.github.as("rita").close(issue);
      await story.settle();
      expect(isClosed(story, issue)).toBe(false);
      await story.advance(MINUTE_MS);
    }
  });

  it("is extended by a new one, also on the closed incident", async () => {
    const { story, issue } = await waived();
    await story.advance(6 * DAY_MS);
    await story.say("alice", issue, `/waive 14d ${REASON}`);
    expect(story.words(issue)).toContain("until 2026-01-25 09:02 UTC");
    await story.advance(13 * DAY_MS);
    expect(isClosed(story, issue)).toBe(true);
    await story.advance(2 * DAY_MS);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([REOPENED]);
  });

  it("does nothing on an incident that was closed with what it needs", async () => {
    const { story, issue } = await incident();
    await story.say("alice", issue, "/resolve fixed\n/postmortem");
    await story.fillPostMortem(Math.max(...story.github.numbers()));
    expect(isClosed(story, issue)).toBe(true);
    await story.say("alice", issue, `/waive 7d ${REASON}`);
    expect(story.replies(issue)).toEqual([expect.stringContaining("on a closed incident, `/waive` does nothing")]);
  });

  it("ends in time although every event was lost and Sevgate was not running", async () => {
    const { story, issue } = await waived();
    story.listens = false;
    story.restart();
    story.clock.advance(9 * DAY_MS);
    await story.advance(MINUTE_MS);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([REOPENED]);
  });

  it.each([1, 100])(
    "ends although the database was lost %s days before: the sweep finds it by its label",
    async (days) => {
      const { story, issue } = await incident();
      await story.say("alice", issue, `/waive ${days + 50}d ${REASON}`);
      await story.advance(50 * DAY_MS);
      story.restart({ database: "lost" });
      story.hint({ kind: "repository", repository: story.repository });
      await story.advance(days * DAY_MS - HOUR_MS);
      expect(isClosed(story, issue)).toBe(true);
      await story.advance(2 * HOUR_MS);
      expect(isClosed(story, issue)).toBe(false);
      expect(story.replies(issue)).toEqual([REOPENED]);
    },
  );

  it.each([
    ["before GitHub hears of it", "before", "kept"],
    ["after GitHub did it", "after", "kept"],
    ["before GitHub hears of it, and the database is lost", "before", "lost"],
    ["after GitHub did it, and the database is lost", "after", "lost"],
  ] as const)("ends as it should when the process dies at any write, %s", async (_, when, database) => {
    const end = async (nth: number | null) => {
      const { story, issue } = await waived();
      story.github.forgetCalls();
      if (nth !== null) {
        story.github.faults.fail({ kind: "write", nth, when, error: new TransientError(`killed at write ${nth}`) });
        story.onFailure = () => {
          story.restart({ database });
          story.hint({ kind: "repository", repository: story.repository });
        };
      }
      await story.advance(7 * DAY_MS + HOUR_MS);
      const { state, labels } = story.github.issue(issue);
      const kinds = story.record(issue).entries.map(({ kind }) => kind);
      const ending = { state, labels: labels.toSorted(), replies: story.replies(issue), kinds };
      return { ending, writes: story.github.writes.length };
    };
    const undisturbed = await end(null);
    expect(undisturbed.writes).toBeGreaterThan(2);
    for (let nth = 1; nth <= undisturbed.writes; nth += 1) {
      expect({ nth, ...(await end(nth)).ending }).toEqual({ nth, ...undisturbed.ending });
    }
  });

  it("gets its label back by the next look when somebody takes it away", async () => {
    const { story, issue } = await waived();
    story.github.as("bob").unlabel(issue, "incident:waived");
    await story.look(issue);
    expect(story.github.issue(issue).labels).toContain("incident:waived");
  });

  it("neither opens nor settles anything while GitHub does not say what there is, and is not forgotten meanwhile", async () => {
    const { story, issue } = await waived();
    await story.say("bob", issue, "/postmortem");
    const postMortem = Math.max(...story.github.numbers());
    const read = story.github.read.issue;
    const isClosedTo = async (...given: Parameters<typeof read>) => {
      if (given[1] === postMortem) throw new TerminalError("Forbidden (403).", { status: 403 });
      return read(...given);
    };
    Object.assign(story.github.read, { issue: isClosedTo });
    await story.advance(7.5 * DAY_MS);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.replies(issue)).toEqual([]);
    story.restart({ database: "lost" });
    Object.assign(story.github.read, { issue: read });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([REOPENED]);
    expect(story.github.issue(issue).labels).not.toContain("incident:waived");
  });

  it("opens the incident a day later all the same: what nobody may read makes no waiver last for good", async () => {
    const { story, issue } = await waived();
    await story.say("bob", issue, "/postmortem");
    const postMortem = Math.max(...story.github.numbers());
    const read = story.github.read.issue;
    Object.assign(story.github.read, {
      issue: async (...given: Parameters<typeof read>) => {
        if (given[1] === postMortem) throw new TerminalError("Forbidden (403).", { status: 403 });
        return read(...given);
      },
    });
    await story.advance(9 * DAY_MS);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([REOPENED]);
  });

  it("leaves an issue alone that was converted to a discussion, which cannot be opened again", async () => {
    const { story, issue } = await waived();
    await story.advance(MINUTE_MS);
    story.github.as("bob").convertToDiscussion(issue);
    await story.settle();
    const { phase } = story.history(issue);
    await story.advance(8 * DAY_MS);
    expect(story.history(issue).phase).toBe(phase);
    expect(story.record(issue).entries.some(({ kind }) => kind === "reopened")).toBe(false);
  });

  it("is over once somebody opens the incident again: nothing happens at its end", async () => {
    const { story, issue } = await waived();
    story.github.as("bob").reopen(issue);
    await story.settle();
    await story.advance(8 * DAY_MS);
    expect(story.history(issue)).toMatchObject({ waived: null, waiverEnded: null });
    expect(story.replies(issue)).not.toContainEqual(REOPENED);
  });

  it("gives the post-mortem its whole time again when it ends", async () => {
    const { story, issue } = await waived();
    await story.advance(9 * DAY_MS);
    expect(story.replies(issue)).toEqual([REOPENED]);
    await story.advance(2 * DAY_MS);
    expect(story.replies(issue)).toEqual([REOPENED, expect.stringContaining("Complete the post-mortem")]);
  });
});

describe("with `waive: { approvals: 1 }`, a waiver", () => {
  it("counts only when another person with the role accepts it, and says whose acceptance is missing and what to type", async () => {
    const { story, issue } = await incident(APPROVED);
    await story.say("alice", issue, `/waive ${REASON}`);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.stateLabels(issue)).toEqual(["incident:acknowledged"]);
    expect(story.replies(issue)).toEqual([
      expect.stringContaining("Ask another person with the maintain role to comment `/accept waiver` here"),
    ]);
    expect(story.words(issue)).toContain("1 other person with the maintain role has to accept it before it counts");
    await story.say("carol", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
    expect(story.history(issue)).toMatchObject({ closed: { how: "waived" }, waived: { by: "alice", until: null } });
    expect(story.words(issue)).toContain("Waiver accepted by carol");
  });

  it("is not accepted by whoever waived, nor by people without the role", async () => {
    const { story, issue } = await incident(APPROVED);
    await story.say("alice", issue, `/waive ${REASON}`);
    await story.say("alice", issue, "/accept waiver");
    await story.say("bob", issue, "/accept waiver");
    await story.say("rita", issue, "/accept waiver");
    await story.say("mallory", issue, "/accept waiver");
    expect(isClosed(story, issue)).toBe(false);
    expect(story.history(issue).waiverAsked?.acceptedBy).toEqual([]);
    expect(story.replies(issue)).toEqual([
      expect.stringContaining("Ask another person"),
      expect.stringContaining("nobody accepts their own waiver"),
      expect.stringContaining("bob: ask someone with the maintain role"),
    ]);
  });

  it("is accepted by an app only where the policy grants it `accept` by name", async () => {
    const policy = `${APPROVED}commands:\n  bots: { "listed[bot]": [note], "review[bot]": [accept] }\n`;
    const { story, issue } = await incident(policy);
    await story.say("alice", issue, `/waive ${REASON}`);
    await story.say("other[bot]", issue, "/accept waiver");
    await story.say("listed[bot]", issue, "/accept waiver");
    expect(isClosed(story, issue)).toBe(false);
    await story.say("review[bot]", issue, "/accept waiver");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("runs from the moment it counts, not from when it was asked for", async () => {
    const { story, issue } = await incident(APPROVED);
    await story.say("alice", issue, `/waive 7d ${REASON}`);
    await story.advance(3 * DAY_MS);
    await story.say("carol", issue, "/accept");
    expect(story.words(issue)).toContain("until 2026-01-15 09:02 UTC");
    await story.advance(7 * DAY_MS + MINUTE_MS);
    expect(isClosed(story, issue)).toBe(false);
  });

  it("extends one that counts only once it is accepted, too", async () => {
    const { story, issue } = await incident(APPROVED);
    await story.say("alice", issue, `/waive 7d ${REASON}`);
    await story.say("carol", issue, "/accept");
    await story.say("alice", issue, `/waive 30d ${REASON}`);
    await story.advance(7 * DAY_MS + MINUTE_MS);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue).at(-1)).toContain("`/accept waiver`");
    await story.say("carol", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
    await story.advance(29 * DAY_MS);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("counts by the people who accept it, however often each does", async () => {
    const { story, issue } = await incident("waive: { approvals: 2 }\n");
    story.github.setRole("dave", "admin");
    await story.say("alice", issue, `/waive ${REASON}`);
    await story.say("carol", issue, "/accept");
    await story.say("carol", issue, "/accept");
    expect(isClosed(story, issue)).toBe(false);
    await story.say("dave", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("is not changed by editing or deleting the comments that made it", async () => {
    const { story, issue } = await incident("waive: { approvals: 2 }\n");
    story.github.setRole("dave", "admin");
    const asked = await story.say("alice", issue, `/waive ${REASON}`);
    const accepted = await story.say("carol", issue, "/accept");
    story.github.as("carol").deleteComment(accepted);
    story.github.as("alice").editComment(asked, "/waive something else entirely");
    await story.settle();
    expect(story.history(issue).waiverAsked).toMatchObject({ reason: REASON, acceptedBy: ["carol"] });
    await story.say("dave", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
    expect(story.history(issue).waived?.reason).toBe(REASON);
  });

  it("goes on paging while it waits", async () => {
    const story = await Story.begin({ policy: APPROVED });
    const issue = await story.declare();
    await story.say("alice", issue, `/waive ${REASON}`);
    expect(story.history(issue)).toMatchObject({ phase: "declared", resolved: null });
  });
});

it("nothing to accept is said", async () => {
  const { story, issue } = await incident();
  await story.say("carol", issue, "/accept");
  expect(story.replies(issue)).toEqual([expect.stringContaining("Nothing here waits to be accepted")]);
});
