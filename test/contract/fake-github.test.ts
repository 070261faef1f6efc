import { describe, expect, it } from "@jest/globals";
import { TerminalError, TransientError } from "../../src/base/errors.ts";
import type { FakeEvent } from "../../testkit/fake-github/events.ts";
import { FakeGitHub } from "../../testkit/fake-github/fake-github.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";

const CHECK = {
  name: "sevgate/close-gate",
  status: "completed",
  conclusion: "failure",
  title: "x",
  summary: "x",
  annotations: [],
  actions: [],
  externalId: "pr:1",
} as const;

function setUp() {
  const clock = new VirtualClock();
  const github = new FakeGitHub({ clock });
  const repository = github.addRepository();
  const events: FakeEvent[] = [];
  github.onEvent((event) => events.push(event));
  const names = () => events.map(({ name, payload }) => (payload.action ? `${name}.${payload.action}` : name));
  return { clock, github, repository, events, names };
}

describe("The fake GitHub", () => {
  it("fails the call a test names, before anything happened", async () => {
    const { github, repository } = setUp();
    const { number } = github.as("alice").openIssue({ title: "Down" });
    github.faults.fail({ method: "createComment", nth: 2 });
    await github.write.createComment(repository, number, "one", "incident");
    await expect(github.write.createComment(repository, number, "two", "incident")).rejects.toBeInstanceOf(
      TransientError,
    );
    await github.write.createComment(repository, number, "three", "incident");
    expect(github.comments(number).map((comment) => comment.body)).toEqual(["one", "three"]);
  });

  it("loses the answer of a write that was done", async () => {
    const { github, repository } = setUp();
    const { number } = github.as("alice").openIssue({ title: "Down" });
    github.faults.fail({ kind: "write", when: "after" });
    await expect(github.write.createComment(repository, number, "done", "incident")).rejects.toBeInstanceOf(
      TransientError,
    );
    expect(github.comments(number)).toHaveLength(1);
  });

  it("fails for as long as a test says, with the error it says", async () => {
    const { github, repository } = setUp();
    github.faults.fail({ kind: "read", times: Number.POSITIVE_INFINITY, error: new TerminalError("no") });
    await expect(github.read.labels(repository)).rejects.toThrow("no");
    await expect(github.read.tree(repository)).rejects.toThrow("no");
    github.faults.clear();
    expect(await github.read.labels(repository)).toEqual([]);
  });

  it("counts what Sevgate asks and changes, and not what people do or a test looks at", async () => {
    const { github, repository } = setUp();
    const { number } = github.as("alice").openIssue({ title: "Down" });
    github.as("alice").comment(number, "hello");
    await github.read.issue(repository, number);
    await github.write.addLabels(repository, number, ["sev:P0"]);
    github.issue(number);
    expect(github.reads).toEqual(["issue"]);
    expect(github.writes).toEqual(["addLabels"]);
  });

  it("sends webhooks for the acts of people and of the app, each with its sender", async () => {
    const { github, repository, events, names } = setUp();
    const { number } = github.as("alice").openIssue({ title: "Down", labels: ["sev:P0"] });
    await github.write.createComment(repository, number, "status", "incident");
    github.as("bob").close(number, "not_planned");
    expect(names()).toEqual(["issues.opened", "issues.labeled", "issue_comment.created", "issues.closed"]);
    expect(events.map(({ payload }) => (payload["sender"] as { login: string }).login)).toEqual([
      "alice",
      "alice",
      "sevgate[bot]",
      "bob",
    ]);
    for (const { payload } of events) {
      expect(payload).toMatchObject({
        installation: { id: repository.installationId },
        repository: { id: repository.id, name: "ops", owner: { login: "acme" } },
      });
    }
  });

  it("sends no webhook for what changes nothing", () => {
    const { github, names } = setUp();
    const alice = github.as("alice");
    const { number } = alice.openIssue({ title: "Down", labels: ["sev:P0"] });
    const before = names().length;
    alice.label(number, "SEV:p0");
    alice.reopen(number);
    alice.edit(number, { title: "Down" });
    expect(names()).toHaveLength(before);
  });

  it("sends webhooks that later acts do not change", () => {
    const { github, events } = setUp();
    const { number } = github.as("alice").openIssue({ title: "Down" });
    github.as("alice").close(number);
    expect(events[0]?.payload["issue"]).toMatchObject({ state: "open" });
  });

  it("merges a pull request into the default branch, with its files, and tells of the push", async () => {
    const { github, repository, names } = setUp();
    const { number } = github.as("bob").openPullRequest({ title: "Runbook", files: { "runbooks/db.md": "# DB" } });
    expect(await github.read.file(repository, "runbooks/db.md")).toBe("missing");
    github.as("bob").merge(number);
    expect(await github.read.file(repository, "runbooks/db.md")).toMatchObject({ text: "# DB" });
    expect(names()).toEqual(["pull_request.opened", "pull_request.closed", "push"]);
  });

  //
  it("keeps a completed check run as it is, and a re-run asked for changes the suite alone", async () => {
    const { github, repository, names } = setUp();
    const { headSha } = github.as("bob").openPullRequest({ title: "Fix" });
    const content = { ...CHECK, headSha };
    const { id } = await github.write.createCheckRun(repository, content);
    const answer = github.updateCheckRun(repository, id, { ...content, status: "in_progress", conclusion: null });
    expect(answer).toMatchObject({ id, status: "completed", conclusion: "failure" });
    github.updateCheckRun(repository, id, { ...content, conclusion: "success" });
    github.as("bob").rerequest(id);
    expect(await github.read.checkRuns(repository, headSha)).toMatchObject([{ id, conclusion: "failure" }]);
    expect(names().at(-1)).toBe("check_run.rerequested");
    github.as("bob").rerequestAll(headSha);
    expect(names().at(-1)).toBe("check_suite.rerequested");
  });

  //
  it("builds each entry of a merge queue on the one before, and lists no pull request for what it made", async () => {
    const { github, repository, events } = setUp();
    const one = github.as("bob").openPullRequest({ title: "One" }).number;
    const two = github.as("bob").openPullRequest({ title: "Two", fromFork: true }).number;
    const [first, second] = github.enqueue([one, two]);
    expect(second?.baseSha).toBe(first?.headSha);
    expect(await github.read.mergeQueue(repository, "main")).toMatchObject([
      { pullRequest: one, position: 1, headSha: first?.headSha },
      { pullRequest: two, position: 2, headSha: second?.headSha },
    ]);
    expect(await github.read.pullRequestsOfCommit(repository, second!.headSha)).toEqual([]);
    expect(await github.read.pullRequestsOfCommit(repository, github.pullRequest(two).headSha)).toEqual([]);
    expect(events.at(-1)?.payload).toMatchObject({
      action: "checks_requested",
      merge_group: { base_ref: "refs/heads/main", base_sha: first?.headSha, head_sha: second?.headSha },
    });
  });

  it("shows nobody where an account was deleted", async () => {
    const { github, repository } = setUp();
    const { number } = github.as("alice").openIssue({ title: "Down" });
    github.deleteAccount("alice");
    expect(await github.read.issue(repository, number)).toMatchObject({ author: null });
  });

  it("moves in time only by hand, and only forward", () => {
    const { clock, github } = setUp();
    const alice = github.as("alice");
    const first = alice.openIssue({ title: "One" });
    clock.advance(90_000);
    const second = alice.openIssue({ title: "Two" });
    expect(second.createdAt - first.createdAt).toBe(90_000);
    expect(() => clock.advance(-1)).toThrow(RangeError);
  });
});
