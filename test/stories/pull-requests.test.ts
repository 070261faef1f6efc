import { describe, expect, it } from "@jest/globals";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import type { CheckRunContent } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const POLICY = ".github/sevgate.yml";

async function incident(policy?: string): Promise<{ story: Story; issue: number }> {
  const story = await Story.begin(policy === undefined ? {} : { policy });
  const issue = await story.declare();
  await story.say("alice", issue, "/ack");
  await story.advance(MINUTE_MS);
  return { story, issue };
}

type Opening = Parameters<ReturnType<Story["github"]["as"]>["openPullRequest"]>[0];

async function open(story: Story, options: Opening): Promise<number> {
  const { number } = story.github.as("bob").openPullRequest(options);
  await story.settle();
  return number;
}

/** The runs of a check on the head of a pull request, oldest first. */
function runs(story: Story, number: number, name: CheckRunContent["name"] = "sevgate/close-gate") {
  return story.github.checkRuns(story.github.pullRequest(number).headSha).filter((run) => run.name === name);
}

/** The run that counts; `null`: none. */
function check(story: Story, number: number, name: CheckRunContent["name"] = "sevgate/close-gate") {
  return runs(story, number, name).at(-1) ?? null;
}

async function learn(story: Story, issue: number): Promise<void> {
  await story.say("alice", issue, "/postmortem");
  await story.fillPostMortem(Math.max(...story.github.numbers()));
}

