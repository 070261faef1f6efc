import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const POLICY = "post-mortem: { reviewed-by: 1 }\n";
const BODY = `## What happened

The database ran out of connections.

## Why it happened

A new worker opened one for each request.

## Action items

- [ ] Limit the pool, bob, #99
`;

/** A resolved incident with a complete post-mortem that Sevgate drafted for alice and bob filled in. */
async function drafted(policy = POLICY): Promise<{ story: Story; issue: number; postMortem: number }> {
  const story = await Story.begin({ policy });
  story.github.setRole("carol", "triage");
  const issue = await story.declare();
  await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
  const postMortem = Math.max(...story.github.numbers());
  await story.fillPostMortem(postMortem);
  await story.advance(MINUTE_MS);
  return { story, issue, postMortem };
}

/** The same with one that bob opened. */
async function written(policy = POLICY): Promise<{ story: Story; issue: number; postMortem: number }> {
  const story = await Story.begin({ policy });
  story.github.setRole("carol", "triage");
  const issue = await story.declare();
  const { number } = story.github.as("bob").openIssue({ title: "Learned", body: BODY, labels: ["post-mortem"] });
  await story.say("alice", issue, `/ack\n/resolve fixed\n/postmortem #${number}`);
  await story.advance(MINUTE_MS);
  return { story, issue, postMortem: number };
}

function isClosed(story: Story, issue: number): boolean {
  return story.github.issue(issue).state === "closed";
}

