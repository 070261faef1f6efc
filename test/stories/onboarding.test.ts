import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import type { PullRequestFacts, Repository } from "../../src/core/model.ts";
import { defaultPolicy } from "../../src/core/policy/default-policy.ts";
import { parsePolicy } from "../../src/core/policy/parse.ts";
import { ONBOARDING_TITLE } from "../../src/core/render/onboarding-pull-request.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { mentionedIn } from "../support/mentioned-in.ts";
import { SETUP_FILES, Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice", "bob"]);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BRANCH = "sevgate/onboarding";
const POLICY = ".github/sevgate.yml";
const PATHS = SETUP_FILES.map(({ path }) => path);
const STEPS = ["createTree", "createCommit", "createBranch", "openPullRequest"];

/** A sweep comes by, as it does every few minutes. */
async function sweep(story: Story, ...repositories: readonly Repository[]): Promise<void> {
  const all = repositories.length === 0 ? [story.repository] : repositories;
  story.hint(...all.map((repository) => ({ kind: "repository" as const, repository })));
  await story.settle();
}

/** Every pull request of the app's that there ever was, oldest first. */
function opened(story: Story, repository = story.repository): readonly PullRequestFacts[] {
  return story.github
    .numbers(repository)
    .map((number) => story.github.issue(number, repository))
    .filter(({ author, title }) => author?.login === story.github.botLogin && title === ONBOARDING_TITLE)
    .map(({ number }) => story.github.pullRequest(number, repository));
}

/** Sevgate is installed on `acme/ops`, which is as `prepare` leaves it. */
async function installed(prepare: (story: Story) => void = () => {}): Promise<Story> {
  const story = await Story.begin();
  prepare(story);
  story.onboarding = SETUP_FILES;
  story.restart({ database: "lost" });
  await sweep(story);
  return story;
}

function more(story: Story, count: number): readonly Repository[] {
  return Array.from({ length: count }, (_, at) => story.github.addRepository({ name: `service-${at}` }));
}

describe("After an installation, a repository without a policy", () => {
  it("gets one pull request with the commented policy, the issue forms and the post-mortem's template", async () => {
    const story = await installed();
    const [pull, ...others] = opened(story);
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ title: ONBOARDING_TITLE, state: "open", baseRef: "main" });
    const { files } = await story.github.read.pullRequestFiles(story.repository, pull!);
    expect(files.map(({ path, status }) => [path, status])).toEqual(PATHS.map((path) => [path, "added"]));
    expect(PATHS).toEqual([
      POLICY,
      ".github/ISSUE_TEMPLATE/incident-p0.yml",
      ".github/ISSUE_TEMPLATE/incident-p1.yml",
      ".github/ISSUE_TEMPLATE/incident-p2.yml",
      ".github/ISSUE_TEMPLATE/post-mortem.md",
    ]);
    for (const { path, text } of SETUP_FILES) {
      const sha = story.github.filesAt(pull!.headSha, story.repository).get(path) ?? "";
      expect(await story.github.read.blob(story.repository, sha)).toBe(text);
    }
  });

  it.each(["created", "added"] as const)("gets it as soon as GitHub reports the installation (%s)", async (how) => {
    const story = await Story.begin();
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    story.github.install(how);
    await story.settle();
    expect(opened(story)).toHaveLength(1);
  });

  it("can merge it: then the policy is in force, and everything in it is as before", async () => {
    const story = await installed();
    const [pull] = opened(story);
    story.github.as("alice").merge(pull!.number);
    await story.settle();
    const policy = (await story.index.repository(story.repository.id))?.lastGoodPolicy;
    expect(policy?.source).toBe(POLICY);
    expect(parsePolicy(policy!.text)).toMatchObject({ kind: "valid", policy: defaultPolicy() });
    await story.advance(DAY_MS);
    await sweep(story);
    expect(opened(story)).toHaveLength(1);
  });

  it("sees the checks of the pull request green", async () => {
    const story = await installed();
    const runs = story.github.checkRuns(opened(story)[0]!.headSha);
    expect(runs.map(({ name, conclusion }) => [name, conclusion]).toSorted()).toEqual([
      ["sevgate/close-gate", "success"],
      ["sevgate/policy", expect.stringMatching(/^(?:success|neutral)$/)],
    ]);
  });

  it("keeps what is there of the files, and is told so", async () => {
    const mine = "---\nname: Ours\n---\n";
    const story = await installed(({ github }) =>
      github.setFile(".github/ISSUE_TEMPLATE/Post-Mortem.md", mine, github.repositoryNamed("acme/ops")),
    );
    const [pull] = opened(story);
    const { files } = await story.github.read.pullRequestFiles(story.repository, pull!);
    expect(files.map(({ path }) => path)).toEqual(PATHS.slice(0, -1));
    expect(pull!.body).toContain("There already, and left as it is: `.github/ISSUE_TEMPLATE/post-mortem.md`.");
  });

  it.each<readonly [string, (story: Story) => void]>([
    ["has a policy", ({ github }) => github.setFile(POLICY, "version: 1\n")],
    ["has a broken policy", ({ github }) => github.setFile(POLICY, "severities: 7\n")],
    ["has one under a name that nobody reads", ({ github }) => github.setFile(".github/sevgate.yaml", "version: 1\n")],
    [
      "has an owner with one",
      ({ github }) => github.addRepository({ owner: "acme", name: ".github", files: { [POLICY]: "version: 1\n" } }),
    ],
    ["is archived", ({ github }) => github.setRepository({ archived: true })],
    //
    ["is locked by GitHub", ({ github }) => github.setRepository({ isDisabled: true })],
    ["is a fork", ({ github }) => github.setRepository({ isFork: true })],
    ["has no issues", ({ github }) => github.setRepository({ hasIssues: false })],
    [
      "has had an incident, even a closed one that Sevgate never saw",
      ({ github }) => {
        const { number } = github.as("bob").openIssue({ title: "Down", labels: ["sev:P1"] });
        github.as("bob").close(number);
      },
    ],
  ])("gets none if it %s", async (_, prepare) => {
    const story = await Story.begin();
    story.listens = false;
    prepare(story);
    story.listens = true;
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    story.github.forgetCalls();
    await sweep(story);
    expect(story.github.writes.filter((one) => STEPS.includes(one))).toEqual([]);
    await story.advance(DAY_MS);
    await sweep(story);
    expect(opened(story)).toEqual([]);
  });

  it("gets none if it is the one whose policy counts for all of its owner's", async () => {
    const story = await installed();
    const owners = story.github.addRepository({ name: ".github" });
    await sweep(story, owners);
    expect(opened(story, owners)).toEqual([]);
  });

  it("gets none where the operator has turned that off", async () => {
    const story = await installed();
    story.onboarding = null;
    story.restart();
    const [other] = more(story, 1);
    await sweep(story, other!);
    expect(opened(story, other)).toEqual([]);
  });

  it("gets it once it has a first commit", async () => {
    const story = await installed();
    const [other] = more(story, 1);
    const { read } = story.github;
    const branchTip = read.branchTip;
    read.branchTip = async () => "missing";
    await sweep(story, other!);
    expect(opened(story, other)).toEqual([]);
    read.branchTip = branchTip;
    await story.advance(7 * HOUR_MS);
    await sweep(story, other!);
    expect(opened(story, other)).toHaveLength(1);
  });
});