describe("sevgate/close-gate", () => {
  it("is green on a pull request that closes no incident", async () => {
    const { story } = await incident();
    const number = await open(story, { title: "Tidy up" });
    expect(check(story, number)).toMatchObject({
      status: "completed",
      conclusion: "success",
      title: "Closes no incident",
    });
  });

  it.each<{ name: string; options: Opening; shows: string }>([
    {
      name: "the description",
      options: { title: "Fix", body: "Fixes #1" },
      shows: "In the description of #2: `Fixes #1` → `Refs #1`",
    },
    {
      name: "the title",
      options: { title: "closes: #1" },
      shows: "In the title of #2: `closes: #1` → `refs: #1`",
    },
    {
      name: "any of its commits",
      options: { title: "Fix", commits: ["One", "Two\n\nResolves acme/ops#1", "Three"] },
      shows: "`Resolves acme/ops#1` → `Refs acme/ops#1` (amend or squash)",
    },
    {
      name: "the sidebar",
      options: { title: "Fix", links: [{ repository: null, number: 1 }] },
      shows: "In the sidebar, under **Development**: remove the link to the incident",
    },
    {
      name: "an address",
      options: { title: "Fix", body: "fixed https://github.com/acme/ops/issues/1" },
      shows: "In the description of #2:",
    },
    {
      name: "words inside code and comments, which GitHub reads in a squashed message",
      options: { title: "Fix", body: "`fixes #1` <!-- closes #1 -->" },
      shows: "In the description of #2:",
    },
  ])(
    "is red when $name would close an unready incident, and shows the one edit that clears it",
    async ({ options, shows }) => {
      const { story, issue } = await incident();
      const number = await open(story, options);
      expect(check(story, number)).toMatchObject({ conclusion: "failure", title: `Would close #${issue} too early` });
      expect(check(story, number)?.summary).toContain(shows);
      expect(check(story, number)?.summary).toContain("The fix may merge now");
      expect(check(story, number)?.summary).toContain("comment `/postmortem`: it is created there.");
      expect(check(story, number)?.content.actions).toEqual([expect.objectContaining({ identifier: "recheck" })]);
    },
  );

  it("names every incident and every place that would close one", async () => {
    const { story, issue } = await incident();
    const second = await story.declare(["sev:P2"]);
    const number = await open(story, {
      title: `Fix #${issue}`,
      body: `Fixes #${issue}\nCloses #${second}`,
      commits: [`fixes #${second}`],
    });
    const summary = check(story, number)?.summary ?? "";
    expect(check(story, number)?.title).toBe(`Would close #${issue}, #${second} too early`);
    expect(summary.match(/In the (?:title|description|message)/g)).toHaveLength(4);
  });

  it("turns green with the edit it shows", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    story.github.as("bob").edit(number, { body: `Refs #${issue}` });
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "success", title: "Closes no incident" });
  });

  it("turns green by itself when the team has learned, and red again when that disappears", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    await learn(story, issue);
    expect(check(story, number)).toMatchObject({ conclusion: "success", title: `May close #${issue}` });
    const postMortem = Math.max(...story.github.numbers());
    story.github.as("bob").unlabel(postMortem, "post-mortem");
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
  });

  it.each<{ name: string; options: Opening }>([
    { name: "a commit", options: { title: "Fix", commits: ["Fixes #1"] } },
    { name: "the sidebar", options: { title: "Fix", links: [{ repository: null, number: 1 }] } },
  ])("turns green by itself also where only $name would close it", async ({ options }) => {
    const { story, issue } = await incident();
    const number = await open(story, options);
    await learn(story, issue);
    expect(check(story, number)).toMatchObject({ conclusion: "success", title: `May close #${issue}` });
  });

  it("turns green when the incident is cancelled, waived or closed", async () => {
    for (const says of ["/cancel it was the monitor", "/waive same cause as last week"]) {
      const { story, issue } = await incident();
      const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
      await story.say("alice", issue, says);
      expect(check(story, number)).toMatchObject({ conclusion: "success" });
    }
  });

  it("turns red when an issue that it closes becomes an incident", async () => {
    const story = await Story.begin();
    const { number: issue } = story.github.as("bob").openIssue({ title: "Slow" });
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
    await story.advance(5 * MINUTE_MS);
    story.github.as("alice").label(issue, "sev:P0");
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
  });

  //
  it("is on every head: pushed to, reopened, sent to another branch and back", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    const first = story.github.pullRequest(number).headSha;
    story.github.as("bob").pushToPullRequest(number, "More");
    await story.settle();
    expect(story.github.pullRequest(number).headSha).not.toBe(first);
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });

    story.github.as("bob").edit(number, { base: "next" });
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
    expect(check(story, number)?.summary).toContain("This goes to `next`, not to the default branch");

    story.github.as("bob").close(number);
    story.github.as("bob").edit(number, { base: "main" });
    story.github.as("bob").reopen(number);
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
  });

  //
  it("is on pull requests from forks and on drafts", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}`, fromFork: true, draft: true });
    expect(check(story, number)).toMatchObject({ conclusion: "failure", externalId: `pr:${number}` });
    story.github.as("bob").rerequest(check(story, number)!.id);
    await story.settle();
    expect(runs(story, number)).toMatchObject([{ conclusion: "failure" }, { conclusion: "failure" }]);
  });

  //
  it("says every change by a run of its own: one that is completed stays as it was", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    const [first] = runs(story, number);
    await learn(story, issue);
    story.github.as("bob").edit(number, { body: `Refs #${issue}` });
    await story.settle();
    const titles = runs(story, number).map(({ title }) => title);
    expect([...new Set(titles)]).toEqual([
      `Would close #${issue} too early`,
      `May close #${issue}`,
      "Closes no incident",
    ]);
    expect(runs(story, number)[0]).toEqual(first);
  });

  //
  it("blocks again by a new run in progress when what it was green for cannot be judged any more", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    await learn(story, issue);
    expect(check(story, number)).toMatchObject({ status: "completed", conclusion: "success" });
    story.github
      .as("alice")
      .push("Elsewhere", { [POLICY]: "version: 1\npost-mortem:\n  repository: acme/learnings\n" });
    story.github.as("bob").edit(issue, { body: "Post-mortem: acme/learnings#1" });
    await story.settle();
    story.hint({ kind: "pull-request", repository: story.repository, number });
    await story.settle();
    expect(check(story, number)).toMatchObject({ status: "in_progress", conclusion: null });
    expect(
      runs(story, number)
        .slice(0, -1)
        .every(({ status }) => status === "completed"),
    ).toBe(true);
  });

  // for a fork, whose suites and runs name no pull request.
  it.each<{ name: string; ask: (story: Story, number: number) => void }>([
    { name: "Re-run", ask: (story, number) => story.github.as("bob").rerequest(check(story, number)!.id) },
    {
      name: "Re-run all",
      ask: (story, number) => story.github.as("bob").rerequestAll(story.github.pullRequest(number).headSha),
    },
    {
      name: "Re-check",
      ask: (story, number) => story.github.as("bob").requestAction(check(story, number)!.id, "recheck"),
    },
  ])("makes a run whenever $name is pressed, also when nothing has changed, once for each time", async ({ ask }) => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}`, fromFork: true });
    ask(story, number);
    await story.settle();
    const [first, second, ...more] = runs(story, number);
    expect(more).toEqual([]);
    expect({ ...second, id: 0, at: 0 }).toEqual({ ...first, id: 0, at: 0 });
    ask(story, number);
    await story.settle();
    expect(runs(story, number)).toHaveLength(3);
  });

  //
  it("finds the pull request by its commit where no run of ours is there yet", async () => {
    const { story, issue } = await incident();
    story.github.faults.fail({ method: "createCheckRun", error: new TerminalError("403", { status: 403 }) });
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    expect(runs(story, number)).toEqual([]);
    const { headSha } = story.github.pullRequest(number);
    story.hint({ kind: "recheck", repository: story.repository, headSha, of: "suite", id: 4_000 });
    await story.settle();
    expect(runs(story, number)).toMatchObject([{ conclusion: "failure" }]);
  });

  it("makes the run that was asked for also after a failure, and one run for a delivery that comes twice", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    const { id, headSha } = check(story, number)!;
    story.github.faults.fail({ method: "createCheckRun", error: new TransientError("503") });
    story.github.as("bob").rerequest(id);
    await story.settle();
    expect(runs(story, number)).toHaveLength(1);
    await story.advance(MINUTE_MS);
    expect(runs(story, number)).toHaveLength(2);
    story.hint({ kind: "recheck", repository: story.repository, headSha, of: "run", id });
    await story.settle();
    expect(runs(story, number)).toHaveLength(2);
  });

  //
  it("counts for each of the open pull requests with the same head: the worst verdict, and for which", async () => {
    const { story, issue } = await incident();
    const red = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    const twin = await open(story, { title: "Backport", body: `Fixes #${issue}`, base: "release", sameHeadAs: red });
    expect(story.github.pullRequest(twin).headSha).toBe(story.github.pullRequest(red).headSha);
    expect(check(story, red)).toMatchObject({
      conclusion: "failure",
      title: `#${red} to main: Would close #${issue} too early`,
      externalId: `pr:${red},${twin}`,
    });
    expect(check(story, red)?.summary).toContain(`## #${twin} to \`release\``);
    expect(check(story, red)?.summary).toContain("This commit is the head of 2 open pull requests");

    story.github.as("bob").edit(red, { body: `Refs #${issue}` });
    await story.settle();
    expect(check(story, red)).toMatchObject({ conclusion: "success" });
    story.github.as("bob").edit(twin, { base: "main" });
    await story.settle();
    expect(check(story, red)).toMatchObject({
      conclusion: "failure",
      title: `#${twin} to main: Would close #${issue} too early`,
    });
    story.github.as("bob").close(twin);
    await story.settle();
    expect(check(story, red)).toMatchObject({ conclusion: "success", externalId: `pr:${red}` });
  });

  it("finds the others with its head among those of forks, too, and when one of them is pushed to", async () => {
    const { story, issue } = await incident();
    const red = await open(story, { title: "Fix", body: `Fixes #${issue}`, fromFork: true });
    const twin = await open(story, { title: "Other", base: "next", fromFork: true, sameHeadAs: red });
    expect(check(story, twin)).toMatchObject({ conclusion: "failure", externalId: `pr:${red},${twin}` });
    story.github.as("bob").pushToPullRequest(red, "More");
    await story.settle();
    await story.advance(5 * MINUTE_MS);
    expect(check(story, twin)).toMatchObject({ conclusion: "success", externalId: `pr:${twin}` });
  });

  it("is settled by another look when two pull requests with one head are judged at the same time", async () => {
    const { story, issue } = await incident();
    const { read } = story.github;
    const { checkRuns } = read;
    const red = story.github.as("bob").openPullRequest({ title: "Fix", body: `Fixes #${issue}` });
    const twin = story.github.as("bob").openPullRequest({ title: "Other", base: "next", sameHeadAs: red.number });
    // Neither of the first two passes sees the other's run before it writes its own.
    const asked = new Map<string, number>();
    Object.assign(read, {
      checkRuns: async (...given: Parameters<typeof checkRuns>) => {
        const times = (asked.get(given[1]) ?? 0) + 1;
        asked.set(given[1], times);
        const found = await checkRuns(...given);
        return given[1] === red.headSha && times === 3 ? [] : found;
      },
    });
    await story.settle();
    expect(check(story, twin.number)).toMatchObject({
      conclusion: "failure",
      externalId: `pr:${red.number},${twin.number}`,
    });
  });

  //
  it("reads the commits beyond the 250 that GitHub lists, and is not green where there are more than it reads", async () => {
    const { story, issue } = await incident();
    const many = Array.from({ length: 300 }, (_, at) => (at === 280 ? `Fixes #${issue}` : `Step ${at}`));
    const long = await open(story, { title: "Long", commits: many });
    expect(check(story, long)).toMatchObject({ conclusion: "failure", title: `Would close #${issue} too early` });
    const endless = await open(story, {
      title: "Longer",
      commits: Array.from({ length: 1_200 }, (_, at) => `Step ${at}`),
    });
    expect(check(story, endless)).toMatchObject({
      status: "in_progress",
      conclusion: null,
      title: "Cannot tell yet whether it closes an incident; looking again",
    });
    expect(check(story, endless)?.summary).toContain("more than the 1000 commits that Sevgate reads. Squash some");
    expect(check(story, endless)?.content.actions).toEqual([]);
  });

  it("is neither green nor red while GitHub gives two answers to which branch is the default one", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}`, base: "next" });
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
    const { pullRequestAtOnce } = story.github.read;
    let isOld = true;
    Object.assign(story.github.read, {
      pullRequestAtOnce: async (...given: Parameters<typeof pullRequestAtOnce>) => {
        const found = await pullRequestAtOnce(...given);
        return isOld && found !== "missing" ? { ...found, defaultBranch: "main" } : found;
      },
    });
    story.github.moveDefaultBranch("next");
    await story.settle();
    expect(check(story, number)).toMatchObject({
      status: "in_progress",
      title: `Cannot judge #${issue} yet; trying again`,
    });
    isOld = false;
    await story.advance(2 * MINUTE_MS);
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
  });

  it("is judged anew on every open pull request when another branch becomes the default one", async () => {
    const { story, issue } = await incident();
    const stays = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    const comes = await open(story, { title: "Fix next", body: `Fixes #${issue}`, base: "next" });
    // A sweep lists what has changed since the previous one, and neither of the two has.
    await story.advance(30 * MINUTE_MS);
    story.hint({ kind: "repository", repository: story.repository });
    await story.settle();
    await story.advance(30 * MINUTE_MS);
    expect([check(story, stays), check(story, comes)]).toMatchObject([
      { conclusion: "failure" },
      { conclusion: "success" },
    ]);
    story.github.moveDefaultBranch("next");
    await story.settle();
    expect([check(story, stays), check(story, comes)]).toMatchObject([
      { conclusion: "success" },
      { conclusion: "failure" },
    ]);
  });

  //
  it("says to unlink as well, and looks again by itself, where GitHub keeps the link after the edit", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    expect(check(story, number)?.summary).toContain(
      "If the issue stays under **Development** in the sidebar, unlink it there",
    );
    story.github.as("bob").link(number, { repository: null, number: issue });
    story.github.as("bob").edit(number, { body: `Refs #${issue}` });
    await story.settle();
    expect(check(story, number)?.summary).toContain("In the sidebar, under **Development**");
    story.github.as("bob").unlink(number, { repository: null, number: issue });
    await story.advance(MINUTE_MS);
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
  });

  //
  it("looks again when Re-check is pressed: a link in the sidebar tells nobody", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix" });
    story.github.as("bob").link(number, { repository: null, number: issue });
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
    story.github.as("bob").requestAction(check(story, number)!.id, "recheck");
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
  });

  it("says that it cannot see the sidebar where the server has no GraphQL", async () => {
    const { story } = await incident();
    story.github.features.graphql = false;
    const number = await open(story, { title: "Tidy up" });
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
    expect(check(story, number)?.summary).toContain("This server does not tell which issues are linked in the sidebar");
  });

  it("says where it could not look", async () => {
    const { story } = await incident();
    const number = await open(story, { title: "Fix", body: "Fixes other/place#3" });
    expect(check(story, number)?.summary).toContain("Not looked at from here: `other/place#3`.");
  });

  it("holds an incident of another repository of the same installation as well", async () => {
    const { story, issue } = await incident();
    const shop = story.github.addRepository({ owner: "acme", name: "shop" });
    story.hint({ kind: "repository", repository: shop });
    await story.settle();
    const { headSha } = story.github.as("bob", shop).openPullRequest({ title: "Fix", body: `Fixes acme/ops#${issue}` });
    await story.settle();
    expect(story.github.checkRuns(headSha, shop)).toMatchObject([
      { conclusion: "failure", title: `Would close acme/ops#${issue} too early` },
    ]);
    await learn(story, issue);
    expect(story.github.checkRuns(headSha, shop).at(-1)).toMatchObject({ conclusion: "success" });
  });

  it("stays in progress while the messages of its commits are too long to be read, and says which", async () => {
    const { story, issue } = await incident();
    const long = "m".repeat(400_000);
    const number = await open(story, { title: "Long", commits: [long, long, `${long}\n\nFixes #${issue}`] });
    expect(check(story, number)).toMatchObject({ status: "in_progress", conclusion: null });
    expect(check(story, number)?.summary).toMatch(
      /The message of commit `[0-9a-f]{10}` is too long to be read\. Shorten it/,
    );
  });

  it("stays in progress, never neutral, while it cannot be sure, and settles by itself", async () => {
    const { story, issue } = await incident("version: 1\npost-mortem:\n  repository: acme/learnings\n");
    story.github.as("bob").edit(issue, { body: "Post-mortem: acme/learnings#1" });
    await story.settle();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    expect(check(story, number)).toMatchObject({
      status: "in_progress",
      conclusion: null,
      title: `Cannot judge #${issue} yet; trying again`,
    });

    const learnings = story.github.addRepository({ owner: "acme", name: "learnings" });
    story.github.as("bob", learnings).openIssue({ title: "Empty", labels: ["post-mortem"] });
    story.hint({ kind: "repository", repository: learnings });
    await story.settle();
    await story.advance(2 * MINUTE_MS);
    expect(check(story, number)).toMatchObject({ status: "completed", conclusion: "failure" });
  });

  it("says nothing while GitHub does not answer, and says it when it does", async () => {
    const { story, issue } = await incident();
    story.github.faults.fail({ method: "pullRequestCommits", error: new TransientError("503") });
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    expect(check(story, number)).toBe(null);
    await story.advance(MINUTE_MS);
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
  });

  it("is one, also when GitHub made it and the answer got lost", async () => {
    const { story, issue } = await incident();
    story.github.faults.fail({ method: "createCheckRun", when: "after" });
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    await story.advance(MINUTE_MS);
    expect(runs(story, number)).toMatchObject([{ conclusion: "failure" }]);
  });

  it("can always be merged past: then the close is held, not the fix", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    story.github.as("bob").merge(number);
    story.github.as("bob").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.github.pullRequest(number).merged).toBe(true);
  });

  it("costs no write when nothing changed", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    story.github.forgetCalls();
    story.github.as("bob").edit(number, { title: "Fix it" });
    await story.settle();
    await story.say("alice", issue, "/note nothing that matters to a merge");
    expect(story.github.writes.filter((method) => method.endsWith("CheckRun"))).toEqual([]);
  });
});

