import { describe, expect, it } from "@jest/globals";
import type { Key } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const POLICY = ".github/sevgate.yml";
const BY_ACTION = "runs-in: action\n";
const ON_CALL = `people: { alice: {} }
rotations: { week: { start: 2020-01-06, members: [alice] } }
roles: { primary: { layers: [week] } }
`;

async function merge(story: Story, policy: string | null): Promise<void> {
  story.github.as("alice").push("Who runs this", { [POLICY]: policy });
  await story.settle();
}

/** Every kind of key that a pass may have about the repository and the issue. */
function everyKindOfKey({ repository }: Story, number: number): readonly Key[] {
  return [
    { kind: "incident", repository, number },
    { kind: "pull-request", repository, number },
    {
      kind: "merge-group",
      repository,
      headSha: "a".repeat(40),
      baseSha: "b".repeat(40),
      base: "main",
      pullRequest: number,
    },
    { kind: "stray-command", repository, number },
    { kind: "recheck", repository, headSha: "a".repeat(40), of: "run", id: 1 },
    { kind: "repository", repository },
    { kind: "follow-ups", repository },
    { kind: "report", repository },
    { kind: "page", repository, number },
  ];
}

/** A story as the action has it: what it knows is gone with each run. */
async function action(policy: string): Promise<Story> {
  const story = await Story.begin({ policy });
  story.runsIn = "action";
  story.restart({ database: "lost" });
  return story;
}

