import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import type { Repository } from "../../src/core/model.ts";
import { RateLimits } from "../../src/systems/github/rate-limits.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice"]);

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ON_CALL = `
rotations:
  first: { start: 2025-01-06, members: [alice] }
roles:
  primary: { layers: [first] }
escalation:
  default: { steps: [{ after: 0m, notify: [primary] }] }
`;
const TEN_HELPS = "/help\n".repeat(10);

/** Sevgate keeps to the budget of its real client, one for all repositories of the installation. */
async function begin(options: { readonly policy?: string } = {}): Promise<Story> {
  const story = await Story.begin(options);
  story.github.limits = new RateLimits(story.clock);
  return story;
}

function install(story: Story, name: string): Repository {
  const repository = story.github.addRepository({ name, files: { ".github/sevgate/on-call.yml": ON_CALL } });
  story.github.setRole("alice", "maintain", repository);
  story.hint({ kind: "repository", repository });
  return repository;
}

/** What the app said on the issue, and how long after its opening. */
function said(story: Story, repository: Repository, issue: number): readonly { afterMs: number; body: string }[] {
  const { createdAt } = story.github.issue(issue, repository);
  return story.github
    .comments(issue, repository)
    .filter(({ author }) => author?.login === story.github.botLogin)
    .map((comment) => ({ afterMs: comment.createdAt - createdAt, body: comment.body }));
}

/** The status comment is first where there is room for both: a page does not wait for it. */
function expectPageAndStatus(comments: readonly { readonly body: string }[]): void {
  const isPage = ({ body }: { readonly body: string }) => body.includes("📟 @alice");
  expect(comments.map((one) => [isPage(one), one.body.includes("<!-- sevgate:status -->")]).toSorted()).toEqual([
    [false, true],
    [true, false],
  ]);
}

/** A P0 in this repository is announced and pages alice within five seconds. */
async function expectPrompt(story: Story, repository: Repository): Promise<void> {
  const labels = ["sev:P0"];
  const { number } = story.github
    .as("alice", repository)
    .openIssue({ title: "Checkout is down", body: "Since nine.", labels });
  await story.advance(5 * SECOND_MS);
  const prompt = said(story, repository, number).filter(({ afterMs }) => afterMs <= 5 * SECOND_MS);
  expectPageAndStatus(prompt);
  expect(story.github.issue(number, repository).labels).toEqual(["sev:P0", "incident:declared"]);
  story.github.as("alice", repository).close(number, "not_planned");
  await story.settle();
}