describe("A pass of its own, whoever asked for it,", () => {
  const pass = async (story: Story, repository = story.repository) => {
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    await story.once({ kind: "onboarding", repository });
    await story.settle();
  };

  it("opens nothing in another repository that has the name by now", async () => {
    const story = await Story.begin();
    await pass(story, { ...story.repository, id: 987_654 });
    expect(opened(story)).toEqual([]);
  });

  it("opens nothing where a label of Sevgate's tells of incidents whose issues are gone", async () => {
    const story = await Story.begin();
    const other = story.github.addRepository({ name: "old", labels: ["incident:resolved"] });
    await pass(story, other);
    // Both repositories get the labels that are missing there.
    for (const _ of [1, 2]) await sweep(story, story.repository, other);
    expect(opened(story, other)).toEqual([]);
  });

  it("is not kept from it by somebody else's pull request with the same words", async () => {
    const story = await Story.begin();
    const body = `${opened(await installed())[0]!.body}`;
    story.github.as("mallory").openPullRequest({ title: ONBOARDING_TITLE, body, commits: ["x"], files: {} });
    await pass(story);
    expect(opened(story)).toHaveLength(1);
  });

  it("adds nothing where a file stands in the place of a folder", async () => {
    const story = await Story.begin();
    const blocked = story.github.addRepository({ name: "blocked", files: { ".github": "a file" } });
    await pass(story, blocked);
    expect(opened(story, blocked)).toEqual([]);
    const half = story.github.addRepository({ name: "half", files: { ".github/ISSUE_TEMPLATE": "a file" } });
    await pass(story, half);
    await sweep(story, blocked, half);
    expect(opened(story, blocked)).toEqual([]);
    const [pull] = opened(story, half);
    const { files } = await story.github.read.pullRequestFiles(half, pull!);
    expect(files.map(({ path }) => path)).toEqual([POLICY]);
  });

  it("adds no second folder that differs from one by its capitals alone", async () => {
    const story = await Story.begin();
    const cased = story.github.addRepository({ name: "cased", files: { ".github/issue_template/a.md": "a" } });
    await pass(story, cased);
    await sweep(story, cased);
    const [pull] = opened(story, cased);
    const { files } = await story.github.read.pullRequestFiles(cased, pull!);
    expect(files.map(({ path }) => path)).toEqual([POLICY]);
  });
});