describe("with `reviewed-by: 1`, a complete post-mortem", () => {
  it("counts once somebody who did not write it accepts it, and the status comment says what to type until then", async () => {
    const { story, issue, postMortem } = await drafted();
    expect(isClosed(story, issue)).toBe(false);
    expect(story.words(issue)).toContain(
      `it is complete; 1 person who did not write it has to accept it: comment \`/accept #${postMortem}\``,
    );
    await story.say("carol", issue, `/accept #${postMortem}`);
    expect(isClosed(story, issue)).toBe(true);
    expect(story.words(issue)).toContain(`Post-mortem #${postMortem} accepted by carol`);
    expect(story.replies(issue)).toEqual([]);
  });

  it("says so on the check of a pull request that would close the incident", async () => {
    const { story, issue, postMortem } = await drafted();
    const pull = story.github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${issue}` });
    await story.settle();
    const check = story.github.checkRuns(pull.headSha).at(-1);
    expect(check).toMatchObject({ conclusion: "failure" });
    expect(JSON.stringify(check)).toContain(`/accept #${postMortem}`);
    await story.say("carol", issue, "/accept");
  });

  //
  it.each([
    { who: "bob", why: "who filled in the draft" },
    { who: "alice", why: "who edited it once" },
  ])("is not accepted by $who, $why", async ({ who }) => {
    const { story, issue, postMortem } = await drafted();
    if (who === "alice") {
      const { body } = story.github.issue(postMortem);
      story.github.as("alice").edit(postMortem, { body: `${body}\nAlice was here.` });
      story.github.as("bob").edit(postMortem, { body });
      await story.settle();
      await story.advance(MINUTE_MS);
    }
    await story.say(who, issue, "/accept");
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([expect.stringContaining("nobody accepts what they wrote")]);
  });

  it("is accepted by whoever asked for the draft and wrote nothing of it", async () => {
    const { story, issue } = await drafted();
    await story.say("alice", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("is not accepted by its author, by outsiders, or by apps that the policy does not grant it", async () => {
    const { story, issue } = await written(`${POLICY}commands:\n  bots: { "listed[bot]": [note] }\n`);
    for (const who of ["bob", "rita", "mallory", "listed[bot]", "other[bot]"]) await story.say(who, issue, "/accept");
    expect(isClosed(story, issue)).toBe(false);
    expect(story.history(issue).accepted).toEqual([]);
    await story.say("carol", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("waits for as many people as the policy says, each counted once", async () => {
    const { story, issue } = await written("post-mortem: { reviewed-by: 2 }\n");
    await story.say("carol", issue, "/accept");
    await story.say("carol", issue, "/accept");
    expect(isClosed(story, issue)).toBe(false);
    expect(story.words(issue)).toContain("1 person who did not write it has to accept it");
    await story.say("alice", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("is not accepted before it is complete", async () => {
    const { story, issue, postMortem } = await written();
    story.github.as("bob").edit(postMortem, { body: BODY.replace("- [ ] Limit the pool, bob, #99", "") });
    await story.settle();
    await story.say("carol", issue, "/accept");
    expect(story.replies(issue)).toEqual([expect.stringContaining(`Complete #${postMortem} first`)]);
    expect(story.history(issue).accepted).toEqual([]);
  });

  it("is not accepted by a comment that was written before its text was changed", async () => {
    const { story, issue, postMortem } = await written();
    story.listens = false;
    await story.say("carol", issue, "/accept");
    story.clock.advance(2_000);
    story.github.as("bob").edit(postMortem, { body: BODY.replace("ran out of connections", "was fine") });
    story.listens = true;
    await story.look(issue);
    expect(isClosed(story, issue)).toBe(false);
    expect(story.replies(issue)).toEqual([expect.stringContaining("It was edited after your comment")]);
  });

  it("asks again, once, when what it says changes; white space and ticks change nothing", async () => {
    const { story, issue, postMortem } = await written("post-mortem: { reviewed-by: 2 }\n");
    await story.say("carol", issue, "/accept");
    const edit = async (body: string) => {
      story.github.as("bob").edit(postMortem, { body });
      await story.settle();
      await story.advance(MINUTE_MS);
    };
    await edit(BODY.replaceAll("\n", "\r\n").replace("- [ ]", "-  [x]").concat("\n\n"));
    expect(story.replies(issue)).toEqual([]);
    expect(story.words(issue)).toContain("1 person who did not write it has to accept it");
    await edit(BODY.replace("A new worker", "An old worker"));
    await edit(BODY.replace("A new worker", "No worker"));
    expect(story.replies(issue)).toEqual([
      expect.stringContaining(
        "it was changed since carol accepted it, and 2 people who did not write it have to accept",
      ),
    ]);
    expect(story.words(issue)).toContain("it was changed since carol accepted it; 2 people");
    expect(story.record(issue).entries.filter(({ kind }) => kind === "post-mortem-changed")).toHaveLength(1);
    await story.say("carol", issue, "/accept");
    await story.say("alice", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("is asked about again on the closed incident, once, and the incident stays closed", async () => {
    const { story, issue, postMortem } = await written();
    await story.say("carol", issue, "/accept");
    await story.advance(MINUTE_MS);
    story.github.as("bob").edit(postMortem, { body: BODY.replace("A new worker", "An old worker") });
    await story.settle();
    expect(isClosed(story, issue)).toBe(true);
    expect(story.replies(issue)).toEqual([expect.stringContaining("it was changed since carol accepted it")]);
    expect(story.words(issue)).toContain("it was changed since carol accepted it; 1 person");
    await story.say("carol", issue, "/accept");
    expect(story.words(issue)).not.toContain("was changed since");
    expect(story.replies(issue)).toHaveLength(1);
    // Emptied, it opens the incident as before.
    story.github.as("bob").edit(postMortem, { body: "" });
    await story.settle();
    expect(isClosed(story, issue)).toBe(false);
  });

  it("stays accepted when the comment that accepted it is edited or deleted, and when the database is lost", async () => {
    const { story, issue } = await written("post-mortem: { reviewed-by: 2 }\n");
    const accepted = await story.say("carol", issue, "/accept");
    story.github.as("carol").editComment(accepted, "I did not mean that");
    await story.settle();
    story.github.as("carol").deleteComment(accepted);
    await story.settle();
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await story.say("alice", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("waits for GitHub to say who wrote it, and counts nothing until then", async () => {
    const { story, issue } = await written();
    story.github.faults.fail({ method: "issueEdits", times: 2 });
    await story.say("carol", issue, "/accept");
    expect(isClosed(story, issue)).toBe(false);
    await story.advance(5 * MINUTE_MS);
    expect(isClosed(story, issue)).toBe(true);
  });

  it("by a server that keeps no history of texts, is not accepted by its author or by whoever asked for a draft", async () => {
    const { story, issue } = await drafted();
    story.github.features.graphql = false;
    await story.say("alice", issue, "/accept");
    expect(isClosed(story, issue)).toBe(false);
    await story.say("carol", issue, "/accept");
    expect(isClosed(story, issue)).toBe(true);
  });

  it("is nothing that `/accept` asks about while the policy wants no review", async () => {
    const { story, issue } = await drafted("roles: [lead]\n");
    expect(isClosed(story, issue)).toBe(true);
    await story.say("carol", issue, "/accept");
    expect(story.replies(issue)).toEqual([expect.stringContaining("Nothing here waits to be accepted")]);
  });
});

it("when a waiver and a post-mortem wait, `/accept` alone accepts neither and asks which", async () => {
  const { story, issue, postMortem } = await written(`${POLICY}waive: { approvals: 1 }\n`);
  story.github.setRole("carol", "maintain");
  await story.say("alice", issue, "/waive the cause is known since last week");
  await story.say("carol", issue, "/accept");
  expect(isClosed(story, issue)).toBe(false);
  expect(story.replies(issue).at(-1)).toContain(`Say which one: \`/accept waiver\` or \`/accept #${postMortem}\``);
  await story.say("carol", issue, `/accept #${postMortem}`);
  expect(story.history(issue).closed?.how).toBe("resolved");
});

it("a post-mortem in another repository is accepted by its name, by somebody who can read it", async () => {
  const story = await Story.begin({ policy: "post-mortem: { reviewed-by: 1, repository: acme/learnings }\n" });
  const learnings = story.github.addRepository({ owner: "acme", name: "learnings" });
  story.hint({ kind: "repository", repository: learnings });
  story.github.setRole("carol", "triage");
  const issue = await story.declare();
  const body = `Incident: acme/ops#${issue}\n\n${BODY}`;
  const { number } = story.github.as("bob", learnings).openIssue({ title: "Learned", body, labels: ["post-mortem"] });
  await story.say("alice", issue, `/ack\n/resolve fixed\n/postmortem acme/learnings#${number}`);
  expect(story.words(issue)).toContain(`comment \`/accept acme/learnings#${number}\``);
  await story.say("carol", issue, `/accept acme/learnings#${number}`);
  expect(isClosed(story, issue)).toBe(true);
});

it("a post-mortem in a private repository is accepted by who can read it there, and why others cannot is not said", async () => {
  const story = await Story.begin({ policy: "post-mortem: { repository: acme/secret }\n" });
  const secret = story.github.addRepository({ owner: "acme", name: "secret", isPrivate: true });
  const there = "evidence-for: [acme/ops]\npost-mortem: { reviewed-by: 1 }\n";
  story.github.setFile(".github/sevgate.yml", there, secret);
  story.hint({ kind: "repository", repository: secret });
  await story.settle();
  for (const login of ["carol", "dave"]) story.github.setRole(login, "triage");
  for (const login of ["bob", "dave"]) story.github.setRole(login, "read", secret);
  const issue = await story.declare();
  const body = `Incident: acme/ops#${issue}\n\n${BODY}`;
  const { number } = story.github.as("bob", secret).openIssue({ title: "Payroll", body, labels: ["post-mortem"] });
  const name = `acme/secret#${number}`;
  await story.say("alice", issue, `/ack\n/resolve fixed\n/postmortem ${name}`);
  expect(story.words(issue)).toContain(`comment \`/accept ${name}\``);
  for (const login of ["bob", "carol"]) await story.say(login, issue, `/accept ${name}`);
  expect(story.history(issue).accepted).toEqual([]);
  const [first, second, ...more] = story.replies(issue).map((reply) => reply.replace(/<!--.*-->/s, ""));
  expect(first).toContain("Ask someone who can read acme/secret");
  expect([second, more]).toEqual([first, []]);
  await story.say("dave", issue, `/accept ${name}`);
  expect(isClosed(story, issue)).toBe(true);
});