describe("sevgate/close-gate in a merge queue", () => {
  function groupCheck(story: Story, { headSha }: { readonly headSha: string }) {
    return story.github.checkRuns(headSha).at(-1) ?? null;
  }

  //
  it.each(["squash", "rebase"] as const)(
    "is on every group, and reads every pull request in it (%s), those of entries before it, too",
    async (method) => {
      const { story, issue } = await incident();
      const before = await open(story, { title: "Tidy up", fromFork: true });
      const closing = await open(story, { title: "Fix", body: `Fixes #${issue}`, fromFork: true });
      const after = await open(story, { title: "Docs", fromFork: true });
      const groups = story.github.enqueue([before, closing, after], method);
      await story.settle();
      expect(groups.map((group) => groupCheck(story, group)?.conclusion)).toEqual(["success", "failure", "failure"]);
      expect(groupCheck(story, groups[2]!)).toMatchObject({
        title: `Would close #${issue} too early`,
        externalId: `merge-group:${groups[2]!.baseSha}:main`,
      });
      expect(groups[2]!.baseSha).toBe(groups[1]!.headSha);
      expect(groupCheck(story, groups[2]!)?.summary).toContain(`In the description of #${closing}`);
    },
  );

  //
  it("reads every commit since the branch's tip, not since the entry before", async () => {
    const { story, issue } = await incident();
    const closing = await open(story, { title: "Fix", commits: ["One", `Fixes #${issue}`], fromFork: true });
    const after = await open(story, { title: "Docs", fromFork: true });
    const groups = story.github.enqueue([closing, after], "rebase");
    await story.settle();
    expect(groups.map((group) => groupCheck(story, group)?.conclusion)).toEqual(["failure", "failure"]);
  });

  it("sees links in the sidebar of what a group holds", async () => {
    const { story, issue } = await incident();
    const linked = await open(story, { title: "Fix", links: [{ repository: null, number: issue }] });
    const [group] = story.github.enqueue([linked]);
    await story.settle();
    expect(groupCheck(story, group!)).toMatchObject({ conclusion: "failure" });
  });

  //
  it("is green for a queue on another branch than the default one, and says why", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}`, base: "release/1" });
    const [group] = story.github.enqueue([number]);
    await story.settle();
    expect(groupCheck(story, group!)).toMatchObject({ conclusion: "success" });
    expect(groupCheck(story, group!)?.summary).toContain("This goes to `release/1`, not to the default branch");
  });

  //
  it("finds squashed pull requests by their numbers where the server does not tell of its queue", async () => {
    const { story, issue } = await incident();
    story.github.features.graphql = false;
    const harmless = await open(story, { title: "Tidy up", fromFork: true });
    const closing = await open(story, { title: "Fix", body: `Fixes #${issue}`, fromFork: true });
    const groups = story.github.enqueue([harmless, closing]);
    await story.settle();
    expect(groups.map((group) => groupCheck(story, group)?.conclusion)).toEqual(["success", "failure"]);
  });

  it.each<{ name: string; base: string }>([
    { name: "the default branch", base: "main" },
    { name: "another branch", base: "release" },
  ])(
    "is neither green nor red on $name when nothing tells what a group holds, and settles by itself",
    async ({ base }) => {
      const { story, issue } = await incident();
      const number = await open(story, { title: "Fix", commits: [`Fixes #${issue}`], base, fromFork: true });
      const { pullRequest, mergeQueue } = story.github.read;
      const hidden = { mergeQueue: async () => [], pullRequest: async () => "missing" };
      Object.assign(story.github.read, hidden);
      const [group] = story.github.enqueue([number], "rebase");
      await story.settle();
      expect(groupCheck(story, group!)).toMatchObject({ status: "in_progress", conclusion: null });
      expect(groupCheck(story, group!)?.summary).toContain(
        "which pull requests are in this merge group, and which branch",
      );
      Object.assign(story.github.read, { pullRequest, mergeQueue });
      await story.advance(2 * MINUTE_MS);
      expect(groupCheck(story, group!)).toMatchObject({ conclusion: base === "main" ? "failure" : "success" });
    },
  );

  it("is not green for a commit that a pull request only claims to be of another one", async () => {
    const { story, issue } = await incident();
    const harmless = await open(story, { title: "Tidy up" });
    const sly = await open(story, {
      title: "x",
      body: `Fixes #${issue}`,
      commits: [`Tidy up (#${harmless})`],
      fromFork: true,
    });
    const last = await open(story, { title: "Docs", fromFork: true });
    const groups = story.github.enqueue([sly, last], "rebase");
    await story.settle();
    expect(groups.map((group) => groupCheck(story, group)?.conclusion)).toEqual(["failure", "failure"]);
  });

  //
  it("makes a run for a group when it is asked for again, for all that go to the branch now", async () => {
    const { story, issue } = await incident();
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    const [group] = story.github.enqueue([number]);
    await story.settle();
    story.github.as("bob").rerequestAll(group!.headSha);
    await story.settle();
    expect(story.github.checkRuns(group!.headSha)).toMatchObject([
      { conclusion: "failure" },
      { conclusion: "failure" },
    ]);
  });

  it("stops looking when no queue can be waiting any more", async () => {
    const { story } = await incident();
    const number = await open(story, { title: "Tidy up" });
    Object.assign(story.github.read, { mergeQueue: async () => [], pullRequest: async () => "missing" });
    const [group] = story.github.enqueue([number], "rebase");
    await story.settle();
    await story.advance(7 * HOUR_MS);
    const looks = () => story.github.calls.filter(({ method }) => method === "commitsBetween").length;
    expect(looks()).toBeGreaterThan(300);
    story.github.forgetCalls();
    await story.advance(2 * HOUR_MS);
    expect(looks()).toBe(0);
    expect(groupCheck(story, group!)).toMatchObject({ status: "in_progress" });
  });
});