//
describe("Closed without being merged, the pull request", () => {
  it("is found by its text, too, should GitHub not find it by a branch that is gone", async () => {
    const story = await installed();
    story.github.as("alice").close(opened(story)[0]!.number);
    story.github.read.pullRequestsEverFrom = async () => [];
    await story.github.write.deleteBranch(story.repository, BRANCH);
    story.restart({ database: "lost" });
    await sweep(story);
    expect(opened(story)).toHaveLength(1);
    expect(story.github.branches().has(BRANCH)).toBe(false);
  });

  it("is the last one: not after a restart, a lost database, a renamed repository, a deleted branch", async () => {
    const story = await installed();
    const [pull] = opened(story);
    story.github.as("alice").close(pull!.number);
    await story.github.write.deleteBranch(story.repository, BRANCH);
    await story.settle();
    story.github.forgetCalls();
    for (const database of ["kept", "lost"] as const) {
      story.restart({ database });
      await sweep(story);
      await story.advance(DAY_MS);
      await sweep(story);
    }
    const renamed = story.github.rename("operations");
    story.restart({ database: "lost" });
    await sweep(story, renamed);
    expect(opened(story, renamed)).toHaveLength(1);
    expect(story.github.writes.filter((one) => STEPS.includes(one))).toEqual([]);
  });

  it("costs no request any more, sweep after sweep, once that is known", async () => {
    const story = await installed();
    story.github.as("alice").close(opened(story)[0]!.number);
    await story.advance(HOUR_MS);
    await sweep(story);
    story.github.forgetCalls();
    await story.advance(5 * MINUTE_MS);
    await sweep(story);
    expect(story.github.reads).not.toContain("pullRequestsEverFrom");
  });
});

describe("An account", () => {
  it("gets at most five within any hour, however many repositories it has, and however often Sevgate is restarted", async () => {
    const story = await installed();
    const others = more(story, 11);
    const all = [story.repository, ...others];
    const count = () => all.flatMap((repository) => opened(story, repository)).length;
    await sweep(story, ...others);
    expect(count()).toBe(5);
    for (let minutes = 0; minutes < 55; minutes += 5) {
      story.restart();
      await sweep(story, ...others);
      expect(count()).toBe(5);
      await story.advance(5 * MINUTE_MS);
    }
    await story.advance(10 * MINUTE_MS);
    await sweep(story, ...others);
    expect(count()).toBe(10);
    await story.advance(HOUR_MS + MINUTE_MS);
    await sweep(story, ...others);
    expect(count()).toBe(12);
  });

  it("is not kept from its five by another account", async () => {
    const story = await installed();
    const busy = more(story, 6);
    const other = story.github.addRepository({ owner: "umbrella", name: "web", installationId: 778 });
    await sweep(story, ...busy, other);
    expect(opened(story, other)).toHaveLength(1);
  });

  it("gets none while an incident is open in any of its repositories, and then goes on", async () => {
    const story = await Story.begin();
    const incident = await story.declare();
    story.onboarding = SETUP_FILES;
    story.restart();
    const [other] = more(story, 1);
    await sweep(story, other!);
    expect(opened(story, other)).toEqual([]);
    await story.say("alice", incident, "/ack");
    await story.say("alice", incident, "/cancel it was a false alarm");
    expect(story.github.issue(incident).state).toBe("closed");
    await story.advance(10 * MINUTE_MS);
    await sweep(story, other!);
    expect(opened(story, other)).toHaveLength(1);
    expect(opened(story)).toEqual([]);
  });
});