describe("Somebody without rights", () => {
  it.each([9, 45])(
    "who writes %d comments of ten commands holds up no incident of another repository",
    async (many) => {
      const story = await begin();
      const other = install(story, "shop");
      await story.settle();
      const issue = await story.declare();
      await story.advance(HOUR_MS);
      for (let count = 0; count < many; count += 1) await story.say("mallory", issue, TEN_HELPS);
      await expectPrompt(story, other);
    },
  );

  it("with many accounts takes no more than is left over", async () => {
    const story = await begin();
    const other = install(story, "shop");
    await story.settle();
    const issue = await story.declare();
    await story.advance(HOUR_MS);
    for (let count = 0; count < 30; count += 1) await story.say(`puppet-${count}`, issue, TEN_HELPS);
    const helped = () => story.replies(issue).filter((body) => body.includes("puppet"));
    expect(helped().length).toBeGreaterThan(3);
    expect(helped().length).toBeLessThanOrEqual(10);
    await expectPrompt(story, other);
    // What was left out is not made up for later: its time has passed.
    const before = helped().length;
    await story.advance(HOUR_MS);
    expect(helped()).toHaveLength(before);
    await story.say("bob", issue, "/ack");
    expect(story.status(issue)).toContain("bob");
  });

  it("whose issue form declares sixty incidents leaves those of the team alone", async () => {
    const story = await begin();
    const other = install(story, "shop");
    await story.settle();
    for (let count = 0; count < 60; count += 1) {
      // An issue form sets its labels for whoever opens the issue.
      story.github.as("mallory").openIssue({ title: `Down ${count}`, body: "Now.", labels: ["sev:P0"] });
    }
    await story.settle();
    await expectPrompt(story, other);
    await expectPrompt(story, other);
    // Sixty of their reminders do not, either; and each of them gets its status comment in time.
    await story.advance(HOUR_MS);
    await expectPrompt(story, other);
    await story.advance(4 * HOUR_MS);
    for (const number of story.github.numbers(story.repository)) expect(story.status(number)).toContain("P0");
  });

  it.each([
    { how: "the policy pages for anybody's", policy: "paging: { unconfirmed: page }", untold: 0 },
    { how: "GitHub does not say what rights they have", policy: "", untold: 10_000 },
  ])(
    "whose incidents page because $how leaves those of the team alone, and is served later",
    async ({ policy, untold }) => {
      const story = await begin({ policy });
      const repository = install(story, "shop");
      story.github.setFile(".github/sevgate/on-call.yml", ON_CALL, story.repository);
      await story.settle();
      story.github.faults.fail({ method: "permission", times: untold });
      for (let count = 0; count < 60; count += 1) {
        story.github.as(`puppet-${count}`).openIssue({ title: `Down ${count}`, body: "Now.", labels: ["sev:P0"] });
      }
      await story.advance(10 * SECOND_MS);
      const called = () =>
        story.github
          .numbers(story.repository)
          .filter((number) => said(story, story.repository, number).some(({ body }) => body.includes("📟")));
      await expectPrompt(story, repository);
      await story.advance(2 * MINUTE_MS);
      await expectPrompt(story, repository);
      expect(called().length).toBeLessThanOrEqual(30);
      // None is forgotten: each is announced and pages, from what is left over.
      await story.advance(4 * HOUR_MS);
      expect(called()).toHaveLength(60);
      story.github.faults.clear();
      await story.advance(HOUR_MS);
    },
  );

  it("whose issues a workflow labels takes no more than is left over, either", async () => {
    const story = await begin();
    const other = install(story, "shop");
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
    await story.settle();
    for (let count = 0; count < 60; count += 1) {
      const { number } = story.github.as("mallory").openIssue({ title: `Down ${count}`, body: "severity: P0" });
      story.github.as("github-actions[bot]").label(number, "sev:P0");
    }
    await story.settle();
    const served = story.github.numbers(story.repository).filter((one) => story.ownComments(one).length > 0);
    expect(served.length).toBeLessThanOrEqual(10);
    await expectPrompt(story, other);
    // They page, as does anything an app declares: from what is left over.
    expect(story.replies(served[0]!)).toEqual([expect.stringContaining("📟")]);
  });

  it("whose issues are declared and closed at once leaves the team's incidents alone, too", async () => {
    const story = await begin();
    const other = install(story, "shop");
    await story.settle();
    for (let count = 0; count < 80; count += 1) {
      const mallory = story.github.as("mallory");
      const { number } = mallory.openIssue({ title: `Down ${count}`, body: "Now.", labels: ["sev:P0"] });
      mallory.close(number);
    }
    await story.settle();
    await expectPrompt(story, other);
  });

  it("is answered in words a few times an hour over all incidents of a private repository, then with a reaction, then not at all", async () => {
    const story = await begin();
    story.github.changeVisibility("private");
    await story.settle();
    const issues = [await story.declare(), await story.declare()];
    const comments: number[] = [];
    for (let count = 0; count < 8; count += 1) comments.push(await story.say("rita", issues[count % 2]!, "/help"));
    const helped = () =>
      issues.map((issue) => story.replies(issue).filter((body) => body.includes("rita has ")).length);
    expect(helped()).toEqual([2, 1]);
    const reactions = comments.map((comment) => story.github.reactions(comment).map(({ reaction }) => reaction));
    expect(reactions).toEqual([...Array(6).fill(["+1"]), [], []]);
    await story.advance(HOUR_MS + MINUTE_MS);
    await story.say("rita", issues[0]!, "/help");
    expect(helped()).toEqual([3, 1]);
  });

  it("is refused in a public one by a reaction, told why when asking again, and that once a day", async () => {
    const story = await begin();
    const issues = await Promise.all([1, 2, 3, 4].map(() => story.declare()));
    // With the first incident came labels.
    await story.advance(MINUTE_MS);
    const comments: number[] = [];
    for (const issue of issues) comments.push(await story.say("rita", issue, "/resolve\n/ack"));
    expect(issues.map((issue) => story.replies(issue).length)).toEqual([0, 1, 0, 0]);
    await story.advance(10 * MINUTE_MS);
    comments.push(await story.say("rita", issues[0]!, "/ack"));
    expect(story.replies(issues[0]!)).toEqual([]);
    const reactions = comments.map((comment) => story.github.reactions(comment).map(({ reaction }) => reaction));
    expect(reactions).toEqual([["confused"], [], ["confused"], ["confused"], ["confused"]]);
    await story.advance(25 * HOUR_MS);
    await story.say("rita", issues[0]!, "/ack");
    await story.say("rita", issues[0]!, "/ack");
    const refusals = story.replies(issues[0]!).filter((body) => body.includes("needs the triage role"));
    expect(refusals).toHaveLength(1);
  });

  it("is refused in a private one in words a few times an hour over all incidents, and then by a reaction", async () => {
    const story = await begin();
    story.github.changeVisibility("private");
    await story.settle();
    const issues = await Promise.all([1, 2, 3, 4, 5].map(() => story.declare()));
    // With the first incident came labels.
    await story.advance(MINUTE_MS);
    const comments: number[] = [];
    for (const issue of issues) comments.push(await story.say("rita", issue, "/resolve\n/ack"));
    expect(issues.map((issue) => story.replies(issue).length)).toEqual([1, 1, 1, 0, 0]);
    const reactions = comments.map((comment) => story.github.reactions(comment).map(({ reaction }) => reaction));
    expect(reactions).toEqual([[], [], [], ["confused"], ["confused"]]);
  });
});

