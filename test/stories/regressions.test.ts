import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { closingReferences } from "../../src/core/markdown/references.ts";
import { RateLimits } from "../../src/systems/github/rate-limits.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const REVERT_FIRST = "version: 1\nseverities: { P0: { regressions: revert }, P1: {} }\n";
const FIX_MERGED = "version: 1\nseverities: { P0: { close-requires: fix-merged } }\n";

async function merged(story: Story, title: string, file = "src/a.ts", body = ""): Promise<number> {
  await story.advance(60_000);
  story.github.setRole("wendy", "write");
  const { number } = story.github.as("wendy").openPullRequest({ title, body, files: { [file]: title } });
  await story.advance(60_000);
  story.github.as("wendy").merge(number);
  await story.settle();
  return number;
}

/** What the app has opened as reverts. */
function reverts(story: Story) {
  return story.github
    .numbers()
    .map((number) => story.github.issue(number))
    .filter((issue) => issue.author?.login === story.github.botLogin && issue.title.startsWith("Revert"));
}

describe("/suspects", () => {
  it("lists what was merged since the last deployment that worked, newest first, and mentions nobody", async () => {
    const story = await Story.begin();
    const before = await merged(story, "Long ago");
    story.github.mark({ deployed: "production" });
    const one = await merged(story, "One");
    const two = await merged(story, "Two @alice #1");
    const issue = await story.declare();
    await story.say("bob", issue, "/suspects");
    const reply = story.replies(issue).at(-1) ?? "";
    expect(reply).toContain("`production`");
    expect(reply).not.toContain(`[#${before}]`);
    expect(reply.indexOf(`[#${two}]`)).toBeLessThan(reply.indexOf(`[#${one}]`));
    expect(reply).toContain("by wendy, merged ");
  });

  it("puts those first that touch a file named in the incident", async () => {
    const story = await Story.begin();
    story.github.mark({ released: "v1" });
    const cart = await merged(story, "Cart", "src/checkout/cart.ts");
    const other = await merged(story, "Other");
    const body = "```\nTypeError at add (/app/src/checkout/cart.ts:12:3)\n```";
    const { number } = story.github.as("bob").openIssue({ title: "Checkout is down", body, labels: ["sev:P0"] });
    await story.settle();
    await story.say("bob", number, "/suspects");
    const reply = story.replies(number).at(-1) ?? "";
    expect(reply).toContain("`v1`");
    //
    expect(reply).toContain("the release whose commit is the newest, drafts and pre-releases aside");
    expect(reply.indexOf(`[#${cart}]`)).toBeLessThan(reply.indexOf(`[#${other}]`));
    expect(reply).toContain("touches `src/checkout/cart.ts`");
  });

  it.each([
    ["the commit before with green checks", (story: Story) => story.github.mark({ green: true }), "with green checks"],
    ["nothing: then the last seven days", () => {}, "No known good state was found"],
  ])("goes by %s where nothing else is known", async (_, mark, says) => {
    const story = await Story.begin();
    await merged(story, "Before");
    mark(story);
    const after = await merged(story, "After");
    const issue = await story.declare();
    await story.say("bob", issue, "/suspects");
    expect(story.replies(issue).at(-1)).toContain(says);
    expect(story.replies(issue).at(-1)).toContain(`[#${after}]`);
  });
});

