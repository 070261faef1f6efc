import { describe, expect, it } from "@jest/globals";
import type { Repository } from "../../src/core/model.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";
import { readItems } from "../../src/observe/read-items.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function bodyWith(...lines: readonly string[]): string {
  return [
    "## What happened",
    "",
    "The database ran out of connections.",
    "",
    "## Why it happened",
    "",
    "A new worker opened one for each request.",
    "",
    "## Action items",
    "",
    ...lines,
    "",
  ].join("\r\n");
}

const LINES = [
  "- [ ] Alert on the depth of the queue @bob by 2026-12-01 [detect]",
  "- [ ] Limit `src/pool.ts`, in 14d",
];

interface Filed {
  readonly story: Story;
  readonly issue: number;
  readonly postMortem: number;
}

/** A resolved incident with a complete post-mortem that bob wrote. */
async function learned(lines: readonly string[] = LINES, policy = ""): Promise<Filed> {
  const story = await Story.begin({ policy });
  const issue = await story.declare();
  const opened = story.github
    .as("bob")
    .openIssue({ title: "Learned", body: bodyWith(...lines), labels: ["post-mortem"] });
  await story.say("alice", issue, `/ack\n/resolve fixed\n/postmortem #${opened.number}`);
  await story.advance(MINUTE_MS);
  return { story, issue, postMortem: opened.number };
}

/** The same, with its items filed by bob. */
async function filed(lines?: readonly string[], policy?: string): Promise<Filed> {
  const all = await learned(lines, policy);
  await all.story.say("bob", all.issue, "/items");
  return all;
}

function items(story: Story, repository?: Repository): readonly number[] {
  return story.github
    .numbers(repository)
    .filter((number) => story.github.issue(number, repository).labels.includes("action-item"));
}

function identityOf({ github: { appId, botLogin } }: Story) {
  return { appId, botLogin, former: [] };
}

function line(story: Story, postMortem: number, at: number): string {
  const body = story.github.issue(postMortem).body.split("\r\n");
  return body.filter((one) => /^- \[[ x]\]/.test(one))[at] ?? "";
}