describe("A pass that dies between two steps", () => {
  it.each(
    STEPS.flatMap((method) => [
      [method, "before it did anything", "before", "kept"] as const,
      [method, "after it did", "after", "kept"] as const,
      [method, "after it did, and the database is lost", "after", "lost"] as const,
    ]),
  )("at %s, %s: there is one pull request in the end, with one commit", async (method, _, when, database) => {
    const story = await Story.begin();
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    story.github.faults.fail({ kind: "write", method, when });
    await sweep(story);
    story.restart({ database });
    await story.advance(MINUTE_MS);
    await sweep(story);
    const pulls = opened(story);
    expect(pulls).toHaveLength(1);
    const { commits } = await story.github.read.pullRequestCommits(story.repository, pulls[0]!);
    expect(commits.map(({ message }) => message)).toEqual([ONBOARDING_TITLE]);
  });
});

describe("Two passes at the same time, as two processes may make them when a lease is lost,", () => {
  it("end with one pull request", async () => {
    const story = await Story.begin();
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    const key = { kind: "onboarding", repository: story.repository } as const;
    await Promise.all([story.once(key), story.once(key)]);
    await story.advance(MINUTE_MS);
    await sweep(story);
    expect(story.github.writes.filter((one) => one === "createCommit")).toHaveLength(2);
    expect(opened(story)).toHaveLength(1);
  });
});

describe("A branch of that name that somebody else made", () => {
  it.each<readonly [string, (story: Story) => Promise<string>]>([
    ["has something else on it", async ({ github }) => github.as("alice").push("Something else", { "a.md": "a" })],
    [
      "has the same message, and another file",
      async ({ github, repository }) => {
        const { tree } = (await github.read.gitCommit(repository, github.head())) as { readonly tree: string };
        const file = { path: "evil.sh", mode: "100644", type: "blob", content: "rm -rf /" } as const;
        const made = await github.write.createTree(repository, tree, [file]);
        const commit = { message: ONBOARDING_TITLE, tree: made as string, parent: github.head() };
        return (await github.write.createCommit(repository, commit)) as string;
      },
    ],
  ])("and that %s is left alone: no pull request comes from it", async (_, make) => {
    const story = await Story.begin();
    const sha = await make(story);
    await story.github.write.createBranch(story.repository, BRANCH, sha);
    await story.settle();
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    await sweep(story);
    await story.advance(DAY_MS);
    await sweep(story);
    expect(opened(story)).toEqual([]);
    expect(story.github.branches().get(BRANCH)).toBe(sha);
  });

  it("and that carries somebody's commit under ours is left alone", async () => {
    const story = await Story.begin();
    const { github, repository } = story;
    const { tree } = (await github.read.gitCommit(repository, github.head())) as { readonly tree: string };
    const evil = { path: "evil.sh", mode: "100644", type: "blob", content: "rm -rf /" } as const;
    const theirTree = (await github.write.createTree(repository, tree, [evil])) as string;
    const theirCommit = { message: "Mine", tree: theirTree, parent: github.head() };
    const theirs = (await github.write.createCommit(repository, theirCommit)) as string;
    const files = SETUP_FILES.map(({ path, text }) => ({ path, mode: "100644", type: "blob", content: text }) as const);
    const made = (await github.write.createTree(repository, theirTree, files)) as string;
    const commit = { message: ONBOARDING_TITLE, tree: made, parent: theirs };
    const sha = (await github.write.createCommit(repository, commit)) as string;
    await github.write.createBranch(repository, BRANCH, sha);
    await story.settle();
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    await sweep(story);
    expect(opened(story)).toEqual([]);
    expect(github.branches().get(BRANCH)).toBe(sha);
  });

  it("and that joins ours with something else is left alone", async () => {
    const story = await Story.begin();
    const { read } = story.github;
    const { gitCommit } = read;
    story.github.faults.fail({ kind: "write", method: "openPullRequest", when: "before" });
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    read.gitCommit = async (repository, sha) => {
      const commit = await gitCommit(repository, sha);
      if (commit === "missing" || commit.message !== ONBOARDING_TITLE) return commit;
      return { ...commit, parents: [...commit.parents, "f".repeat(40)] };
    };
    await sweep(story);
    await story.advance(MINUTE_MS);
    await sweep(story);
    expect(story.github.branches().has(BRANCH)).toBe(true);
    expect(opened(story)).toEqual([]);
  });

  it("of a fork is nobody's answer: the pull request is opened all the same", async () => {
    const story = await installed(({ github }) => {
      github.as("mallory").openPullRequest({
        title: "Mine",
        fromFork: true,
        branch: { name: BRANCH, sha: github.as("alice").push("x", {}), commits: [] },
      });
    });
    expect(opened(story)).toHaveLength(1);
  });
});