describe("/good", () => {
  it("sets the last known good version, on the timeline and for /suspects", async () => {
    const story = await Story.begin();
    await merged(story, "Before");
    story.github.mark({ released: "v1.4.2" });
    story.github.mark({ deployed: "production" }, null);
    const after = await merged(story, "After");
    const issue = await story.declare();
    await story.say("bob", issue, "/good v1.4.2");
    await story.say("bob", issue, "/suspects");
    expect(story.words(issue)).toContain("Last known good: `v1.4.2`");
    expect(story.replies(issue).at(-1)).toMatch(/said here[\s\S]*\[#\d+\]/);
    expect(story.replies(issue).at(-1)).toContain(`[#${after}]`);
  });

  // More of the kind: commands-together.test.ts.
  it("counts for /suspects in the same comment", async () => {
    const story = await Story.begin();
    const before = await merged(story, "Before");
    story.github.mark({ released: "v1.0" });
    const after = await merged(story, "After");
    const issue = await story.declare();
    await story.say("bob", issue, "/good v1.0\n/suspects");
    expect(story.replies(issue).at(-1)).toContain("Last known good: `v1.0`");
    expect(story.replies(issue).at(-1)).toContain(`[#${after}]`);
    expect(story.replies(issue).at(-1)).not.toContain(`[#${before}]`);
  });

  it("is refused for what GitHub does not know", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("bob", issue, "/good v9");
    await story.advance(5_000);
    expect(story.replies(issue).at(-1)).toContain("GitHub knows no commit `v9`");
    expect(story.history(issue).knownGood).toBeNull();
  });
});

describe("/revert", () => {
  async function broken(options: { readonly title?: string; readonly policy?: string } = {}) {
    const story = await Story.begin(options.policy === undefined ? {} : { policy: options.policy });
    const culprit = await merged(story, options.title ?? "Break it");
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    return { story, culprit, issue };
  }

  //
  it("opens the pull request, names the incident, asks the responder to review, and ticks the checklist", async () => {
    const { story, culprit, issue } = await broken();
    await story.say("alice", issue, `/revert #${culprit} checkout fails since`);
    const [revert, ...more] = reverts(story);
    expect(more).toEqual([]);
    expect(revert?.title).toBe('Revert "Break it"');
    expect(revert?.body).toContain(`Reverts acme/ops#${culprit}\n\nRefs #${issue}\n`);
    expect(story.github.reviewersOf(revert?.number ?? 0)).toEqual(["alice"]);
    expect(story.words(issue)).toContain(`of #${culprit} opened by alice: checkout fails since`);
    expect(story.status(issue)).toContain("- [x] Roll back: #");
    expect(story.github.allCheckRuns().some((run) => run.externalId === `pr:${revert?.number}`)).toBe(true);
  });

  it("closes nothing, whatever the title and the reason said", async () => {
    const { story, culprit, issue } = await broken({ title: "Fixes #1, closes acme/ops#2: done" });
    await story.say("alice", issue, `/revert #${culprit} this fixes #${issue} and resolves #1`);
    const [revert] = reverts(story);
    expect(closingReferences(`${revert?.title}\n\n${revert?.body}`, "acme/ops")).toEqual([]);
  });

  it("opens one, also when GitHub made it and the answer got lost", async () => {
    const { story, culprit, issue } = await broken();
    story.github.faults.fail({ method: "revertPullRequest", when: "after", error: new TransientError("lost") });
    await story.say("alice", issue, `/revert #${culprit}`);
    await story.advance(10_000);
    expect(reverts(story)).toHaveLength(1);
    expect(story.history(issue).reverts).toHaveLength(1);
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toContain("it reverts");
    expect(reverts(story)).toHaveLength(1);
  });

  it("is refused for somebody who may not write, also where the policy lowers every other command", async () => {
    const { story, culprit, issue } = await broken({
      policy: "version: 1\ncommands: { permission: { default: triage } }\n",
    });
    await story.say("bob", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toContain("`/revert` needs the write role");
    expect(reverts(story)).toEqual([]);
  });

  it("is refused with the git commands to type where GitHub finds that it does not come off cleanly", async () => {
    const { story, culprit, issue } = await broken();
    story.github.as("wendy").push("Go on", { "src/a.ts": "more" });
    const sha = story.github.pullRequest(culprit).mergeSha;
    await story.say("alice", issue, `/revert #${culprit}`);
    const reply = story.replies(issue).at(-1) ?? "";
    expect(reply).toContain("GitHub says: This pull request could not be reverted automatically");
    expect(reply).toContain(
      `git fetch origin\ngit switch -c revert-${culprit} origin/main\ngit revert ${sha}\ngit push -u origin revert-${culprit}\n`,
    );
    expect(reverts(story)).toEqual([]);
  });

  it.each([
    ["an open pull request", (open: number) => `/revert #${open}`, "is not merged into the default branch"],
    ["an unknown number", () => "/revert #4000", "there is no pull request #4000"],
    ["another repository", () => "/revert other/place#3", "of a pull request of this repository"],
  ])("is refused for %s", async (_, command, says) => {
    const { story, issue } = await broken();
    const { number } = story.github.as("alice").openPullRequest({ title: "Open" });
    await story.say("alice", issue, command(number));
    expect(story.replies(issue).at(-1)).toContain(says);
  });
});

// the mutation may not be for apps (flutter/cocoon#3083).
describe("/revert where GitHub's own way is not for the app", () => {
  async function broken(method: "squash" | "merge" | "rebase" = "squash", files: Record<string, string | null> = {}) {
    const story = await Story.begin();
    story.github.features.revertMutation = false;
    story.github.setRole("wendy", "write");
    const wendy = story.github.as("wendy");
    wendy.push("Begin", { "src/a.ts": "one", "src/old.ts": "old", "docs/b.md": "b" });
    const changed = { "src/a.ts": "two", "src/old.ts": null, "lib/new/c.ts": "c", ...files };
    await story.advance(60_000);
    const commits = method === "squash" ? ["All of it"] : ["Change a", "Remove old", "Add c"];
    const { number: culprit } = wendy.openPullRequest({ title: "Break it", files: changed, commits });
    await story.advance(60_000);
    wendy.merge(culprit, method);
    await story.settle();
    const issue = await story.declare();
    await story.say("alice", issue, "/ack");
    return { story, culprit, issue };
  }

  it.each(["squash", "merge", "rebase"] as const)(
    "opens it all the same, for a pull request merged by %s",
    async (method) => {
      const { story, culprit, issue } = await broken(method);
      story.github.as("wendy").push("Go on elsewhere", { "docs/b.md": "b2", "src/other.ts": "x" });
      await story.say("alice", issue, `/revert #${culprit} checkout fails since`);
      const [revert, ...more] = reverts(story);
      expect(more).toEqual([]);
      expect(revert?.title).toBe('Revert "Break it"');
      expect(revert?.body).toContain(`Reverts acme/ops#${culprit}\n\nRefs #${issue}\n`);
      expect(revert?.body).toContain("checkout fails since");
      expect(story.github.reviewersOf(revert?.number ?? 0)).toEqual(["alice"]);
      expect(story.words(issue)).toContain(`of #${culprit} opened by alice: checkout fails since`);
      story.github.as("alice").merge(revert?.number ?? 0);
      const text = (path: string) => story.github.textOf(path);
      expect(["src/a.ts", "src/old.ts", "lib/new/c.ts"].map(text)).toEqual(["one", "old", null]);
      expect(["docs/b.md", "src/other.ts"].map(text)).toEqual(["b2", "x"]);
    },
  );

  it("asks for what it needs, once: six folders read, and four things made", async () => {
    const { story, culprit, issue } = await broken();
    const before = story.github.calls.length;
    await story.say("alice", issue, `/revert #${culprit}`);
    const made = ["revertPullRequest", "createTree", "createCommit", "createBranch", "openPullRequest"];
    const methods = story.github.calls.slice(before).map(({ method }) => method);
    const from = methods.indexOf("revertPullRequest");
    expect(methods.slice(from, methods.indexOf("openPullRequest") + 1)).toEqual([
      ...["revertPullRequest", "gitCommit", "pullRequestSource", "branchTip", "gitCommit", "branchTip"],
      // The merge commit is still the head, so its folders are those of the branch.
      ...["gitTree", "gitTree", "gitTree", "gitTree", "gitTree", "gitTree"],
      ...made.slice(1),
    ]);
  });

  it("opens it on a server without GraphQL, too", async () => {
    const { story, culprit, issue } = await broken();
    story.github.features.graphql = false;
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(reverts(story)).toHaveLength(1);
  });

  it.each(
    ["createTree", "createCommit", "createBranch", "openPullRequest"].flatMap((method) =>
      (["before", "after"] as const).map((when) => ({ method, when })),
    ),
  )("opens one, with one branch, also when GitHub does not answer $method ($when it is done)", async (fault) => {
    const { story, culprit, issue } = await broken();
    story.github.faults.fail({ ...fault, error: new TransientError("lost") });
    await story.say("alice", issue, `/revert #${culprit}`);
    await story.advance(10_000);
    expect(reverts(story)).toHaveLength(1);
    expect(story.history(issue).reverts).toHaveLength(1);
    expect([...story.github.branches().keys()]).toHaveLength(1);
  });

  it("goes on with the branch of a pass that died, also when others have pushed meanwhile", async () => {
    const { story, culprit, issue } = await broken();
    story.github.faults.fail({ method: "openPullRequest", error: new TransientError("busy") });
    await story.say("alice", issue, `/revert #${culprit}`);
    const [[name, tip] = []] = [...story.github.branches()];
    story.github.as("wendy").push("Go on elsewhere", { "docs/b.md": "b2" });
    await story.advance(10_000);
    expect(reverts(story).map(({ number }) => story.github.pullRequest(number).headSha)).toEqual([tip]);
    expect([...story.github.branches().keys()]).toEqual([name]);
  });

  it("leaves a branch of that name alone that holds something else", async () => {
    const { story, culprit, issue } = await broken();
    const before = story.github.head();
    const { read, write } = story.github;
    const source = await read.pullRequestSource(story.repository, culprit);
    const name = `revert-${culprit}-${source === "missing" ? "" : source.branch}`;
    await write.createBranch(story.repository, name, before);
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.github.branches().get(name)).toBe(before);
    expect(reverts(story)).toHaveLength(1);
  });

  it("gives the branch no name that somebody outside has chosen for a shell", async () => {
    const story = await Story.begin();
    story.github.features.revertMutation = false;
    story.github.setRole("wendy", "write");
    const branch = {
      name: "x$(evil)",
      sha: story.github.as("wendy").push("Theirs", { "a.ts": "a" }),
      commits: [],
    };
    const { number } = story.github.as("wendy").openPullRequest({ title: "Break it", branch, files: { "b.ts": "b" } });
    story.github.as("wendy").merge(number);
    await story.settle();
    const issue = await story.declare();
    await story.say("alice", issue, `/revert #${number}`);
    expect([...story.github.branches().keys()]).toEqual([`revert-${number}`]);
  });

  it("names what was changed since, with the git commands to type, and writes nothing", async () => {
    const { story, culprit, issue } = await broken("merge");
    const { mergeSha } = story.github.pullRequest(culprit);
    story.github.as("wendy").push("Go on", { "src/a.ts": "three" });
    await story.say("alice", issue, `/revert #${culprit}`);
    const reply = story.replies(issue).at(-1) ?? "";
    expect(reply).toContain("what it changed was changed again since: `src/a.ts`");
    const lines = [`git switch -c revert-${culprit} origin/main`, `git revert -m 1 ${mergeSha}`];
    expect(reply).toContain(`git fetch origin\n${lines.join("\n")}\n`);
    expect(reply).toContain(`git push -u origin revert-${culprit}`);
    expect(reply).not.toMatch(/[\u200B-\u200F\u2060\uFEFF]/);
    expect(story.github.branches().size).toBe(0);
    expect(story.github.writes.filter((one) => /^create(Tree|Commit|Branch)$/.test(one))).toEqual([]);
  });

  it("takes the whole of a rebase back, and names the range where it cannot", async () => {
    const { story, culprit, issue } = await broken("rebase");
    const { mergeSha } = story.github.pullRequest(culprit);
    story.github.as("wendy").push("Go on", { "src/a.ts": "three" });
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toMatch(new RegExp(`git revert [0-9a-f]{40}\\.\\.${mergeSha}\\n`));
  });

  it("takes back no commit of somebody else's, of which the pull request held a copy", async () => {
    const story = await Story.begin();
    story.github.features.revertMutation = false;
    story.github.setRole("wendy", "write");
    const wendy = story.github.as("wendy");
    wendy.push("Begin", { "a.ts": "a1", "b.ts": "b1" });
    await story.advance(60_000);
    const theirs = wendy.push("Fix a", { "a.ts": "a2" });
    await story.advance(60_000);
    const two = { files: { "b.ts": "b2" }, commits: ["One", "Two"] };
    const { number } = wendy.openPullRequest({ title: "B", ...two });
    await story.advance(60_000);
    wendy.merge(number, "rebase");
    await story.settle();
    // A rebase leaves out what is already on the branch; the pull request still lists its copy.
    const { read } = story.github;
    const copied = await read.gitCommit(story.repository, theirs);
    const source = await read.pullRequestSource(story.repository, number);
    if (copied === "missing" || source === "missing") throw new Error("missing");
    const commits = [{ ...copied, sha: "c".repeat(40) }, ...source.commits];
    Object.assign(story.github, { read: { ...read, pullRequestSource: async () => ({ ...source, commits }) } });
    story.restart();
    const issue = await story.declare();
    await story.say("alice", issue, `/revert #${number}`);
    expect(story.replies(issue).at(-1)).toContain("I cannot tell which commits it became");
    expect(story.replies(issue).at(-1)).not.toContain("..");
    expect(reverts(story)).toEqual([]);
  });

  it.each(["[skip ci]", "[CI skip]", "[no ci]", "[skip actions]", "[actions skip]", "skip-checks: true", "[skip @ci]"])(
    "lets workflows run on it, also where the first title has %s, and GitHub's own way is there",
    async (word) => {
      const story = await Story.begin();
      const culprit = await merged(story, `Break it ${word}`);
      const issue = await story.declare();
      await story.say("alice", issue, `/revert #${culprit}`);
      const [revert] = reverts(story);
      const { headSha } = story.github.pullRequest(revert?.number ?? 0);
      const commit = await story.github.read.gitCommit(story.repository, headSha);
      const message = commit === "missing" ? "" : commit.message;
      expect(message).toMatch(/^Revert "Break it /);
      for (const text of [message, revert?.title ?? ""]) {
        expect(text).not.toMatch(/\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|skip-checks: ?true/i);
      }
    },
  );

  it("says that nothing is left to take back", async () => {
    const { story, culprit, issue } = await broken();
    story.github.as("wendy").push("By hand", { "src/a.ts": "one", "src/old.ts": "old", "lib/new/c.ts": null });
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toContain("there is nothing left of it to take back");
    expect(reverts(story)).toEqual([]);
  });

  it("opens nothing from a tree that is not the one it worked out", async () => {
    const { story, culprit, issue } = await broken();
    const { write } = story.github;
    const createTree: typeof write.createTree = (repository, base, changes) =>
      write.createTree(repository, base, changes.slice(1));
    story.github.write = { ...write, createTree };
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toContain("the tree that came of it is not the one that was asked for");
    expect(reverts(story)).toEqual([]);
    expect(story.github.branches().size).toBe(0);
  });

  it("says that it has no right to workflows, where GitHub refuses a revert that changes one", async () => {
    const { story, culprit, issue } = await broken("squash", { ".github/workflows/ci.yml": "on: push" });
    const { write } = story.github;
    story.github.write = { ...write, createTree: async () => ({ refused: "Resource not accessible by integration" }) };
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toContain("it changes workflows, which Sevgate has no right to.");
    expect(reverts(story)).toEqual([]);
  });

  it.each([0, 1_000])(
    "is made as soon as the team's budget has room for all of it, asking the mutation once (%s ms between what used it up)",
    async (apartMs) => {
      const { story, culprit, issue } = await broken();
      const limits = new RateLimits(story.clock);
      story.github.limits = limits;
      for (let count = 0; count < 45; count += 1) {
        limits.admit(story.github.installationId, "test", "team");
        story.clock.advance(apartMs);
      }
      story.github.forgetCalls();
      await story.say("alice", issue, `/revert #${culprit}`);
      await story.advance(90_000);
      expect(reverts(story)).toHaveLength(1);
      const made = story.github.writes.filter((one) => /^(revertPullRequest|create(Tree|Commit|Branch))$/.test(one));
      expect(made).toEqual(["revertPullRequest", "createTree", "createCommit", "createBranch"]);
    },
  );

  it("does not ask the mutation again that refused the app, for an hour, whatever the pull request", async () => {
    const { story, culprit, issue } = await broken();
    story.github.faults.fail({ method: "createTree", times: 2 });
    await story.say("alice", issue, `/revert #${culprit}`);
    await story.advance(60_000);
    expect(reverts(story)).toHaveLength(1);
    const other = await merged(story, "Break more", "src/more.ts");
    await story.say("alice", issue, `/revert #${other}`);
    expect(reverts(story)).toHaveLength(2);
    expect(story.github.calls.filter(({ method }) => method === "revertPullRequest")).toHaveLength(1);
  });

  it("never takes away a branch that somebody else has pushed, though it holds this very revert", async () => {
    const { story, culprit, issue } = await broken();
    const { read, write } = story.github;
    const source = await read.pullRequestSource(story.repository, culprit);
    const name = `revert-${culprit}-${source === "missing" ? "" : source.branch}`;
    const merge = await read.gitCommit(story.repository, story.github.pullRequest(culprit).mergeSha ?? "");
    if (merge === "missing") throw new Error("no merge commit");
    const before = await read.gitCommit(story.repository, merge.parents[0] ?? "");
    if (before === "missing") throw new Error("no commit before");
    const message = `Revert "Break it"\n\nThis reverts commit ${merge.sha}.`;
    const commit = { message, tree: before.tree, parent: story.github.head() };
    const tip = await write.createCommit(story.repository, commit);
    if (typeof tip !== "string") throw new Error(tip.refused);
    await write.createBranch(story.repository, name, tip);
    story.github.write = { ...write, openPullRequest: async () => ({ refused: "Repository rule violations found" }) };
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toContain("GitHub says: Repository rule violations found");
    expect([...story.github.branches()]).toEqual([[name, tip]]);
  });

  it("leaves no branch behind when GitHub takes no pull request from it", async () => {
    const { story, culprit, issue } = await broken();
    const { write } = story.github;
    story.github.write = { ...write, openPullRequest: async () => ({ refused: "Repository rule violations found" }) };
    await story.say("alice", issue, `/revert #${culprit}`);
    expect(story.replies(issue).at(-1)).toContain("GitHub says: Repository rule violations found");
    expect(story.github.branches().size).toBe(0);
  });
});

describe("where the policy wants reverts first", () => {
  it("the checklist names the likeliest cause at the declaration", async () => {
    const story = await Story.begin({ policy: REVERT_FIRST });
    story.github.mark({ released: "v7" });
    const culprit = await merged(story, "Break it");
    const issue = await story.declare();
    expect(story.status(issue)).toContain(`Roll back? #${culprit} is the likeliest cause since \`v7\``);
    const other = await story.declare(["sev:P1"]);
    expect(story.status(other)).not.toContain("likeliest cause");
  });

  it("an incident does not wait for it", async () => {
    const story = await Story.begin({ policy: REVERT_FIRST });
    story.github.faults.fail({ method: "deployments", error: new TransientError("busy") });
    const issue = await story.declare();
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
    expect(story.history(issue).suspected).toBeNull();
    await story.advance(61_000);
    expect(story.history(issue).suspected).not.toBeNull();
  });
});

describe("a fix that is reverted", () => {
  it("counts no longer: the closed incident is open again", async () => {
    const story = await Story.begin({ policy: FIX_MERGED });
    const issue = await story.declare();
    await story.say("alice", issue, "/ack\n/resolve fixed");
    const fix = await merged(story, "Mend it", "src/a.ts", `Refs #${issue}`);
    expect(story.github.issue(issue).state).toBe("closed");
    await story.advance(60_000);
    await story.say("alice", issue, `/revert #${fix} it made it worse`);
    const revert = story.history(issue).reverts[0]?.revert ?? 0;
    expect(story.github.issue(issue).state).toBe("closed");
    story.github.as("alice").merge(revert);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    expect(story.status(issue)).toContain(`The fix #${fix} was reverted by #${revert}`);
    expect(story.replies(issue).at(-1)).toContain("No merged pull request names this incident");
  });

  it("is another thing than reverting what broke it: that is a fix", async () => {
    const story = await Story.begin({ policy: FIX_MERGED });
    const culprit = await merged(story, "Break it");
    const issue = await story.declare();
    await story.say("alice", issue, `/ack\n/revert #${culprit}\n/resolve reverted`);
    expect(story.github.issue(issue).state).toBe("open");
    story.github.as("alice").merge(story.history(issue).reverts[0]?.revert ?? 0);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("closed");
  });
});