describe("`/items`", () => {
  it("files no contributing factor, and no line that the draft itself holds", async () => {
    const { story, postMortem } = await filed(
      [LINES[0]!, "", "## Contributing factors", "", "- [ ] Configuration", "- [ ] Alert on the disk"],
      "contributing-factors: [configuration]\naction-items: { section: Contributing factors }\n",
    );
    expect(items(story)).toHaveLength(1);
    expect(line(story, postMortem, 1)).toBe("- [ ] Configuration");
    expect(line(story, postMortem, 2)).toMatch(/^- \[ \] #\d+ Alert on the disk$/);
  });

  it("files every open line of the section, and the line begins with its issue", async () => {
    const { story, issue, postMortem } = await filed();
    const [first, second] = items(story);
    expect(items(story)).toHaveLength(2);
    expect(story.github.issue(postMortem).body).toBe(
      bodyWith(
        `- [ ] #${first} Alert on the depth of the queue @bob by 2026-12-01 [detect]`,
        `- [ ] #${second} Limit \`src/pool.ts\`, in 14d`,
      ),
    );
    const alert = story.github.issue(first!);
    expect(alert).toMatchObject({ title: "Alert on the depth of the queue", state: "open", assignees: ["bob"] });
    expect(alert.body).toContain(`An action item of the post-mortem #${postMortem}, from incident #${issue}.`);
    expect(alert.body).toContain(
      `Not needed? On #${issue}, comment \`/drop #NUMBER REASON\`, with the number of this one.`,
    );
    expect(alert.body).toContain("- Owner: bob\n- Due: 2026-12-01\n- Kind: detect");
    expect(alert.body).not.toContain("@");
    expect(story.github.issue(second!).body).toContain(
      `- Due: ${new Date(story.clock.now() + 14 * DAY_MS).toISOString().slice(0, 10)}`,
    );
    const subIssues = await story.github.read.subIssues(story.repository, postMortem);
    expect(subIssues.map(({ number }) => number)).toEqual([first, second]);
    expect(story.words(issue)).toContain("**Action items:** 2 filed");
    expect(story.words(issue)).toContain(`Action items #${first}, #${second} filed`);
    expect(story.replies(issue)).toEqual([]);
  });

  it("is what the status comment proposes while a complete post-mortem has lines that nobody has filed", async () => {
    const { story, issue, postMortem } = await learned();
    expect(story.status(issue)).toContain(
      `- **Action items:** 2 in #${postMortem} · \`/items\` makes issues of them\n`,
    );
    await story.say("alice", issue, "/items");
    expect(story.status(issue)).toContain("- **Action items:** 2 filed\n");
    expect(story.status(issue)).not.toContain("makes issues of them");
  });

  it("is idempotent: again, it files what was added since, and nothing twice", async () => {
    const { story, issue, postMortem } = await filed();
    await story.say("bob", issue, "/items");
    expect(items(story)).toHaveLength(2);
    const body = story.github
      .issue(postMortem)
      .body.replace("in 14d", "in 14d\r\n- [ ] Rehearse the failover (process)");
    story.github.as("bob").edit(postMortem, { body });
    await story.settle();
    expect(items(story)).toHaveLength(2);
    await story.say("alice", issue, "/items");
    expect(items(story)).toHaveLength(3);
    expect(line(story, postMortem, 2)).toBe(`- [ ] #${items(story)[2]} Rehearse the failover (process)`);
  });

  it("leaves alone what is ticked, what names an issue, what says nothing, and what is elsewhere", async () => {
    const { story, postMortem } = await filed([
      "- [x] Done already",
      "- [ ] As in #99",
      "- [ ] TBD",
      "> - [ ] quoted",
      "- [ ] Add an alert",
      "",
      "## Notes",
      "",
      "- [ ] Ask the vendor",
    ]);
    expect(items(story).map((number) => story.github.issue(number).title)).toEqual(["Add an alert"]);
    expect(story.github.issue(postMortem).body).toContain("- [ ] Ask the vendor");
  });

  it("makes one issue of two lines that say the same", async () => {
    const { story, postMortem } = await filed(["- [ ] Add an alert", "- [ ] Add  an alert"]);
    const [only, ...more] = items(story);
    expect(more).toEqual([]);
    expect([line(story, postMortem, 0), line(story, postMortem, 1)]).toEqual([
      `- [ ] #${only} Add an alert`,
      `- [ ] #${only} Add  an alert`,
    ]);
  });

  it("writes its number back in front of a line that lost it, without another issue", async () => {
    const { story, issue, postMortem } = await filed(["- [ ] Add an alert"]);
    story.github.as("bob").edit(postMortem, { body: bodyWith("- [ ] Add an alert") });
    await story.say("bob", issue, "/items");
    expect(items(story)).toHaveLength(1);
    expect(line(story, postMortem, 0)).toBe(`- [ ] #${items(story)[0]} Add an alert`);
  });

  it.each([
    ["without a post-mortem", "", "Comment `/postmortem` first"],
    ["with a draft that nobody has filled in", "/postmortem", "first, then comment `/items`"],
  ])("says the next step %s", async (_, first, says) => {
    const story = await Story.begin();
    const issue = await story.declare();
    if (first !== "") await story.say("alice", issue, first);
    await story.say("alice", issue, "/items");
    expect(story.replies(issue).join("\n")).toContain(says);
    expect(items(story)).toEqual([]);
  });

  it("says what to write when the section has no open line", async () => {
    const { story, issue } = await learned(["- [x] Done already"], "post-mortem: { action-items: 0 }\n");
    await story.say("alice", issue, "/items");
    expect(story.replies(issue).join("\n")).toContain("- [ ] Alert on the queue @LOGIN in 14d");
  });

  it("needs a right, and an app its line in the policy", async () => {
    const { story, issue } = await learned(LINES, "commands: { bots: ['deploy[bot]'] }\n");
    await story.say("rita", issue, "/items");
    await story.say("mallory", issue, "/items");
    await story.say("deploy[bot]", issue, "/items");
    await story.say("deploy[bot]", issue, "/drop #1 no");
    expect(items(story)).toEqual([]);
    expect(story.replies(issue).join("\n")).toContain("`items` to the line of `deploy[bot]`");
  });

  it("files ten at once and ten more half an hour later, and the status comment says how many wait", async () => {
    const lines = Array.from({ length: 25 }, (_, at) => `- [ ] Item ${at + 1}`);
    const { story, issue, postMortem } = await filed(lines);
    expect(items(story)).toHaveLength(10);
    expect(story.words(issue)).toContain("10 of 25 filed, the others follow");
    await story.advance(29 * MINUTE_MS);
    expect(items(story)).toHaveLength(10);
    await story.advance(2 * MINUTE_MS);
    expect(items(story)).toHaveLength(20);
    expect(story.words(issue)).toContain("20 of 25 filed, the others follow");
    await story.advance(30 * MINUTE_MS);
    expect(items(story)).toHaveLength(25);
    expect(story.words(issue)).toContain("**Action items:** 25 filed");
    expect(story.github.issue(postMortem).body).not.toMatch(/\[ \] Item/);
    expect(story.replies(issue)).toEqual([]);
  });

  it("files ten at once of several incidents together", async () => {
    const lines = Array.from({ length: 8 }, (_, at) => `- [ ] Do the thing number ${at + 1}`);
    const { story, issue } = await learned(lines);
    const next = await story.declare();
    const other = story.github
      .as("bob")
      .openIssue({ title: "Learned more", body: bodyWith(...lines), labels: ["post-mortem"] });
    await story.say("alice", next, `/ack\n/resolve fixed\n/postmortem #${other.number}`);
    await story.say("bob", issue, "/items");
    await story.say("bob", next, "/items");
    expect(items(story)).toHaveLength(10);
    expect(story.words(next)).toContain("2 of 8 filed, the others follow");
    await story.advance(31 * MINUTE_MS);
    expect(items(story)).toHaveLength(16);
  });

  it("stops waiting for a line that is rewritten meanwhile, and asks GitHub for no more than the sub-issues then", async () => {
    const lines = Array.from({ length: 11 }, (_, at) => `- [ ] Item ${at + 1}`);
    const { story, issue, postMortem } = await filed(lines);
    const body = story.github.issue(postMortem).body.replace("[ ] Item 11", "[ ] Something else");
    story.github.as("bob").edit(postMortem, { body });
    await story.advance(31 * MINUTE_MS);
    expect(items(story)).toHaveLength(10);
    expect(story.words(issue)).toContain("**Action items:** 10 filed");
    story.github.forgetCalls();
    await story.look(issue);
    expect(story.github.reads.filter((read) => read === "subIssues" || read === "issuesWithLabel")).toEqual([
      "subIssues",
    ]);
    await story.say("bob", issue, "/items");
    expect(items(story)).toHaveLength(11);
  });

  it("goes on after a restart that lost the database", async () => {
    const lines = Array.from({ length: 12 }, (_, at) => `- [ ] Item ${at + 1}`);
    const { story, issue } = await filed(lines);
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.look(issue);
    await story.advance(31 * MINUTE_MS);
    expect(items(story)).toHaveLength(12);
  });

  it("keeps an acceptance: what was reviewed has not changed", async () => {
    const { story, issue } = await learned(LINES, "post-mortem: { reviewed-by: 1 }\n");
    await story.say("alice", issue, "/accept");
    await story.say("alice", issue, "/items");
    expect(items(story)).toHaveLength(2);
    expect(story.github.issue(issue).state).toBe("closed");
    expect(story.replies(issue)).toEqual([]);
  });

  it("files before the acceptance as well", async () => {
    const { story, issue } = await filed(LINES, "post-mortem: { reviewed-by: 1 }\n");
    expect(items(story)).toHaveLength(2);
    await story.say("alice", issue, "/accept");
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("satisfies `action-items-filed`, which names it as the next step until then", async () => {
    const policy = "severities: { P0: { label: sev:P0, close-requires: action-items-filed } }\n";
    const { story, issue } = await learned(LINES, policy);
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.words(issue)).toContain(
      "2 action items of the post-mortem name no issue. Comment `/items` to file them",
    );
    await story.say("bob", issue, "/items");
    expect(story.github.issue(issue).state).toBe("closed");
  });

  it("links both ways where the server has no sub-issues", async () => {
    const story = await Story.begin();
    story.github.features.subIssues = false;
    const issue = await story.declare();
    const body = bodyWith(...LINES);
    const { number } = story.github.as("bob").openIssue({ title: "Learned", body, labels: ["post-mortem"] });
    await story.say("alice", issue, `/ack\n/resolve fixed\n/postmortem #${number}\n/items`);
    await story.advance(MINUTE_MS);
    const [first] = items(story);
    expect(line(story, number, 0)).toContain(`#${first} `);
    expect(story.github.issue(first!).body).toContain(`#${number}`);
    story.github.as("bob").close(first!);
    await story.settle();
    expect(line(story, number, 0)).toContain("- [x] ");
  });

  it("assigns nobody whom GitHub does not accept, and the text still says who it is", async () => {
    const { story } = await filed(["- [ ] Add an alert @stranger"]);
    const [only] = items(story);
    expect(story.github.issue(only!)).toMatchObject({ assignees: [] });
    expect(story.github.issue(only!).body).toContain("- Owner: stranger");
  });

  it("takes GitHub refusing an issue calmly, and tries again", async () => {
    const { story, issue } = await learned();
    story.github.faults.fail({ method: "createIssue", times: 2 });
    await story.say("bob", issue, "/items\n/note still here");
    expect(story.words(issue)).toContain("still here");
    await story.advance(10 * MINUTE_MS);
    expect(items(story)).toHaveLength(2);
  });

  it("never overwrites what somebody writes at the same moment", async () => {
    const { story, issue, postMortem } = await learned(["- [ ] Add an alert"]);
    let isEdited = false;
    const note = story.github.onCall;
    story.github.onCall = () => {
      note();
      if (story.github.calls.at(-1)?.method !== "addSubIssue" || isEdited) return;
      isEdited = true;
      const body = story.github.issue(postMortem).body.replace("ran out of connections", "ran out of disk");
      story.github.as("bob").edit(postMortem, { body });
    };
    await story.say("bob", issue, "/items");
    expect(isEdited).toBe(true);
    expect(story.github.issue(postMortem).body).toContain("ran out of disk");
    expect(line(story, postMortem, 0)).toContain(`#${items(story)[0]} `);
  });
});

describe("the tick of a filed line", () => {
  it("follows its issue: closed as completed, and open again", async () => {
    const { story, issue, postMortem } = await filed();
    const [first] = items(story);
    story.github.as("bob").close(first!);
    await story.settle();
    expect(line(story, postMortem, 0)).toMatch(/^- \[x\] #/);
    expect(story.words(issue)).toContain("2 filed · 1 done");
    expect(story.words(issue)).toContain(`Action item #${first} done`);
    story.github.as("bob").reopen(first!);
    await story.settle();
    expect(line(story, postMortem, 0)).toMatch(/^- \[ \] #/);
    expect(story.words(issue)).toContain(`Action item #${first} is open again`);
    expect(story.github.issue(first!).state).toBe("open");
  });

  it("follows a pull request that closes its issue", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    const pull = story.github.as("bob").openPullRequest({ title: "Alert", body: `Fixes #${first}` });
    story.github.as("alice").merge(pull.number);
    // What GitHub does by itself.
    story.github.as("alice").close(first!);
    await story.settle();
    expect(line(story, postMortem, 0)).toMatch(/^- \[x\] #/);
  });

  it("closes the issue when somebody on the team set it", async () => {
    const { story, issue, postMortem } = await filed();
    const [first] = items(story);
    const body = story.github.issue(postMortem).body.replace(`[ ] #${first}`, `[x] #${first}`);
    story.github.as("bob").edit(postMortem, { body });
    await story.settle();
    expect(story.github.issue(first!)).toMatchObject({ state: "closed", closeReason: "completed" });
    expect(story.words(issue)).toContain("1 done");
    expect(story.github.issue(postMortem).body).toBe(body);
  });

  it("is put back when somebody else may have set it", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    const before = story.github.issue(postMortem).body;
    story.github.as("rita").edit(postMortem, { body: before.replace(`[ ] #${first}`, `[x] #${first}`) });
    await story.settle();
    expect(story.github.issue(first!).state).toBe("open");
    expect(story.github.issue(postMortem).body).toBe(before);
  });

  it("closes the issue again when somebody sets it as before", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    const before = story.github.issue(postMortem).body;
    const ticked = before.replace(`[ ] #${first}`, `[x] #${first}`);
    for (let times = 0; times < 2; times += 1) {
      story.github.as("bob").edit(postMortem, { body: ticked });
      await story.settle();
      expect(story.github.issue(first!).state).toBe("closed");
      story.github.as("bob").reopen(first!);
      await story.settle();
      expect(story.github.issue(postMortem).body).toBe(before);
    }
  });

  it("is put back a few times in ten minutes, however often it is set", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    const before = story.github.issue(postMortem).body;
    story.github.forgetCalls();
    for (let at = 0; at < 100; at += 1) {
      story.github.as("rita").edit(postMortem, { body: before.replace(`[ ] #${first}`, `[x] #${first}`) });
      await story.settle();
    }
    expect(story.github.writes.filter((method) => method === "editIssueBody").length).toBeLessThan(4);
    expect(story.github.calls.filter(({ method }) => method === "permission").length).toBeLessThan(4);
    await story.advance(20 * MINUTE_MS);
    expect(story.github.issue(first!).state).toBe("open");
    expect(story.github.issue(postMortem).body).toBe(before);
  });

  it("is put back also if somebody on the team edited the text before anybody looked", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    story.listens = false;
    const before = story.github.issue(postMortem).body;
    story.github.as("rita").edit(postMortem, { body: before.replace(`[ ] #${first}`, `[x] #${first}`) });
    story.listens = true;
    const ticked = story.github.issue(postMortem).body;
    story.github.as("alice").edit(postMortem, { body: ticked.replace("out of connections", "out of memory") });
    await story.settle();
    expect(story.github.issue(first!).state).toBe("open");
    expect(line(story, postMortem, 0)).toMatch(/^- \[ \] #/);
  });

  it("is put back where the server does not say who edits", async () => {
    const { story, postMortem } = await filed();
    story.github.features.graphql = false;
    const [first] = items(story);
    const body = story.github.issue(postMortem).body.replace(`[ ] #${first}`, `[x] #${first}`);
    story.github.as("alice").edit(postMortem, { body });
    await story.settle();
    expect(line(story, postMortem, 0)).toMatch(/^- \[ \] #/);
  });

  it("is put back when somebody set it while the line of another item was written", async () => {
    const { story, issue, postMortem } = await filed(["- [ ] Add an alert"]);
    const [first] = items(story);
    const grown = bodyWith(`- [ ] #${first} Add an alert`, "- [ ] Limit the pool");
    story.github.as("bob").edit(postMortem, { body: grown });
    await story.settle();
    let isTicked = false;
    const note = story.github.onCall;
    story.github.onCall = () => {
      note();
      if (story.github.calls.at(-1)?.method !== "addSubIssue" || isTicked) return;
      isTicked = true;
      const body = story.github.issue(postMortem).body.replace(`[ ] #${first}`, `[x] #${first}`);
      story.github.as("rita").edit(postMortem, { body });
    };
    await story.say("bob", issue, "/items");
    await story.advance(10 * MINUTE_MS);
    expect(isTicked).toBe(true);
    const { body } = story.github.issue(postMortem);
    // Nor is it taken for the tick of whoever edits next.
    story.github.as("bob").edit(postMortem, { body: body.replace("out of connections", "out of memory") });
    await story.advance(10 * MINUTE_MS);
    expect(story.github.issue(first!).state).toBe("open");
    expect(line(story, postMortem, 0)).toBe(`- [ ] #${first} Add an alert`);
    expect(line(story, postMortem, 1)).toBe(`- [ ] #${items(story)[1]} Limit the pool`);
  });

  it("waits while GitHub does not say who edited", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    story.github.faults.fail({ method: "issueEdits", times: 1 });
    const body = story.github.issue(postMortem).body.replace(`[ ] #${first}`, `[x] #${first}`);
    story.github.as("bob").edit(postMortem, { body });
    await story.settle();
    expect(line(story, postMortem, 0)).toMatch(/^- \[x\] #/);
    await story.advance(10 * MINUTE_MS);
    expect(story.github.issue(first!).state).toBe("closed");
  });

  it("comes back when somebody takes it off a line whose issue is done", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    story.github.as("bob").close(first!);
    await story.settle();
    const body = story.github.issue(postMortem).body;
    story.github.as("bob").edit(postMortem, { body: body.replace("[x]", "[ ]") });
    await story.settle();
    expect(story.github.issue(postMortem).body).toBe(body);
    expect(story.github.issue(first!).state).toBe("closed");
  });
});

describe("an item that was closed without being done", () => {
  it.each(["not_planned", "duplicate"] as const)(
    "as %s still counts as open, and the status comment asks why",
    async (reason) => {
      const { story, issue, postMortem } = await filed();
      const [first] = items(story);
      story.github.as("bob").close(first!, reason);
      await story.settle();
      expect(line(story, postMortem, 0)).toMatch(/^- \[ \] #/);
      expect(story.words(issue)).toContain(
        `#${first} was closed without being done: reopen it, or \`/drop #${first} REASON\``,
      );
    },
  );

  it("is dropped by `/drop` with a reason, which closes it, ticks its line and is on the timeline", async () => {
    const { story, issue, postMortem } = await filed();
    const [first, second] = items(story);
    await story.say("alice", issue, `/drop #${first} the queue is gone`);
    expect(story.github.issue(first!)).toMatchObject({ state: "closed", closeReason: "not_planned" });
    expect(line(story, postMortem, 0)).toMatch(/^- \[x\] #/);
    expect(story.words(issue)).toContain(`Action item #${first} dropped by alice: the queue is gone`);
    expect(story.words(issue)).toContain("2 filed · 1 dropped");
    story.github.as("bob").close(second!, "not_planned");
    await story.settle();
    await story.say("alice", issue, `/drop #${second} as well`);
    expect(story.words(issue)).toContain("2 filed · 2 dropped");
    expect(story.replies(issue)).toEqual([]);
  });

  it("is open again when somebody reopens it after it was dropped", async () => {
    const { story, issue, postMortem } = await filed();
    const [first] = items(story);
    await story.say("alice", issue, `/drop #${first} the queue is gone`);
    story.github.as("bob").reopen(first!);
    await story.settle();
    expect(story.github.issue(first!).state).toBe("open");
    expect(line(story, postMortem, 0)).toMatch(/^- \[ \] #/);
    expect(story.words(issue)).toContain("**Action items:** 2 filed\n");
  });

  it("is not dropped by somebody without the right, without a reason, when it is done, or if it is none", async () => {
    const { story, issue } = await filed();
    const [first, second] = items(story);
    story.github.as("bob").close(second!);
    await story.settle();
    await story.say("bob", issue, `/drop #${first} too dear`);
    await story.say("alice", issue, `/drop #${first}`);
    await story.say("alice", issue, `/drop #${second} too late`);
    await story.say("alice", issue, "/drop #99 what is it");
    const replies = story.replies(issue).join("\n");
    expect(replies).toContain("`/drop` needs the write role");
    expect(replies).toContain("Add a reason: `/drop #NUMBER REASON`");
    expect(replies).toContain(`#${second} is done`);
    expect(replies).toContain("#99 was not filed as an action item of this incident");
    expect(story.github.issue(first!).state).toBe("open");
  });
});

describe("the day an item is due", () => {
  //
  it("is the field's, then the milestone's, then the line's", async () => {
    const { story } = await filed(["- [ ] Add an alert, due 2026-03-01", "- [ ] Rehearse it"]);
    const [first, second] = items(story);
    const read = async (isField: boolean) => {
      const { label, section } = defaultPolicy()["action-items"];
      const policy = { "action-items": { label, section, "target-date": isField } };
      const all = await readItems(
        { read: story.github.read, index: story.index, app: identityOf(story) },
        story.repository,
        policy,
        { state: "all", incidents: [] },
      );
      return all.map(({ due }) => due);
    };
    expect(await read(true)).toEqual([{ day: "2026-03-01", from: "text" }, null]);
    story.github.setDue(first!, { milestone: "2026-02-20", field: "2026-02-10" });
    story.github.setDue(second!, { milestone: "2026-02-21", field: null });
    const milestone = { day: "2026-02-21", from: "milestone" };
    expect(await read(false)).toEqual([{ day: "2026-02-20", from: "milestone" }, milestone]);
    expect(await read(true)).toEqual([{ day: "2026-02-10", from: "field" }, milestone]);
    story.github.features.issueFields = false;
    expect(await read(true)).toEqual([{ day: "2026-02-20", from: "milestone" }, milestone]);
  });
});

describe("the items of a repository", () => {
  it("are those that Sevgate filed, as issues and records have them now, deleted and moved ones among them", async () => {
    const { story, issue } = await filed([
      "- [ ] One @bob in 3d [process]",
      "- [ ] Two",
      "- [ ] Three",
      "- [ ] Four `a/b.ts`",
    ]);
    const [one, two, three, four] = items(story);
    story.github.as("mallory").openIssue({ title: "Mine", body: story.github.issue(one!).body });
    story.github.as("bob").close(two!);
    await story.say("alice", issue, `/drop #${three} not worth it`);
    story.github.as("alice").deleteIssue(four!);
    await story.settle();
    const history = story.history(issue);
    const all = await readItems(
      { read: story.github.read, index: story.index, app: identityOf(story) },
      story.repository,
      defaultPolicy(),
      { state: "all", incidents: [{ number: issue, history }] },
    );
    expect(all.map(({ target, state, reason, incident }) => [target.number, state, reason, incident.number])).toEqual([
      [one, "open", null, issue],
      [two, "done", null, issue],
      [three, "dropped", "not worth it", issue],
      [four, "gone", null, issue],
    ]);
    expect(all[0]).toMatchObject({ title: "One", owner: "bob", kind: "process", due: { from: "text" }, paths: [] });
  });
});

describe("an item that is changed on GitHub", () => {
  it("may be renamed and lose its label and its marker: the record knows it", async () => {
    const { story, issue, postMortem } = await filed();
    const [first] = items(story);
    story.github.as("alice").edit(first!, { title: "Another title", body: "Another text" });
    story.github.as("alice").unlabel(first!, "action-item");
    story.github.as("bob").close(first!);
    await story.look(issue);
    expect(line(story, postMortem, 0)).toMatch(/^- \[x\] #/);
  });

  it("may be deleted: its line stays, and the status comment says how to end it", async () => {
    const { story, issue, postMortem } = await filed();
    const [first] = items(story);
    story.github.as("alice").deleteIssue(first!);
    await story.settle();
    expect(line(story, postMortem, 0)).toMatch(/^- \[ \] #/);
    expect(story.words(issue)).toContain(`#${first} is no longer there: \`/drop #${first} REASON\``);
    await story.say("alice", issue, `/drop #${first} it was a mistake`);
    expect(story.words(issue)).toContain("1 dropped");
    expect(items(story)).toHaveLength(1);
  });

  it("may be moved to another repository that everybody may read, and is followed", async () => {
    const { story, issue, postMortem } = await filed();
    const other = story.github.addRepository({ owner: "acme", name: "app" });
    story.hint({ kind: "repository", repository: other });
    await story.settle();
    const [first] = items(story);
    const moved = story.github.as("alice").transfer(first!, other);
    await story.settle();
    story.github.as("alice", other).close(moved.number);
    await story.look(issue);
    expect(line(story, postMortem, 0)).toMatch(/^- \[x\] #/);
  });

  it("is dropped where it was moved to by whoever may do that there, and closed by no tick here", async () => {
    const { story, issue, postMortem } = await filed();
    const other = story.github.addRepository({ owner: "acme", name: "app" });
    story.hint({ kind: "repository", repository: other });
    await story.settle();
    const [first] = items(story);
    const moved = story.github.as("alice").transfer(first!, other);
    await story.settle();
    story.github.setRole("bob", "maintain");
    const before = story.github.issue(postMortem).body;
    story.github.as("bob").edit(postMortem, { body: before.replace(`[ ] #${first}`, `[x] #${first}`) });
    await story.settle();
    expect(story.github.issue(moved.number, other).state).toBe("open");
    expect(story.github.issue(postMortem).body).toBe(before);
    await story.say("bob", issue, `/drop #${first} too dear`);
    expect(story.replies(issue).at(-1)).toContain("the triage role in `acme/app`");
    story.github.setRole("bob", "triage", other);
    await story.say("bob", issue, `/snooze acme/app#${moved.number} 14d the vendor ships it`);
    const all = await readItems(
      { read: story.github.read, index: story.index, app: identityOf(story) },
      story.repository,
      defaultPolicy(),
      { state: "all", incidents: [{ number: issue, history: story.history(issue) }] },
    );
    expect(all.filter(({ snoozedUntil }) => snoozedUntil !== null).map(({ target }) => target)).toEqual([
      { repository: "acme/app", number: moved.number },
    ]);
    await story.say("bob", issue, `/drop acme/app#${moved.number} too dear`);
    expect(story.words(issue)).toContain("2 filed · 1 dropped");
    expect(story.github.issue(moved.number, other).state).toBe("closed");
  });

  it("counts as gone when it is moved to a private one: nothing of it shows here", async () => {
    const { story, issue, postMortem } = await filed();
    const secret = story.github.addRepository({ owner: "acme", name: "secret", isPrivate: true });
    story.hint({ kind: "repository", repository: secret });
    await story.settle();
    const [first] = items(story);
    const moved = story.github.as("alice").transfer(first!, secret);
    story.github.as("alice", secret).close(moved.number);
    await story.look(issue);
    expect(line(story, postMortem, 0)).toMatch(/^- \[ \] #/);
    expect(story.words(issue)).toContain(`#${first} is no longer there`);
    expect(story.status(issue)).not.toContain("acme/secret");
  });

  it("is found by the sweep when no webhook told", async () => {
    const { story, postMortem } = await filed();
    const [first] = items(story);
    story.listens = false;
    story.github.as("bob").close(first!);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(line(story, postMortem, 0)).toMatch(/^- \[x\] #/);
  });
});

describe("an item of another post-mortem", () => {
  it("is a filed line there, and stays the item of the incident that filed it", async () => {
    const { story, issue } = await filed(["- [ ] Add an alert"]);
    const [only] = items(story);
    const next = await story.declare();
    const body = bodyWith(`- [ ] #${only} Add an alert`);
    const { number } = story.github.as("bob").openIssue({ title: "Again", body, labels: ["post-mortem"] });
    await story.say("alice", next, `/ack\n/resolve fixed\n/postmortem #${number}\n/items`);
    expect(items(story)).toEqual([only]);
    await story.say("alice", next, `/drop #${only} no`);
    expect(story.replies(next).join("\n")).toContain("was not filed as an action item of this incident");
    story.github.as("bob").close(only!);
    await story.settle();
    expect(story.words(issue)).toContain("1 done");
    expect(story.github.issue(number).body).toBe(body);
  });

  it("of two incidents that share a post-mortem the other learns at once that its items are filed", async () => {
    const { story, issue, postMortem } = await learned(
      LINES,
      "severities: { P0: { label: sev:P0, close-requires: action-items-filed } }\n",
    );
    const other = await story.declare();
    await story.say("alice", other, `/ack\n/postmortem #${postMortem}\n/resolve fixed as well`);
    expect([issue, other].map((number) => story.github.issue(number).state)).toEqual(["open", "open"]);
    await story.say("bob", issue, "/items");
    expect([issue, other].map((number) => story.github.issue(number).state)).toEqual(["closed", "closed"]);
  });

  it("one post-mortem of two incidents is filed once", async () => {
    const { story, postMortem } = await filed();
    const next = await story.declare();
    await story.say("alice", next, `/ack\n/postmortem #${postMortem} x\n/postmortem #${postMortem}\n/items`);
    expect(items(story)).toHaveLength(2);
  });
});

describe("a post-mortem in another repository", () => {
  const POLICY = "post-mortem: { repository: acme/learnings }\n";

  async function there(isPrivate: boolean) {
    const story = await Story.begin({ policy: POLICY });
    const learnings = story.github.addRepository({ owner: "acme", name: "learnings", isPrivate });
    story.github.setRole("alice", "maintain", learnings);
    story.github.setFile(".github/sevgate.yml", "evidence-for: [acme/ops]\n", learnings);
    story.hint({ kind: "repository", repository: learnings });
    await story.settle();
    const issue = await story.declare();
    const body = bodyWith(...LINES);
    const { number } = story.github
      .as("alice", learnings)
      .openIssue({ title: "Learned", body, labels: ["post-mortem"] });
    await story.say("alice", issue, `/ack\n/resolve fixed\n/postmortem acme/learnings#${number}`);
    await story.advance(MINUTE_MS);
    return { story, issue, learnings, number };
  }

  it("gets its items beside it, if whoever asks may write there", async () => {
    const { story, issue, learnings, number } = await there(false);
    await story.say("bob", issue, "/items");
    expect(items(story, learnings)).toEqual([]);
    expect(story.replies(issue).join("\n")).toContain("the triage role in `acme/learnings`");
    await story.say("alice", issue, "/items");
    const [first, second] = items(story, learnings);
    expect(items(story)).toEqual([]);
    const { body } = story.github.issue(first!, learnings);
    expect(body).toContain(`the post-mortem #${number}, from incident acme/ops#${issue}.`);
    expect(story.github.issue(number, learnings).body).toContain(`- [ ] #${second} Limit`);
    story.github.as("alice", learnings).close(second!);
    await story.settle();
    expect(story.github.issue(number, learnings).body).toContain(`- [x] #${second} Limit`);
    await story.say("alice", issue, `/drop acme/learnings#${first} too dear`);
    expect(story.words(issue)).toContain("2 filed · 1 done · 1 dropped");
  });

  it("has what is late among them listed there", async () => {
    const { story, issue, learnings } = await there(false);
    await story.say("alice", issue, "/items");
    await story.advance(15 * DAY_MS);
    const [list] = story.github
      .numbers(learnings)
      .map((number) => story.github.issue(number, learnings))
      .filter(({ labels }) => labels.includes("incident-follow-ups"));
    expect(list?.body).toContain(`[#${items(story, learnings)[1]}]`);
  });

  it("has nothing of a drill listed there, and its items begin with that word", async () => {
    const { story, learnings, number } = await there(false);
    const drill = story.github.as("bob").openIssue({ title: "Practice", body: "", labels: ["sev:P0", "drill"] }).number;
    await story.settle();
    await story.say("alice", drill, `/ack\n/resolve fixed\n/postmortem acme/learnings#${number}`);
    await story.advance(MINUTE_MS);
    await story.say("alice", drill, "/items");
    const filedThere = items(story, learnings).map((one) => story.github.issue(one, learnings));
    expect(filedThere.map(({ title }) => title)).toEqual([
      "Drill: Alert on the depth of the queue",
      "Drill: Limit `src/pool.ts`",
    ]);
    expect(filedThere[0]!.body).toMatch(/^\*\*Drill\*\* · Alert/);
    await story.advance(20 * DAY_MS);
    expect(story.github.numbers(learnings)).toHaveLength(3);
  });

  it("is not filed from when it is private: nothing of it shows here, not even a digest", async () => {
    const { story, issue, learnings, number } = await there(true);
    await story.say("alice", issue, "/items");
    expect(items(story, learnings)).toEqual([]);
    expect(story.replies(issue).join("\n")).toContain(`File the items of acme/learnings#${number} by hand`);
    expect(JSON.stringify(story.record(issue))).not.toContain("items-asked");
  });
});

describe("a command on an item or on the post-mortem", () => {
  it("is answered once with the line to comment on the incident, and does nothing", async () => {
    const { story, issue, postMortem } = await filed();
    const [first] = items(story);
    await story.say("alice", first!, "/drop too dear");
    await story.say("alice", first!, "/drop #1 too dear");
    await story.say("bob", postMortem, "/items");
    expect(story.ownComments(first!)).toEqual([
      expect.stringContaining(
        `[#${issue}](https://github.com/acme/ops/issues/${issue}). Comment \`/drop #${first} REASON\` there.`,
      ),
    ]);
    expect(story.ownComments(postMortem)).toEqual([expect.stringContaining("Comment `/items` there.")]);
    expect(story.github.issue(first!).state).toBe("open");
  });

  it("of a stranger is not answered, nor is any other command", async () => {
    const { story, postMortem } = await filed();
    await story.say("mallory", postMortem, "/items");
    await story.say("bob", postMortem, "/assign @bob");
    expect(story.ownComments(postMortem)).toEqual([]);
  });
});

describe("an outsider", () => {
  it("cannot make an issue of their own an item, nor the app look elsewhere, by writing its marker", async () => {
    const { story, issue } = await filed();
    const marker = /<!-- sevgate:action-item.*-->/.exec(story.github.issue(items(story)[0]!).body)![0];
    const forged = story.github.as("mallory").openIssue({ title: "Mine", body: `x\n\n${marker}` });
    story.github.as("alice").label(forged.number, "action-item");
    await story.settle();
    story.github.as("mallory").close(forged.number);
    await story.settle();
    expect(story.words(issue)).toContain("**Action items:** 2 filed\n");
    const far = marker.replace(/incident=\d+#\d+/, "incident=424242#1");
    story.github.as("mallory").edit(forged.number, { body: `x\n\n${far}` });
    await story.settle();
    const { length } = story.log;
    const another = marker.replace(/incident=1000#\d+/, "incident=1000#777");
    story.github.as("mallory").edit(forged.number, { body: `x\n\n${another}` });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(story.log.slice(length).filter((one) => one.includes("#777"))).toEqual([]);
  });
});

describe("a process that dies while items are filed, closed and dropped", () => {
  /** As many writes as that takes. */
  const WRITES = 16;
  const DEATHS = Array.from({ length: WRITES }, (_, at) => at + 1);
  let whole: Awaited<ReturnType<typeof play>> | null = null;

  it.each([
    ...DEATHS.map((nth) => ({ nth, when: "before", database: "kept" }) as const),
    ...DEATHS.map((nth) => ({ nth, when: "after", database: "lost" }) as const),
  ])(
    "at write $nth, $when GitHub did it, database $database: files none twice and ends in the same place",
    async ({ nth, when, database }) => {
      whole ??= await play(null, when, database);
      expect(whole.writes).toBe(WRITES);
      const { writes: _, ...expected } = whole;
      const { writes: __, ...ended } = await play(nth, when, database);
      expect(ended).toEqual(expected);
    },
  );

  async function play(nth: number | null, when: "before" | "after", database: "kept" | "lost") {
    // What is late is listed by another key, which has a story of its own.
    const { story, issue, postMortem } = await learned(LINES, "follow-ups: { issue: false }\n");
    story.github.forgetCalls();
    if (nth !== null) story.github.faults.fail({ kind: "write", nth, when });
    const before = story.log.length;
    story.onFailure = () => story.restart({ database });
    // A failed step of the items does not fail the pass: the process dies all the same.
    const wait = async () => {
      if (nth !== null && story.log.slice(before).some((one) => one.includes("was not done")))
        story.restart({ database });
      await story.look(issue);
      await story.advance(5 * MINUTE_MS);
    };
    await story.say("bob", issue, "/items");
    await wait();
    const [first, second] = items(story);
    const { body } = story.github.issue(postMortem);
    story.github.as("bob").edit(postMortem, { body: body.replace(`[ ] #${first}`, `[x] #${first}`) });
    await wait();
    await story.say("alice", issue, `/drop #${second} the pool is gone`);
    await wait();
    return {
      issues: story.github.numbers().length,
      items: items(story).map((number) => {
        const { title, state, closeReason, assignees } = story.github.issue(number);
        return { title, state, closeReason, assignees };
      }),
      body: story.github.issue(postMortem).body,
      status: story
        .words(issue)
        .replace(/<!-- sevgate:record.*-->/, "")
        .replaceAll(/\d\d:\d\d/g, "time"),
      writes: story.github.writes.length,
    };
  }
});