describe("If GitHub does not let the app write", () => {
  it("nothing is said, the rest goes on, and a day later it is tried again", async () => {
    const refused = { refused: "the app needs pull_requests: write and contents: write", lacksRights: true } as const;
    const story = await Story.begin();
    const { write } = story.github;
    const createTree = write.createTree;
    let tries = 0;
    write.createTree = async () => {
      tries += 1;
      return refused;
    };
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    const [other] = more(story, 1);
    await sweep(story, story.repository, other!);
    await sweep(story, story.repository, other!);
    expect(tries).toBe(1);
    expect(story.log.filter((line) => /"level":(?:40|50)/.test(line))).toEqual([]);
    const incident = await story.declare();
    await story.say("alice", incident, "/cancel only a test of ours");
    write.createTree = createTree;
    await story.advance(DAY_MS + MINUTE_MS);
    await sweep(story, other!);
    expect(opened(story, other)).toHaveLength(1);
  });

  it("in one repository, by a rule of its own, the others of the account get theirs", async () => {
    const story = await Story.begin();
    const { write } = story.github;
    const { createBranch } = write;
    write.createBranch = async (repository, ...more) =>
      repository.id === story.repository.id
        ? { refused: "Repository rule violations found" }
        : await createBranch(repository, ...more);
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    const [other] = more(story, 1);
    await sweep(story, story.repository);
    await sweep(story, other!);
    expect(opened(story)).toEqual([]);
    expect(opened(story, other)).toHaveLength(1);
  });

  it("a pull request that is refused leaves no branch behind", async () => {
    const story = await Story.begin();
    story.github.write.openPullRequest = async () => ({ refused: "Pull requests are disabled" });
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    await sweep(story);
    expect(opened(story)).toEqual([]);
    expect(story.github.branches().has(BRANCH)).toBe(false);
  });

  it("a branch stays from which somebody else has opened a pull request meanwhile, or that was there before", async () => {
    const story = await Story.begin();
    const { write } = story.github;
    write.openPullRequest = async () => ({ refused: "Validation Failed (A pull request already exists)" });
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    await sweep(story);
    expect(story.github.branches().has(BRANCH)).toBe(true);
    write.openPullRequest = async () => ({ refused: "Pull requests are disabled" });
    story.restart({ database: "lost" });
    await sweep(story);
    expect(story.github.branches().has(BRANCH)).toBe(true);
    expect(opened(story)).toEqual([]);
  });

  it("a list that it may not read ends the pass, and no other", async () => {
    const story = await Story.begin();
    const error = new TerminalError("Resource not accessible by integration (403).", { status: 403 });
    story.github.faults.fail({ method: "pullRequestsEverFrom", error });
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    await sweep(story);
    expect(opened(story)).toEqual([]);
    await sweep(story);
    expect(opened(story)).toHaveLength(1);
  });
});