describe("a repository that its action runs", () => {
  it("gets no write from the server, whatever the server hears of it", async () => {
    const story = await Story.begin({ policy: BY_ACTION });
    const issue = await story.declare();
    await story.say("bob", issue, "/ack");
    story.hint(...everyKindOfKey(story, issue));
    await story.settle();
    await story.advance(7 * HOUR_MS);
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.writes).toEqual([]);
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("is left in the middle of an incident: no deadline, no page and no card in the chat come from the server any more", async () => {
    const story = await Story.begin({ slack: true });
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
    await story.settle();
    const issue = await story.declare();
    await merge(story, BY_ACTION);
    const [comments, sent] = [story.ownComments(issue).length, story.slack!.roots.length];
    story.github.forgetCalls();
    await story.advance(3 * HOUR_MS);
    expect(story.github.writes).toEqual([]);
    expect(story.ownComments(issue)).toHaveLength(comments);
    expect(story.slack!.roots).toHaveLength(sent);
    expect(story.pagerDuty.heard).toEqual([]);
  });

  it("costs the sweep nothing, but for a look at the policy each hour", async () => {
    const story = await Story.begin({ policy: BY_ACTION });
    const sweep = async () => {
      story.github.forgetCalls();
      story.hint({ kind: "repository", repository: story.repository });
      await story.settle();
      return story.github.reads.length;
    };
    expect(await sweep()).toBe(0);
    await story.advance(5 * MINUTE_MS);
    expect(await sweep()).toBe(0);
    await story.advance(HOUR_MS);
    expect(await sweep()).toBeGreaterThan(0);
    expect(await sweep()).toBe(0);
  });

  it("is named in the log once an hour, not for each key", async () => {
    const story = await Story.begin({ policy: BY_ACTION });
    const said = () => story.log.filter((line) => line.includes("The GitHub Action of acme/ops runs it")).length;
    const issue = await story.declare();
    await story.look(issue);
    await story.look(issue);
    expect(said()).toBe(1);
  });

  it("is told of to whoever presses a button in the chat", async () => {
    const story = await Story.begin({ slack: true });
    const issue = await story.declare();
    await merge(story, BY_ACTION);
    const body = JSON.stringify({ kind: "acknowledge", user: "U0ALICE001", channel: "C0ALERT0001" });
    await story.threads.addRequest({
      id: "1",
      repositoryId: story.repository.id,
      number: issue,
      body,
      at: story.clock.now(),
    });
    await story.look(issue);
    expect(JSON.stringify(story.slack!.hints)).toContain("The GitHub Action of that repository runs its incidents now");
    expect(story.history(issue).acknowledged).toBeNull();
  });

  it("is looked at as a whole when the server has it again: what happened meanwhile is judged", async () => {
    const story = await Story.begin();
    await merge(story, BY_ACTION);
    const issue = await story.declare();
    for (let sweep = 0; sweep < 6; sweep += 1) {
      story.hint({ kind: "repository", repository: story.repository });
      await story.advance(5 * MINUTE_MS);
    }
    expect(story.ownComments(issue)).toEqual([]);
    await merge(story, "runs-in: server\n");
    expect(story.history(issue).severity).toBe("P0");
  });

  it("stays the action's when its policy is broken in another line", async () => {
    const story = await Story.begin();
    await merge(story, "runs-in: action\nseverities: 7\n");
    const issue = await story.declare();
    expect(story.ownComments(issue)).toEqual([]);
  });

  it.each([
    ["by the owner's policy", "severities:\n  P0: {}\n  P1: {}\nruns-in: action\n", null],
    ["by the owner's policy, below its own", "runs-in: action\n", "extends: owner\nrecall: false\n"],
    ["by the owner's policy, below its own, which is broken", "runs-in: action\n", "extends: owner\nrecall: 7\n"],
    ["by its own policy, over the owner's", "runs-in: server\n", "extends: owner\nruns-in: action\n"],
  ])("can be made that %s", async (_, owners, own) => {
    const story = await Story.begin();
    story.github.addRepository({ owner: "acme", name: ".github", files: { [POLICY]: owners } });
    await merge(story, own ?? "recall: false\n");
    if (own === null) await merge(story, null);
    const issue = await story.declare();
    expect(story.ownComments(issue)).toEqual([]);
  });
});

describe("a repository whose policy does not say readably who runs it", () => {
  const UNCLEAR = "runs-in: acton\n";

  it("stays with the server that ran it", async () => {
    const story = await Story.begin();
    await merge(story, UNCLEAR);
    const issue = await story.declare();
    expect(story.history(issue).severity).toBe("P0");
  });

  it("is left alone by a server that has lost its database, until the line is readable", async () => {
    const story = await Story.begin();
    await merge(story, UNCLEAR);
    story.restart({ database: "lost" });
    const issue = await story.declare();
    expect(story.ownComments(issue)).toEqual([]);
    expect(story.log.join("")).toContain("Nobody can tell who runs acme/ops");
    await merge(story, "runs-in: server\n");
    expect(story.history(issue).severity).toBe("P0");
  });

  it("is left alone by the action, which says what to write", async () => {
    const story = await action(UNCLEAR);
    const issue = await story.declare();
    expect(story.ownComments(issue)).toEqual([]);
    expect(story.refused[0]).toBe(
      "Nobody can tell who runs acme/ops, so nothing is done there: write runs-in: server or runs-in: action in .github/sevgate.yml on the default branch.",
    );
  });
});

describe("the action", () => {
  it("runs a repository whose policy says so", async () => {
    const story = await action(BY_ACTION);
    const issue = await story.declare();
    await story.say("bob", issue, "/ack");
    expect(story.history(issue).acknowledged).not.toBeNull();
    expect(story.refused).toEqual([]);
  });

  it.each([
    ["has no policy", null],
    ["has a policy that does not name anybody", "recall: false\n"],
    ["has a policy that names the server", "runs-in: server\n"],
  ])("does nothing where the repository %s, and gives the line to paste", async (_, policy) => {
    const story = await action(policy ?? "");
    if (policy === null) story.github.setFile(POLICY, null, story.repository);
    const issue = await story.declare();
    story.hint(...everyKindOfKey(story, issue));
    await story.settle();
    expect(story.github.writes).toEqual([]);
    expect(new Set(story.refused)).toEqual(
      new Set([
        "The server runs acme/ops, so the action does nothing here. For the action to run it, add this line to .github/sevgate.yml on the default branch: runs-in: action",
      ]),
    );
  });

  it("only posts checks while the policy is broken, and says where", async () => {
    const story = await action("runs-in: action\nseverities: 7\n");
    const issue = await story.declare();
    expect(story.ownComments(issue)).toEqual([]);
    expect(story.refused[0]).toContain("The policy of acme/ops cannot be used (line 2: ");
    story.github.as("bob").openPullRequest({ title: "Mend the policy", files: { [POLICY]: BY_ACTION } });
    await story.settle();
    expect(story.github.allCheckRuns(story.repository).map(({ name }) => name)).toContain("sevgate/close-gate");
  });
});
