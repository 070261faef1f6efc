import { describe, expect, it } from "@jest/globals";
import type { Repository } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const POLICY = ".github/sevgate.yml";
const OWNERS = "severities:\n  P0: { acknowledge-within: 15m }\n  P1: { close-requires: [] }\n";
const MINE = "extends: owner\nseverities:\n  P0: { description: Nobody can pay }\n";

/** A story in `acme/ops`, whose policy extends that of `acme/.github`. */
async function extending(owners: string | null = OWNERS, mine: string = MINE) {
  const story = await Story.begin();
  const owner = story.github.addRepository({
    owner: "acme",
    name: ".github",
    files: owners === null ? {} : { [POLICY]: owners },
  });
  story.github.setRole("alice", "admin", owner);
  story.github.as("alice").push("Ours", { [POLICY]: mine });
  await story.settle();
  await story.advance(MINUTE_MS);
  return { story, owner };
}

async function pushOwners(story: Story, owner: Repository, text: string | null): Promise<void> {
  story.github.as("alice", owner).push("Owner's", { [POLICY]: text });
  await story.settle();
}

async function closes(story: Story, severity: string): Promise<boolean> {
  const issue = await story.declare([`sev:${severity}`], "rita");
  story.github.as("bob").close(issue);
  await story.settle();
  await story.advance(5 * SECOND_MS);
  return story.github.issue(issue).state === "closed";
}

describe("a policy that extends its owner's", () => {
  it("is in force with what it says itself and what the owner's says", async () => {
    const { story } = await extending();
    const issue = await story.declare();
    expect(story.status(issue)).toContain("Nobody can pay");
    expect(await closes(story, "P1")).toBe(true);
    expect(await closes(story, "P0")).toBe(false);
  });

  it("follows a change of the owner's", async () => {
    const { story, owner } = await extending();
    await pushOwners(story, owner, OWNERS.replace("[]", "post-mortem"));
    expect(await closes(story, "P1")).toBe(false);
  });

  it.each([
    ["broken", "severities: { P1: { close-requires: nothing } }\n", "the policy of acme/.github cannot be used"],
    ["removed", null, "there is no .github/sevgate.yml in acme/.github"],
  ])("stays as it was when the owner's is %s, which the status comment says", async (_name, text, says) => {
    const { story, owner } = await extending();
    await pushOwners(story, owner, text);
    const issue = await story.declare();
    expect(story.status(issue)).toContain("Nobody can pay");
    expect(story.status(issue)).toContain("`.github/sevgate.yml:1:10`");
    expect(story.status(issue).replaceAll("\\", "")).toContain(says);
    expect(await closes(story, "P1")).toBe(true);
  });

  it("stays as it was while the owner's cannot be reached", async () => {
    const { story, owner } = await extending();
    story.github.faults.fail({ method: "file", times: Number.POSITIVE_INFINITY });
    story.clock.advance(2 * HOUR_MS);
    expect(owner.name).toBe(".github");
    expect(await closes(story, "P1")).toBe(true);
  });

  it("has the gate on where the owner's was never there", async () => {
    const { story } = await extending(null, `${MINE}  P1: { close-requires: [] }\n`);
    expect(await closes(story, "P1")).toBe(false);
  });

  it("stays as it was when the owner's says that it extends something, too", async () => {
    const { story, owner } = await extending();
    await pushOwners(story, owner, `extends: owner\n${OWNERS}`);
    const issue = await story.declare();
    expect(story.status(issue).replaceAll("\\", "")).toContain("there is none above it: remove this line");
  });

  it.each([
    [
      "is green on a good one, and says what both together change",
      "extends: owner\nseverities: { P1: { close-requires: [post-mortem] } }\n",
      "success",
      /extends the policy of `acme\/\.github`[\s\S]*P1 can no longer be closed without a post-mortem/,
    ],
    [
      "is red on one that contradicts the owner's",
      "extends: owner\nseverities: { P3: { label: sev:P1 } }\n",
      "failure",
      /already used by severities\.P1\.label/,
    ],
  ])("has a check on a pull request that %s", async (_name, text, conclusion, says) => {
    const { story } = await extending();
    const { file } = story.github.read;
    // The fake keeps one version of a file: this is the one at the head.
    Object.assign(story.github.read, {
      file: async (...given: Parameters<typeof file>) =>
        given[1] === POLICY && given[2] !== undefined ? { path: POLICY, sha: "a".repeat(40), text } : file(...given),
    });
    const { number } = story.github.as("bob").openPullRequest({ title: "Policy", files: { [POLICY]: text } });
    await story.settle();
    const { headSha } = story.github.pullRequest(number);
    const run = story.github.checkRuns(headSha).findLast(({ name }) => name === "sevgate/policy");
    expect(run).toMatchObject({ conclusion });
    expect(run?.summary).toMatch(says);
  });
});