describe("The text of the pull request", () => {
  it("names labels that look like severities, and how many open issues would become incidents, without a reference to one", async () => {
    const story = await installed(({ github }) => {
      for (const title of ["One", "Two"]) github.as("bob").openIssue({ title, labels: ["P1"] });
      const { number } = github.as("bob").openIssue({ title: "Three", labels: ["severity: high"] });
      github.as("bob").close(number);
      github.as("bob").openIssue({ title: "Four", labels: ["bug"] });
    });
    const { body } = opened(story)[0]!;
    expect(body).toContain("these look like severities: `P1`, `severity: high`.");
    expect(body).toContain(
      "[2 open issues](https://github.com/acme/ops/issues?q=is%3Aissue%20is%3Aopen%20label%3A%22P1%22) with `P1` would, at once.",
    );
    expect(body).not.toMatch(/#\d/);
    expect(story.github.issue(1).labels).toEqual(["P1"]);
  });

  it("says that no issue becomes an incident where none has such a label", async () => {
    const { body } = opened(await installed())[0]!;
    expect(body).toContain("none of your own looks like a severity.");
    expect(body).toContain("no open issue becomes an incident.");
  });

  it("says who may do what, by the roles of commands", async () => {
    const { body } = opened(await installed())[0]!;
    expect(body).toMatch(/\| anybody \| `\/\w+`/);
    expect(body).toMatch(/\| triage, or more \| `\/ack` /);
    expect(body).toMatch(/\| maintain, or more \|.*`\/waive`/);
  });

  it.each<readonly [string, (story: Story) => void, string]>([
    ["can be required", () => {}, "It holds merges once a ruleset of the default branch requires it"],
    ["is required", ({ github }) => github.requireChecks(["sevgate/close-gate"]), "is required here already"],
    [
      "cannot, in a private repository on a free plan",
      ({ github }) => {
        github.rulesInPlan = false;
        github.setRepository({ isPrivate: true });
      },
      "GitHub has no rulesets for private repositories on this plan, so it cannot be required.",
    ],
    [
      "may or may not, where GitHub does not tell",
      ({ github }) => {
        github.read.requiredChecks = async () => "untold";
      },
      "GitHub does not say whether it can be required",
    ],
  ])("says that the check %s", async (_, prepare, says) => {
    expect(opened(await installed(prepare))[0]!.body).toContain(says);
  });

  it("stays one text for a repository with 300 labels, and asks for the issues of five of them", async () => {
    const story = await installed();
    const levels = ["sev-0", "sev-1", "sev-2", "P0", "P1", "P2", "prio 0", "prio 1", "critical", "severity: low"];
    const labels = [...levels, ...Array.from({ length: 290 }, (_, at) => `label-${at}`)];
    const other = story.github.addRepository({ name: "many", labels });
    story.github.forgetCalls();
    await sweep(story, other);
    const { body } = opened(story, other)[0]!;
    expect(body).toContain("of 303 labels, these look like severities: `sev-0`, `P0`, `prio 0`, `critical`, ");
    expect(body).toContain(", and 2 more.");
    expect(body.length).toBeLessThan(6_000);
    const asked = story.github.calls.filter(({ method }) => method === "issuesWithLabel");
    // Of three severities, when the sweep comes first and in the pass itself, and of five labels.
    expect(asked.length).toBeLessThanOrEqual(3 + 3 + 5);
  });

  it("shows names of labels as they are, and obeys nothing in them", async () => {
    const hostile = ["priority: @alice", "critical", "sev:0 ![x](https://evil.example)", "P2` @alice #1 `"];
    const story = await installed(({ github }) => {
      github.as("bob").openIssue({ title: "One", labels: ["sev-1", ...hostile] });
    });
    const { body } = opened(story)[0]!;
    expect(mentionedIn(body)).toEqual([]);
    expect(body).toContain("`critical`");
  });

  it("mentions nobody, and names no other repository, private or not", async () => {
    const story = await Story.begin();
    story.github.addRepository({ name: "vault", isPrivate: true, labels: ["P0"] });
    story.github.addRepository({ name: "public-one", labels: ["P0"] });
    story.onboarding = SETUP_FILES;
    story.restart({ database: "lost" });
    await sweep(story);
    const { body, title } = opened(story)[0]!;
    expect(mentionedIn(`${title}\n${body}`)).toEqual([]);
    expect(body).not.toMatch(/vault|public-one/);
  });

  it("says how to say no", async () => {
    expect(opened(await installed())[0]!.body).toContain("To say no, close it: no other one is opened here.");
  });
});
