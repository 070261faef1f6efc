import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import type { Instant, IssueFacts } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { mentionedIn } from "../support/mentioned-in.ts";
import { Story } from "../support/story.ts";
import { playYear, reportOfYear } from "../support/year-of-a-repository.ts";

everyStoryEndsAtRest(["alice", "bob", "carol"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEKLY = "version: 1\nreport: { every: week }\n";
/** Stories begin on Monday, 5 January 2026, at nine. */
const TO_NEXT_MONDAY_MS = 7 * DAY_MS;

async function reports(story: Story): Promise<readonly IssueFacts[]> {
  return await story.github.read.issuesWithLabel(story.repository, "incident-report", {
    state: "all",
    since: 0 as Instant,
  });
}

async function sweep(story: Story): Promise<void> {
  story.hint({ kind: "repository", repository: story.repository });
  await story.settle();
}

/** An incident that is over, a week later, before the sweep. */
async function aWeekLater(policy = WEEKLY): Promise<Story> {
  const story = await Story.begin({ policy });
  const number = await story.declare();
  await story.advance(5 * MINUTE_MS);
  await story.say("alice", number, "/ack");
  await story.say("alice", number, "/resolve");
  await story.say("alice", number, "/waive nothing to learn");
  await story.advance(TO_NEXT_MONDAY_MS);
  story.github.forgetCalls();
  return story;
}

describe("The report of a period", () => {
  it("is an issue of its own, opened by the first sweep after the period: once, labelled, and without a mention", async () => {
    const story = await aWeekLater();
    await sweep(story);
    const [issue, ...more] = await reports(story);
    expect(more).toEqual([]);
    expect(issue).toMatchObject({ title: "Incidents in week 2 of 2026", state: "open", labels: ["incident-report"] });
    expect(issue!.body).toContain("**1 incident** declared from 2026-01-05 to before 2026-01-12, in UTC.");
    expect(issue!.body).toContain("| Time to acknowledge | 1 | 1 | 0 | 5 min |");
    expect(mentionedIn(issue!.body)).toEqual([]);

    story.github.forgetCalls();
    await sweep(story);
    await story.advance(3 * DAY_MS);
    await sweep(story);
    expect(story.github.writes).toEqual([]);
    expect(story.github.reads).not.toContain("comments");
  });

  it("costs few requests: a list of reports, one of incidents for each severity, one of items, and one for each incident", async () => {
    const story = await aWeekLater();
    story.hint({ kind: "report", repository: story.repository });
    await story.settle();
    const { reads, writes } = story.github;
    expect(writes).toEqual(["createLabel", "createIssue"]);
    expect(reads.filter((one) => one === "issuesWithLabel").length).toBe(1 + 3 + 1);
    expect(reads.filter((one) => one === "comments").length).toBe(1);
    expect(reads.length).toBeLessThanOrEqual(5 + 1 + 3);
  });

  it("is not opened unless the policy wants it, nor where nothing happened", async () => {
    const off = await aWeekLater("version: 1\n");
    await sweep(off);
    expect(await reports(off)).toEqual([]);

    const quiet = await Story.begin({ policy: WEEKLY });
    await quiet.advance(TO_NEXT_MONDAY_MS);
    await sweep(quiet);
    expect(await reports(quiet)).toEqual([]);
    quiet.github.forgetCalls();
    await sweep(quiet);
    expect(quiet.github.reads).not.toContain("issuesWithLabel");
  });

  it("says nothing of what is still going on in the new period", async () => {
    const story = await aWeekLater();
    const later = await story.declare(["sev:P1"]);
    await sweep(story);
    const [issue] = await reports(story);
    expect(issue!.body).not.toContain(`/issues/${later})`);
  });

  it.each([
    ["the process dies and forgets", (story: Story) => story.restart()],
    ["the database is lost", (story: Story) => story.restart({ database: "lost" })],
  ])("is not opened again after %s", async (_what, happens) => {
    const story = await aWeekLater();
    await sweep(story);
    happens(story);
    await sweep(story);
    await story.advance(HOUR_MS);
    await sweep(story);
    expect((await reports(story)).length).toBe(1);
  });

  it("is not opened again when the answer of GitHub was lost, and is opened later when GitHub failed", async () => {
    for (const method of ["createLabel", "createIssue"]) {
      for (const when of ["before", "after"] as const) {
        const story = await aWeekLater();
        story.github.faults.fail({ method, when });
        await sweep(story);
        expect((await reports(story)).length).toBe(method === "createIssue" && when === "after" ? 1 : 0);
        await story.advance(MINUTE_MS);
        expect((await reports(story)).length).toBe(1);
      }
    }
  });

  it("is asked for once if GitHub refuses it, not with every sweep", async () => {
    const story = await aWeekLater();
    story.github.faults.fail({
      method: "createIssue",
      times: Number.POSITIVE_INFINITY,
      error: new TerminalError("the app may not create issues", { status: 403 }),
    });
    await sweep(story);
    await sweep(story);
    expect(story.github.writes.filter((one) => one === "createIssue").length).toBe(1);
    expect(story.log.some((line) => line.includes("report refused"))).toBe(true);
    story.github.faults.clear();
    story.restart();
    await sweep(story);
    expect((await reports(story)).length).toBe(1);
  });

  it("does not count an issue that somebody else made to look like it", async () => {
    const story = await aWeekLater();
    story.github.as("rita").openIssue({
      title: "Incidents in week 2 of 2026",
      body: "Nothing happened.\n\n<!-- sevgate:report-2026-W02 -->",
      labels: ["incident-report"],
    });
    await sweep(story);
    expect((await reports(story)).filter(({ author }) => author?.login === story.github.botLogin).length).toBe(1);
  });

  it("is no incident, whatever people do with it", async () => {
    const story = await aWeekLater();
    await sweep(story);
    const [issue] = await reports(story);
    story.github.forgetCalls();
    await story.say("alice", issue!.number, "Thanks.");
    story.github.as("alice").close(issue!.number);
    await story.settle();
    expect(story.github.writes).toEqual([]);
    await sweep(story);
    expect((await reports(story)).length).toBe(1);
  });

  it("counts no ticks of a post-mortem that is where not every reader may look", async () => {
    for (const isPrivate of [true, false]) {
      const story = await Story.begin({
        policy: `${WEEKLY}contributing-factors: [configuration]\npost-mortem: { repository: acme/learning }\n`,
      });
      const learning = story.github.addRepository({ owner: "acme", name: "learning", isPrivate });
      story.github.setFile(".github/sevgate.yml", "version: 1\nevidence-for: [acme/ops]\n", learning);
      story.github.setRole("alice", "maintain", learning);
      story.hint({ kind: "repository", repository: learning });
      await story.settle();
      const number = await story.declare();
      const postMortem = story.github.as("alice", learning).openIssue({
        title: "What we learned",
        body: `Of acme/ops#${number}.\n\n## Contributing factors\n\n- [x] configuration\n`,
        labels: ["post-mortem"],
      });
      await story.say("alice", number, `/postmortem acme/learning#${postMortem.number}`);
      await story.advance(TO_NEXT_MONDAY_MS);
      await sweep(story);
      const [issue] = await reports(story);
      expect([isPrivate, issue!.body.includes("| configuration | 1 |")]).toEqual([isPrivate, !isPrivate]);
      expect(issue!.body.includes("1 could not be read, or are where not everybody may look.")).toBe(isPrivate);
    }
  });
});

describe("Some weeks of a repository, while much goes wrong (a year: test/faults/year.test.ts)", () => {
  it("end with the same report from GitHub alone, byte for byte, after the database was deleted", async () => {
    const weeks = await playYear(20, 7, 35);
    const kept = JSON.stringify(await reportOfYear(weeks, "store"));
    const { story } = weeks;
    expect(weeks.faults.lostDatabases).toBe(1);
    story.restart({ database: "lost" });
    await sweep(story);
    await story.advance(DAY_MS);
    expect(JSON.stringify(await reportOfYear(weeks, "store"))).toBe(kept);
    expect(JSON.stringify(await reportOfYear(weeks, "github"))).toBe(kept);
    expect((await reports(story)).map(({ title }) => title)).toEqual(["Incidents in January 2026"]);
  });
});

describe("The copy of a record", () => {
  it("is as new as the record on GitHub, although the answer to its last write was lost: a deleted comment loses nothing", async () => {
    const story = await Story.begin();
    const number = await story.declare();
    story.github.faults.fail({ method: "editComment", when: "after" });
    await story.say("alice", number, "/ack");
    await story.advance(MINUTE_MS);
    const { revision } = story.record(number);
    expect(await story.index.incident(story.repository.id, number)).toMatchObject({ recordRevision: revision });

    story.restart({ database: "lost" });
    await sweep(story);
    expect(await story.index.incident(story.repository.id, number)).toMatchObject({ recordRevision: revision });
    story.github.as("alice").deleteComment(story.statusId(number));
    await story.settle();
    expect(story.history(number).acknowledged).not.toBeNull();
  });
});