describe("An incident of the team while outsiders flood and GitHub does not tell rights", () => {
  /** This many outsiders' P0s, ten a minute; then GitHub tells no rights. */
  async function flooded(many: number, policy = ""): Promise<Story> {
    const story = await begin({ policy });
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
    await story.settle();
    for (let count = 0; count < many; count += 1) {
      story.github.as(`puppet-${count}`).openIssue({ title: `Down ${count}`, body: "Now.", labels: ["sev:P0"] });
      if (count % 10 === 9) await story.advance(MINUTE_MS);
    }
    await story.advance(2 * MINUTE_MS);
    story.github.faults.fail({ method: "permission", times: 10_000 });
    return story;
  }

  async function over(story: Story): Promise<void> {
    story.github.faults.clear();
    await story.advance(3 * HOUR_MS);
  }

  it.each(["", "paging: { unconfirmed: page }"])(
    "is announced at once, and pages within two minutes (%s)",
    async (policy) => {
      const story = await flooded(65, policy);
      const { number } = story.github.as("bob").openIssue({ title: "Real", body: "Since nine.", labels: ["sev:P0"] });
      await story.advance(SECOND_MS);
      expect(story.status(number)).toContain("P0");
      await story.advance(2 * MINUTE_MS);
      expect(story.replies(number)).toEqual([expect.stringContaining("📟")]);
      await over(story);
    },
  );

  it("is announced and pages within half a minute after GitHub tells again, also when others have used up that share", async () => {
    const story = await flooded(0);
    for (let count = 0; count < 80; count += 1) {
      story.github.as(`sock-${count}`).openIssue({ title: `Down ${count}`, body: "Now.", labels: ["sev:P0"] });
      if (count % 20 === 19) await story.advance(MINUTE_MS);
    }
    const { number } = story.github.as("bob").openIssue({ title: "Real", body: "Since nine.", labels: ["sev:P0"] });
    await story.advance(MINUTE_MS);
    expect(story.ownComments(number)).toEqual([]);
    story.github.faults.clear();
    await story.advance(30 * SECOND_MS);
    expectPageAndStatus(said(story, story.repository, number));
    await over(story);
  });

  it("costs few requests while it waits, however long that takes", async () => {
    const story = await flooded(0);
    for (let count = 0; count < 110; count += 1) {
      story.github.as(`sock-${count}`).openIssue({ title: `Down ${count}`, body: "Now.", labels: ["sev:P0"] });
      if (count % 20 === 19) await story.advance(MINUTE_MS);
    }
    const { number } = story.github.as("bob").openIssue({ title: "Real", body: "Since nine.", labels: ["sev:P0"] });
    await story.settle();
    story.github.forgetCalls();
    const before = story.passes;
    await story.advance(20 * MINUTE_MS);
    expect(story.ownComments(number)).toEqual([]);
    // Out of fifty that are waiting.
    expect(story.passes - before).toBeLessThan(50 * 20);
    await over(story);
  });
});

