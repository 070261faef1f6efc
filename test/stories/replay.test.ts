import { describe, expect, it } from "@jest/globals";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

// Those whom the on-call file names.
everyStoryEndsAtRest(["alice"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const POLICY = ".github/sevgate.yml";
const ON_CALL = ".github/sevgate/on-call.yml";
const ALICE = "rotations: { a: { start: 2026-01-01, members: [alice] } }\nroles: { primary: { layers: [a] } }\n";
const severity = (needs: string) => `version: 1\nseverities:\n  P0: { label: sev:P0, close-requires: [${needs}] }\n`;
const LAX = severity("");
const STRICT = severity("post-mortem");

/** An incident that is acknowledged after a minute and closes an hour later; how it was made ready is up to `prepare`. */
async function past(story: Story, prepare: (number: number) => Promise<void> = async () => {}): Promise<number> {
  const number = await story.declare();
  await story.advance(MINUTE_MS);
  await story.say("alice", number, "/ack");
  await prepare(number);
  await story.advance(HOUR_MS);
  await story.say("alice", number, "/resolve");
  return number;
}

async function learn(story: Story, number: number): Promise<void> {
  await story.say("alice", number, "/postmortem");
  await story.fillPostMortem(Math.max(...story.github.numbers()));
}

/** The fake has one version of each file: another one is served for a head. */
function serve(story: Story, headSha: string, path: string, text: string): void {
  const { file } = story.github.read;
  Object.assign(story.github.read, {
    file: async (...given: Parameters<typeof file>) =>
      given[1] === path && given[2] === headSha ? { path, sha: "a".repeat(40), text } : file(...given),
  });
}

/** A pull request that brings one of the files. */
async function propose(
  story: Story,
  text: string,
  { by = "bob", path = POLICY }: { readonly by?: string; readonly path?: string } = {},
): Promise<number> {
  story.github.forgetCalls();
  const { number, headSha } = story.github.as(by).openPullRequest({ title: "Rules", files: { [path]: text } });
  serve(story, headSha, path, text);
  await story.settle();
  return number;
}

function runOn(story: Story, number: number) {
  const { headSha } = story.github.pullRequest(number);
  return story.github.checkRuns(headSha).findLast(({ name }) => name === "sevgate/policy") ?? null;
}

/** What the check says of past incidents; `null`: nothing. */
function said(story: Story, number: number): string | null {
  return runOn(story, number)?.summary?.split("### Past incidents\n\n")[1] ?? null;
}

/** How often GitHub was asked about past incidents: everything but what any pull request costs. */
async function costOf(story: Story, act: () => Promise<unknown>): Promise<number> {
  story.github.forgetCalls();
  await act();
  return story.github.reads.length;
}

describe("On a pull request that changes the policy, the check", () => {
  it("says which past incidents could not have closed, and why, and stays as green as it was", async () => {
    const story = await Story.begin({ policy: LAX });
    const [ready, bare] = [await past(story, (number) => learn(story, number)), await past(story)];
    const number = await propose(story, STRICT);
    expect(runOn(story, number)).toMatchObject({ conclusion: "success", title: "The policy is valid" });
    expect(said(story, number)).toBe(
      [
        "All 2 incidents that closed in the last 90 days, judged again by these rules, from the record and what is linked now.",
        [
          "- **1 of 2 could not have closed**:",
          `  - [#${bare}](https://github.com/acme/ops/issues/${bare}) (P0): no post-mortem is linked`,
        ].join("\n"),
        "In full: `sevgate simulate --policy .github/sevgate.yml acme/ops` ([how](https://sevgate.example.com/blob/v0.1.0/docs/simulate.md)).",
      ].join("\n\n"),
    );
    expect(said(story, number)).not.toContain(`#${ready}]`);
  });

  it("says nothing of them where the policy changes nothing, or cannot be used, or only other files change", async () => {
    const story = await Story.begin({ policy: LAX });
    await past(story);
    for (const text of [`${LAX}# a remark\n`, "version: 1\nclosing: { grace: 5 }\n"]) {
      expect(said(story, await propose(story, text))).toBe(null);
      expect(story.github.reads).not.toContain("issuesWithLabel");
    }
    await propose(story, "x", { path: "README.md" });
    expect(story.github.reads).not.toContain("issuesWithLabel");
  });

  it("names no drill, nothing that is open, and nothing that closed longer ago than 90 days", async () => {
    const story = await Story.begin({ policy: LAX });
    await past(story);
    await story.advance(100 * DAY_MS);
    await story.declare();
    const drill = await story.declare(["sev:P0", "drill"]);
    await story.say("alice", drill, "/resolve");
    const number = await propose(story, STRICT);
    expect(said(story, number)).toContain("None closed in the last 90 days.");
  });

  it("looks at the ten newest and asks at most 30 times, whatever they have; with the database lost as well", async () => {
    const story = await Story.begin({ policy: LAX });
    for (let at = 0; at < 13; at += 1) {
      await past(story, async (number) => {
        for (let link = 0; link < 3; link += 1) {
          const { number: linked } = story.github.as("bob").openIssue({ title: "Notes", body: "", labels: [] });
          await story.say("alice", number, `/postmortem #${linked}`);
        }
      });
    }
    const any = await costOf(story, () => propose(story, "x", { path: "README.md" }));
    const cost = await costOf(story, () => propose(story, STRICT));
    expect(said(story, Math.max(...story.github.numbers()))).toMatch(/^The \d+ newest of 13 incidents that closed/);
    // One more is for the file itself, and one for the right of whoever opened it.
    expect(cost - any).toBeLessThanOrEqual(32);
    story.restart({ database: "lost" });
    const lost = await costOf(story, () => propose(story, severity("runbook-pr")));
    expect(said(story, Math.max(...story.github.numbers()))).toMatch(/^The \d newest of 13 incidents/);
    expect(lost - any).toBeLessThanOrEqual(32 + 10);
  });

  it("asks nothing again when a push leaves the rules alone, for an hour; and says the same", async () => {
    const story = await Story.begin({ policy: LAX });
    await past(story);
    const number = await propose(story, STRICT);
    const before = said(story, number);
    story.github.forgetCalls();
    const { headSha } = story.github.as("bob").pushToPullRequest(number, "More", { [POLICY]: STRICT, a: "b" });
    serve(story, headSha, POLICY, STRICT);
    await story.settle();
    expect(story.github.reads).not.toContain("issuesWithLabel");
    expect(said(story, number)).toBe(before);
    await story.advance(2 * HOUR_MS);
    story.github.forgetCalls();
    story.hint({ kind: "pull-request", repository: story.repository, number });
    await story.settle();
    expect(story.github.reads).toContain("issuesWithLabel");
    expect(story.github.writes).toEqual([]);
  });

  it("costs nothing more for an outsider's pull request, and says so", async () => {
    const story = await Story.begin({ policy: LAX });
    await past(story);
    const number = await propose(story, STRICT, { by: "rita" });
    expect(said(story, number)).toMatch(/^They are judged again only for pull requests of people who may label issues/);
    expect(story.github.reads).not.toContain("issuesWithLabel");
    expect(story.github.reads).not.toContain("comments");
  });

  it("is not kept from its verdict by a GitHub that does not answer, and the close gate comes before", async () => {
    for (const error of [new TransientError("no answer"), new TerminalError("not allowed", { status: 403 })]) {
      const story = await Story.begin({ policy: LAX });
      await past(story);
      const { issuesWithLabel } = story.github.read;
      const posted: string[] = [];
      Object.assign(story.github.read, {
        issuesWithLabel: async () => {
          posted.push(
            ...story.github
              .checkRuns(story.github.pullRequest(Math.max(...story.github.numbers())).headSha)
              .map(({ name }) => name),
          );
          throw error;
        },
      });
      const number = await propose(story, STRICT);
      expect(runOn(story, number)).toMatchObject({ conclusion: "success" });
      expect(said(story, number)).toMatch(/^They could not be read now/);
      expect(posted[0]).toBe("sevgate/close-gate");
      Object.assign(story.github.read, { issuesWithLabel });
      // The next look makes it whole.
      story.hint({ kind: "pull-request", repository: story.repository, number });
      await story.settle();
      expect(said(story, number)).toContain("1 of 1 could not have closed");
    }
  });

  it("shows no more of a private post-mortem than that it is not complete, and asks it no other question", async () => {
    const place = "post-mortem: { repository: acme/secret }\n";
    const story = await Story.begin({ policy: `${LAX}${place}` });
    const secret = story.github.addRepository({ owner: "acme", name: "secret", isPrivate: true });
    story.github.setFile(POLICY, "version: 1\nevidence-for: [acme/ops]\n", secret);
    story.github.setRole("alice", "write", secret);
    story.hint({ kind: "repository", repository: secret });
    await story.settle();
    const body = "## What happened\n\nSecret.\n";
    const { number: there } = story.github.as("alice", secret).openIssue({ title: "The secret cause", body });
    await story.settle();
    await past(story, async (number) => void (await story.say("alice", number, `/postmortem acme/secret#${there}`)));
    const text = said(story, await propose(story, `${STRICT}${place}`)) ?? "";
    expect(text).toContain("1 of 1 could not have closed");
    expect(text).toMatch(/the post-mortem acme\/secret#\d+ is not complete\n/);
    expect(text).not.toMatch(/cause|What happened|label/i);
    const both = said(story, await propose(story, `${severity("post-mortem, action-items-filed")}${place}`)) ?? "";
    expect(both).toContain("**1** may not have closed");
    expect(both).not.toContain("secret#");
  });
});

describe("On a pull request that changes the on-call file, the check", () => {
  it("says who would have been called instead", async () => {
    const story = await Story.begin({ policy: LAX });
    story.github.as("alice").push("On call", { [ON_CALL]: ALICE });
    await story.settle();
    await past(story);
    await past(story);
    const number = await propose(story, ALICE.replace("alice", "bob"), { path: ON_CALL });
    expect(said(story, number)).toContain(
      "- **People paged**: 2 times (was 2): alice 0 (was 2), bob 2 (was 0)\n\nIn full: `sevgate simulate --on-call .github/sevgate/on-call.yml acme/ops`",
    );
    expect(runOn(story, number)?.summary).not.toMatch(/@\w/);
  });
});