describe("pull-requests.check", () => {
  it("`referencing` posts only where an incident would be closed, and keeps what it posted right", async () => {
    const { story, issue } = await incident("version: 1\npull-requests:\n  check: referencing\n");
    const harmless = await open(story, { title: "Tidy up" });
    expect(check(story, harmless)).toBe(null);
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
    story.github.as("bob").edit(number, { body: `Refs #${issue}` });
    await story.settle();
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
  });

  it("`off` posts nothing", async () => {
    const { story, issue } = await incident("version: 1\npull-requests:\n  check: off\n");
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}` });
    expect(story.github.checkRuns(story.github.pullRequest(number).headSha)).toEqual([]);
  });
});

describe("sevgate/policy", () => {
  const FILE = POLICY;

  /**
   * GitHub keeps the file at the head of the pull request separate from the default branch; the fake has only one of
   * each.
   */
  function serveHead(story: Story, text: string, path = FILE): void {
    const { file } = story.github.read;
    Object.assign(story.github.read, {
      file: async (...given: Parameters<typeof file>) =>
        given[1] === path && given[2] !== undefined ? { path, sha: "a".repeat(40), text } : file(...given),
    });
  }

  const ON_CALL = ".github/sevgate/on-call.yml";
  const WEEK =
    "rotations: { week: { start: 2026-01-05, members: [ann, ben] } }\nroles: { primary: { layers: [week] } }\n";

  it("says who changes in the next four weeks when a pull request touches the on-call file, once a day", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { [ON_CALL]: WEEK });
    await story.settle();
    const text = WEEK.replace("ben", "ben, cat");
    serveHead(story, text, ON_CALL);
    const number = await open(story, { title: "Cat is new", files: { [ON_CALL]: text } });
    const run = check(story, number, "sevgate/policy");
    expect(run).toMatchObject({
      conclusion: "success",
      title: "The on-call file is valid and changes who is on call",
    });
    expect(run?.summary).toContain("Mon 2026-01-19 09:00 to Mon 2026-01-26 09:00  primary: cat instead of ann");
    await story.advance(HOUR_MS);
    story.github.forgetCalls();
    story.hint({ kind: "pull-request", repository: story.repository, number });
    await story.settle();
    expect(story.github.writes).toEqual([]);
  });

  it("is red when the on-call file leaves primary empty, with a remark on the line, and when it cannot be used", async () => {
    const story = await Story.begin();
    const gap = `${WEEK}unavailable: [{ user: ann, from: 2026-01-06, to: 2026-01-09 }, { user: ben, from: 2026-01-06, to: 2026-01-09 }]`;
    serveHead(story, gap, ON_CALL);
    const number = await open(story, { title: "Holidays", files: { [ON_CALL]: gap } });
    expect(check(story, number, "sevgate/policy")).toMatchObject({
      conclusion: "failure",
      title: "The on-call file has 1 error",
      content: { annotations: [{ path: ON_CALL, line: 2, level: "failure" }] },
    });
    const broken = await Story.begin();
    serveHead(broken, "zone: CET\nroles: {}", ON_CALL);
    const other = await open(broken, { title: "Slip", files: { [ON_CALL]: "zone: CET" } });
    expect(check(broken, other, "sevgate/policy")).toMatchObject({
      conclusion: "failure",
      title: "The on-call file has 1 problem",
    });
  });

  it("is one check for both files: red when one of them is", async () => {
    const story = await Story.begin();
    serveHead(story, "closing: { grace: 5 }\n");
    serveHead(story, WEEK, ON_CALL);
    const number = await open(story, { title: "Both", files: { [ON_CALL]: WEEK, [FILE]: "closing: {}" } });
    const run = check(story, number, "sevgate/policy");
    expect(run).toMatchObject({
      conclusion: "failure",
      title: "The policy has 1 problem. The on-call file is valid and changes who is on call",
    });
    expect(run?.summary).toMatch(/closing\.grace[\s\S]*ann instead of nobody/);
  });

  it("is red on a broken policy, with a remark on each line at fault", async () => {
    const { story } = await incident();
    const text = "version: 1\nseverities:\n  P0:\n    lable: sev:P0\nclosing:\n  grace: 5\n";
    serveHead(story, text);
    const number = await open(story, { title: "Policy", files: { [FILE]: text } });
    const run = check(story, number, "sevgate/policy");
    expect(run).toMatchObject({ conclusion: "failure", title: "The policy has 2 problems" });
    expect(run?.content.annotations).toMatchObject([
      { path: FILE, line: 4, level: "failure" },
      { path: FILE, line: 6, level: "failure" },
    ]);
    expect(check(story, number)).toMatchObject({ conclusion: "success" });
  });

  it("is green on a good one, and says in words what it changes", async () => {
    const { story } = await incident();
    const text = "version: 1\npost-mortem:\n  action-items: 3\n";
    serveHead(story, text);
    const number = await open(story, { title: "Policy", files: { [FILE]: text } });
    const run = check(story, number, "sevgate/policy");
    expect(run).toMatchObject({ conclusion: "success" });
    expect(run?.summary).toMatch(/action items?/i);
  });

  it("is red on a file with a name that nobody reads, and says the right one on it", async () => {
    const { story } = await incident();
    const files = { ".github/sevgate.yaml": "version: 1\n", ".github/sevgate/oncall.yml": "version: 1\n" };
    const number = await open(story, { title: "Policy", files });
    const run = check(story, number, "sevgate/policy");
    expect(run).toMatchObject({ conclusion: "failure", title: "2 files would not be read" });
    expect(run?.summary).toContain(".github/sevgate.yaml → .github/sevgate.yml");
    expect(run?.content.annotations).toMatchObject([
      { path: ".github/sevgate.yaml", line: 1, message: expect.stringContaining("Rename it to .github/sevgate.yml.") },
      { path: ".github/sevgate/oncall.yml", line: 1 },
    ]);
  });

  it("is not there on a pull request that leaves the file alone", async () => {
    const { story } = await incident();
    const number = await open(story, { title: "Docs", files: { "docs/sevgate.yml": "x" } });
    expect(check(story, number, "sevgate/policy")).toBe(null);
  });

  //
  it("is red on one that takes the close gate from pull requests while a ruleset requires it", async () => {
    const { story } = await incident();
    story.github.requireChecks(["sevgate/close-gate"]);
    const text = "version: 1\npull-requests:\n  check: referencing\n";
    serveHead(story, text);
    const number = await open(story, { title: "Policy", files: { [FILE]: text } });
    expect(check(story, number, "sevgate/policy")).toMatchObject({
      conclusion: "failure",
      title: "The policy takes away a check that is required",
    });
  });

  //
  it("looks into the files itself where a pull request changes more than GitHub lists", async () => {
    const { story } = await incident();
    const files = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`src/${at}.ts`, "x"]));
    const harmless = await open(story, { title: "Move everything", files });
    expect(check(story, harmless, "sevgate/policy")).toBe(null);
    const { file } = story.github.read;
    const head = story.github.as("bob").openPullRequest({ title: "And more", files }).headSha;
    Object.assign(story.github.read, {
      file: async (...given: Parameters<typeof file>) =>
        given[1] === FILE && given[2] === head
          ? { path: FILE, sha: "b", text: "closing: { grace: 5 }" }
          : file(...given),
    });
    await story.settle();
    const number = Math.max(...story.github.numbers());
    expect(check(story, number, "sevgate/policy")).toMatchObject({ conclusion: "failure" });
  });

  it("never judges a pull request by the policy it brings: the default branch's holds", async () => {
    const { story, issue } = await incident();
    const text = "version: 1\nseverities:\n  P0:\n    close-requires: []\npull-requests:\n  check: off\n";
    serveHead(story, text);
    const number = await open(story, { title: "Fix", body: `Fixes #${issue}`, files: { [FILE]: text } });
    expect(check(story, number)).toMatchObject({ conclusion: "failure" });
    expect(check(story, number, "sevgate/policy")).toMatchObject({
      title: expect.stringContaining("relaxes the gate"),
    });
  });
});

it("a pull request that names an incident within quotes or code is no evidence for it and wakes nobody", async () => {
  const { story, issue } = await incident();
  const files = { "runbooks/a.md": "x" };
  const number = await open(story, { title: "Runbook", body: `> about #${issue}\n\n\`#${issue}\``, files });
  story.github.as("bob").merge(number);
  await story.settle();
  await story.look(issue);
  expect(story.status(issue)).toContain("no pull request that adds or updates one names this incident");
  await story.advance(HOUR_MS);
});