describe("A comment of several commands", () => {
  it("gets one reply with all the answers, each once", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/severity P9\n/help\n/oncall\n/help\n/note seen");
    expect(story.replies(issue)).toHaveLength(1);
    const [reply] = story.replies(issue);
    expect(reply).toContain("the policy has no severity `P9`");
    expect(reply).toContain("this repository does not say who is on call");
    expect(reply?.match(/\| `\/ack`/g)).toHaveLength(1);
    expect(story.words(issue)).toContain("Note by bob: seen");
  });

  it("gets it once, also when the pass dies after saying it", async () => {
    const story = await begin();
    const issue = await story.declare();
    story.github.faults.fail({ method: "createComment", when: "after" });
    await story.say("bob", issue, "/severity P9\n/oncall");
    await story.advance(MINUTE_MS);
    expect(story.replies(issue)).toHaveLength(1);
  });

  it("is answered as a whole also when one of them makes an issue", async () => {
    const story = await begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/oncall\n/postmortem\n/severity P9");
    expect(story.replies(issue)).toEqual([expect.stringMatching(/who is on call[\s\S]*no severity/)]);
    expect(story.github.numbers()).toHaveLength(2);
  });
});

describe("When the budget for the team's replies is used up", () => {
  it("an answer that is left out is a reaction, and the commands beside it are obeyed at once", async () => {
    const story = await begin();
    const issue = await story.declare();
    for (let count = 0; count < 60; count += 1) await story.say("bob", issue, "/help");
    const comment = await story.say("bob", issue, "/ack\n/help");
    expect(story.history(issue).responder).toBe("bob");
    expect(story.github.reactions(comment).map(({ reaction }) => reaction)).toEqual(["+1", "confused"]);
    const { number } = story.github.issue(issue);
    expect(story.stateLabels(number)).toEqual(["incident:acknowledged"]);
  });

  it("a post-mortem that has to wait is made as soon as it may be, and what was said before it counts at once", async () => {
    const story = await begin();
    const issue = await story.declare();
    for (let count = 0; count < 60; count += 1) await story.say("bob", issue, "/help");
    await story.say("bob", issue, "/ack\n/postmortem");
    expect(story.history(issue).responder).toBe("bob");
    expect(story.github.numbers()).toHaveLength(1);
    await story.advance(MINUTE_MS);
    expect(story.github.numbers()).toHaveLength(2);
  });
});

