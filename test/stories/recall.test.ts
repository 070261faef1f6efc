import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["bob"]);

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

/** Requests to GitHub since the calls were last forgotten, by method. */
function asked(story: Story, method: string): number {
  return story.github.calls.filter((call) => call.method === method).length;
}

describe("Similar incidents", () => {
  const TITLE = "Checkout times out: database connections";

  it("are in the draft of the post-mortem as well, and the draft does not count because of them", async () => {
    const story = await Story.begin({
      policy: "post-mortem: { required-sections: [Similar incidents], action-items: 0 }\n",
    });
    const old = story.github.as("bob").openIssue({ title: TITLE, body: "", labels: ["sev:P0"] }).number;
    await story.settle();
    await story.say("alice", old, "/ack\n/resolve fixed\n/waive nothing to learn");
    const issue = await declared(story, TITLE);
    expect(similar(story, issue)).toEqual([`- #${old} ${TITLE} · same title`]);
    await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
    const draft = story.github.issue(Math.max(...story.github.numbers())).body;
    expect(draft).toContain("## Similar incidents\n");
    expect(draft).toContain(`\n- #${old} ${TITLE} · same title\n`);
    expect(story.github.issue(issue).state).toBe("open");
  });

  it("are named by the same runbook, and by the files of the fix", async () => {
    const story = await Story.begin();
    story.github
      .as("alice")
      .push("Runbook", { "runbooks/pool.md": "---\nkeywords: [pool]\n---\n# Pool\n\n1. Look.\n" });
    await story.settle();
    const first = story.github.as("bob").openIssue({ title: "Pool is empty", body: "", labels: ["sev:P0"] }).number;
    await story.settle();
    const fix = story.github
      .as("bob")
      .openPullRequest({ title: "Fix", body: `For #${first}`, files: { "src/cart/total.ts": "1" } });
    await story.settle();
    story.github.as("alice").merge(fix.number);
    await story.settle();
    await story.say("alice", first, "/ack\n/resolve fixed\n/waive nothing to learn");
    const byRunbook = await declared(story, "Another pool leaks");
    expect(similar(story, byRunbook)).toEqual([`- #${first} Pool is empty · same runbook: \`runbooks/pool.md\``]);
    const byFile = await declared(story, "Wrong sums", "TypeError at /app/src/cart/total.ts:12");
    expect(similar(story, byFile)).toEqual([`- #${first} Pool is empty · same files: \`src/cart/total.ts\``]);
  });

  it("stay as they were, whatever becomes of them later, and with the database lost", async () => {
    const story = await Story.begin();
    const old = await past(story, TITLE);
    const issue = await declared(story, TITLE);
    const before = similar(story, issue);
    expect(before).toHaveLength(1);
    story.github.as("bob").edit(old, { title: "Something else" });
    await story.settle();
    story.restart({ database: "lost" });
    await story.say("alice", issue, "/ack");
    await story.look(issue);
    expect(similar(story, issue)).toEqual(before);
  });

  it("are found without the database as with it", async () => {
    const story = await Story.begin();
    await past(story, TITLE);
    await past(story, "Logo is missing", { what: "Somebody renamed a picture." });
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    const issue = await declared(story, TITLE);
    expect(similar(story, issue)).toHaveLength(1);
    expect(similar(story, issue)[0]).toContain(`same title · why: ${CAUSE}`);
  });

  it("are none that were false alarms, drills, or are still open, and never plain issues", async () => {
    const story = await Story.begin();
    const cancelled = await declared(story, TITLE);
    await story.say("alice", cancelled, "/cancel a false alarm");
    const drill = await declared(story, TITLE);
    await story.say("alice", drill, "/drill");
    await story.say("alice", drill, "/ack\n/resolve fixed\n/waive practice");
    await declared(story, TITLE);
    story.github.as("mallory").openIssue({ title: TITLE, body: "", labels: [] });
    const { number } = story.github.as("mallory").openIssue({ title: TITLE, body: "", labels: [] });
    story.github.as("mallory").close(number);
    await story.settle();
    expect(similar(story, await declared(story, TITLE))).toEqual([]);
  });

  it("are not looked for where the policy says so", async () => {
    const story = await Story.begin({ policy: "recall: false\n" });
    await past(story, TITLE);
    story.github.forgetCalls();
    const issue = await declared(story, TITLE);
    expect(similar(story, issue)).toEqual([]);
    expect(asked(story, "issuesWithLabel")).toBe(0);
  });

  it("are looked for once: what is not answered is left out, and the incident has everything else", async () => {
    const story = await Story.begin();
    await past(story, TITLE);
    story.github.forgetCalls();
    story.github.faults.fail({
      method: "issuesWithLabel",
      times: 100,
      when: "before",
      error: new TransientError("down"),
    });
    const issue = await declared(story, TITLE);
    await story.advance(3 * MINUTE_MS);
    await story.look(issue);
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    expect(similar(story, issue)).toEqual([]);
    expect(asked(story, "issuesWithLabel")).toBe(3);
  });

  it("cost a listing for each severity and one of post-mortems, and the second time the same", async () => {
    const story = await Story.begin();
    await past(story, TITLE);
    story.restart({ database: "lost" });
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    story.github.forgetCalls();
    await declared(story, TITLE);
    expect(asked(story, "issuesWithLabel")).toBe(4);
    story.github.forgetCalls();
    await declared(story, "Another");
    expect(asked(story, "issuesWithLabel")).toBe(4);
  });

  it("keep nobody waiting who is paged: they are looked for after the page and the status comment", async () => {
    const story = await Story.begin();
    await past(story, TITLE);
    story.github.as("alice").push("On call", {
      ".github/sevgate/on-call.yml":
        "rotations:\n  first: { start: 2025-01-06, members: [bob] }\nroles:\n  primary: { layers: [first] }\nescalation:\n  default: { steps: [{ after: 0m, notify: [primary] }] }\n",
    });
    await story.settle();
    story.github.forgetCalls();
    const issue = await declared(story, TITLE);
    expect(similar(story, issue)).toHaveLength(1);
    const methods = story.github.calls.map(({ method }) => method);
    expect(methods.indexOf("issuesWithLabel")).toBeGreaterThan(methods.lastIndexOf("createComment"));
    expect(story.replies(issue)).toHaveLength(1);
  });

  it("are named once if the process dies at any write of the declaration", async () => {
    const golden = await Story.begin();
    await past(golden, TITLE);
    const writes = golden.github.writes.length;
    const expected = similar(golden, await declared(golden, TITLE));
    const more = golden.github.writes.length - writes;
    expect(expected).toHaveLength(1);
    expect(more).toBeGreaterThan(3);
    for (const when of ["before", "after"] as const) {
      for (let nth = 1; nth <= more; nth += 1) {
        const story = await Story.begin();
        await past(story, TITLE);
        story.github.faults.fail({ kind: "write", nth, when, error: new TransientError("killed") });
        story.onFailure = () => story.restart();
        const issue = await declared(story, TITLE);
        await story.advance(MINUTE_MS);
        expect({ when, nth, similar: similar(story, issue) }).toEqual({ when, nth, similar: expected });
        expect(story.record(issue).entries.filter(({ kind }) => kind === "recalled")).toHaveLength(1);
      }
    }
  });
});