describe("After the installation on many repositories", () => {
  it.each([
    { repositories: 12, afterMs: 25 * SECOND_MS },
    { repositories: 12, afterMs: 8 * MINUTE_MS },
    { repositories: 45, afterMs: 25 * SECOND_MS },
    { repositories: 45, afterMs: 8 * MINUTE_MS },
    { repositories: 50, afterMs: 25 * SECOND_MS },
    { repositories: 50, afterMs: 8 * MINUTE_MS },
  ])(
    "no incident waits for the labels: $repositories repositories, $afterMs ms later",
    async ({ repositories, afterMs }) => {
      const story = await begin();
      const installed = Array.from({ length: repositories }, (_, at) => install(story, `service-${at}`));
      await story.advance(afterMs);
      await expectPrompt(story, installed.at(-1)!);
      await expectPrompt(story, installed[0]!);
      await story.advance(4 * HOUR_MS);
      const labelsOf = (repository: Repository) => story.github.labels(repository).map(({ name }) => name);
      for (const repository of installed) {
        expect(labelsOf(repository)).toEqual(expect.arrayContaining(["sev:P0", "sev:P1", "sev:P2"]));
      }
      for (const repository of [installed[0]!, installed.at(-1)!]) {
        expect(labelsOf(repository)).toContain("incident:closed-ungated");
      }
    },
  );

  it("an incident that was there before is found at once", async () => {
    const story = await begin();
    for (let at = 0; at < 12; at += 1) install(story, `service-${at}`);
    const last = story.github.addRepository({ name: "last", files: { ".github/sevgate/on-call.yml": ON_CALL } });
    story.github.setRole("alice", "maintain", last);
    // It was not reported: only the sweep finds it.
    story.listens = false;
    const { number } = story.github
      .as("alice", last)
      .openIssue({ title: "Down", body: "Since nine.", labels: ["sev:P0"] });
    story.listens = true;
    story.hint({ kind: "repository", repository: last });
    await story.advance(5 * SECOND_MS);
    expect(said(story, last, number).map(({ afterMs }) => afterMs)).toEqual([0, 0]);
  });

  it.each([
    { name: "refused", refuse: (story: Story) => refuseLabels(story) },
    { name: "held back", refuse: (story: Story) => useUp(story) },
  ])("labels that are $name are tried again later, and nobody goes round in circles for them", async ({ refuse }) => {
    const story = await begin();
    const repository = install(story, "shop");
    refuse(story);
    await expectPrompt(story, repository);
    expect(story.passes).toBeLessThan(15);
    await story.advance(HOUR_MS);
    story.hint({ kind: "repository", repository });
    await story.settle();
    expect(story.github.labels(repository).map(({ name }) => name)).toContain("incident:closed-ungated");
  });
});

/** The most requests that one look at somebody's text may take, whatever is in it. */
const MOST_REQUESTS = 22;

/** How many requests GitHub got because of what somebody does. */
async function requestsOf(story: Story, act: () => unknown): Promise<number> {
  story.github.forgetCalls();
  act();
  await story.settle();
  return story.github.calls.length;
}

/** A sweep looks at what no event led to. */
async function sweep(story: Story, issues: readonly number[]): Promise<void> {
  for (const issue of issues) await story.look(issue);
  await story.advance(20 * MINUTE_MS);
}

async function twentyIncidents(story: Story): Promise<readonly number[]> {
  const issues: number[] = [];
  for (let count = 0; count < 20; count += 1) issues.push(await story.declare());
  return issues;
}

describe("What one text of an outsider asks GitHub", () => {
  const lines = (word: string, issues: readonly number[]) => issues.map((issue) => `${word} #${issue}`).join("\n");

  it.each(["/suspects", "/good v1", "/revert #1", "/who", "/runbook", "/postmortem", "/postmortem #1", "/severity P0"])(
    "is, for %s, their rights and what any comment asks, and nothing of what the command needs",
    async (command) => {
      const story = await begin();
      const issue = await story.declare(["sev:P1"]);
      story.github.forgetCalls();
      await story.say("mallory", issue, command);
      const ofAnyComment = ["issue", "comments", "comment", "commentEdits"];
      expect(story.github.reads.filter((read) => !ofAnyComment.includes(read))).toEqual(["permission"]);
    },
  );

  it("is bounded for a pull request that closes twenty incidents, and nothing when an edit changes none of them", async () => {
    const story = await begin();
    const issues = await twentyIncidents(story);
    story.restart();
    const pull = { title: "All of it", body: lines("Fixes", issues), fromFork: true, files: { "a.ts": "1" } };
    const mallory = story.github.as("mallory");
    let number = 0;
    expect(
      await requestsOf(story, () => {
        number = mallory.openPullRequest(pull).number;
      }),
    ).toBeLessThanOrEqual(MOST_REQUESTS);
    for (const word of ["Closes", "Fixes", "Resolves"]) {
      const edit = () => mallory.edit(number, { body: lines(word, issues) });
      expect(await requestsOf(story, edit)).toBeLessThanOrEqual(MOST_REQUESTS);
    }
    for (const more of ["Thanks!", "Really.", "Really!"]) {
      const edit = () => mallory.edit(number, { body: `${lines("Resolves", issues)}\n\n${more}` });
      expect(await requestsOf(story, edit)).toBe(0);
    }
    expect(await requestsOf(story, () => mallory.edit(number, { title: "Everything" }))).toBe(0);
    // In the end all were looked at.
    await story.advance(8 * MINUTE_MS);
    const check = story.github.checkRuns(story.github.pullRequest(number).headSha).at(-1);
    expect(check?.conclusion).toBe("failure");
    for (const issue of issues) expect(check?.summary).toContain(`#${issue}`);
    // What was seen a moment ago is not asked for again because of one more line.
    const one = () => mallory.edit(number, { body: lines("Closes", issues.slice(1)) });
    expect(await requestsOf(story, one)).toBeLessThanOrEqual(10);
    await sweep(story, issues);
  });

  it("is bounded for one that closes twenty issues which are no incidents, and its check turns green", async () => {
    const story = await begin();
    const issues = Array.from({ length: 20 }, () => story.github.as("mallory").openIssue({ title: "x" }).number);
    await story.settle();
    const pull = { title: "All", body: lines("Fixes", issues), fromFork: true, files: { "a.ts": "1" } };
    const open = () => story.github.as("mallory").openPullRequest(pull);
    expect(await requestsOf(story, open)).toBeLessThanOrEqual(MOST_REQUESTS);
    const number = story.github.numbers().at(-1)!;
    const newest = () => story.github.checkRuns(story.github.pullRequest(number).headSha).at(-1);
    expect(newest()).toMatchObject({ conclusion: null });
    await story.advance(5 * MINUTE_MS);
    expect(newest()).toMatchObject({ conclusion: "success" });
  });

  it("is bounded for a runbook pull request that names twenty incidents", async () => {
    const story = await begin();
    const issues = await twentyIncidents(story);
    const files = { "runbooks/database.md": "# Database" };
    const pull = { title: "Runbook", body: lines("For", issues), fromFork: true, files };
    const mallory = story.github.as("mallory");
    expect(await requestsOf(story, () => mallory.openPullRequest(pull))).toBeLessThanOrEqual(MOST_REQUESTS);
    const number = story.github.numbers().at(-1)!;
    for (const word of ["Of", "About", "For"]) {
      const edit = () => mallory.edit(number, { body: lines(word, issues.slice(0, -1)) });
      expect(await requestsOf(story, edit)).toBeLessThanOrEqual(MOST_REQUESTS);
    }
    await sweep(story, issues);
  });

  it.each([
    { says: "without the label is nothing", labels: [], most: 0 },
    { says: "with the label of a form is bounded", labels: ["post-mortem"], most: MOST_REQUESTS },
  ])("of twenty incidents in an issue $says, and nothing when an edit changes none of it", async ({ labels, most }) => {
    const story = await begin();
    const issues = await twentyIncidents(story);
    const mallory = story.github.as("mallory");
    const { number } = mallory.openIssue({ title: "Mine", body: lines("Incident:", issues), labels });
    await story.settle();
    for (const text of ["One", "Two", "Three"]) {
      const edit = () => mallory.edit(number, { body: `${lines("Incident:", issues)}\n\n${text}` });
      expect(await requestsOf(story, edit)).toBeLessThanOrEqual(most);
    }
    expect(await requestsOf(story, () => mallory.edit(number, { title: "Ours" }))).toBe(0);
    await sweep(story, issues);
  });

  it("changes nothing for the team: a post-mortem of theirs is seen by every incident it names", async () => {
    const story = await begin();
    const issues = await twentyIncidents(story);
    for (const issue of issues) story.github.as("alice").comment(issue, "/resolve over");
    await story.settle();
    const body = `${lines("Incident:", issues)}

## What happened

The database ran out of connections.

## Why it happened

A new worker opened one for each request.

## Action items

- [ ] Limit the pool, bob, #99
`;
    story.github.as("bob").openIssue({ title: "What we learned", body, labels: ["post-mortem"] });
    await story.settle();
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    expect(issues.map((issue) => story.github.issue(issue).state)).toEqual(issues.map(() => "closed"));
  });
});

function refuseLabels(story: Story): void {
  const error = new TerminalError("the app may not", { status: 403 });
  story.github.faults.fail({ method: "createLabel", times: 13, error });
}

function useUp(story: Story): void {
  for (let count = 0; count < 40; count += 1) story.github.limits?.admit(story.github.installationId, "test", "team");
}