describe("A private repository with the post-mortems", () => {
  it("shows nothing of them in a public one: the incident is named without cause and open items", async () => {
    const story = await Story.begin({ policy: "post-mortem: { repository: acme/secret }\n" });
    const files = { ".github/sevgate.yml": "evidence-for: [acme/ops]\n" };
    const secret = story.github.addRepository({ owner: "acme", name: "secret", isPrivate: true, files });
    for (const login of ["alice", "bob"]) story.github.setRole(login, "maintain", secret);
    story.hint({ kind: "repository", repository: secret });
    await story.settle();
    const old = await declared(story, "Checkout times out: database");
    const body = `Incident: acme/ops#${old}\n\n## What happened\n\nCanary.\n\n## Why it happened\n\nLayoffs.\n\n## Action items\n\n- [ ] Hire, bob\n`;
    const { number } = story.github.as("alice", secret).openIssue({ title: "Secret", body, labels: ["post-mortem"] });
    await story.settle();
    await story.say("alice", old, `/ack\n/resolve fixed\n/postmortem acme/secret#${number}`);
    await story.advance(MINUTE_MS);
    expect(story.github.issue(old).state).toBe("closed");
    const issue = await declared(story, "Checkout times out: database");
    expect(similar(story, issue)).toEqual([`- #${old} Checkout times out: database · same title`]);
    expect(JSON.stringify([story.record(issue), story.ownComments(issue)])).not.toMatch(/Canary|Layoffs|Hire/);
  });
});

describe("A public repository with the post-mortems", () => {
  it("is read for causes, and gets the draft with references that lead back", async () => {
    const story = await Story.begin({ policy: "post-mortem: { repository: acme/learned }\n" });
    const learned = story.github.addRepository({ owner: "acme", name: "learned" });
    for (const login of ["alice", "bob"]) story.github.setRole(login, "maintain", learned);
    story.hint({ kind: "repository", repository: learned });
    await story.settle();
    const old = await declared(story, "Checkout times out: database");
    const body = `Incident: acme/ops#${old}\n\n## What happened\n\nIt broke.\n\n## Why it happened\n\n${CAUSE}\n\n## Action items\n\n- [ ] Limit it, bob\n`;
    const { number } = story.github.as("alice", learned).openIssue({ title: "Why", body, labels: ["post-mortem"] });
    await story.settle();
    await story.say("alice", old, `/ack\n/resolve fixed\n/postmortem acme/learned#${number}`);
    await story.advance(MINUTE_MS);
    expect(story.github.issue(old).state).toBe("closed");
    const issue = await declared(story, "Checkout times out: database");
    expect(similar(story, issue)).toEqual([
      `- #${old} Checkout times out: database · same title · why: ${CAUSE} · 1 open item in acme/learned#${number}: Limit it, bob`,
    ]);
    await story.say("alice", issue, "/ack\n/resolve fixed\n/postmortem");
    const draft = story.github.issue(Math.max(...story.github.numbers(learned)), learned).body;
    expect(draft).toContain(`\n- acme/ops#${old} Checkout times out: database · same title · why: ${CAUSE}`);
    expect(draft.replaceAll(/<!--[\s\S]*?-->/g, "")).not.toMatch(/(?<![\w/])#\d/);
  });
});
